// The guards over HTTP: Express, and Elysia behind node:http.

import assert from 'node:assert/strict';
import { createServer, request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { Reader } from '../dist/index.js';
import { keyctl, newStore, tokenText } from './keyctl.mjs';
import { mem0 as expressApp } from '../examples/mem0-server/app.mjs';
import { mem0 as elysiaApp } from '../examples/mem0-server/elysia.mjs';

const store = newStore();
const alice = keyctl(store, ['mint', 'alice', '--scope', 'memories']);
const bob = keyctl(store, ['mint', 'bob', '--scope', 'memories']);
const reading = keyctl(store, ['mint', 'carol', '--scope', 'files']);
const bound = keyctl(store, ['mint', 'dave', '--scope', 'memories', '--allow-ip', '192.0.2.0/24']);
const revoked = keyctl(store, ['mint', 'erin', '--scope', 'memories']);
keyctl(store, ['revoke', 'erin/default']);

/** Headers as a list, so that one may come twice. */
function send(port, method, path, headers = [], body) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const all = [...headers, 'host', 'localhost', 'connection', 'close'];
    if (text !== undefined) all.push('content-type', 'application/json', 'content-length', String(Buffer.byteLength(text)));
    const sent = httpRequest({ port, host: '127.0.0.1', method, path, headers: all }, (response) => {
      let data = '';
      response.setEncoding('utf8').on('data', (part) => (data += part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: data }));
    });
    sent.on('error', reject).end(text);
  });
}

const bearer = (token) => ['Authorization', `Bearer ${token}`];
const apiKey = (token) => ['X-API-Key', token];
const BASIC = ['Authorization', 'Basic YWxpY2U6cHc='];

/** A handler of requests behind node:http, with every header as it was sent. */
function overNode(handle) {
  return createServer(async (incoming, outgoing) => {
    const headers = new Headers();
    for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
      headers.append(incoming.rawHeaders[at], incoming.rawHeaders[at + 1]);
    }
    const parts = await incoming.toArray();
    const body = parts.length > 0 ? Buffer.concat(parts) : undefined;
    const response = await handle(
      new Request(`http://localhost${incoming.url}`, { method: incoming.method, headers, body }),
    );
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
}

const frameworks = {
  express: (reader) => createServer(expressApp(reader)),
  elysia: (reader) => {
    const app = elysiaApp(reader);
    return overNode((request) => app.handle(request));
  },
};

for (const [name, serverOf] of Object.entries(frameworks)) {
  describe(name, () => {
    let reader, server, port;
    before(async () => {
      reader = await Reader.open(store);
      server = serverOf(reader);
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      ({ port } = server.address());
    });
    after(async () => {
      server.close();
      await reader.close();
    });

    test('a good key is let in by either header, and by both if they agree', async () => {
      for (const headers of [bearer(alice), apiKey(alice), [...bearer(alice), ...apiKey(alice)]]) {
        assert.equal((await send(port, 'GET', '/memories?user_id=alice', headers)).status, 200);
      }
    });

    test('without a credential of ours: 401, and no error is named', async () => {
      for (const sent of [[], BASIC]) {
        const { status, headers } = await send(port, 'GET', '/memories?user_id=alice', sent);
        assert.equal(status, 401);
        assert.equal(headers['www-authenticate'], 'Bearer realm="mem0"');
        assert.equal(headers['cache-control'], 'no-store');
      }
    });

    test('whatever is wrong with a token, the answer is the same to the byte', async () => {
      const answers = [];
      for (const token of ['nonsense', tokenText(), revoked, `${alice.slice(0, -1)}!`, 'x'.repeat(5000)]) {
        const { status, headers, body } = await send(port, 'GET', '/memories?user_id=alice', bearer(token));
        delete headers.date;
        answers.push(JSON.stringify({ status, headers, body }));
      }
      assert.equal(new Set(answers).size, 1, answers.join('\n'));
      const { status, headers, body } = JSON.parse(answers[0]);
      assert.equal(status, 401);
      assert.equal(headers['www-authenticate'], 'Bearer realm="mem0", error="invalid_token"');
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(JSON.parse(body).code, 'UNAUTHORIZED');
    });

    test('nothing is trimmed but what HTTP itself leaves out', async () => {
      for (const around of ['\u00a0', '\u00ad', '"', '\'', '=']) {
        for (const header of [bearer, apiKey]) {
          for (const text of [alice + around, around + alice, around + alice + around]) {
            assert.equal((await send(port, 'GET', '/memories?user_id=alice', header(text))).status, 401, JSON.stringify(text));
          }
        }
      }
      for (const header of [bearer, apiKey]) {
        assert.equal((await send(port, 'GET', '/memories?user_id=alice', header(`${alice} \t`))).status, 200);
      }
    });

    test('two credentials that differ, or one header twice: 400', async () => {
      const ways = [
        [...bearer(alice), ...apiKey(bob)], [...bearer(alice), ...bearer(bob)], [...bearer(alice), ...bearer(alice)],
        [...apiKey(alice), ...apiKey(bob)], [...BASIC, ...apiKey(alice)], ['Authorization', '', ...apiKey(alice)],
      ];
      for (const headers of ways) {
        const { status, headers: got, body } = await send(port, 'GET', '/memories?user_id=alice', headers);
        assert.equal(status, 400, String(headers));
        assert.match(got['www-authenticate'], /error="invalid_request"/);
        assert.equal(JSON.parse(body).code, 'invalid_request');
        assert.equal(got['cache-control'], 'no-store');
      }
    });

    test('without the scope: 403 insufficient_scope', async () => {
      const { status, headers, body } = await send(port, 'GET', '/memories?user_id=carol', bearer(reading));
      assert.equal(status, 403);
      assert.equal(headers['www-authenticate'], 'Bearer realm="mem0", error="insufficient_scope", scope="memories"');
      assert.equal(JSON.parse(body).code, 'FORBIDDEN');
    });

    test('from another network: 403', async () => {
      assert.equal((await send(port, 'GET', '/memories?user_id=dave', bearer(bound))).status, 403);
    });

    test("another owner's data: 403, also where the owner is in the body or behind an id", async () => {
      const added = await send(port, 'POST', '/memories', bearer(alice), { user_id: 'alice', memory: 'likes tea' });
      assert.equal(added.status, 200, added.body);
      const { id } = JSON.parse(added.body).results[0];
      assert.equal((await send(port, 'GET', `/memories/${id}`, bearer(alice))).status, 200);
      const refused = [
        ['POST', '/memories', { user_id: 'alice', memory: 'planted' }], ['POST', '/memories', {}],
        ['POST', '/memories', { user_id: ['alice'], memory: 'planted' }],
        ['GET', '/memories?user_id=alice'], ['GET', '/memories?user_id=bob&user_id=alice'], ['GET', '/memories'],
        ['GET', `/memories/${id}`],
      ];
      for (const [method, path, body] of refused) {
        const { status, headers } = await send(port, method, path, bearer(bob), body);
        assert.equal(status, 403, `${method} ${path} ${JSON.stringify(body)}`);
        assert.equal(headers['cache-control'], 'no-store');
      }
      const left = await send(port, 'GET', '/memories?user_id=alice', bearer(alice));
      assert.deepEqual(JSON.parse(left.body).results.map(({ memory }) => memory), ['likes tea']);
    });

    test('a memory that is not there is answered as one of somebody else', async () => {
      const added = await send(port, 'POST', '/memories', bearer(alice), { user_id: 'alice', memory: 'likes tea' });
      const { id } = JSON.parse(added.body).results[0];
      const answers = await Promise.all([`/memories/${id}`, '/memories/none'].map((path) => send(port, 'GET', path, bearer(bob))));
      for (const answer of answers) delete answer.headers.date;
      assert.deepEqual(answers[0], answers[1]);
      assert.equal(answers[0].status, 403);
      assert.equal((await send(port, 'GET', '/memories/none')).status, 401);
    });
  });

  test(`${name}: a store that cannot be read is 503 with Retry-After, never 401`, async () => {
    const reader = await Reader.open('/nonexistent/keys.db');
    const server = serverOf(reader);
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { status, headers, body } = await send(server.address().port, 'GET', '/memories?user_id=alice', bearer(alice));
    assert.equal(status, 503);
    assert.equal(headers['retry-after'], '1');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(JSON.parse(body).code, 'STORE_UNAVAILABLE');
    server.close();
    await reader.close();
  });
}

test('express: an address counts only where the service says where it is found', async () => {
  const reader = await Reader.open(store);
  const here = keyctl(store, ['mint', 'frank', '--scope', 'memories', '--allow-ip', '127.0.0.1/32']);
  const ways = [[{}, 403], [{ ip: ({ ip }) => ip }, 200], [{ ip: () => '192.0.2.1' }, 403], [{ ip: () => undefined }, 403]];
  for (const [options, expected] of ways) {
    const server = createServer(expressApp(reader, options));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { status } = await send(server.address().port, 'GET', '/memories?user_id=frank', [
      ...bearer(here), 'X-Forwarded-For', '127.0.0.1',
    ]);
    assert.equal(status, expected, String(options.ip));
    server.close();
  }
  await reader.close();
});

describe('the other endpoints of the Mem0 server', () => {
  test('all of them are for the owner alone', async () => {
    const reader = await Reader.open(store);
    const server = createServer(expressApp(reader));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    const added = await send(port, 'POST', '/memories', bearer(alice), {
      user_id: 'alice', messages: [{ role: 'user', content: 'likes tea' }],
    });
    const { id } = JSON.parse(added.body).results[0];
    const calls = [
      ['GET', `/memories/${id}/history`], ['PUT', `/memories/${id}`, { text: 'likes coffee' }],
      ['POST', '/search', { user_id: 'alice', query: 'coffee' }], ['DELETE', `/memories/${id}`],
      ['DELETE', '/memories?user_id=alice'],
    ];
    for (const [method, path, body] of calls) {
      assert.equal((await send(port, method, path, [], body)).status, 401, path);
      assert.equal((await send(port, method, path, bearer(bob), body)).status, 403, path);
      assert.equal((await send(port, method, path, bearer(alice), body)).status, 200, path);
    }
    assert.equal((await send(port, 'GET', `/memories/${id}`, bearer(alice))).status, 403);
    server.close();
    await reader.close();
  });
});
