// Tokens of credentials, from a real serve over its Unix socket.

import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { inspect } from 'node:util';

import {
  AskError, Denied, KeyUnavailable, KeyctlError, LeaseBusy, LeaseEnded, LeaseUnconfigured, Reader, SetupError,
} from '../dist/index.js';
import { newStore } from './keyctl.mjs';
import { Serving, until } from './serving.mjs';

let serving;
before(async () => { serving = await Serving.start(); });
after(() => serving.kill());

const open = (options = {}, env = {}) =>
  Reader.open(serving.store, { credentialsSocket: serving.socket, credentialsKey: serving.key, env, ...options });

async function fault(options, env) {
  const error = await (await open(options, env)).lease('github').then(() => undefined, (one) => one);
  assert.ok(error instanceof KeyUnavailable, String(error));
  assert.deepEqual([error.type, error.status], ['KEY_UNAVAILABLE', 503]);
  return [error.reason, error.message];
}

test('a token that nobody ends has no lease', async () => {
  const reader = await open();
  const result = await reader.lease('github', async (token) => {
    assert.equal(token.expose(), 'planted-hub');
    assert.deepEqual([token.provider, token.credential, token.version], ['github', 'hub', 1]);
    assert.deepEqual([token.present, token.lease], ['bearer', undefined]);
    assert.deepEqual(token.headers(), { Authorization: 'Bearer planted-hub' });
    assert.ok(token.expiresAt > Date.now() && token.expiresAt < Date.now() + 3_601_000);
    await token.renew();
    for (const shown of [String(token), JSON.stringify({ token }), inspect(token), inspect({ token }, { showHidden: true })]) {
      assert.ok(!shown.includes('planted'), shown);
    }
    return 7;
  });
  assert.equal(result, 7);
});

test('a lease is held, renewed and given up, also where the work fails', async () => {
  const reader = await open();
  await reader.lease('gitlab', { holdFor: 60 }, async (token) => {
    assert.equal(token.expose(), 'planted-lab');
    assert.deepEqual(serving.leases().map(({ lease }) => lease), [token.lease.id]);
    const before = token.lease;
    assert.equal(token.expiresAt, before.expiresAt);
    await token.renew(120);
    assert.equal(token.lease.id, before.id);
    assert.ok(token.lease.expiresAt > before.expiresAt + 30_000);
    assert.equal(token.expiresAt, token.lease.expiresAt);
    const other = await reader.lease('gitlab');
    assert.ok(other.lease.fence > before.fence);
    assert.equal(serving.leases().length, 2);
    await other[Symbol.asyncDispose]();
    await other.release();
    assert.equal(serving.leases().length, 1);
  });
  assert.deepEqual(serving.leases(), []);
  await assert.rejects(reader.lease('gitlab', () => { throw new RangeError('in between'); }), RangeError);
  assert.deepEqual(serving.leases(), []);
});

test('a lease that was broken cannot be renewed, and leaving says nothing', async () => {
  await (await open()).lease('gitlab', async (token) => {
    serving.run('--yes', 'lease', 'break', token.lease.id);
    const error = await token.renew().catch((one) => one);
    assert.ok(error instanceof LeaseEnded);
    assert.deepEqual([error.type, error.reason, error.status], ['CONFLICT', 'lease_ended', 409]);
  });
});

test('who asks for what cannot be is told', async () => {
  const reader = await open();
  await assert.rejects(reader.lease('gitlab', { holdFor: 100_000 }), (error) => error instanceof AskError && /12 hours/.test(error.message));
  for (const wrong of [{ wait: -1 }, { minValid: Number.NaN }, { holdFor: '10m' }, { apiKey: '' }, { wait: Infinity }]) {
    await assert.rejects(reader.lease('gitlab', wrong), AskError);
  }
  await assert.rejects(reader.lease('Git Hub'), AskError);
  await assert.rejects(open({ credentialsKey: 'two planted\nlines' }), (error) => error instanceof SetupError && !/planted/.test(error.message));
});

test('busy is asked again until the wait is over', async () => {
  const reader = await open();
  let refresh;
  await reader.lease('gitlab', async (token) => {
    refresh = serving.refresh();
    await until('a refresh is announced', async () => {
      const other = await reader.lease('gitlab', { wait: 0 }).catch((error) => error);
      if (other instanceof LeaseBusy) return true;
      await other.release();
      return false;
    });
    const start = performance.now();
    const error = await reader.lease('gitlab', { wait: 2 }).catch((one) => one);
    assert.ok(error instanceof LeaseBusy, String(error));
    assert.deepEqual([error.type, error.reason, error.status], ['BUSY', 'busy', 503]);
    const took = performance.now() - start;
    assert.ok(took > 900 && took < 8000, String(took));
    await assert.rejects(token.renew(), LeaseBusy);
  });
  await refresh;
  // It failed, and said so: the token of before does.
  assert.equal(await reader.lease('gitlab', { wait: 40 }, (token) => token.expose()), 'planted-lab');
});

test("a key that serve does not take is the service's fault", async () => {
  const scopeless = serving.run('mint', 'other', '--scope', 'memories');
  const [reason, said] = await fault({ credentialsKey: scopeless });
  assert.equal(reason, 'credentials_key');
  assert.ok(said.includes('the key lacks the scope keyctl:lease') && !said.includes(scopeless));
  assert.match((await fault({ credentialsKey: 'wrong' }))[1], /KEYCTL_CREDENTIALS_KEY_FILE/);
  const file = join(dirname(serving.socket), 'service.key');
  const env = { KEYCTL_CREDENTIALS_KEY_FILE: file, KEYCTL_CREDENTIALS_SOCKET: serving.socket };
  const named = { credentialsKey: undefined, credentialsSocket: undefined };
  assert.equal((await fault({ ...named, credentialsSocket: serving.socket }))[0], 'credentials_key');
  assert.match((await fault(named, env))[1], /cannot be read/);
  writeFileSync(file, 'two planted words\n', { mode: 0o600 });
  assert.match((await fault(named, env))[1], /it is no key/);
  const reader = await open(named, env);
  writeFileSync(file, `${serving.key}\n`);
  assert.equal(await reader.lease('github', (token) => token.expose()), 'planted-hub');
  // Read at each use: it may be rotated.
  serving.key = serving.run('rotate', 'service', '--grace', '0s');
  writeFileSync(file, `${serving.key}\n`);
  assert.equal(await reader.lease('github', (token) => token.expose()), 'planted-hub');
  chmodSync(file, 0o644);
  assert.match((await fault(named, env))[1], /all users can read it/);
  const [, shown] = await fault(named, { ...env, KEYCTL_CREDENTIALS_KEY_FILE: serving.key });
  assert.ok(!shown.includes(serving.key));
});

test("a client's token leads to the client's credential", async () => {
  const alice = serving.run('mint', 'alice', '--scope', 'memories');
  serving.credential('own', 'github', [], 'alice');
  const reader = await open();
  const credential = (options) => reader.lease('github', options, (token) => token.credential);
  assert.equal(await credential({ apiKey: alice }), 'own');
  assert.equal(await credential({}), 'hub');
  serving.run('revoke', 'alice');
  let error;
  await until('it is denied', async () => {
    error = await credential({ apiKey: alice }).catch((one) => one);
    return error instanceof Denied;
  });
  assert.deepEqual([error.type, error.reason, error.status], ['UNAUTHORIZED', 'refused', 401]);
  assert.ok(!error.message.includes(alice));
  const none = await reader.lease('slack').catch((one) => one);
  assert.equal(none.reason, 'no_token');
});

test('no socket is said before anything else', async () => {
  const reader = await open({ credentialsSocket: undefined });
  const error = await reader.lease('no provider', { wait: -1 }).catch((one) => one);
  assert.ok(error instanceof LeaseUnconfigured && error instanceof KeyUnavailable && error instanceof KeyctlError);
  assert.equal(error.reason, 'unconfigured');
  for (const hint of ['keyctl serve --lease-store', 'KEYCTL_CREDENTIALS_SOCKET', 'keyctl exec --oauth']) {
    assert.ok(error.message.includes(hint), error.message);
  }
});

test('a socket of another user is refused unless it is named', { skip: process.geteuid() !== 0 && 'only root can give a file away' }, async () => {
  chownSync(serving.socket, 65534, 0);
  try {
    const [reason, said] = await fault();
    assert.equal(reason, 'socket');
    assert.match(said, /KEYCTL_CREDENTIALS_OWNER=65534/);
    assert.equal((await fault({}, { KEYCTL_CREDENTIALS_OWNER: 'nobody' }))[0], 'socket');
    const reader = await open({}, { KEYCTL_CREDENTIALS_OWNER: '65534' });
    assert.equal(await reader.lease('github', (token) => token.expose()), 'planted-hub');
  } finally {
    chownSync(serving.socket, 0, 0);
  }
});

test('serve without a store for leases says so', async () => {
  const bare = await Serving.start(newStore(), { leases: false });
  const [reason, said] = await fault({ credentialsSocket: bare.socket, credentialsKey: bare.key });
  await bare.kill();
  assert.equal(reason, 'not_served');
  assert.match(said, /--lease-store/);
});

test('a server that is not there, and a socket that is none', async () => {
  const one = await Serving.start();
  const options = { credentialsSocket: one.socket, credentialsKey: one.key };
  const token = await (await open(options)).lease('gitlab');
  await one.kill();
  // It ends by itself.
  await token.release();
  assert.equal(one.leases().length, 1);
  assert.ok(existsSync(one.socket));
  assert.equal((await fault(options))[0], 'unreachable');
  unlinkSync(one.socket);
  const [reason, said] = await fault(options);
  assert.equal(reason, 'unreachable');
  assert.ok(said.includes(one.socket));
  assert.equal((await fault({ credentialsSocket: one.store }))[0], 'socket');
  assert.match((await fault({ credentialsSocket: 'unix:/run/k.sock' }))[1], /without unix: before it: \/run\/k\.sock/);
  const [kind, hidden] = await fault({ credentialsSocket: serving.key });
  assert.equal(kind, 'socket');
  assert.ok(!hidden.includes(serving.key));
});
