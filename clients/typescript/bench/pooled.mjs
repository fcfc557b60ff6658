// What a look-up in PostgreSQL costs, directly and through PgBouncer: this build beside another one,
// whose `dist` the first argument names, as medians of interleaved pairs.

import { setTimeout as sleep } from 'node:timers/promises';

import { importMany, keyctl } from '../test/keyctl.mjs';
import { PgBouncer } from '../test/pgbouncer.mjs';
import { PASSWORD, Server } from '../test/postgres.mjs';

const PAIRS = 15;
const KEYS = 25_000;
const CALLS = 400;
const CALLERS = 8;
const APART = 40;
/** Between look-ups of which no one follows another, in ms. */
const PAUSE = 12;

const other = process.argv[2];
const builds = { ...(other && { before: await import(new URL(`${other}/index.js`, `file://${process.cwd()}/`)) }), now: await import('../dist/index.js') };

const server = await Server.start();
const store = server.database('keys');
keyctl(store, ['store', 'init']);
const tokens = importMany(store, KEYS);
server.psql('keys', 'VACUUM ANALYZE');
const users = { keeper: PASSWORD };
const tolerant = { ignore_startup_parameters: 'statement_timeout,extra_float_digits' };
const session = await PgBouncer.start(server, users, { pool_mode: 'session', default_pool_size: 40, ...tolerant });
const transaction = await PgBouncer.start(server, users, { pool_mode: 'transaction', default_pool_size: 40, ...tolerant });
let at = 0;

/** In microseconds a look-up; none is at hand, since more tokens take turns than are kept. */
async function timed(calls, callers, reader, pause = 0) {
  let left = calls;
  let asleep = 0;
  const start = performance.now();
  await Promise.all(Array.from({ length: callers }, async () => {
    while (left-- > 0) {
      if (pause > 0) {
        const before = performance.now();
        await sleep(pause);
        asleep += performance.now() - before;
      }
      const verdict = await reader.verify(tokens[at++ % KEYS]);
      if (!verdict.allowed) throw new Error(verdict.reason);
    }
  }));
  return ((performance.now() - start - asleep) * 1000) / calls;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const ways = [
  ['one after another', CALLS, 1, 0], [`${CALLERS} callers`, CALLS * 2, CALLERS, 0], [`one each ${PAUSE} ms`, APART, 1, PAUSE],
];
console.log(`| Where | How | ${Object.keys(builds).join(', µs | ')}, µs | before / now |\n|---|---|---|---|---|`);
for (const [where, address] of [['direct', store], ['PgBouncer, session', session.through(store)], ['PgBouncer, transaction', transaction.through(store)]]) {
  const readers = {};
  for (const [name, { Reader }] of Object.entries(builds)) {
    // Named statements do not survive this mode: before there was no answer.
    if (name === 'before' && where.endsWith('transaction')) continue;
    readers[name] = await Reader.open(address, { env: {} });
    await timed(400, CALLERS, readers[name]);
  }
  for (const [how, calls, callers, pause] of ways) {
    const all = {};
    for (let pair = 0; pair < PAIRS; pair++) {
      for (const [name, reader] of Object.entries(readers)) (all[name] ??= []).push(await timed(calls, callers, reader, pause));
    }
    const cells = Object.keys(builds).map((name) => (all[name] ? median(all[name]).toFixed(0) : '–'));
    const ratio = all.before ? median(all.before.map((before, index) => before / all.now[index])).toFixed(2) : '–';
    console.log(`| ${where} | ${how} | ${cells.join(' | ')} | ${ratio} |`);
  }
  for (const reader of Object.values(readers)) await reader.close();
}
session.kill();
transaction.kill();
await server.stop();
process.exit();
