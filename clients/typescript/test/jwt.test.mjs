// Short-lived tokens of real stores, in both databases.

import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { AskError, Reader, StoreUnavailable } from '../dist/index.js';
import { MASTER_KEY, keyctl, newStore } from './keyctl.mjs';
import { Server } from './postgres.mjs';

const ISSUER = 'https://keys.example.com';
const env = { KEYCTL_MASTER_KEY: MASTER_KEY };
let server;
const opened = [];
before(async () => (server = await Server.start()));
after(async () => {
  await Promise.all(opened.map((reader) => reader.close()));
  await server.stop();
});

/** Makes a store issue; returns the token of alice's key. */
function furnish(store) {
  keyctl(store, ['store', 'set', 'issuer', ISSUER]);
  keyctl(store, ['store', 'set', 'audience', 'billing']);
  keyctl(store, ['signing-key', 'rotate'], { env });
  return keyctl(store, ['mint', 'alice', '--scope', 'chat,files:*']);
}

const issue = (store, token, ...words) => keyctl(store, ['jwt', 'issue', ...words], { input: token, env });

async function open(store) {
  const reader = await Reader.open(store, { env: {} });
  opened.push(reader);
  return reader;
}

async function word(reader, jwt, ask) {
  const verdict = await reader.verifyJwt(jwt, ask);
  return verdict.allowed ? verdict.principal : verdict.reason;
}

/** At most the five seconds that are promised. */
async function until(reader, jwt, wanted) {
  const end = performance.now() + 5000;
  for (let found; (found = await word(reader, jwt)) !== wanted; await sleep(5)) {
    assert.ok(performance.now() < end, `still ${found} and not ${wanted}`);
  }
}

function postgres() {
  const store = server.database(`jwt${opened.length}${process.hrtime.bigint() % 100000n}`);
  keyctl(store, ['store', 'init']);
  return store;
}

for (const [name, make] of [['SQLite', newStore], ['PostgreSQL', postgres]]) {
  describe(name, () => {
    test('a token is good for its audience and scopes until something is taken away', async () => {
      const store = make();
      const token = furnish(store);
      const [jwt, billing] = [issue(store, token), issue(store, token, '--audience', 'billing')];
      const reader = await open(store);
      // The second time it is kept.
      for (let time = 0; time < 2; time++) {
        const { keyId, tokenId, expiresAt, ...rest } = await reader.verifyJwt(jwt, { scope: 'files:read', owner: 'alice' });
        assert.deepEqual(rest, { allowed: true, principal: 'alice', audience: [ISSUER], scopes: ['chat', 'files:*'] });
        assert.match(`${keyId} ${tokenId}`, /^key_[0-9a-z]{26} [0-9a-z]{26}$/);
        assert.ok(expiresAt > Date.now());
        assert.equal(await word(reader, billing), 'audience');
        assert.equal(await word(reader, billing, { audience: 'billing' }), 'alice');
        assert.equal(await word(reader, jwt, { audience: 'billing' }), 'audience');
        assert.equal(await word(reader, jwt, { scope: 'admin' }), 'scope');
        assert.equal(await word(reader, jwt, { owner: 'bob' }), 'owner');
      }
      assert.deepEqual(await reader.verifyJwt('a.b.c'), { allowed: false, type: 'UNAUTHORIZED', reason: 'malformed', status: 401 });
      assert.equal(await word(reader, undefined), 'malformed');
      assert.equal((await reader.verify(jwt)).reason, 'malformed');
      assert.equal((await reader.verify(token)).allowed, true);
      keyctl(store, ['suspend', 'alice']);
      await until(reader, jwt, 'version');
      keyctl(store, ['resume', 'alice']);
      assert.equal(await word(reader, jwt), 'version');
      await until(reader, issue(store, token), 'alice');
    });

    test('a revoked signing key is out within five seconds', async () => {
      const store = make();
      const jwt = issue(store, furnish(store));
      const reader = await open(store);
      assert.equal(await word(reader, jwt), 'alice');
      const [kid] = keyctl(store, ['signing-key', 'list']).split(/\s/);
      keyctl(store, ['signing-key', 'revoke', kid, '--yes'], { env });
      await until(reader, jwt, 'signing_key');
    });
  });
}

test('an end is exact, also where the answer is kept', async () => {
  const store = newStore();
  const jwt = issue(store, furnish(store), '--ttl', '8s');
  const reader = await open(store);
  const { expiresAt } = await reader.verifyJwt(jwt);
  for (; Date.now() < expiresAt - 60; await sleep(20)) assert.equal(await word(reader, jwt), 'alice');
  await sleep(65);
  assert.equal(await word(reader, jwt), 'expired');
});

test('a store that cannot be read is no fault of the token', async () => {
  const store = newStore();
  const jwt = issue(store, furnish(store));
  const reader = await open(store);
  renameSync(store, `${store}.away`);
  await assert.rejects(reader.verifyJwt(jwt), (error) => error instanceof StoreUnavailable && error.reason === 'unreachable');
  await assert.rejects(reader.verifyJwt(jwt, { audience: 'a b' }), AskError);
});
