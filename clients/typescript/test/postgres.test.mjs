// A reader of PostgreSQL databases.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
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

test('an owner is known by its subject', async () => {
  const known = keyctl(store, ['mint', 'dora', '--subject', 'auth0|5f7C', '--scope', 'memories']);
  const reader = await open();
  assert.equal((await reader.verify(known, { owner: 'auth0|5f7C' })).principal, 'auth0|5f7C');
  assert.equal((await reader.verify(known, { owner: 'dora' })).reason, 'owner');
});

/** Passes a connection on, so that the server does not see ours. */
async function forwarder(port) {
  const passing = createServer((from) => {
    const to = connect(port, '127.0.0.1');
    from.pipe(to).pipe(from);
    for (const [one, other] of [[from, to], [to, from]]) one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  await new Promise((resolve) => passing.listen(0, '127.0.0.1', resolve));
  return { port: passing.address().port, close: () => passing.close() };
}

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
  await assert.rejects((await open()).verify(tokenText()), unavailable('timeout'));
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

test('a database without the views', async () => {
  await assert.rejects((await open(server.database('nothing'))).verify(token), unavailable('view_version'));
});

test('what a search_path puts in the way of functions, operators and views is not used', async () => {
  server.psql('keys', `CREATE SCHEMA trap;
    CREATE FUNCTION trap.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT timestamptz '2020-01-01' $$;
    CREATE FUNCTION trap.yes(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
    CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.yes);
    CREATE VIEW trap.keyctl_tokens_v1 AS SELECT * FROM public.keyctl_tokens_v1 WHERE false;
    CREATE ROLE trapped LOGIN PASSWORD 'pw' SUPERUSER;
    ALTER ROLE trapped SET search_path = trap, public, pg_catalog`);
  for (const direct of [true, false]) {
    const address = store.replace(/\/\/.*@/, '//trapped:pw@');
    const forward = direct ? undefined : await forwarder(server.port);
    const reader = await open(forward ? address.replace(/:\d+\//, `:${forward.port}/`) : address);
    for (let times = 0; times < 7; times++) assert.equal((await reader.verify(tokenText())).reason, 'unknown');
    assert.equal((await reader.verify(token)).principal, 'alice');
    assert.equal((await reader.secret(token, 'anthropic')).expose(), 'sk-ant-of-one');
    forward?.close();
  }
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

test('a password comes from the variable or the file that libpq would look into', async () => {
  const file = join(server.folder, 'passwords');
  const bare = store.replace(/:[^:@]*@/, '@');
  const wanted = PASSWORD.replaceAll(':', '\\:');
  writeFileSync(file, `# a remark\nother:*:*:*:wrong\n127.0.0.1:${server.port}:keys:other:wrong\n*:*:ke\\ys:keeper:${wanted}\n`, { mode: 0o600 });
  const withFile = `${bare}?passfile=${encodeURIComponent(file)}`;
  assert.equal((await (await open(withFile)).verify(token)).allowed, true);
  chmodSync(file, 0o644);
  await assert.rejects((await open(withFile)).verify(token), (error) => {
    assert.match(error.detail, /passwords was passed over: others can read it/);
    return unavailable('unreachable')(error);
  });
  await assert.rejects((await open(`${bare}?passfile=/nonexistent`)).verify(token), /asks for a password, and there is none/);
  process.env.PGPASSWORD = PASSWORD;
  try {
    assert.equal((await (await open(bare)).verify(token)).allowed, true);
  } finally {
    delete process.env.PGPASSWORD;
  }
});

test("nothing of libpq's environment becomes a parameter of the session", async () => {
  Object.assign(process.env, { PGOPTIONS: '-c nonsense=1', PGREPLICATION: 'database', PGSSLNEGOTIATION: 'direct', PGSSLMODE: 'require', PGAPPNAME: 'x' });
  try {
    assert.equal((await (await open()).verify(token)).allowed, true);
  } finally {
    for (const name of ['PGOPTIONS', 'PGREPLICATION', 'PGSSLNEGOTIATION', 'PGSSLMODE', 'PGAPPNAME']) delete process.env[name];
  }
});

test('channel binding is used where it is asked for, and where it is required nothing else will do', async () => {
  const authority = encodeURIComponent(join(server.folder, 'authority.pem'));
  const tls = `${server.address('keys', 'localhost')}?sslmode=verify-full&sslrootcert=${authority}`;
  for (const how of ['disable', 'prefer', 'require']) assert.equal((await (await open(`${tls}&channel_binding=${how}`)).verify(token)).allowed, true, how);
  const hba = join(server.data, 'pg_hba.conf');
  const before = readFileSync(hba, 'utf8');
  server.psql('keys', `CREATE ROLE plain LOGIN PASSWORD 'pw'; GRANT SELECT ON keyctl_tokens_v1, keyctl_store_v1, keyctl_changes_v1 TO plain`);
  try {
    for (const method of ['password', 'trust']) {
      writeFileSync(hba, `hostssl all plain all ${method}\n${before}`);
      server.psql('keys', 'SELECT pg_reload_conf()');
      await sleep(200);
      const as = tls.replace(/\/\/.*@/, '//plain:pw@');
      assert.equal((await (await open(`${as}&channel_binding=prefer`)).verify(token)).allowed, true, method);
      await assert.rejects((await open(`${as}&channel_binding=require`)).verify(token), /offers no channel binding/, method);
    }
  } finally {
    writeFileSync(hba, before);
    server.psql('keys', 'SELECT pg_reload_conf()');
  }
});
