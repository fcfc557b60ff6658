// Where the master key comes from: one place, and no two.

import { spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, type Stats } from 'node:fs';
import { sep } from 'node:path';

import { SetupError } from './errors.js';
import { MasterKey } from './masterKey.js';

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const CURRENT = ['KEYCTL_MASTER_KEY', 'KEYCTL_MASTER_KEY_FILE', 'KEYCTL_MASTER_KEY_CMD'] as const;
const PREVIOUS = 'KEYCTL_MASTER_KEY_PREVIOUS';
/** In bytes; longer texts are no master key. */
const LONGEST = 4096;
/** A secrets manager may have to ask a service; in ms. */
const PATIENCE = 20_000;
const MOUNTED = '/run/secrets';

/** The keys at hand, the current one first; none where nothing names one. */
export async function masterKeys(env: Environment): Promise<MasterKey[]> {
  const named = CURRENT.filter((name) => env[name]);
  if (named.length > 1) throw new SetupError(`${named.join(' and ')} are set, and only one may name the master key`);
  const [name] = named;
  if (!name) return [];
  const current = parse(await textOf(name, env[name]!, env), name);
  const previous = env[PREVIOUS];
  return previous ? [current, parse(previous, PREVIOUS)] : [current];
}

/** Reads a key; the error names where it came from, and nothing of it. */
export function parse(text: string, origin: string): MasterKey {
  const key = MasterKey.parse(text);
  if (key instanceof MasterKey) return key;
  throw new SetupError(`the master key (${origin}) cannot be used: ${key.error}`);
}

async function textOf(name: (typeof CURRENT)[number], value: string, env: Environment): Promise<string> {
  switch (name) {
    case 'KEYCTL_MASTER_KEY': return value;
    case 'KEYCTL_MASTER_KEY_FILE': return readKeyFile(value, env['KEYCTL_SECRETS_DIR']);
    case 'KEYCTL_MASTER_KEY_CMD': return runCommand(value, env);
  }
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** The user's own or root's, writable by nobody else, and readable by all only where it is mounted. */
function readKeyFile(path: string, secretsDir: string | undefined): string {
  const wrong = (what: string) => new SetupError(`the master key's file ${path} cannot be used: ${what}`);
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw wrong(String((error as NodeJS.ErrnoException).code));
  }
  try {
    const fault = faultOfFile(path, fstatSync(file), secretsDir);
    if (fault) throw wrong(fault);
    const bytes = Buffer.alloc(LONGEST + 1);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    if (length > LONGEST) throw wrong(`it is longer than ${LONGEST} bytes`);
    return withoutLineEnd(bytes.toString('utf8', 0, length));
  } finally {
    closeSync(file);
  }
}

function faultOfFile(path: string, found: Stats, secretsDir: string | undefined): string | undefined {
  if (!found.isFile()) return 'it is not a plain file';
  if (found.uid !== 0 && found.uid !== process.geteuid?.()) return `it belongs to another user (uid ${found.uid})`;
  if (found.mode & 0o022) return 'others can write it: chmod 600';
  const isMounted = [MOUNTED, secretsDir].some((folder) => folder && isBelow(path, folder));
  return found.mode & 0o004 && !isMounted ? 'all users can read it: chmod 600' : undefined;
}

/** A mounted secret is a link to a link; what counts is where it really is. */
function isBelow(path: string, folder: string): boolean {
  try {
    return realpathSync(path).startsWith(realpathSync(folder) + sep);
  } catch {
    return false;
  }
}

/** What `sh -c COMMAND` prints. It gets no master key itself, and what it prints is never repeated. */
function runCommand(command: string, env: Environment): Promise<string> {
  const safe = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('KEYCTL_MASTER_')));
  const child = spawn('/bin/sh', ['-c', command], {
    env: safe as NodeJS.ProcessEnv, stdio: ['ignore', 'pipe', 'inherit'], detached: true,
  });
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const fail = (what: string) => {
      clearTimeout(timer);
      reject(new SetupError(`KEYCTL_MASTER_KEY_CMD failed: ${what}`));
      try {
        // With what it started: it leads a group of its own.
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It is over already.
      }
    };
    const timer = setTimeout(() => fail(`it did not end within ${PATIENCE / 1000} s`), PATIENCE);
    child.on('error', (error) => fail(String((error as NodeJS.ErrnoException).code)));
    child.stdout!.on('data', (part: Buffer) => {
      length += part.length;
      parts.push(part);
      if (length > LONGEST) fail(`it printed more than ${LONGEST} bytes`);
    });
    child.on('close', (code, signal) => {
      if (code !== 0) return fail(`it ended with ${code ?? signal}`);
      clearTimeout(timer);
      resolve(withoutLineEnd(Buffer.concat(parts).toString('utf8')));
    });
  });
}
