// What a service is told whose store or master key is not there or cannot be read, by the rows of the readers.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Reader, SetupError, StoreUnavailable } from '../dist/index.js';
import { ROOT, folder, tokenText } from './keyctl.mjs';

const ROWS = JSON.parse(readFileSync(join(ROOT, 'tests/readers.json'), 'utf8'));
const isRoot = process.geteuid?.() === 0;

function make(path, kind, { text = '', times = 1, mode = '0600' }) {
  if (kind === 'folder') mkdirSync(path);
  else if (kind === 'pipe') execFileSync('mkfifo', [path]);
  else if (kind === 'database') execFileSync('python3', ['-c', 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript("PRAGMA application_id = 7; CREATE TABLE t (x)").connection.close()', path]);
  else writeFileSync(path, text.repeat(times));
  chmodSync(path, parseInt(mode, 8));
}

for (const row of ROWS) {
  test(row.name, { skip: row.reader && !isRoot && 'only root can become another user' }, async () => {
    const away = realpathSync(folder());
    chmodSync(away, 0o755);
    const filled = (text) => text.replaceAll('{dir}', away).replaceAll('{cwd}', process.cwd());
    const { text, times, mode, ...made } = row.make ?? {};
    for (const [name, kind] of Object.entries(made)) make(join(away, name), kind, { text, times, mode });
    const env = Object.fromEntries(Object.entries(row.env ?? {}).map(([name, value]) => [name, filled(value)]));
    const isOfKey = row.fault === 'master_key';
    const place = row.store ? filled(row.store) : env.KEYCTL_STORE;
    const ask = async () => {
      const reader = await Reader.open(isOfKey ? '/nowhere/keys.db' : place, { env: { PATH: process.env.PATH, ...env } });
      try {
        await reader.verify(tokenText());
      } finally {
        await reader.close();
      }
    };
    // Its libraries are loaded as root.
    await Reader.open(join(away, 'x'), { env: {} });
    const user = process.geteuid?.();
    if (row.reader) process.seteuid(row.reader);
    let error;
    try {
      error = await ask().then(() => undefined, (one) => one);
    } finally {
      if (row.reader) process.seteuid(user);
    }
    assert.ok(error instanceof (isOfKey || row.fault === 'setup' ? SetupError : StoreUnavailable), String(error));
    if (error instanceof StoreUnavailable) assert.equal(error.reason, row.fault);
    for (const one of row.says) assert.ok(error.message.includes(filled(one)), `${error.message}\n${filled(one)}`);
    for (const one of row.hides ?? []) assert.ok(!String(error.stack).includes(one), error.stack);
  });
}
