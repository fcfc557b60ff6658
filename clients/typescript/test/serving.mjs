// `keyctl serve` on a Unix socket, which hands out tokens of credentials.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { KEYCTL, MASTER_KEY, folder, keyctl, newStore } from './keyctl.mjs';

const ENDPOINT = 'https://login.example.com/oauth/token';
const env = { KEYCTL_MASTER_KEY: MASTER_KEY };
const PLAIN = { PATH: process.env.PATH, HOME: '/nonexistent', ...env };

/** Waits until something is so. */
export async function until(what, isSo, patience = 20_000) {
  for (const end = performance.now() + patience; !(await isSo()); await sleep(50)) {
    if (performance.now() > end) throw new Error(`${what}: not after ${patience} ms`);
  }
}

/** With two credentials, that of gitlab with leases, and a key for the service. */
export class Serving {
  static async start(store = newStore(), { leases = true } = {}) {
    const serving = new Serving();
    serving.store = store;
    serving.socket = join(folder(), 'serve.sock');
    serving.credential('hub', 'github');
    serving.credential('lab', 'gitlab', ['--refresh-invalidates']);
    serving.key = serving.run('mint', 'service', '--scope', 'keyctl:lease');
    const log = `${serving.socket}.log`;
    const args = ['serve', '--store', store, ...(leases ? ['--lease-store', store] : []), '--listen', `unix:${serving.socket}=internal`];
    serving.process = spawn(KEYCTL, args, { env: PLAIN, stdio: ['ignore', 'ignore', openSync(log, 'w')] });
    process.on('exit', () => serving.process.kill('SIGKILL'));
    await until('it listens', () => readFileSync(log, 'utf8').includes('listening on'));
    // It may listen before it can hand anything out.
    if (leases) await until('it leases', async () => (await serving.says()).includes(' 400 '));
    return serving;
  }

  /** To who asks for nothing. */
  async says() {
    const stream = connect(this.socket);
    stream.write(`POST /lease HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${this.key}\r\nContent-Length: 2\r\n\r\n{}`);
    const [part] = await once(stream, 'data');
    stream.destroy();
    return String(part);
  }

  run(...args) {
    return keyctl(this.store, args, { env });
  }

  credential(name, provider, flags = [], subject = '--default') {
    const input = JSON.stringify({ access_token: `planted-${name}`, refresh_token: `planted-r-${name}`, expires_in: 3600 });
    const args = ['oauth', 'add', name, '--provider', provider, '--token-endpoint', ENDPOINT, '--client-id', 'public', ...flags];
    keyctl(this.store, args, { input, env });
    this.run('secret', 'bind', name, subject);
  }

  leases() {
    return JSON.parse(this.run('lease', 'list', '-o', 'json'));
  }

  /** A refresh of lab, which waits for those who use its token; then nobody answers it. */
  refresh() {
    const child = spawn(KEYCTL, ['--store', this.store, 'oauth', 'refresh', '--force', 'lab'], { env: PLAIN, stdio: 'ignore' });
    return once(child, 'exit');
  }

  async kill() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }
}
