// A PgBouncer of the tests' own before a server of theirs.

import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { NOBODY, asUser, freePort } from './postgres.mjs';

const PROGRAM = [...process.env.PATH.split(':'), '/usr/sbin'].map((at) => join(at, 'pgbouncer')).find(existsSync);

export class PgBouncer {
  /** `users` are passwords by role; what `settings` does not name is as PgBouncer has it. */
  static async start(server, users, settings = {}) {
    if (!PROGRAM) throw new Error('PgBouncer is not installed');
    const pooler = new PgBouncer();
    pooler.port = await freePort();
    pooler.folder = mkdtempSync(join(tmpdir(), 'keyctl-ts-pgbouncer-'));
    pooler.#write('users', Object.entries(users).map(([role, password]) => `"${role}" "${password}"\n`).join(''));
    pooler.settings = {
      listen_addr: '127.0.0.1', listen_port: pooler.port, unix_socket_dir: '', auth_type: 'scram-sha-256',
      auth_file: join(pooler.folder, 'users'), logfile: join(pooler.folder, 'log'), ...settings,
    };
    pooler.#configure(server);
    if (process.getuid() === 0) chownSync(pooler.folder, NOBODY.uid, NOBODY.gid);
    const [program, args] = asUser(PROGRAM, ['-q', join(pooler.folder, 'ini')]);
    pooler.child = spawn(program, args, { stdio: 'ignore', cwd: '/' });
    process.on('exit', () => pooler.kill());
    await pooler.#answers();
    return pooler;
  }

  #write(name, text) {
    writeFileSync(join(this.folder, name), text, { mode: 0o644 });
  }

  #configure(server) {
    const lines = Object.entries(this.settings).map(([name, value]) => `${name} = ${value}`);
    this.#write('ini', `[databases]\n* = host=127.0.0.1 port=${server.port}\n[pgbouncer]\n${lines.join('\n')}\n`);
  }

  /** From now on it leads to another server; its clients notice nothing. */
  pointTo(server) {
    this.#configure(server);
    this.child.kill('SIGHUP');
  }

  async #answers() {
    for (let tries = 0; tries < 200; tries++) {
      const socket = createConnection(this.port, '127.0.0.1');
      const isUp = await new Promise((resolve) => socket.on('connect', () => resolve(true)).on('error', () => resolve(false)));
      socket.destroy();
      if (isUp) return;
      await sleep(20);
    }
    throw new Error(`PgBouncer does not answer: ${this.child.exitCode}`);
  }

  /** An address that leads through it. */
  through(address) {
    return address.replace(/:\d+\//, `:${this.port}/`);
  }

  kill() {
    this.child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
