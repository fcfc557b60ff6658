// A reader of PostgreSQL databases.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import { Reader, SetupError, StoreUnavailable } from '../dist/index.js';
import { MASTER_KEY, keyctl, tokenText } from './keyctl.mjs';
import { PASSWORD, Server } from './postgres.mjs';

let server, store, token;
const env = { KEYCTL_MASTER_KEY: MASTER_KEY };
const opened = [];
async function open(address = store, options = {}) {
  const reader = await Reader.open(address, { env, ...options });
  opened.push(reader);
  return reader;
}

before(async () => {
  server = await Server.start();
  store = server.database('keys');
  keyctl(store, ['store', 'init']);
  token = keyctl(store, ['mint', 'alice', '--scope', 'memories', '--expires', 'never']);
  keyctl(store, ['secret', 'set', 'anthropic', 'one'], { input: 'sk-ant-of-one', env });
  keyctl(store, ['secret', 'bind', 'one', 'alice']);
});
after(async () => {
  await Promise.all(opened.map((reader) => reader.close()));
  await server.stop();
});

const unavailable = (...reasons) => (error) => {
  assert.ok(error instanceof StoreUnavailable, inspect(error));
  assert.ok(reasons.includes(error.reason), `${error.reason} ${error.detail}`);
  assert.ok(!inspect(error, { depth: 9 }).includes(PASSWORD));
  return true;
};

test('a key is let in, and its secret is got', async () => {
  const reader = await open();
  const verdict = await reader.verify(token, { scope: 'memories', owner: 'alice' });
  assert.deepEqual([verdict.allowed, verdict.principal, verdict.expiresAt], [true, 'alice', null]);
  assert.equal((await reader.secret(token, 'anthropic')).expose(), 'sk-ant-of-one');
  assert.deepEqual(reader.verifyCached(token), verdict);
  const ends = keyctl(store, ['mint', 'bob', '--expires', '2031-01-01T00:00:00Z']);
  assert.equal((await reader.verify(ends)).expiresAt, Date.UTC(2031, 0, 1));
  assert.equal((await reader.verify(tokenText())).reason, 'unknown');
});

test('many who ask for the same unknown token share one look-up', async () => {
  const reader = await open(store, { poolSize: 1 });
  const count = () => Number(server.psql('keys', "SELECT xact_commit FROM pg_stat_database WHERE datname = 'keys'"));
  const text = tokenText();
  await reader.verify(tokenText());
  await sleep(1500);
  const before = count();
  const verdicts = await Promise.all(Array.from({ length: 500 }, () => reader.verify(text)));
  assert.ok(verdicts.every(({ reason }) => reason === 'unknown'));
  await sleep(1500);
  const made = count() - before;
  assert.ok(made >= 1 && made < 50, `${made} transactions`);
});

test('a revoked key is refused', async () => {
  const reader = await open();
  const doomed = keyctl(store, ['mint', 'doomed']);
  assert.equal((await reader.verify(doomed)).allowed, true);
  keyctl(store, ['revoke', 'doomed/default']);
  await sleep(1100);
  assert.equal((await reader.verify(doomed)).reason, 'revoked');
});

test('a role that may read three views verifies, and gets no secret', async () => {
  server.psql('keys', `CREATE ROLE service LOGIN PASSWORD 'pw';
    GRANT SELECT ON keyctl_tokens_v1, keyctl_store_v1, keyctl_changes_v1 TO service`);
  const reader = await open(store.replace(/\/\/.*@/, '//service:pw@'));
  assert.equal((await reader.verify(token)).allowed, true);
  await assert.rejects(reader.secret(token, 'anthropic'), unavailable('unreachable'));
});

test('a server that is stopped: what is kept is good for 5 s, the rest is a timeout within about 2 s', async () => {
  const reader = await open();
  assert.equal((await reader.verify(token)).allowed, true);
  server.signal('SIGSTOP');
  try {
    assert.equal((await reader.verify(token)).allowed, true);
    const start = performance.now();
    await assert.rejects(reader.verify(tokenText()), unavailable('timeout'));
    await assert.rejects((await open()).verify(token), unavailable('timeout'));
    const took = performance.now() - start;
    assert.ok(took < 5000, `${took} ms`);
    await sleep(2500);
    await assert.rejects(reader.verify(token), unavailable('timeout'));
  } finally {
    server.signal('SIGCONT');
  }
  await sleep(1100);
  assert.equal((await reader.verify(token)).allowed, true);
});

test('where all connections are in use for 2 s, that is said', async () => {
  const reader = await open(store, { poolSize: 2 });
  await reader.verify(token);
  const locked = server.psql.bind(server);
  server.signal('SIGSTOP');
  try {
    const start = performance.now();
    const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => reader.verify(tokenText())));
    assert.ok(performance.now() - start < 4500);
    const reasons = outcomes.map(({ reason }) => reason.reason);
    assert.ok(reasons.includes('pool') && reasons.includes('timeout'), reasons.join());
    assert.ok(outcomes.every(({ reason }) => unavailable('pool', 'timeout')(reason)));
  } finally {
    server.signal('SIGCONT');
  }
  await sleep(1100);
  assert.equal((await reader.verify(token)).allowed, true);
  assert.equal(locked('keys', 'SELECT 1'), '1');
});

test('no statement of ours waits on for a lock when we have given it up', async () => {
  const reader = await open();
  await reader.verify(token);
  const { freed } = await server.lock('keys', 'keyctl_tokens_v1', 6);
  await assert.rejects(reader.verify(tokenText()), unavailable('timeout'));
  const fresh = await open(`${store}?options=-c%20statement_timeout%3D0`);
  await assert.rejects(fresh.verify(tokenText()), unavailable('timeout'));
  await sleep(300);
  const waiting = `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'keyctl-runtime' AND state = 'active'`;
  assert.equal(server.psql('keys', waiting), '0');
  await freed;
  assert.equal((await reader.verify(tokenText())).reason, 'unknown');
});

test('a server that was restarted is found again by the next question', async () => {
  const reader = await open();
  await reader.verify(token);
  await server.restart();
  assert.equal((await reader.verify(tokenText())).reason, 'unknown');
});

test('no server, no database, a wrong password: unreachable, and no password is shown', async () => {
  const [, port] = /:(\d+)\//.exec(store);
  const others = [
    store.replace(`:${port}/`, ':1/'), store.replace(/keys$/, 'none'), store.replace(encodeURIComponent(PASSWORD), 'wrong'),
  ];
  for (const address of others) await assert.rejects((await open(address)).verify(token), unavailable('unreachable'));
  const [first, second] = [`127.0.0.1:1`, `127.0.0.1:${port}`];
  const both = store.replace(second, `${first},${second}`);
  assert.equal((await (await open(both)).verify(token)).allowed, true);
});

test('a database without the views, and one that is in recovery', async () => {
  const empty = server.database('nothing');
  await assert.rejects((await open(empty)).verify(token), unavailable('view_version'));
  server.psql('nothing', `CREATE FUNCTION public.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT true';
    ALTER DATABASE nothing SET search_path = public, pg_catalog`);
  await assert.rejects((await open(empty)).verify(token), (error) => /standby/.test(error.detail) && unavailable('unreachable')(error));
});

test('the certificate is checked as the address says', async () => {
  const authority = encodeURIComponent(join(server.folder, 'authority.pem'));
  const other = encodeURIComponent(join(server.folder, 'other.pem'));
  const to = (host, query) => `${server.address('keys', host)}?${query}`;
  const good = [
    to('localhost', `sslmode=verify-full&sslrootcert=${authority}`), to('127.0.0.1', `sslmode=verify-ca&sslrootcert=${authority}`),
    to('127.0.0.1', 'sslmode=require'),
  ];
  for (const address of good) assert.equal((await (await open(address)).verify(token)).allowed, true, address);
  const bad = [
    to('localhost', `sslmode=verify-full&sslrootcert=${other}`), to('localhost', 'sslmode=verify-full'),
    to('127.0.0.1', `sslmode=verify-full&sslrootcert=${authority}`), to('127.0.0.1', `sslmode=require&sslrootcert=${other}`),
  ];
  for (const address of bad) await assert.rejects((await open(address)).verify(token), unavailable('unreachable'), address);
  await assert.rejects(Reader.open('postgres://u@db.example/x?sslmode=disable', { env }), SetupError);
});
