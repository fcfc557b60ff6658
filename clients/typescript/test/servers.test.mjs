// Which server is used: several hosts, TLS from the first byte, and what only looks like PostgreSQL.

import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as tls from 'node:tls';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';

import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

import { Reader, StoreUnavailable } from '../dist/index.js';
import { keyctl, tokenText } from './keyctl.mjs';
import { PASSWORD, Server, freePort, newestTools } from './postgres.mjs';

const opened = [];
async function open(address, options = {}) {
  const reader = await Reader.open(address, { env: {}, ...options });
  opened.push(reader);
  return reader;
}
after(() => Promise.all(opened.map((reader) => reader.close())));

const unavailable = (reason, ...said) => (error) => {
  assert.ok(error instanceof StoreUnavailable, inspect(error));
  assert.equal(error.reason, reason, error.detail);
  for (const one of said) assert.match(error.detail, one);
  const shown = inspect(error, { depth: 9, showHidden: true });
  assert.ok(!shown.includes(PASSWORD) && !shown.includes(encodeURIComponent(PASSWORD)));
  assert.equal(error.cause, undefined);
  return true;
};

/** Takes connections, and says nothing. */
async function silent() {
  const sockets = new Set();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port, close: () => { sockets.forEach((socket) => socket.destroy()); server.close(); } };
}

describe('several hosts', () => {
  let primary, standby, hanging, store, token, down;
  before(async () => {
    primary = await Server.start();
    store = primary.database('keys');
    keyctl(store, ['store', 'init']);
    token = keyctl(store, ['mint', 'alice']);
    standby = await primary.standby();
    hanging = await silent();
    down = await freePort();
  });
  after(async () => {
    hanging.close();
    await standby.stop();
    await primary.stop();
  });
  const over = (...ports) => store.replace(`127.0.0.1:${primary.port}`, ports.map((port) => `127.0.0.1:${port}`).join(','));

  test('the first that answers and is no standby is used, whatever target_session_attrs says', async () => {
    const orders = [[standby, primary], [primary, standby], [{ port: down }, primary], [hanging, primary], [{ port: down }, standby, hanging, primary]];
    for (const servers of orders) {
      for (const attrs of ['', '?target_session_attrs=any', '?target_session_attrs=primary', '?target_session_attrs=read-write']) {
        const reader = await open(over(...servers.map(({ port }) => port)) + attrs);
        assert.equal((await reader.verify(token)).allowed, true, attrs);
      }
    }
    for (const attrs of ['standby', 'prefer-standby', 'read-only']) {
      await assert.rejects(Reader.open(`${store}?target_session_attrs=${attrs}`), /the parameter target_session_attrs/);
    }
  });

  test('where none will do, each one is named with its reason', async () => {
    const reader = await open(over(down, standby.port, hanging.port));
    await assert.rejects(reader.verify(token), unavailable(
      'unreachable', new RegExp(`127\\.0\\.0\\.1:${down}: ECONNREFUSED`), new RegExp(`127\\.0\\.0\\.1:${standby.port}: it is a standby`),
      new RegExp(`127\\.0\\.0\\.1:${hanging.port}: timeout: no answer within 666`),
    ));
    await assert.rejects((await open(over(hanging.port))).verify(token), unavailable('timeout', /no answer within 2000 ms/));
    const wrong = over(primary.port, primary.port).replace(encodeURIComponent(PASSWORD), 'wrong');
    await assert.rejects((await open(wrong)).verify(token), unavailable('unreachable', /SQLSTATE 28P01, the role or its password is refused;/));
  });

  test('a host that hangs takes its share of the time and no more, or what connect_timeout says', async () => {
    const took = async (address) => {
      const reader = await open(address);
      const start = performance.now();
      assert.equal((await reader.verify(token)).allowed, true);
      return performance.now() - start;
    };
    assert.ok(await took(over(hanging.port, primary.port)) < 1900);
    const long = await took(`${over(hanging.port, primary.port)}?connect_timeout=3`);
    assert.ok(long > 2900 && long < 4500, `${long} ms`);
  });

  test('a proxy that leads to a standby afterwards does not make it a primary', async () => {
    let to = primary.port;
    const proxy = createServer((from) => {
      const onward = connect(to, '127.0.0.1');
      from.pipe(onward).pipe(from);
      for (const [one, other] of [[from, onward], [onward, from]]) one.on('error', () => other.destroy()).on('close', () => other.destroy());
    });
    await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const reader = await open(over(proxy.address().port), { poolSize: 1 });
    assert.equal((await reader.verify(token)).allowed, true);
    to = standby.port;
    primary.psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'keyctl-runtime'");
    await assert.rejects(reader.verify(tokenText()), unavailable('unreachable', /it is a standby/));
    to = primary.port;
    assert.equal((await reader.verify(tokenText())).reason, 'unknown');
    proxy.close();
  });
});

describe('TLS from the first byte', () => {
  let server, store, token;
  before(async () => {
    server = await Server.start({ bin: newestTools() });
    store = server.database('keys');
    keyctl(store, ['store', 'init']);
    token = keyctl(store, ['mint', 'alice']);
  });
  after(() => server.stop());

  test('sslnegotiation=direct works, with each way of checking the certificate and with channel binding', async () => {
    const authority = `&sslrootcert=${encodeURIComponent(join(server.folder, 'authority.pem'))}`;
    const other = `&sslrootcert=${encodeURIComponent(join(server.folder, 'other.pem'))}`;
    const to = (host, query) => `${server.address('keys', host)}?sslnegotiation=direct&${query}`;
    for (const address of [
      to('localhost', `sslmode=verify-full${authority}`), to('127.0.0.1', `sslmode=verify-ca${authority}`), to('127.0.0.1', 'sslmode=require'),
      to('localhost', `sslmode=verify-full${authority}&channel_binding=require`), to('localhost', `sslmode=verify-full${authority}&hostaddr=127.0.0.1`),
    ]) assert.equal((await (await open(address)).verify(token)).allowed, true, address);
    for (const address of [to('localhost', `sslmode=verify-full${other}`), to('127.0.0.1', `sslmode=verify-full${authority}`)]) {
      await assert.rejects((await open(address)).verify(token), unavailable('unreachable'));
    }
    assert.equal((await (await open(store)).verify(token)).allowed, true);
  });

  test('what is given up is cancelled there, too', async () => {
    const reader = await open(`${server.address('keys')}?sslnegotiation=direct&sslmode=require`);
    assert.equal((await reader.verify(token)).allowed, true);
    const { freed } = await server.lock('keys', 'keyctl.token', 4);
    await assert.rejects(reader.verify(tokenText()), unavailable('timeout'));
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(server.psql('keys', "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"), '0');
    await freed;
  });

  test('a server that speaks something else at the first byte gets no password', async () => {
    const cert = { key: readFileSync(join(server.folder, 'server.key')), cert: readFileSync(join(server.folder, 'server.pem')) };
    let heard = '';
    const other = tls.createServer({ ...cert, ALPNProtocols: ['http/1.1', 'postgresql-other'] }, (socket) => {
      socket.on('data', (data) => (heard += data)).on('error', () => {});
    }).on('tlsClientError', () => {});
    const without = tls.createServer(cert, (socket) => {
      // Asks for a password in clear text, as a server may.
      socket.on('data', (data) => { heard += data; socket.write(Buffer.from([82, 0, 0, 0, 8, 0, 0, 0, 3])); }).on('error', () => {});
    });
    for (const impostor of [other, without]) {
      await new Promise((resolve) => impostor.listen(0, '127.0.0.1', resolve));
      const address = server.address('keys').replace(String(server.port), String(impostor.address().port));
      await assert.rejects((await open(`${address}?sslnegotiation=direct&sslmode=require`)).verify(token), unavailable('unreachable'));
      impostor.close();
    }
    assert.ok(!heard.includes(PASSWORD));
  });
});

test('PGlite behind its socket server, which has one session for all, is told from PostgreSQL and refused', async () => {
  const db = await PGlite.create();
  const port = await freePort();
  const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: 8 });
  await server.start();
  try {
    await assert.rejects((await open(`postgres://postgres:pw@127.0.0.1:${port}/postgres`)).verify(tokenText()), unavailable('unreachable', /it is PGlite/));
  } finally {
    await server.stop();
    await db.close();
  }
});
