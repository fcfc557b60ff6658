// What is said where a library is not there, and where it is and cannot be loaded.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { KeyUnavailable, Reader, SetupError } from '../dist/index.js';
import { folder } from './keyctl.mjs';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const BINARY = 'node_modules/better-sqlite3/build/Release/better_sqlite3.node';

/** The package somewhere else, with these of its dependencies, less what is left out. */
function elsewhere(dependencies, without = () => false) {
  const path = folder();
  cpSync(join(HERE, 'dist'), join(path, 'dist'), { recursive: true });
  cpSync(join(HERE, 'package.json'), join(path, 'package.json'));
  for (const name of dependencies) {
    const from = join(HERE, 'node_modules', name);
    cpSync(from, join(path, 'node_modules', name), { recursive: true, filter: (file) => !without(file) });
  }
  return path;
}

async function driver(path, library) {
  const { sqliteDriver } = await import(pathToFileURL(join(path, 'dist/sqliteDrivers.js')));
  return sqliteDriver(library);
}

const BETTER = ['better-sqlite3', 'bindings', 'file-uri-to-path'];
const isBulky = (file) => /better-sqlite3\/(deps|src|build\/(?!Release))/.test(file);

test('a SQLite library that is not there is one to install', async () => {
  await assert.rejects(driver(elsewhere([]), 'better-sqlite3'), ({ name, message, cause }) => {
    assert.equal(name, 'SetupError');
    assert.match(message, /^no SQLite library is there \(better-sqlite3\)$/);
    return cause.code === 'ERR_MODULE_NOT_FOUND';
  });
});

test('a library that a bundler parted from its binary says so', async () => {
  const path = elsewhere(BETTER, (file) => isBulky(file) || /better-sqlite3\/build/.test(file));
  await assert.rejects(driver(path, 'better-sqlite3'), ({ message, cause }) => {
    assert.match(message, /^no SQLite library can be used: better-sqlite3: it is there and cannot be loaded: Could not locate the bindings file/);
    assert.doesNotMatch(message, /install|→/);
    return cause instanceof Error;
  });
});

test('a library whose own dependency is missing is there', async () => {
  const path = elsewhere(['better-sqlite3'], isBulky);
  await assert.rejects(driver(path, 'better-sqlite3'), ({ message }) => {
    assert.match(message, /better-sqlite3: it is there and cannot be loaded: Cannot find module 'bindings'/);
    return true;
  });
});

test('a binary made for another machine or another Node says so', async () => {
  const path = elsewhere(BETTER, isBulky);
  const binary = join(path, BINARY);
  const bytes = readFileSync(binary);
  // The field of an ELF file that names the machine.
  bytes.writeUInt16LE(bytes.readUInt16LE(18) === 62 ? 183 : 62, 18);
  writeFileSync(binary, bytes);
  await assert.rejects(driver(path, 'better-sqlite3'), ({ message, cause }) => {
    assert.match(message, /better-sqlite3: it is there and cannot be loaded: \S.*better_sqlite3\.node/);
    return cause.code === 'ERR_DLOPEN_FAILED';
  });
});

test('pg and Argon2id that cannot be loaded say why', async () => {
  // In a process of its own: Node tells of what a CommonJS module throws there a second time.
  const program = `import { Reader } from ${JSON.stringify(pathToFileURL(join(elsewhere(['pg']), 'dist/index.js')).href)};
    await Reader.open('postgres://u@localhost/x', { env: {} }).catch(({ message }) => process.stdout.write(message));`;
  const { stdout } = spawnSync(process.execPath, ['--unhandled-rejections=none', '--input-type=module', '-e', program]);
  assert.match(
    String(stdout),
    /^a PostgreSQL store needs the package pg: it is there and cannot be loaded: Cannot find module 'pg-types'$/,
  );
  const { Reader: None } = await import(pathToFileURL(join(elsewhere([]), 'dist/index.js')));
  await assert.rejects(None.open('postgres://u@localhost/x', { env: {} }), /needs the package pg: npm install pg$/);
  const broken = elsewhere(['@node-rs/argon2']);
  appendFileSync(join(broken, 'node_modules/@node-rs/argon2/index.js'), '\nthrow new Error("made for another Node");\n');
  const { SlowHash } = await import(pathToFileURL(join(broken, 'dist/argon2.js')));
  await assert.rejects(new SlowHash().of('x', '00'.repeat(16)), ({ reason, detail, cause }) => {
    assert.equal(reason, 'argon2id');
    assert.match(detail, /it is there and cannot be loaded/);
    return cause instanceof Error;
  });
});

test('npm ci takes everything from the registry, and runs no script that would fetch more', () => {
  const packages = Object.entries(JSON.parse(readFileSync(join(HERE, 'package-lock.json'))).packages);
  const foreign = packages.filter(([name, { integrity, resolved }]) => name !== '' && (!integrity || resolved));
  assert.deepEqual(foreign, [], 'each is a package of the registry, known by its hash');
  const { stdout } = spawnSync('npm', ['config', 'get', 'ignore-scripts'], { cwd: HERE });
  assert.equal(String(stdout).trim(), 'true');
});

test('what is not set is named', async () => {
  await assert.rejects(Reader.open(undefined, { env: {} }), (error) => {
    assert.ok(error instanceof SetupError);
    return /KEYCTL_STORE/.test(error.message);
  });
  await assert.rejects(Reader.open('', { env: {} }), /KEYCTL_STORE/);
  assert.match(new KeyUnavailable('master_key').message, /KEYCTL_MASTER_KEY, KEYCTL_MASTER_KEY_FILE or KEYCTL_MASTER_KEY_CMD/);
  assert.doesNotMatch(new KeyUnavailable('expired').message, /KEYCTL/);
});
