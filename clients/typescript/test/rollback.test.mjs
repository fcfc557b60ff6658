// A store that went back: a failover that lost changes, an old copy that was put back.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import { Reader, SetupError, StoreUnavailable } from '../dist/index.js';
import { guard } from '../dist/elysia.js';
import { requireKey } from '../dist/express.js';
import { sha256 } from '../dist/hashing.js';
import { folder, keyctl, newStore, tokenText } from './keyctl.mjs';
import { plant, tokenRow } from './planted.mjs';
import { Server } from './postgres.mjs';

const opened = [];
async function open(store, options = {}) {
  const reader = await Reader.open(store, { env: {}, ...options });
  opened.push(reader);
  return reader;
}
after(() => Promise.all(opened.map((reader) => reader.close())));

const rolledBack = (error) => {
  assert.ok(error instanceof StoreUnavailable, inspect(error));
  assert.equal(error.reason, 'rolled_back', error.detail);
  assert.equal(error.status, 503);
  return true;
};

/** All of a file's parts take the place of another's. */
function put(from, to) {
  for (const end of ['', '-wal', '-shm']) {
    rmSync(to + end, { force: true });
    try { renameSync(from + end, to + end); } catch (error) { if (error.code !== 'ENOENT') throw error; }
  }
}

function copyOf(path) {
  const copy = join(folder(), 'copy.db');
  execFileSync('python3', ['-c', 'import sqlite3,sys; sqlite3.connect(sys.argv[1]).execute("VACUUM INTO ?", (sys.argv[2],))', path, copy]);
  chmodSync(copy, 0o600);
  return copy;
}

/** What a listener of warnings is told. */
function warnings() {
  const seen = [];
  const listen = (warning) => { if (warning.code === 'KEYCTL_ROLLED_BACK') seen.push(warning.message); };
  process.on('warning', listen);
  return { seen, end: () => process.off('warning', listen) };
}

describe('a SQLite file of before a revocation is put back', () => {
  let path, copy, token, other;
  before(() => {
    path = newStore();
    token = keyctl(path, ['mint', 'alice']);
    other = keyctl(path, ['mint', 'bob']);
    copy = copyOf(path);
    keyctl(path, ['revoke', 'alice/default']);
  });

  test('it is refused until the later file is back, also for what was kept', async () => {
    const reader = await open(path);
    assert.equal((await reader.verify(token)).reason, 'revoked');
    assert.equal((await reader.verify(other)).allowed, true);
    put(path, `${path}.later`);
    put(copyOf(copy), path);
    await sleep(1100);
    await assert.rejects(reader.verify(token), rolledBack);
    for (const text of [token, other, tokenText()]) await assert.rejects(reader.verify(text), rolledBack);
    await assert.rejects(reader.secret(other, 'anthropic'), rolledBack);
    assert.equal(reader.verifyCached(other), undefined);
    put(`${path}.later`, path);
    await sleep(1100);
    assert.equal((await reader.verify(token)).reason, 'revoked');
    assert.equal((await reader.verify(other)).allowed, true);
  });

  test('a reader that is told so warns once and goes on', async () => {
    const reader = await open(path, { onRollback: 'warn' });
    const { seen, end } = warnings();
    assert.equal((await reader.verify(token)).reason, 'revoked');
    put(path, `${path}.later`);
    put(copyOf(copy), path);
    await sleep(1100);
    assert.equal((await reader.verify(token)).allowed, true);
    assert.equal((await reader.verify(other)).allowed, true);
    await sleep(1100);
    assert.equal((await reader.verify(other)).allowed, true);
    end();
    assert.equal(seen.length, 1, seen.join('\n'));
    assert.match(seen[0], /the store went back/);
    put(`${path}.later`, path);
  });

  test('an older copy that went on by itself is told by the change that it does not have, until that is accepted', async () => {
    const reader = await open(path);
    assert.equal((await reader.verify(other)).allowed, true);
    const diverged = copyOf(copy);
    for (let times = 0; times < 3; times++) keyctl(diverged, ['mint', 'carol']);
    put(path, `${path}.later`);
    put(diverged, path);
    await sleep(1100);
    await assert.rejects(reader.verify(other), rolledBack);
    keyctl(path, ['-y', 'store', 'accept-rollback', '--seen-elsewhere']);
    assert.equal((await reader.verify(other)).allowed, true);
    put(`${path}.later`, path);
    await sleep(1100);
    await assert.rejects(reader.verify(other), rolledBack);
  });

  test('a reader that was made afterwards knows of nothing', async () => {
    const fresh = copyOf(copy);
    assert.equal((await (await open(fresh)).verify(token)).allowed, true);
  });

  test('the option is one of two words', async () => {
    await assert.rejects(Reader.open(path, { env: {}, onRollback: 'ignore' }), SetupError);
  });
});

test('another history with as many changes, or more, is one that went back; a lost row or an older schema is not', async () => {
  const [n5, other] = ['5-aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'];
  const cases = [
    ['the same counter, another nonce', `5-${other}`, {}, true],
    ['a lower counter', `4-${other}`, {}, true],
    ['a lower counter and the same nonce', '4-aaaaaaaaaaaaaaaa', {}, true],
    ['ahead, with another change 5', `7-${other}`, { seq: 5, nonce: other }, true],
    ['ahead, with the same change 5', `7-${other}`, { seq: 5, nonce: 'aaaaaaaaaaaaaaaa' }, false],
    ['ahead, with a change 5 without a nonce', `7-${other}`, { seq: 5, nonce: null }, false],
    ['ahead, and change 5 is not there any more', `7-${other}`, { seq: 6, nonce: other }, false],
    ['ahead, and there is no such column', `7-${other}`, { seq: 5 }, false],
    ['far ahead, as after accept-rollback', `${5 + 2 ** 20}-${other}`, { seq: 5 + 2 ** 20, nonce: other }, false],
    ['a counter that is too large for a double, and lower', n5, {}, true, '9007199254740993-aaaaaaaaaaaaaaaa'],
    ['such a counter, one lower', '9007199254740992-aaaaaaaaaaaaaaaa', {}, true, '9007199254740993-aaaaaaaaaaaaaaaa'],
  ];
  for (const [name, mark, changes, isBack, first = n5] of cases) {
    const text = tokenText();
    const now = { monotonic: 10_000, wall: 10_000 };
    const path = plant({ tokens: [tokenRow(sha256(text))], mark: first, changes: { seq: 5, nonce: first.split('-')[1] } });
    const reader = await open(path, { clocks: { monotonic: () => now.monotonic, wall: () => now.wall } });
    assert.equal((await reader.verify(text)).allowed, true, name);
    put(plant({ tokens: [tokenRow(sha256(text))], mark, changes }), path);
    now.monotonic += 1000;
    if (isBack) await assert.rejects(reader.verify(text), rolledBack, name);
    else assert.equal((await reader.verify(text)).allowed, true, name);
  }
});

test('a mark of another form is a fault of the row', async () => {
  for (const mark of ['m', '', '5', '5-', '-aaaaaaaaaaaaaaaa', '05-aaaaaaaaaaaaaaaa', '5-AAAAAAAAAAAAAAAA', '5-aaaaaaaaaaaaaaa', ' 5-aaaaaaaaaaaaaaaa']) {
    const reader = await open(plant({ tokens: [tokenRow(sha256(tokenText()))], mark }));
    await assert.rejects(reader.verify(tokenText()), (error) => error.reason === 'row', mark);
  }
});

describe('reads that overtake each other', () => {
  const STORE = { storeUuid: '11111111-2222-4333-8444-555555555555', viewVersion: 1, foreignSalt: null, foreignParams: null, age: 0 };
  /** A store whose answers are given when the test says so. */
  function slowStore(options) {
    const waiting = [];
    const look = (hash) => new Promise((resolve) => waiting.push((mark, nonces = {}) => resolve({
      ...STORE, mark, now: Date.now(), token: tokenRow(hash, { subject: 'alice' }), nonceOf: async (seq) => nonces[seq] ?? null,
    })));
    return { waiting, reader: Reader.over({ look, lookWithSecret: look, mark: () => look('0'.repeat(64)), close() {} }, { env: {}, ...options }) };
  }
  const mark = (counter) => `${counter}-${String(counter).padStart(16, '0')}`;

  test('an older snapshot that was asked for before is an answer, and no rollback, and not kept', async () => {
    const { waiting, reader: making } = slowStore();
    const reader = await making;
    const texts = [tokenText(), tokenText(), tokenText()];
    const [slow, quick] = [reader.verify(texts[0]), reader.verify(texts[1])];
    waiting[1](mark(9));
    assert.equal((await quick).allowed, true);
    waiting[0](mark(8));
    assert.equal((await slow).allowed, true);
    assert.deepEqual(reader.cached, { allowed: 1, denied: 0 });
    assert.equal(reader.verifyCached(texts[0]), undefined);
    const later = reader.verify(texts[2]);
    waiting[2](mark(8));
    await assert.rejects(later, rolledBack);
    assert.deepEqual(reader.cached, { allowed: 0, denied: 0 });
    const again = reader.verify(texts[1]);
    waiting[3](mark(9));
    assert.equal((await again).allowed, true);
  });

  test('many who see a new mark at once ask once whether the old one is in its history', async () => {
    const { waiting, reader: making } = slowStore();
    const reader = await making;
    const first = reader.verify(tokenText());
    waiting[0](mark(5));
    await first;
    const all = Array.from({ length: 20 }, () => reader.verify(tokenText()));
    let asked = 0;
    for (const answer of waiting.slice(1)) answer(mark(7), new Proxy({}, { get: () => { asked += 1; return mark(5).slice(2); } }));
    assert.ok((await Promise.all(all)).every(({ allowed }) => allowed));
    assert.equal(asked, 1);
    const diverged = reader.verify(tokenText());
    waiting.at(-1)(mark(9), { 7: 'f'.repeat(16) });
    await assert.rejects(diverged, rolledBack);
  });
});

describe('PostgreSQL', () => {
  let server, store, token, other;
  before(async () => {
    server = await Server.start();
    store = server.database('keys');
    keyctl(store, ['store', 'init']);
    token = keyctl(store, ['mint', 'alice']);
    other = keyctl(store, ['mint', 'bob']);
  });
  after(() => server.stop());
  const head = () => server.psql('keys', 'SELECT mark_counter, mark_nonce FROM keyctl.head').split('|');
  const set = (counter, nonce) => server.psql('keys', `UPDATE keyctl.head SET mark_counter = ${counter}, mark_nonce = '${nonce}'`);

  test('rows that were set back are noticed, and the later state ends it', async () => {
    const reader = await open(store);
    assert.equal((await reader.verify(token)).allowed, true);
    const [counter, nonce] = head();
    set(counter - 1, 'f'.repeat(16));
    await assert.rejects(reader.verify(tokenText()), rolledBack);
    await assert.rejects(reader.verify(token), rolledBack);
    set(counter, nonce);
    assert.equal((await reader.verify(token)).allowed, true);
  });

  test('keyctl store accept-rollback ends it', async () => {
    const reader = await open(store);
    assert.equal((await reader.verify(token)).allowed, true);
    const [counter] = head();
    set(counter - 1, 'f'.repeat(16));
    await assert.rejects(reader.verify(tokenText()), rolledBack);
    keyctl(store, ['-y', 'store', 'accept-rollback', '--seen-elsewhere']);
    assert.equal((await reader.verify(token)).allowed, true);
    keyctl(store, ['mint', 'carol']);
    await sleep(1100);
    assert.equal((await reader.verify(token)).allowed, true);
  });

  test('guards answer 503, not 401', async () => {
    const reader = await open(store);
    assert.equal((await reader.verify(other)).allowed, true);
    const [counter, nonce] = head();
    set(counter - 1, 'f'.repeat(16));
    await assert.rejects(reader.verify(tokenText()), rolledBack);
    const headers = { authorization: `Bearer ${other}` };
    const answer = await guard(reader)(new Request('http://localhost/', { headers }));
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.equal((await answer.json()).code, 'STORE_UNAVAILABLE');
    const app = createServer((incoming, outgoing) => requireKey(reader)(incoming, outgoing, () => outgoing.end('in')));
    await new Promise((resolve) => app.listen(0, '127.0.0.1', resolve));
    const status = await new Promise((resolve) => request({ port: app.address().port, host: '127.0.0.1', headers }, ({ statusCode }) => resolve(statusCode)).end());
    assert.equal(status, 503);
    app.close();
    set(counter, nonce);
  });

  test('a standby that lost a revocation and was promoted lets nobody in; the true primary ends that by itself', async () => {
    const standby = await server.standby();
    const both = store.replace(`127.0.0.1:${server.port}`, `127.0.0.1:${server.port},127.0.0.1:${standby.port}`);
    const doomed = keyctl(store, ['mint', 'doomed']);
    const caughtUp = () => standby.psql('keys', 'SELECT count(*) FROM keyctl.token') === server.psql('keys', 'SELECT count(*) FROM keyctl.token');
    while (!caughtUp()) await sleep(50);
    standby.psql('postgres', "ALTER SYSTEM SET primary_conninfo = ''");
    standby.psql('postgres', 'SELECT pg_reload_conf()');
    while (server.psql('postgres', 'SELECT count(*) FROM pg_stat_replication') !== '0') await sleep(50);
    keyctl(store, ['revoke', 'doomed/default']);
    const reader = await open(both);
    assert.equal((await reader.verify(doomed)).reason, 'revoked');
    await server.halt();
    standby.promote();
    await assert.rejects(reader.verify(tokenText()), rolledBack);
    await assert.rejects(reader.verify(doomed), rolledBack);
    await server.run();
    await standby.stop();
    assert.equal((await reader.verify(doomed)).reason, 'revoked');
    assert.equal((await reader.verify(other)).allowed, true);
  });
});
