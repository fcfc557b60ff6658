// The keyctl binary, and stores made by it.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { checkOf } from '../dist/token.js';
import { sha256 } from '../dist/hashing.js';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BUILT = ['release', 'debug'].map((kind) => join(ROOT, 'target', kind, 'keyctl'));
export const KEYCTL = process.env.KEYCTL_BIN ?? BUILT.find((path) => existsSync(path));
export const MASTER_KEY = randomBytes(32).toString('base64');

/** A folder that is removed when the process ends. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), 'keyctl-ts-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Runs keyctl; returns what it prints, without the line end. */
export function keyctl(store, args, { input = '', env = {} } = {}) {
  if (!KEYCTL) throw new Error('there is no keyctl binary: build it, or name one in KEYCTL_BIN');
  const plain = { PATH: process.env.PATH, HOME: '/nonexistent', ...env };
  const options = { input, env: plain, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] };
  return execFileSync(KEYCTL, [...args, '--store', store, '-q'], options).replace(/\n$/, '');
}

/** A new SQLite store's path. */
export function newStore() {
  const path = join(folder(), 'keys.db');
  keyctl(path, ['store', 'init']);
  return path;
}

/** A text that has the form of keyctl's tokens. */
export function tokenText(prefix = 'sks') {
  const random = (count) => randomBytes(count).toString('hex').slice(0, count);
  const body = `${prefix}_${random(12)}_${random(43)}`;
  return body + checkOf(body);
}

/** So many tokens at once, all of one owner with one scope. */
export function importMany(store, count) {
  const tokens = Array.from({ length: count }, () => tokenText());
  const lines = tokens.map((token, index) => `${sha256(token)},bulk,k${index},memories,never`);
  const csv = `hash,owner,name,scopes,expires_at\n${lines.join('\n')}\n`;
  keyctl(store, ['--yes', 'import', 'csv', '-'], { input: csv });
  return tokens;
}
