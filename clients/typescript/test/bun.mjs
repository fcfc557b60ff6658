// Run by Bun: the vectors, each of its SQLite libraries, PostgreSQL, the guards and the secrets work there, too.

import assert from 'node:assert/strict';

import { Reader } from 'keyctl-runtime';
import { mem0 } from '../examples/mem0-server/elysia.mjs';
import { MASTER_KEY, keyctl, newStore, tokenText } from './keyctl.mjs';
import { Server } from './postgres.mjs';
import { checkVectors } from './vectors.mjs';

const env = { KEYCTL_MASTER_KEY: MASTER_KEY };

async function check(store, options = {}) {
  const name = `u${Math.random().toString(36).slice(2)}`;
  const token = keyctl(store, ['mint', name, '--scope', 'memories']);
  keyctl(store, ['secret', 'set', 'anthropic', name], { input: `sk-ant-of-${name}`, env });
  keyctl(store, ['secret', 'bind', name, name]);
  const reader = await Reader.open(store, { env, ...options });
  assert.equal((await reader.verify(token, { scope: 'memories', owner: name })).principal, name);
  assert.equal(reader.verifyCached(token).principal, name);
  assert.equal((await reader.verify(tokenText())).reason, 'unknown');
  assert.equal((await reader.secret(token, 'anthropic')).expose(), `sk-ant-of-${name}`);
  keyctl(store, ['revoke', `${name}/default`]);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  assert.equal((await reader.verify(token)).reason, 'revoked');
  await reader.close();
}

async function checkElysia(store) {
  const token = keyctl(store, ['mint', 'alice', '--scope', 'memories']);
  const reader = await Reader.open(store, { env: {} });
  const app = mem0(reader).listen({ port: 0, hostname: '127.0.0.1' });
  const get = (headers) => fetch(`http://127.0.0.1:${app.server.port}/memories?user_id=alice`, { headers });
  assert.equal((await get({})).status, 401);
  assert.equal((await get({ 'x-api-key': tokenText() })).status, 401);
  assert.equal((await get({ authorization: `Bearer ${token}` })).status, 200);
  assert.equal((await get({ authorization: `Bearer ${token}`, 'x-api-key': 'other' })).status, 400);
  const others = await fetch(`http://127.0.0.1:${app.server.port}/memories?user_id=bob`, { headers: { 'x-api-key': token } });
  assert.equal(others.status, 403);
  await app.stop(true);
  await reader.close();
}

checkVectors();

const weak = newStore();
keyctl(weak, ['import', 'mem0', '--scope', 'memories', '-'], { input: '{"sk-alice-test-key-12345": "alice"}' });
const slow = await Reader.open(weak, { env: {} });
assert.equal((await slow.verify('sk-alice-test-key-12345')).principal, 'alice');
await slow.close();

for (const sqlite of ['bun:sqlite', 'node:sqlite']) await check(newStore(), { sqlite });
await check(newStore());
await checkElysia(newStore());
const server = await Server.start();
try {
  const store = server.database('keys');
  keyctl(store, ['store', 'init']);
  await check(store);
} finally {
  await server.stop();
}
console.log('bun: ok');
process.exit(0);
