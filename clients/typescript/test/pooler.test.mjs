// A reader behind a real PgBouncer: its sessions are others', too.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';

import { Reader, StoreUnavailable } from '../dist/index.js';
import { MASTER_KEY, importMany, keyctl, tokenText } from './keyctl.mjs';
import { PgBouncer } from './pgbouncer.mjs';
import { Server } from './postgres.mjs';

const env = { KEYCTL_MASTER_KEY: MASTER_KEY };
const ROLES = { service: 'p w:1', neighbour: 'pw' };
let server, store, tokens, alice;

before(async () => {
  server = await Server.start();
  store = server.database('keys');
  keyctl(store, ['store', 'init']);
  alice = keyctl(store, ['mint', 'alice', '--scope', 'memories', '--expires', 'never']);
  keyctl(store, ['secret', 'set', 'anthropic', 'one'], { input: 'sk-ant-of-one', env });
  keyctl(store, ['secret', 'bind', 'one', 'alice']);
  tokens = importMany(store, 480);
  for (const [role, password] of Object.entries(ROLES)) server.psql('keys', `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  keyctl(store, ['store', 'grant', 'service', '--secrets']);
});
after(() => server.stop());

/** What a session holds that its next user could meet. */
const STATE = `SELECT pg_catalog.jsonb_build_object(
  'settings', (SELECT pg_catalog.jsonb_object_agg(name, setting) FROM pg_catalog.pg_settings
    WHERE source IN ('session', 'client') AND name NOT IN ('application_name', 'client_encoding', 'DateStyle', 'TimeZone')),
  'prepared', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statements),
  'cursors', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_cursors WHERE name <> ''),
  'locks', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks WHERE locktype = 'advisory'),
  'search_path', pg_catalog.current_setting('search_path'), 'timeout', pg_catalog.current_setting('statement_timeout'),
  'read_only', pg_catalog.current_setting('transaction_read_only'), 'plans', pg_catalog.current_setting('plan_cache_mode')) AS state`;

/** So many callers, each of whom asks one question after another. */
async function inParallel(callers, questions, ask) {
  const answers = [];
  let next = 0;
  await Promise.all(Array.from({ length: callers }, async () => {
    while (next < questions.length) {
      const at = next++;
      answers[at] = await ask(questions[at]);
    }
  }));
  return answers;
}

async function clientOf(pooler, role = 'service') {
  const client = new pg.Client({ host: '127.0.0.1', port: pooler.port, user: role, password: ROLES[role], database: 'keys' });
  await client.connect();
  return client;
}

async function stateThrough(pooler) {
  const client = await clientOf(pooler);
  const { rows } = await client.query(STATE);
  await client.end();
  return rows[0].state;
}

for (const mode of ['session', 'transaction']) {
  describe(`in ${mode} mode`, () => {
    let pooler, address, untouched;
    before(async () => {
      // One session for all who come one after another: whatever is left behind is met.
      pooler = await PgBouncer.start(server, ROLES, mode === 'session' ? {} : { pool_mode: mode });
      address = pooler.through(store).replace(/\/\/.*@/, `//service:${encodeURIComponent(ROLES.service)}@`);
      untouched = await stateThrough(pooler);
    });
    after(() => pooler.kill());

    test('many callers at once get their own answers', async () => {
      const reader = await Reader.open(address, { env });
      for (let round = 0; round < 2; round++) {
        const verdicts = await inParallel(16, tokens, (token) => reader.verify(token, { scope: 'memories' }));
        assert.deepEqual(verdicts.map(({ keyName }) => keyName), tokens.map((_, index) => `k${index}`));
      }
      const secrets = await inParallel(16, Array(40).fill(alice), (token) => reader.secret(token, 'anthropic'));
      assert.ok(secrets.every((secret) => secret.expose() === 'sk-ant-of-one'));
      await reader.close();
    });

    test('several readers and other clients of the pool do not meet each other', async () => {
      const readers = await Promise.all(Array.from({ length: 6 }, () => Reader.open(address, { env, poolSize: 2 })));
      const others = await Promise.all(Array.from({ length: 4 }, () => clientOf(pooler)));
      let isOver = false;
      const busy = others.map(async (client, index) => {
        while (!isOver) {
          const { rows } = await client.query('SELECT $1::int AS it, current_setting($2) AS path', [index, 'search_path']);
          assert.deepEqual(rows, [{ it: index, path: '"$user", public' }]);
        }
      });
      const answers = await inParallel(24, [...tokens.entries()], async ([index, token]) =>
        [(await readers[index % 6].verify(token)).keyName, index]);
      isOver = true;
      await Promise.all(busy);
      for (const [name, index] of answers) assert.equal(name, `k${index}`);
      await Promise.all([...readers.map((reader) => reader.close()), ...others.map((client) => client.end())]);
    });

    test('the next client of a session finds it as it was, while a reader is there and afterwards', async () => {
      const reader = await Reader.open(address, { env, poolSize: 2 });
      for (const token of tokens.slice(0, 20)) assert.equal((await reader.verify(token)).allowed, true);
      await reader.secret(alice, 'anthropic');
      await sleep(50);
      for (let times = 0; times < 5; times++) assert.deepEqual(await stateThrough(pooler), untouched);
      await reader.close();
      for (let times = 0; times < 5; times++) assert.deepEqual(await stateThrough(pooler), untouched);
    });

    test('what others left in a session does no harm', async () => {
      const other = await clientOf(pooler);
      await other.query(`SET search_path = nowhere; SET bytea_output = escape; SET DateStyle = 'SQL, DMY';
        SET default_transaction_isolation = serializable; PREPARE keyctl_look_v2 AS SELECT 1`);
      const reader = await Reader.open(address, { env });
      if (mode === 'session') await other.end();
      assert.equal((await reader.verify(alice)).principal, 'alice');
      assert.equal((await reader.secret(alice, 'anthropic')).expose(), 'sk-ant-of-one');
      await reader.close();
      if (mode === 'transaction') {
        await other.query('DISCARD ALL');
        await other.end();
      }
    });

    test('what is given up is cancelled, and the reader goes on', async () => {
      const reader = await Reader.open(address, { env });
      assert.equal((await reader.verify(tokenText())).reason, 'unknown');
      const { freed } = await server.lock('keys', 'keyctl.token', 5);
      const start = performance.now();
      await assert.rejects(reader.verify(tokenText()), (error) => error instanceof StoreUnavailable && error.reason === 'timeout');
      assert.ok(performance.now() - start < 2600);
      await sleep(700);
      const waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'service' AND wait_event_type = 'Lock'";
      assert.equal(server.psql('keys', waiting), '0');
      await freed;
      assert.equal((await reader.verify(tokenText())).reason, 'unknown');
      await reader.close();
      assert.deepEqual(await stateThrough(pooler), untouched);
    });

    test('a look-up that comes alone is not planned, and a function of another owner is not asked', async () => {
      const last = () => server.psql('keys', "SELECT query FROM pg_stat_activity WHERE usename = 'service' ORDER BY query_start DESC LIMIT 1");
      const verdict = async (reader) => {
        await sleep(20);
        return (await reader.verify(tokenText())).reason;
      };
      let reader = await Reader.open(address, { env, poolSize: 1 });
      for (let times = 0; times < 3; times++) assert.equal(await verdict(reader), 'unknown');
      assert.match(last(), /keyctl_look_v2/);
      const owner = server.psql('keys', "SELECT proowner::regrole FROM pg_proc WHERE proname = 'keyctl_look_v2'");
      server.psql('keys', 'ALTER FUNCTION public.keyctl_look_v2(text) RENAME TO gone');
      try {
        assert.equal(await verdict(reader), 'unknown');
        assert.doesNotMatch(last(), /keyctl_look_v2/);
      } finally {
        server.psql('keys', 'ALTER FUNCTION public.gone(text) RENAME TO keyctl_look_v2');
        await reader.close();
      }
      server.psql('keys', 'ALTER FUNCTION public.keyctl_look_v2(text) OWNER TO neighbour');
      reader = await Reader.open(address, { env, poolSize: 1 });
      try {
        assert.equal(await verdict(reader), 'unknown');
        assert.doesNotMatch(last(), /keyctl_look_v2/);
      } finally {
        server.psql('keys', `ALTER FUNCTION public.keyctl_look_v2(text) OWNER TO ${owner}`);
        await reader.close();
      }
    });

    test('no transaction is left open', async () => {
      const reader = await Reader.open(address, { env });
      await Promise.all(tokens.slice(0, 50).map((token) => reader.verify(token)));
      await sleep(100);
      const open = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'service' AND state <> 'idle'";
      assert.equal(server.psql('keys', open), '0');
      await reader.close();
    });
  });
}

test('a pooler that leads to a standby afterwards does not make it a primary', async () => {
  const pooler = await PgBouncer.start(server, ROLES, { pool_mode: 'transaction' });
  const standby = await server.standby();
  const reader = await Reader.open(pooler.through(store).replace(/\/\/.*@/, `//service:${encodeURIComponent(ROLES.service)}@`), { env, poolSize: 1 });
  try {
    assert.equal((await reader.verify(alice)).allowed, true);
    pooler.pointTo(standby);
    await sleep(300);
    await assert.rejects(reader.verify(tokenText()), (error) => error instanceof StoreUnavailable && /it is a standby/.test(error.detail));
    pooler.pointTo(server);
    await sleep(300);
    assert.equal((await reader.verify(tokenText())).reason, 'unknown');
  } finally {
    await reader.close();
    pooler.kill();
    await standby.stop();
  }
});
