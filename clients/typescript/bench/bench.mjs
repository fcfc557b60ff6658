// What a verification costs beside the least that it could cost, as medians of interleaved pairs.

import * as crypto from 'node:crypto';

import { Reader } from '../dist/index.js';
import { importMany, newStore } from '../test/keyctl.mjs';

const PAIRS = 31;
const KEYS = 20_000;
const CACHED_CALLS = 20_000;
const UNCACHED_CALLS = 4000;

const store = newStore();
const tokens = importMany(store, KEYS);
const digest =
  typeof crypto.hash === 'function'
    ? (text) => crypto.hash('sha256', text, 'hex')
    : (text) => crypto.createHash('sha256').update(text).digest('hex');
const hashes = tokens.map(digest);
const reader = await Reader.open(store);
const ask = { scope: 'memories:read', owner: 'bulk' };

/** In nanoseconds a call. */
async function timed(calls, work) {
  const start = process.hrtime.bigint();
  await work(calls);
  return Number(process.hrtime.bigint() - start) / calls;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

async function measure(name, calls, bare, ours) {
  await bare(calls);
  await ours(calls);
  const pairs = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const first = await timed(calls, bare);
    pairs.push([first, await timed(calls, ours)]);
  }
  const ratio = median(pairs.map(([a, b]) => a / b));
  return { name, bare: median(pairs.map(([a]) => a)), ours: median(pairs.map(([, b]) => b)), ratio };
}

const few = tokens.slice(0, 100);
const kept = new Map(few.map((token) => [digest(token), { token }]));

async function bareCached(calls) {
  let found = 0;
  for (let call = 0; call < calls; call++) if (kept.get(digest(few[call % 100]))) found++;
  if (found !== calls) throw new Error('a token was not found');
}

async function ourCached(calls) {
  let found = 0;
  for (let call = 0; call < calls; call++) if ((await reader.verify(few[call % 100], ask)).allowed) found++;
  if (found !== calls) throw new Error('a token was refused');
}

/** The driver that the reader itself uses here. */
async function bareSelect() {
  if ('Bun' in globalThis) {
    const { Database } = await import('bun:sqlite');
    return (statement => (hash) => statement.get(hash))(new Database(store, { readonly: true }).query(SELECT));
  }
  const { default: Database } = await import('better-sqlite3');
  const statement = new Database(store, { readonly: true }).prepare(SELECT);
  return (hash) => statement.get(hash);
}

const SELECT = 'SELECT * FROM keyctl_tokens_v1 WHERE token_hash = ?';
const select = await bareSelect();
let at = 0;

async function bareUncached(calls) {
  let found = 0;
  for (let call = 0; call < calls; call++) if (select(hashes[at++ % KEYS])) found++;
  if (found !== calls) throw new Error('a token was not found');
}

/** Twice as many tokens in turn as are kept: none is at hand. */
async function ourUncached(calls) {
  let found = 0;
  for (let call = 0; call < calls; call++) if ((await reader.verify(tokens[at++ % KEYS], ask)).allowed) found++;
  if (found !== calls) throw new Error('a token was refused');
}

const rows = [
  await measure('cached / SHA-256 + Map', CACHED_CALLS, bareCached, ourCached),
  await measure('uncached / bare select', UNCACHED_CALLS, bareUncached, ourUncached),
];
await reader.close();

console.log(`SHA-256 by ${typeof crypto.hash === 'function' ? 'crypto.hash' : 'createHash'}; ${KEYS} keys; ${PAIRS} pairs`);
console.log('| What | bare, µs | ours, µs | ratio |\n|---|---|---|---|');
for (const { name, bare, ours, ratio } of rows) {
  console.log(`| ${name} | ${(bare / 1000).toFixed(2)} | ${(ours / 1000).toFixed(2)} | ${ratio.toFixed(2)} |`);
}
process.exitCode = rows.every(({ ratio }) => ratio >= 0.6) ? 0 : 1;
