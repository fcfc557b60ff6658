// How long a revoked key still works: 200 revocations by keyctl, seen by a running reader.

import { execFile } from 'node:child_process';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { Reader } from '../dist/index.js';
import { KEYCTL, importMany, keyctl, newStore } from '../test/keyctl.mjs';
import { Server } from '../test/postgres.mjs';

const REVOCATIONS = 200;
/** In ms. */
const MOST = 5000;
const MOST_P99 = 2500;

/** In ms, from the end of `keyctl revoke` to the first refusal. */
async function delays(store) {
  const tokens = importMany(store, REVOCATIONS);
  const reader = await Reader.open(store, { env: {} });
  const refusedAt = new Map();
  const revokedAt = new Map();
  const watching = watch(reader, tokens, refusedAt);
  for (const [index] of tokens.entries()) {
    const args = ['revoke', `bulk/k${index}`, '--store', store, '-q'];
    await promisify(execFile)(KEYCTL, args, { env: { PATH: process.env.PATH, HOME: '/nonexistent' } });
    revokedAt.set(index, performance.now());
    await sleep(50 + Math.random() * 50);
  }
  await watching;
  await reader.close();
  return tokens.map((_, index) => Math.max(0, refusedAt.get(index) - revokedAt.get(index))).sort((a, b) => a - b);
}

/** Verifies all that are still let in, over and over, until none is. */
async function watch(reader, tokens, refusedAt) {
  const live = new Set(tokens.keys());
  const end = performance.now() + 120_000;
  while (live.size > 0) {
    if (performance.now() > end) throw new Error(`${live.size} revoked keys were never refused`);
    for (const index of live) {
      const verdict = await reader.verify(tokens[index], { scope: 'memories' });
      if (verdict.allowed) continue;
      refusedAt.set(index, performance.now());
      live.delete(index);
    }
    await setImmediate();
    await sleep(2);
  }
}

async function onPostgres(measure) {
  const server = await Server.start();
  try {
    const store = server.database('keys');
    keyctl(store, ['store', 'init']);
    return await measure(store);
  } finally {
    await server.stop();
  }
}

const measured = { SQLite: await delays(newStore()), PostgreSQL: await onPostgres(delays) };
console.log('| Store | revocations | p50, ms | p99, ms | max, ms |\n|---|---|---|---|---|');
for (const [name, all] of Object.entries(measured)) {
  const at = (part) => all[Math.min(all.length - 1, Math.floor(all.length * part))];
  const [p50, p99, max] = [at(0.5), at(0.99), all.at(-1)];
  console.log(`| ${name} | ${all.length} | ${p50.toFixed(0)} | ${p99.toFixed(0)} | ${max.toFixed(0)} |`);
  if (!(max <= MOST && p99 <= MOST_P99)) process.exitCode = 1;
}
