// What is understood of a socket's answers, by the rows of the readers.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspect } from 'node:util';

import { AskError, KeyUnavailable, LeasedToken, Reader } from '../dist/index.js';
import { ROOT, folder } from './keyctl.mjs';

const ROWS = JSON.parse(readFileSync(join(ROOT, 'tests/lease_answers.json'), 'utf8'));

const away = folder();
const servers = [];
after(() => servers.forEach((server) => server.close()));

function answerOf({ status, head, body }) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return [`HTTP/1.1 ${status}`, ...head, '', ''].join('\r\n').replaceAll('{length}', Buffer.byteLength(text)) + text;
}

/** Does with each connection what it is told, once its request has come; keeps what was asked. */
async function endpoint(answer) {
  const path = join(away, `s${servers.length}`);
  const asked = [];
  const server = createServer((stream) => {
    let request = '';
    stream.on('error', () => {});
    stream.on('data', (part) => {
      request += part;
      if (!request.endsWith('}')) return;
      asked.push(request);
      answer(stream, request, asked.length);
    });
  });
  servers.push(server);
  await new Promise((resolve) => server.listen(path, resolve));
  return { path, asked };
}

const ask = async (path, { key, ...options } = {}) => {
  const reader = await Reader.open('/nowhere/keys.db', { env: {}, credentialsSocket: path, credentialsKey: key });
  return reader.lease('github', options);
};

for (const row of ROWS) {
  test(row.name, async () => {
    const { path, asked } = await endpoint((stream, request) => {
      if (request.startsWith('POST /lease HTTP/1.1\r\n')) stream.end(answerOf(row));
      else stream.end();
    });
    const options = { key: 'planted-key', wait: 1, ...(row.api_key ? { apiKey: row.api_key } : {}) };
    const outcome = await ask(path, options).catch((error) => error);
    if (row.token !== undefined) {
      assert.ok(outcome instanceof LeasedToken, String(outcome?.stack));
      assert.deepEqual([outcome.expose(), outcome.present, outcome.expiresAt], [row.token, row.present, row.expires_at]);
      assert.deepEqual(Object.entries(outcome.headers()), [row.header]);
      assert.equal(outcome.lease?.fence, row.fence);
      await outcome.release();
      const released = asked.filter((request) => request.startsWith('POST /lease/release '));
      assert.equal(released.length, row.fence === undefined ? 0 : 1);
    } else {
      const isOfCode = row.type === 'INVALID_REQUEST';
      assert.ok(outcome instanceof Error);
      if (isOfCode) assert.ok(outcome instanceof AskError);
      else assert.deepEqual([outcome.type, outcome.reason], [row.type, row.reason], outcome.message);
      if (row.http) assert.equal(outcome.status, row.http);
      if (row.reason === 'limited') assert.equal(outcome.retryAfter ?? null, row.retry_after);
      for (const text of row.says ?? []) assert.ok(outcome.message.includes(text), outcome.message);
    }
    assert.ok(!inspect(outcome, { depth: 9, showHidden: true }).replaceAll(/^ +at .*$/gm, '').includes('planted'), inspect(outcome));
    const [head, body] = asked[0].split('\r\n\r\n');
    assert.match(head, /\r\nAuthorization: Bearer planted-key(\r\n|$)/);
    const { wait, ...sent } = JSON.parse(body);
    assert.ok(wait === 0 || wait === 1);
    assert.deepEqual(sent, { provider: 'github', ...(row.api_key ? { api_key: row.api_key } : {}) });
  });
}

test('busy is asked again with the wait that is left, when it is said to be', async () => {
  const busy = { ...ROWS.find(({ type }) => type === 'BUSY'), head: ['Content-Length: {length}', 'Retry-After: 1'] };
  const { path, asked } = await endpoint((stream, _, count) => stream.end(answerOf(count > 2 ? ROWS[0] : busy)));
  const start = performance.now();
  assert.equal((await ask(path, { wait: 9 })).expose(), 'planted-token');
  const took = performance.now() - start;
  assert.ok(took > 1990 && took < 6000, String(took));
  const waits = asked.map((request) => JSON.parse(request.split('\r\n\r\n')[1]).wait);
  assert.deepEqual(waits, [8, 7, 6].map((one) => one + waits[0] - 8));
  assert.doesNotMatch(asked[0], /authorization/i);
});

test('an answer may come in pieces', async () => {
  const { path } = await endpoint(async (stream) => {
    for (const byte of answerOf(ROWS[3])) {
      stream.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    stream.end();
  });
  assert.equal((await ask(path)).expose(), 'planted-token');
});

test('who sends a byte now and then is not waited for any longer, and who hangs up is not there', async () => {
  const slow = await endpoint((stream) => {
    const timer = setInterval(() => stream.write('H'), 100);
    stream.on('close', () => clearInterval(timer));
  });
  const gone = await endpoint((stream) => stream.end());
  const [late, none] = await Promise.all([slow, gone].map(({ path }) => ask(path, { wait: 0 }).catch((error) => error)));
  assert.ok(late instanceof KeyUnavailable && none instanceof KeyUnavailable);
  assert.equal(none.reason, 'unreachable');
  // What it sends is no HTTP; where it is seen to be none at once, that is said.
  assert.ok(['timeout', 'answer'].includes(late.reason), late.reason);
});

test('nothing at all is not waited for for ever', async () => {
  const { path } = await endpoint(() => {});
  const start = performance.now();
  const error = await ask(path, { wait: 0 }).catch((one) => one);
  assert.equal(error.reason, 'timeout');
  assert.ok(performance.now() - start < 14_000);
});
