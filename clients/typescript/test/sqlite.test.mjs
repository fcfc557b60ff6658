// A reader of SQLite files: those that keyctl makes, and those that nobody should trust.

import assert from 'node:assert/strict';
import { execFileSync, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  copyFileSync, chmodSync, chownSync, existsSync, lchownSync, linkSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';

import { sha256 } from '../dist/hashing.js';
import { AskError, Denied, KeyUnavailable, Reader, SetupError, StoreUnavailable } from '../dist/index.js';
import { believe } from '../dist/row.js';
import { examine, whoMayReplace } from '../dist/sqliteFolder.js';
import { KEYCTL, MASTER_KEY, ROOT, folder, keyctl, newStore, tokenText } from './keyctl.mjs';
import { plant, tokenRow } from './planted.mjs';

const FAKETIME = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`).find(existsSync);
const NO_KEY = { env: {} };
const sql = (path, text) =>
  execFileSync('python3', ['-c', 'import sqlite3,sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])', path, text]);
const opened = [];
async function open(store, options = NO_KEY) {
  const reader = await Reader.open(store, options);
  opened.push(reader);
  return reader;
}
after(() => Promise.all(opened.map((reader) => reader.close())));

const refused = (type, reason) => ({ allowed: false, type, reason, status: type === 'FORBIDDEN' ? 403 : 401 });
const unavailable = (reason) => (error) => {
  assert.ok(error instanceof StoreUnavailable, inspect(error));
  assert.deepEqual([error.type, error.reason, error.status], ['STORE_UNAVAILABLE', reason, 503]);
  return true;
};

test('a key is let in with all that is known of it, and refused for each reason', async () => {
  const store = newStore();
  const token = keyctl(store, ['mint', 'alice', '--scope', 'memories', '--expires', 'never']);
  const reader = await open(store);
  const verdict = await reader.verify(token, { scope: 'memories:read', owner: 'alice', ip: '192.0.2.1' });
  const { keyId, tokenId, ...rest } = verdict;
  assert.deepEqual(rest, { allowed: true, principal: 'alice', keyName: 'default', scopes: ['memories'], expiresAt: null });
  assert.match(keyId, /^key_[0-9a-z]{26}$/);
  assert.equal(tokenId, token.split('_')[1]);
  assert.deepEqual(await reader.verify(token, { scope: 'files' }), refused('FORBIDDEN', 'scope'));
  assert.deepEqual(await reader.verify(token, { owner: 'bob' }), refused('FORBIDDEN', 'owner'));
  assert.deepEqual(await reader.verify(tokenText()), refused('UNAUTHORIZED', 'unknown'));
  assert.deepEqual(await reader.verify(`${token.slice(0, -1)}-`), refused('UNAUTHORIZED', 'malformed'));
  assert.deepEqual(reader.verifyCached(token), verdict);
});

test('an owner is known by its subject; of a store of before by its name, until one is set', async () => {
  const store = newStore();
  const token = keyctl(store, ['mint', 'alice', '--scope', 'memories']);
  const [has, lacks] = [', COALESCE(subject, owner) AS subject', ''].map((subject) => `DROP VIEW keyctl_tokens_v1;
    CREATE VIEW keyctl_tokens_v1 AS SELECT token_hash, hash_alg, token_id, key_id, key_name, owner, scopes, networks,
      'active' AS state, not_before, expires_at, rate, quota, labels${subject} FROM token`);
  const run = (sql) => execFileSync('python3', ['-c', 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])', store, sql]);
  run(lacks);
  const reader = await open(store);
  assert.equal((await reader.verify(token, { owner: 'alice' })).principal, 'alice');
  run(has);
  keyctl(store, ['owner', 'set', 'alice', '--subject', 'auth0|5f7C']);
  const fresh = await open(store);
  assert.equal((await fresh.verify(token, { owner: 'auth0|5f7C' })).principal, 'auth0|5f7C');
  assert.deepEqual(await fresh.verify(token, { owner: 'alice' }), refused('FORBIDDEN', 'owner'));
  const end = Date.now() + 6000;
  while ((await reader.verify(token)).principal !== 'auth0|5f7C') {
    assert.ok(Date.now() < end, 'later than the contract says');
    await sleep(50);
  }
});

test('the state, the networks and the quota of a key decide', async () => {
  const store = newStore();
  const mint = (owner, ...more) => keyctl(store, ['mint', owner, '--scope', 'a', ...more]);
  const tokens = {
    revoked: mint('r'), suspended: mint('s'), owner_disabled: mint('o'), not_yet_valid: mint('n', '--not-before', '2099-01-01T00:00:00Z', '--expires', 'never'),
    network: mint('w', '--allow-ip', '10.0.0.0/8'), quota: mint('q', '--quota', '10/day'), rate: mint('t', '--rate', '600/m'),
  };
  keyctl(store, ['revoke', 'r/default']);
  keyctl(store, ['suspend', 's/default']);
  keyctl(store, ['-y', 'owner', 'disable', 'o']);
  const reader = await open(store);
  for (const state of ['revoked', 'suspended', 'owner_disabled', 'not_yet_valid']) {
    assert.deepEqual(await reader.verify(tokens[state]), refused('UNAUTHORIZED', state));
  }
  assert.deepEqual(await reader.verify(tokens.network), refused('FORBIDDEN', 'network'));
  assert.deepEqual(await reader.verify(tokens.network, { ip: '11.0.0.1' }), refused('FORBIDDEN', 'network'));
  assert.equal((await reader.verify(tokens.network, { ip: '::ffff:10.0.0.1' })).allowed, true);
  assert.deepEqual(await reader.verify(tokens.quota), refused('FORBIDDEN', 'quota'));
  assert.equal((await (await open(store, { ...NO_KEY, allowUnmetered: true })).verify(tokens.quota)).allowed, true);
  assert.equal((await reader.verify(tokens.rate)).allowed, true);
});

test('a token of 2 MB, and what is no text, is malformed without a look at the store', async () => {
  const reader = await open('/nonexistent/keys.db');
  for (const token of ['x'.repeat(2 << 20), '', 'a b', undefined, ['x'], 7]) {
    assert.deepEqual(await reader.verify(token), refused('UNAUTHORIZED', 'malformed'));
    await assert.rejects(reader.secret(token, 'anthropic'), (error) => error instanceof Denied && error.reason === 'malformed');
  }
});

test('a scope, an owner or a provider that is none is a mistake in the code', async () => {
  const reader = await open('/nonexistent/keys.db');
  for (const ask of [{ scope: 'Memories' }, { scope: 'a,b' }, { scope: '' }, { owner: 'a b' }, { owner: '' }, { owner: ['a'] }]) {
    await assert.rejects(reader.verify('x', ask), AskError);
  }
  await assert.rejects(reader.secret('x', 'Anthropic'), AskError);
});

test('a store that is not there, or no database, is unreachable', async () => {
  await assert.rejects((await open('/nonexistent/keys.db')).verify(tokenText()), unavailable('unreachable'));
  const path = join(folder(), 'keys.db');
  writeFileSync(path, 'no database at all, but a text that is long enough to be looked at'.repeat(99));
  await assert.rejects((await open(path)).verify(tokenText()), unavailable('unreachable'));
  await assert.rejects(Reader.open('mysql://x/y', NO_KEY), SetupError);
});

const DAMAGE = {
  view_version: { store: { view_version: 2 } },
  foreign_params: { store: { foreign_salt: '00'.repeat(16), foreign_params: 'argon2id$v=19$m=1,t=1,p=1' } },
  state: { token: { state: 'unknown' } },
  hash_alg: { token: { hash_alg: 'md5' } },
  row: { token: { scopes: 'memories' } },
};
for (const [reason, { store, token }] of Object.entries(DAMAGE)) {
  test(`a store whose ${reason} is not known is not trusted`, async () => {
    const text = tokenText();
    const reader = await open(plant({ store, tokens: [tokenRow(sha256(text), token)] }));
    await assert.rejects(reader.verify(text), unavailable(reason));
    await assert.rejects(reader.secret(text, 'anthropic'), unavailable(reason));
  });
}

test('each cell that cannot be parsed makes the row one that is not trusted', async () => {
  const cells = {
    scopes: ['{}', '[1]', '["A"]', '', '["a", "b"]', ' ["a"]', '["a"]\n', '[ ]', '["\\u0061"]'],
    networks: [
      '[["10.0.0.1/8"]]', '["10.0.0.0/8"]', 'x', '[["10.0.0.0/8", "11.0.0.0/8"]]', '[["10.0.0.0/8"], ["11.0.0.0/8"]]', '[[ ]]',
      '[["10.0.0.0/8,11.0.0.0/8"]]', '[["10.0.0.0/08"]]',
    ],
    expires_at: ['soon', 1.5], quota: [1],
    owner: ['', null, 'zo\u00eb', 'a b', 'a\n', 'a'.repeat(256)], key_name: ['', 'Default', '-a', 'a@b.example', 'a'.repeat(65)],
    key_id: [null, 'key_', `key_${'0'.repeat(25)}`, `key_${'0'.repeat(25)}i`, `key_8${'0'.repeat(25)}`, `KEY_${'0'.repeat(26)}`, `key_${'0'.repeat(26)}\n`],
    token_id: ['', '0'.repeat(11), '0'.repeat(13), '00000000000_', null],
  };
  const rows = Object.entries(cells).flatMap(([column, values]) => values.map((value) => ({ [column]: value })));
  const texts = rows.map(() => tokenText());
  const reader = await open(plant({ tokens: texts.map((text, index) => tokenRow(sha256(text), rows[index])) }));
  for (const [index, text] of texts.entries()) {
    await assert.rejects(reader.verify(text), unavailable('row'), JSON.stringify(rows[index]));
  }
});

test('the scopes answered are sorted, and each is there once; an empty quota is one', async () => {
  const [many, metered] = [tokenText(), tokenText()];
  const reader = await open(plant({
    tokens: [tokenRow(sha256(many), { scopes: '["b","a:*","b","a"]' }), tokenRow(sha256(metered), { quota: '' })],
  }));
  assert.deepEqual((await reader.verify(many)).scopes, ['a', 'a:*', 'b']);
  assert.deepEqual(await reader.verify(metered), refused('FORBIDDEN', 'quota'));
});

test('the faults of the store are looked for in their order', async () => {
  const salt = '0a'.repeat(16);
  const params = 'argon2id$v=19$m=65536,t=3,p=4';
  const cases = [
    ['foreign_params', { foreign_salt: salt }], ['foreign_params', { foreign_params: params }],
    ['foreign_params', { foreign_salt: salt, foreign_params: 'other', store_uuid: 'x' }],
    ['row', { foreign_salt: salt.toUpperCase(), foreign_params: params }], ['row', { foreign_salt: '', foreign_params: params }],
    ['row', { store_uuid: 'x' }], ['row', { store_uuid: null }], ['view_version', { view_version: 2, store_uuid: 'x' }],
  ];
  for (const [reason, store] of cases) {
    const reader = await open(plant({ store, tokens: [tokenRow(sha256(tokenText()))] }));
    await assert.rejects(reader.verify(tokenText()), unavailable(reason), JSON.stringify(store));
  }
});

test('a store_uuid that cannot be parsed is no other store, and is found after a wrong clock', () => {
  const first = '11111111-2222-4333-8444-555555555555';
  const raw = { mark: '1-0123456789abcdef', viewVersion: 1, foreignSalt: null, foreignParams: null, now: Date.UTC(2030, 0, 1), token: undefined, age: 0 };
  assert.throws(() => believe({ ...raw, storeUuid: 'x' }, 'sha256', first), unavailable('row'));
  assert.throws(() => believe({ ...raw, storeUuid: 'x', now: 0 }, 'sha256', first), unavailable('clock'));
  assert.throws(() => believe({ ...raw, storeUuid: first.replace('1', '2'), now: 0 }, 'sha256', first), unavailable('swapped'));
});

test('a mark is judged with the views, the store and the clock that are read with it', async () => {
  for (const [reason, change] of Object.entries({
    view_version: { viewVersion: 2 }, swapped: { storeUuid: '99999999-2222-4333-8444-555555555555' }, clock: { now: 0 }, row: { mark: '' },
    foreign_params: { foreignSalt: '00'.repeat(16) },
  })) {
    const now = { monotonic: 0, wall: 0 };
    const clocks = { monotonic: () => now.monotonic, wall: () => now.wall };
    const text = tokenText();
    const good = {
      mark: '1-0123456789abcdef', storeUuid: '11111111-2222-4333-8444-555555555555', viewVersion: 1, foreignSalt: null, foreignParams: null,
      now: Date.UTC(2030, 0, 1), token: undefined, age: 0,
    };
    const source = {
      look: () => ({ ...good, token: tokenRow(sha256(text), { subject: 'alice' }) }), mark: () => ({ ...good, ...change }), close() {},
    };
    const reader = await Reader.over(source, { env: {}, clocks });
    assert.equal((await reader.verify(text)).allowed, true);
    now.monotonic = 4999;
    assert.equal((await reader.verify(text)).allowed, true, reason);
    now.monotonic = 5000;
    await assert.rejects(reader.verify(text), unavailable(reason));
  }
});

test('what was read from a file counts from when its name was looked at', async () => {
  const text = tokenText();
  const now = { monotonic: 10_000, wall: 10_000 };
  const clocks = { monotonic: () => now.monotonic, wall: () => now.wall };
  const pass = (ms) => { now.monotonic += ms; now.wall += ms; };
  const path = plant({ tokens: [tokenRow(sha256(text))] });
  const reader = await open(path, { ...NO_KEY, clocks });
  await reader.verify(tokenText());
  renameSync(path, `${path}.old`);
  pass(999);
  // Through the handle that is open still.
  assert.equal((await reader.verify(text)).allowed, true);
  pass(4000);
  assert.equal((await reader.verify(text)).allowed, true);
  pass(1);
  await assert.rejects(reader.verify(text), unavailable('unreachable'));
});

test('a machine that slept looks at the name again', async () => {
  const text = tokenText();
  const now = { monotonic: 10_000, wall: 10_000 };
  const path = plant({ tokens: [tokenRow(sha256(text))] });
  const reader = await open(path, { ...NO_KEY, clocks: { monotonic: () => now.monotonic, wall: () => now.wall } });
  await reader.verify(tokenText());
  renameSync(path, `${path}.old`);
  now.wall += 1000;
  await assert.rejects(reader.verify(text), unavailable('unreachable'));
});

test('a reader that is closed answers nothing, also not what it kept', async () => {
  const store = newStore();
  const token = keyctl(store, ['mint', 'alice']);
  const reader = await open(store);
  assert.equal((await reader.verify(token)).allowed, true);
  await reader.close();
  const closed = (error) => /the reader is closed/.test(error.message) && unavailable('unreachable')(error);
  await assert.rejects(reader.verify(token), closed);
  await assert.rejects(reader.verify('no token'), closed);
  await assert.rejects(reader.secret(token, 'anthropic'), closed);
  assert.throws(() => reader.verifyCached(token), closed);
  await reader.close();
});

test('a view that is not there is another version of the views', async () => {
  const path = join(folder(), 'keys.db');
  sql(path, 'CREATE TABLE t (c); PRAGMA application_id = 0x6B63746C; PRAGMA user_version = 1');
  chmodSync(path, 0o600);
  await assert.rejects((await open(path)).verify(tokenText()), unavailable('view_version'));
});

test('a dump that was read back has lost its marks, and is refused until it has them again', async () => {
  const path = join(folder(), 'keys.db');
  keyctl(path, ['store', 'init']);
  const token = keyctl(path, ['mint', 'alice']);
  const script = 'import os,sqlite3,sys; db = sqlite3.connect(sys.argv[1]); dump = "\\n".join(db.iterdump()); db.close(); '
    + '[os.path.exists(sys.argv[1] + end) and os.remove(sys.argv[1] + end) for end in ("", "-wal", "-shm")]; '
    + 'os.umask(0o077); sqlite3.connect(sys.argv[1]).executescript(dump)';
  execFileSync('python3', ['-c', script, path]);
  const lost = (error) => unavailable('unreachable')(error) && /store status says which/.test(error.message);
  for (const [marks, refused] of [
    ['SELECT 1', lost],
    ['PRAGMA application_id = 0x6B63746C', lost],
    ['PRAGMA application_id = 1; PRAGMA user_version = 10', (error) => /another application/.test(error.message)],
  ]) {
    sql(path, marks);
    const reader = await open(path);
    await assert.rejects(reader.verify(token), refused);
    await reader.close();
  }
  sql(path, 'PRAGMA application_id = 0x6B63746C; PRAGMA user_version = 10');
  assert.ok((await (await open(path)).verify(token)).allowed);
});

test('a copy by VACUUM INTO is read, and stays byte for byte what it was', async () => {
  const path = newStore();
  const token = keyctl(path, ['mint', 'alice']);
  const copy = join(folder(), 'keys.db');
  execFileSync('python3', ['-c', 'import os,sqlite3,sys; os.umask(0o077); sqlite3.connect(sys.argv[1]).execute("VACUUM INTO ?", (sys.argv[2],))', path, copy]);
  const before = readFileSync(copy);
  const reader = await open(copy);
  assert.ok((await reader.verify(token)).allowed);
  await reader.close();
  assert.ok(readFileSync(copy).equals(before));
});

test('a clock before 2024 is not trusted', { skip: !FAKETIME && 'libfaketime is not installed' }, () => {
  const store = newStore();
  const token = keyctl(store, ['mint', 'alice']);
  const program = `
    import { Reader } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url))};
    const reader = await Reader.open(process.argv[1], { env: {} });
    await reader.verify(process.argv[2]).then(console.log, (error) => console.log(error.type, error.reason));`;
  const env = { ...process.env, LD_PRELOAD: FAKETIME, FAKETIME: '@2020-01-01 00:00:00', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program, store, token], { env, encoding: 'utf8' });
  assert.equal(said.trim(), 'STORE_UNAVAILABLE clock');
});

test('an end of a row that falls between two clocks is one', async () => {
  const ended = tokenText();
  const reader = await open(plant({ tokens: [tokenRow(sha256(ended), { expires_at: Date.now() - 1 })] }));
  assert.deepEqual(await reader.verify(ended), refused('UNAUTHORIZED', 'expired'));
});

test('another store under the name of the first is found, and the first one when it is back', async () => {
  const text = tokenText();
  const path = plant({ tokens: [tokenRow(sha256(text))] });
  const other = plant({ tokens: [tokenRow(sha256(text))], store: { store_uuid: '99999999-2222-4333-8444-555555555555' }, mark: '9-0123456789abcdef' });
  const reader = await open(path);
  assert.equal((await reader.verify(text)).allowed, true);
  const move = (from, to) => ['', '-wal', '-shm'].forEach((end) => {
    rmSync(to + end, { force: true });
    try { renameSync(from + end, to + end); } catch (error) { if (error.code !== 'ENOENT') throw error; }
  });
  move(path, `${path}.kept`);
  move(other, path);
  await sleep(1100);
  await assert.rejects(reader.verify(tokenText()), unavailable('swapped'));
  await sleep(4000);
  await assert.rejects(reader.verify(text), unavailable('swapped'));
  await assert.rejects(reader.verify(text), unavailable('swapped'));
  move(`${path}.kept`, path);
  await sleep(1100);
  assert.equal((await reader.verify(text)).allowed, true);
});

test('a revoked key is refused within 5 s, and a restored file is read', async () => {
  const store = newStore();
  const token = keyctl(store, ['mint', 'alice']);
  const reader = await open(store);
  assert.equal((await reader.verify(token)).allowed, true);
  keyctl(store, ['revoke', 'alice/default']);
  await sleep(1100);
  assert.deepEqual(await reader.verify(token), refused('UNAUTHORIZED', 'revoked'));
});

test('a token made elsewhere that may be guessed is found by its slow hash', async () => {
  const store = newStore();
  keyctl(store, ['import', 'mem0', '--scope', 'memories', '-'], { input: '{"sk-alice-test-key-12345": "alice"}' });
  const reader = await open(store);
  const results = await Promise.all(Array.from({ length: 20 }, () => reader.verify('sk-alice-test-key-12345', { scope: 'memories' })));
  assert.ok(results.every(({ allowed, principal }) => allowed && principal === 'alice'));
  assert.deepEqual(await reader.verify('sk-alice-test-key-12346'), refused('UNAUTHORIZED', 'unknown'));
  assert.deepEqual(reader.cached, { allowed: 1, denied: 1 });
  const plain = await open(newStore());
  assert.deepEqual(await plain.verify('sk-alice-test-key-12345'), refused('UNAUTHORIZED', 'malformed'));
});

test('where the package for slow hashes is missing, that is said, and nobody is refused', () => {
  const store = newStore();
  keyctl(store, ['import', 'mem0', '--scope', 'memories', '-'], { input: '{"sk-alice-test-key-12345": "alice"}' });
  const away = join(folder(), 'package');
  execFileSync('cp', ['-r', fileURLToPath(new URL('../dist', import.meta.url)), away]);
  writeFileSync(join(dirname(away), 'package.json'), '{"type":"module"}');
  const driver = import.meta.resolve('better-sqlite3');
  const hook = `export async function resolve(name, context, next) { return name === 'better-sqlite3' ? next(${JSON.stringify(driver)}, context) : next(name, context); }`;
  const program = `
    import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
    const { Reader } = await import(${JSON.stringify(`file://${away}/index.js`)});
    const reader = await Reader.open(process.argv[1], { env: {} });
    await reader.verify('sk-alice-test-key-12345').catch((error) => console.log(error.type, error.reason, error.message));`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program, store], { encoding: 'utf8' });
  assert.match(said, /^STORE_UNAVAILABLE argon2id .*npm install @node-rs\/argon2/);
});

test('a secret that keyctl sealed is opened; the nearest binding decides; each fault has its reason', async () => {
  const store = newStore();
  const env = { KEYCTL_MASTER_KEY: MASTER_KEY };
  const alice = keyctl(store, ['mint', 'alice', '--scope', 'a']);
  const other = keyctl(store, ['mint', 'alice', '--name', 'other']);
  const bob = keyctl(store, ['mint', 'bob']);
  for (const name of ['one', 'two', 'three']) {
    keyctl(store, ['secret', 'set', 'anthropic', name], { input: `sk-ant-of-${name}`, env });
  }
  keyctl(store, ['secret', 'bind', 'one', 'alice']);
  keyctl(store, ['secret', 'bind', 'two', 'alice/other']);
  const reader = await open(store, { env });
  assert.equal((await reader.secret(alice, 'anthropic')).expose(), 'sk-ant-of-one');
  assert.equal((await reader.secret(other, 'anthropic')).expose(), 'sk-ant-of-two');
  const gone = (reason) => (error) => error instanceof KeyUnavailable && error.reason === reason && error.status === 503;
  await assert.rejects(reader.secret(bob, 'anthropic'), gone('unbound'));
  keyctl(store, ['secret', 'bind', 'three', '--default']);
  assert.equal((await reader.secret(bob, 'anthropic')).expose(), 'sk-ant-of-three');
  keyctl(store, ['-y', 'secret', 'delete', 'two', '--unbind']);
  assert.equal((await reader.secret(other, 'anthropic')).expose(), 'sk-ant-of-one');
  await assert.rejects(reader.secret(alice, 'openai'), gone('unbound'));
  await assert.rejects(reader.secret(tokenText(), 'anthropic'), (error) => error instanceof Denied && error.reason === 'unknown');
  await assert.rejects(reader.secret(alice, 'anthropic', { scope: 'b' }), (error) => error instanceof Denied && error.status === 403);
  const wrong = await open(store, { masterKey: randomBytes(32).toString('base64') });
  await assert.rejects(wrong.secret(alice, 'anthropic'), gone('master_key'));
  await assert.rejects((await open(store)).secret(alice, 'anthropic'), gone('master_key'));
  const rotating = { KEYCTL_MASTER_KEY: randomBytes(32).toString('base64'), KEYCTL_MASTER_KEY_PREVIOUS: MASTER_KEY };
  assert.equal((await (await open(store, { env: rotating })).secret(alice, 'anthropic')).expose(), 'sk-ant-of-one');
});

test('the master key comes from one place; a bad one is an error where the reader is made', async () => {
  const store = newStore();
  const path = join(folder(), 'master.key');
  writeFileSync(path, `${MASTER_KEY}\n`, { mode: 0o600 });
  const good = [{ KEYCTL_MASTER_KEY_FILE: path }, { KEYCTL_MASTER_KEY_CMD: `cat ${path}` }, {}];
  for (const env of good) await open(store, { env });
  copyFileSync(path, `${path}.open`);
  chmodSync(`${path}.open`, 0o644);
  const bad = [
    { KEYCTL_MASTER_KEY: MASTER_KEY, KEYCTL_MASTER_KEY_FILE: path }, { KEYCTL_MASTER_KEY: `${MASTER_KEY}\n` },
    { KEYCTL_MASTER_KEY_FILE: `${path}.open` }, { KEYCTL_MASTER_KEY_FILE: dirname(path) }, { KEYCTL_MASTER_KEY_CMD: 'false' },
    { KEYCTL_MASTER_KEY_CMD: 'yes' }, { KEYCTL_MASTER_KEY: MASTER_KEY, KEYCTL_MASTER_KEY_PREVIOUS: 'x' },
  ];
  for (const env of bad) {
    await assert.rejects(Reader.open(store, { env }), (error) => {
      assert.ok(error instanceof SetupError);
      assert.ok(!inspect(error).includes(MASTER_KEY));
      return true;
    });
  }
  await open(store, { env: { KEYCTL_MASTER_KEY_FILE: `${path}.open`, KEYCTL_SECRETS_DIR: dirname(path) } });
});

test('no error and no reader shows a token', async () => {
  const token = tokenText();
  const reader = await open('/nonexistent/keys.db');
  await assert.rejects(reader.verify(token), (error) => !inspect([error, reader], { depth: 9, showHidden: true }).includes(token.slice(20)));
});

test('another user may only read, while nothing runs', { skip: process.getuid?.() !== 0 && 'needs root to become another user' }, () => {
  const store = newStore();
  const token = keyctl(store, ['mint', 'alice']);
  chmodSync(dirname(store), 0o755);
  for (const end of ['', '-wal', '-shm']) {
    chownSync(store + end, 0, 65534);
    chmodSync(store + end, 0o640);
  }
  const away = folder();
  chmodSync(away, 0o755);
  const source = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
  execFileSync('cp', ['-r', source('dist'), source('package.json'), away]);
  execFileSync('mkdir', [join(away, 'node_modules')]);
  for (const name of ['better-sqlite3', 'bindings', 'file-uri-to-path']) {
    execFileSync('cp', ['-r', source(`node_modules/${name}`), join(away, 'node_modules', name)]);
  }
  execFileSync('chmod', ['-R', 'a+rX', away]);
  const program = `
    import { Reader } from ${JSON.stringify(`file://${away}/dist/index.js`)};
    const reader = await Reader.open(process.argv[1], { env: {} });
    console.log((await reader.verify(process.argv[2])).principal);`;
  const said = execFileSync('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '--input-type=module', '-e', program, store, token], { encoding: 'utf8', cwd: '/' });
  assert.equal(said.trim(), 'alice');
});

test('a store that others can replace is read with one warning; one in a folder of its own below without', async () => {
  const seen = [];
  const listen = ({ code, message }) => { if (code === 'KEYCTL_REPLACEABLE') seen.push(message); };
  process.on('warning', listen);
  const told = async (mode, below) => {
    const away = folder();
    const path = below ? join(away, 'own', 'keys.db') : join(away, 'keys.db');
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    plant({ tokens: [tokenRow(sha256(tokenText()))], path });
    chmodSync(away, mode);
    seen.length = 0;
    const reader = await open(path);
    for (let times = 0; times < 2; times++) await reader.verify(tokenText());
    renameSync(path, `${path}.old`);
    await assert.rejects(reader.verify(tokenText()).then(() => sleep(1100)).then(() => reader.verify(tokenText())));
    renameSync(`${path}.old`, path);
    await reader.verify(tokenText());
    await sleep(10);
    return seen.slice();
  };
  for (const [mode, what] of [[0o777, /\(mode 0777\) can be written by everybody$/], [0o702, /by everybody$/]]) {
    const [message, ...more] = await told(mode, false);
    assert.match(message, what);
    assert.deepEqual(more, []);
  }
  for (const [mode, below] of [[0o700, false], [0o755, false], [0o1777, false], [0o777, true]]) assert.deepEqual(await told(mode, below), [], mode.toString(8));
  process.off('warning', listen);
});

describe('who can replace a store, by rows', () => {
  const isRoot = process.geteuid?.() === 0;
  const rows = JSON.parse(readFileSync(join(ROOT, 'tests/folders.json'), 'utf8'));
  const place = () => {
    const away = realpathSync(folder());
    chmodSync(away, 0o755);
    const path = join(away, 'outer/inner/keys.db');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'x');
    return { away, path };
  };
  const examined = (path, followed) => {
    try {
      return examine(path, followed)?.what ?? null;
    } catch (error) {
      return `refused: ${error.detail}`;
    }
  };
  /** By a process of this user, and of this group if that is another one. */
  const judged = (path, user, group, followed) => {
    const before = [process.geteuid(), process.getegid()];
    if (user === before[0]) return examined(path, followed);
    process.setegid(group);
    process.seteuid(user);
    try {
      return examined(path, followed);
    } finally {
      process.seteuid(before[0]);
      process.setegid(before[1]);
    }
  };
  for (const { name, outer, inner, file, says = null, refuses, reader, beside, way } of rows) {
    const needsRoot = [outer, inner, file].some(([, uid, gid]) => uid || gid) || reader || beside;
    test(name, { skip: needsRoot && !isRoot && 'only root may give files away' }, () => {
      const { path } = place();
      const [within, around] = [dirname(path), dirname(dirname(path))];
      if (beside) {
        writeFileSync(path + beside[0], '');
        chownSync(path + beside[0], beside[1], 0);
      }
      for (const [one, [mode, uid, gid]] of [[path, file], [within, inner], [around, outer]]) {
        if (isRoot) chownSync(one, uid, gid);
        chmodSync(one, parseInt(mode, 8));
      }
      const other = join(within, 'other.db');
      if (way === 'hard link') linkSync(path, other);
      else if (way) {
        renameSync(path, other);
        symlinkSync('other.db', path);
      }
      const named = (word) => ({ outer: around, inner: within })[word] ?? join(within, word);
      const said = judged(path, reader ?? process.geteuid(), file[2], way === 'followed link');
      if (refuses) return assert.ok(said?.startsWith(`refused: ${refuses.replace(/^\S+/, named)}`), said);
      const kind = way === 'hard link' ? '' : 'others can replace the store: ';
      assert.equal(said, says && kind + says.replace(/^\S+/, named));
    });
  }

  test('links are followed to the folder that counts, and another user\'s are told', { skip: !isRoot && 'only root may give files away' }, () => {
    const { away, path } = place();
    for (const [link, leads] of [['door', 'outer/inner'], ['way', './outer/../door'], ['far', join(away, 'way')]]) symlinkSync(leads, join(away, link));
    const at = (name) => whoMayReplace(join(away, name, 'keys.db'));
    for (const name of ['door', 'way', 'far']) assert.equal(at(name), undefined);
    chmodSync(dirname(path), 0o777);
    for (const name of ['door', 'way', 'far']) assert.equal(at(name), `${dirname(path)} (mode 0777) can be written by everybody`);
    lchownSync(join(away, 'door'), 65534, 65534);
    for (const name of ['door', 'way', 'far']) assert.equal(at(name), `${join(away, 'door')} is a link of another user's`);
  });
});

test('processes and threads that are started while others look up have readers of their own', async () => {
  const store = newStore();
  const token = keyctl(store, ['mint', 'alice']);
  const reader = await open(store);
  const program = join(folder(), 'child.mjs');
  writeFileSync(program, `
    import { Reader } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url))};
    import { isMainThread, parentPort, workerData } from 'node:worker_threads';
    const [path, token] = isMainThread ? process.argv.slice(2) : workerData;
    const reader = await Reader.open(path, { env: {} });
    const { principal } = await reader.verify(token);
    await reader.close();
    isMainThread ? process.send(principal) : parentPort.postMessage(principal);`);
  let isOver = false;
  const busy = (async () => { while (!isOver) { await reader.verify(tokenText()); await sleep(0); } })();
  const answerOf = (child) => new Promise((resolve, reject) => child.once('message', resolve).once('error', reject).once('exit', () => reject(new Error('no answer'))));
  for (let round = 0; round < 4; round++) {
    const started = Array.from({ length: 3 }, () => [fork(program, [store, token]), new Worker(program, { workerData: [store, token] })]).flat();
    assert.deepEqual(await Promise.all(started.map(answerOf)), Array(6).fill('alice'));
  }
  isOver = true;
  await busy;
  assert.throws(() => structuredClone({ reader }).reader.verify(token), TypeError);
});

test('the binary that makes the stores is there', () => assert.ok(KEYCTL));
