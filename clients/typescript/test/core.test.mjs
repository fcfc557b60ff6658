// The pure parts: tokens, hashes, scopes, owners, networks, keys, the cache and its clocks.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { Cache } from '../dist/cache.js';
import { known, UNKNOWN } from '../dist/decide.js';
import { isLoopback, parseStore } from '../dist/address.js';
import { targetsOf } from '../dist/target.js';
import { kindOf } from '../dist/hashing.js';
import { Reader } from '../dist/index.js';
import { Lru } from '../dist/lru.js';
import { MasterKey } from '../dist/masterKey.js';
import { isSubject } from '../dist/names.js';
import { contains, parseAddress, parseNetwork } from '../dist/network.js';
import { covers, isScope } from '../dist/scope.js';
import { Secret } from '../dist/secret.js';
import { parseToken } from '../dist/token.js';

const GOOD = 'sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA';

test('a token is parsed, and each fault is named in its order', () => {
  assert.deepEqual(parseToken(GOOD), { prefix: 'sks', id: '4fTq9ZkPw2Xa', display: 'sks_4fTq9ZkPw2Xa' });
  const faults = {
    empty: '', alphabet: `${GOOD}\n`, shape: 'sks_4fTq9ZkPw2Xa', prefix: GOOD.replace('sks', 'Sks'),
    id_length: GOOD.replace('4fTq', '4fT'), secret_length: `${GOOD}0`, check: GOOD.replace('V24M', 'V24N'),
  };
  for (const [error, text] of Object.entries(faults)) assert.deepEqual(parseToken(text), { error });
});

test('a text is ours, strong, weak or no token at all', () => {
  const kinds = {
    ours: [GOOD], malformed: [GOOD.replace('V24M', 'V24N'), '', 'a b', 'ä', 'x'.repeat(4097)],
    strong: ['0123456789abcdef0123456789abcdef', 'agpt_abcdefghij0123456789XY', `sk-${'0a'.repeat(16)}`],
    weak: ['sk-alice-test-key-12345', 'abcdefghijklmnopqrstuvwxyz', '0'.repeat(31), 'a1'.repeat(11), 'x'.repeat(4096)],
  };
  for (const [kind, texts] of Object.entries(kinds)) {
    for (const text of texts) assert.equal(kindOf(text), kind, text.slice(0, 40));
  }
});

test('scopes cover what the contract says, and nothing else', () => {
  const yes = [['a', 'a'], ['a', 'a:b'], ['f:*', 'f:a'], ['f:*', 'f:a:b'], ['*', 'a'], ['keyctl:resolve', 'keyctl:resolve'], ['keyctl:lease', 'keyctl:lease']];
  const no = [['a', 'ab'], ['f:*', 'f'], ['a:b', 'a'], ['*', 'keyctl:resolve'], ['keyctl:*', 'keyctl:resolve'], ['keyctl', 'keyctl:resolve'], ['*', 'keyctl:lease'], ['keyctl:lease', 'keyctl:lease:openai']];
  for (const [held, asked] of yes) assert.ok(covers(held, asked), `${held} covers ${asked}`);
  for (const [held, asked] of no) assert.ok(!covers(held, asked), `${held} does not cover ${asked}`);
  for (const text of ['Memories', 'a,b', '', 'a:', ':a', 'a:*:b', '-a', 'a'.repeat(129), 'a\n', 'keyctl', 'keyctl:*', 'keyctl:lease:*', 'keyctl:', undefined]) assert.ok(!isScope(text));
  for (const text of ['keyctl:resolve', 'keyctl:lease', 'keyctl:lease:openai', 'keyctls']) assert.ok(isScope(text), text);
});

test('subjects are visible characters of ASCII', () => {
  for (const text of ['alice', 'Alice', 'auth0|5f7C', 'user_2abC', 'a+b@example.org', '!', '~', 'a'.repeat(255)]) assert.ok(isSubject(text), text);
  for (const text of ['', 'a b', ' a', 'a\n', 'zo\u00eb', 'a\u007f', 'a'.repeat(256), null, ['a']]) assert.ok(!isSubject(text), String(text));
});

test('networks contain addresses, mapped ones as IPv4', () => {
  const within = (network, address) => contains(parseNetwork(network), parseAddress(address));
  for (const [network, address] of [
    ['10.0.0.0/8', '10.255.0.1'], ['10.0.0.0/8', '::ffff:10.1.2.3'], ['::ffff:10.0.0.0/104', '10.9.9.9'],
    ['2001:db8::/33', '2001:db8:7fff::1'], ['0.0.0.0/0', '1.2.3.4'], ['::1', '0:0::1'], ['192.0.2.7', '::ffff:c000:207'],
  ]) assert.ok(within(network, address), `${address} in ${network}`);
  for (const [network, address] of [
    ['10.0.0.0/8', '11.0.0.1'], ['2001:db8::/33', '2001:db8:8000::1'], ['::/0', '1.2.3.4'], ['0.0.0.0/0', '::1'],
  ]) assert.ok(!within(network, address), `${address} not in ${network}`);
  for (const text of ['10.0.0.1/8', '10.0.0.0/33', 'x', '10.0.0.0/', '10.0.0.0/8/8', '1.2.3', 7, '::/129']) {
    assert.equal(parseNetwork(text), undefined, String(text));
  }
  for (const text of ['fe80::1%eth0', '010.0.0.1', '', 'localhost', undefined]) assert.equal(parseAddress(text), undefined);
});

test('a master key is read, and nothing prints it', () => {
  const hex = `hex:${'0123456789abcdef'.repeat(4)}`;
  const key = MasterKey.parse(hex);
  assert.ok(key instanceof MasterKey);
  assert.doesNotMatch(inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key), /0123|1, 35|ASNF/);
  const faults = {
    empty: '', byte_order_mark: `\uFEFF${hex}`, line_end: `${hex}\n`, blank: ` ${hex}`, hex_prefix: '0x00',
    bare_hex: hex.slice(4), encoding: 'hex:0', length: 'AAEC', repeated: `${'A'.repeat(43)}=`,
  };
  for (const [error, text] of Object.entries(faults)) assert.deepEqual(MasterKey.parse(text), { error });
  assert.deepEqual(MasterKey.parse(`${'A'.repeat(42)}B=`), { error: 'encoding' });
});

test('a secret shows itself only where it is exposed', () => {
  const secret = new Secret('sk-ant-1');
  assert.equal(secret.expose(), 'sk-ant-1');
  const shown = `${secret} ${JSON.stringify({ secret })} ${inspect({ secret }, { showHidden: true })} ${Object.values(secret)}`;
  assert.doesNotMatch(shown, /sk-ant/);
});

test('the bounded map forgets what was not used for longest', () => {
  const lru = new Lru(3);
  for (const key of ['a', 'b', 'c']) lru.set(key, key);
  lru.get('a');
  lru.set('d', 'd');
  assert.deepEqual(['a', 'b', 'c', 'd'].map((key) => lru.get(key)), ['a', undefined, 'c', 'd']);
  lru.set('e', 'e');
  lru.get('c');
  lru.set('f', 'f');
  assert.equal(lru.size, 3);
  assert.equal(lru.get('c'), 'c');
});

const row = (state = 'active', expiresAt = null) => ({
  tokenId: 't', keyId: 'k', keyName: 'n', subject: 'o', scopes: [], networks: [], state, expiresAt, hasQuota: false,
});

function cacheAt(now = { monotonic: 0, wall: 0 }) {
  const cache = new Cache({ monotonic: () => now.monotonic, wall: () => now.wall });
  const keep = (hash, one, databaseNow = 0, mark = 'm') =>
    cache.keep(hash, one, { mark, uuid: 'u', foreignSalt: null, now: databaseNow }, cache.moment());
  return { now, cache, keep, age: (hash) => (cache.get(hash) ? cache.age() : undefined) };
}

test('an answer is good for 5 s after the last read of the mark was sent, by the larger of two clocks', () => {
  for (const clock of ['monotonic', 'wall']) {
    const { now, age, keep, cache } = cacheAt();
    keep('a', known(row()));
    for (const [at, expected] of [[999, 'good'], [1000, 'due'], [4999, 'due'], [5000, 'stale']]) {
      now[clock] = at;
      assert.equal(age('a'), expected, `${clock} ${at}`);
    }
    cache.markRead('m', { monotonic: now.monotonic, wall: now.wall });
    assert.equal(age('a'), clock === 'wall' ? 'stale' : 'good');
  }
});

test('what is read of an old look at the store is older by that, and in its order still', () => {
  const { now, cache, age } = cacheAt({ monotonic: 1000, wall: 1000 });
  const store = { mark: 'm', uuid: 'u', foreignSalt: null, now: 0 };
  cache.keep('a', known(row()), store, cache.moment(), 900);
  Object.assign(now, { monotonic: 5099, wall: 5099 });
  assert.equal(age('a'), 'due');
  Object.assign(now, { monotonic: 5100, wall: 5100 });
  assert.equal(age('a'), 'stale');
  cache.markRead('m', cache.moment());
  Object.assign(now, { monotonic: 5200, wall: 5200 });
  cache.markRead('other', cache.moment(), 900);
  assert.equal(age('a'), undefined);
});

test('a clock that goes back makes nothing good for longer', () => {
  const { now, age, keep } = cacheAt({ monotonic: 0, wall: 1e12 });
  keep('a', known(row()));
  Object.assign(now, { monotonic: 5000, wall: 0 });
  assert.equal(age('a'), 'stale');
});

test('when the mark moves, everything kept is dropped', () => {
  const { cache, keep, age } = cacheAt();
  keep('a', known(row()));
  keep('b', UNKNOWN);
  cache.markRead('other', cache.moment());
  assert.deepEqual([age('a'), age('b'), cache.sizes], [undefined, undefined, { allowed: 0, denied: 0 }]);
});

test('what was read under another mark, and overtaken, is not kept', () => {
  const { cache, now, age } = cacheAt({ monotonic: 100, wall: 100 });
  cache.markRead('new', cache.moment());
  const store = { mark: 'old', uuid: 'u', foreignSalt: null, now: 0 };
  cache.keep('a', known(row()), store, { monotonic: 50, wall: 50 });
  assert.equal(age('a'), undefined);
  now.monotonic = 200;
  cache.keep('a', known(row()), { ...store, mark: 'new' }, { monotonic: 50, wall: 50 });
  assert.equal(age('a'), 'good');
});

test('an answer ends with its row by the clock of the database, and a denial of a row after 5 s', () => {
  const { now, age, keep, cache } = cacheAt();
  keep('ends', known(row('active', 1_000_700)), 1_000_000);
  keep('suspended', known(row('suspended')), 1_000_000);
  Object.assign(now, { monotonic: 699 });
  assert.equal(age('ends'), 'good');
  Object.assign(now, { monotonic: 700 });
  assert.equal(age('ends'), undefined);
  Object.assign(now, { monotonic: 4999 });
  cache.markRead('m', cache.moment());
  assert.equal(age('suspended'), 'good');
  Object.assign(now, { monotonic: 5000 });
  assert.equal(age('suspended'), undefined);
});

test('a flood of wrong tokens costs no good one its place', () => {
  const { keep, age, cache } = cacheAt();
  keep('good', known(row()));
  for (let count = 0; count < 20_000; count++) keep(`wrong ${count}`, UNKNOWN);
  assert.deepEqual(cache.sizes, { allowed: 1, denied: 1000 });
  assert.equal(age('good'), 'good');
  for (let count = 0; count < 20_000; count++) keep(`right ${count}`, known(row()));
  assert.deepEqual(cache.sizes, { allowed: 10_000, denied: 1000 });
});

test('TLS is checked in full beyond this machine unless the address says otherwise', () => {
  const sslOf = (text) => targetsOf(parseStore(text))[0].ssl;
  const ssl = sslOf('postgres://u@db.example/x');
  assert.equal(ssl.rejectUnauthorized, true);
  assert.ok(ssl.checkServerIdentity('localhost', { subject: { CN: 'localhost' }, subjectaltname: 'DNS:localhost' }));
  assert.equal(ssl.checkServerIdentity('', { subject: {}, subjectaltname: 'DNS:db.example' }), undefined);
  assert.equal(sslOf('postgres://u@db.example/x?sslmode=require').rejectUnauthorized, false);
  assert.equal(sslOf('postgres://u@127.0.0.1/x'), false);
  assert.equal(sslOf('postgres://u@%2Frun,db.example/x'), false);
  for (const host of ['db', '10.0.0.1', '128.0.0.1', '127.0.0.1.example']) assert.ok(!isLoopback(host), host);
});

test('with an address for a host, TLS is still about the host', () => {
  const [target] = targetsOf(parseStore('postgres://u@db.example/x?hostaddr=192.0.2.1'));
  assert.equal(target.connectTo, '192.0.2.1');
  assert.equal(target.ssl.servername, 'db.example');
  assert.ok(target.ssl.checkServerIdentity('', { subject: {}, subjectaltname: 'IP Address:192.0.2.1' }));
});

test('nothing shows a password, whatever is printed', () => {
  const address = parseStore('postgres://app:hunter2@db.example,b/keys?sslmode=require');
  const shown = [String(address), JSON.stringify(address), inspect({ address }, { depth: 9, showHidden: true }), Object.values(address)].join(' ');
  assert.doesNotMatch(shown, /hunter2/);
  assert.match(shown, /postgres:\/\/app@db\.example:5432,b:5432\/keys\?sslmode=require/);
});

const invalid = JSON.parse(readFileSync(new URL('../../../tests/vectors/address/invalid.json', import.meta.url), 'utf8'));
test('no error of a bad address repeats a part of it but a parameter that libpq knows', async () => {
  const common = new Set(('a an and another at be beyond blank byte character control credentials database digits each end escaped expected file for form ' +
    'has have host hosts in is it its key keys libpq localhost machine name named names no none not of one or own percent path port postgres postgresql ' +
    'sqlite store symlink sslmode disable text that the there this to token twice user value where with without').split(' '));
  for (const { name, input: { address }, expect: { parameter } } of invalid) {
    await assert.rejects(Reader.open(address, { env: {} }), (error) => {
      assert.equal(error.name, 'SetupError', name);
      assert.equal(error.cause, undefined);
      const shown = inspect(error, { depth: 9, showHidden: true }).split('\n    at ')[0];
      const words = address.split(/[^0-9A-Za-z]+/).filter((word) => word.length > 3 && !common.has(word.toLowerCase()));
      for (const word of words) {
        assert.ok(!shown.replace(parameter, '').includes(word), `${name}: ${shown}`);
      }
      if (parameter !== null) assert.ok(shown.includes(parameter), `${name}: ${shown}`);
      return true;
    });
  }
});
