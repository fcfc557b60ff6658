// How long the first verification of a short-lived token takes beside that of `jose` of the same tokens, as medians of
// interleaved pairs. `jose` has the public keys at hand, and asks nobody whether the key was revoked; the reader reads the
// store for each token.

import { createLocalJWKSet, jwtVerify } from 'jose';

import { Reader } from '../dist/index.js';
import { MASTER_KEY, keyctl, newStore } from '../test/keyctl.mjs';

const ISSUER = 'https://keys.example.com';
const TOKENS = 150;
const PAIRS = 31;
const LEAST = 0.7;
const env = { KEYCTL_MASTER_KEY: MASTER_KEY };

const store = newStore();
keyctl(store, ['store', 'set', 'issuer', ISSUER]);
keyctl(store, ['signing-key', 'rotate'], { env });
const key = keyctl(store, ['mint', 'alice', '--scope', 'chat,files:*']);
const tokens = Array.from({ length: TOKENS + 1 }, () => keyctl(store, ['jwt', 'issue', '--ttl', '1h'], { input: key, env }));
const warm = tokens.pop();
const keys = createLocalJWKSet(JSON.parse(keyctl(store, ['signing-key', 'jwks'])));

async function theirs() {
  for (const token of tokens) await jwtVerify(token, keys, { issuer: ISSUER, audience: ISSUER, algorithms: ['ES256'] });
}

async function ours(reader) {
  for (const token of tokens) if (!(await reader.verifyJwt(token, { scope: 'chat' })).allowed) throw new Error('a token was refused');
}

/** In microseconds a token. */
async function timed(work) {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1000 / TOKENS;
}

/** One to which none of the tokens is known, and the store is. */
async function fresh() {
  const reader = await Reader.open(store, { env: {} });
  await reader.verifyJwt(warm);
  return reader;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const pairs = [];
for (let pair = -3; pair < PAIRS; pair++) {
  const reader = await fresh();
  const bare = await timed(theirs);
  const first = await timed(() => ours(reader));
  const again = await timed(() => ours(reader));
  await reader.close();
  if (pair >= 0) pairs.push({ bare, first, again });
}
console.log(`${TOKENS} tokens; ${PAIRS} pairs`);
console.log('| verifyJwt | jose, µs | ours, µs | ratio |\n|---|---|---|---|');
for (const name of ['first', 'again']) {
  const ratio = median(pairs.map((pair) => pair.bare / pair[name]));
  const [bare, own] = [median(pairs.map((pair) => pair.bare)), median(pairs.map((pair) => pair[name]))];
  console.log(`| ${name} | ${bare.toFixed(1)} | ${own.toFixed(1)} | ${ratio.toFixed(2)}${ratio < LEAST ? ' MISSED' : ''} |`);
}
