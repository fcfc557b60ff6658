// Where the master key comes from: one place, and no two.

import { spawn } from 'node:child_process';
import { closeSync, constants, existsSync, fstatSync, openSync, readSync, realpathSync, type Stats } from 'node:fs';
import { sep } from 'node:path';

import { SetupError, systemReason } from './errors.js';
import { MasterKey } from './masterKey.js';
import { isInCommand, isNoPath } from './secretForm.js';

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
  if (named.length > 1) throw new SetupError(`the master key cannot be used: ${named.join(' and ')} are both set, and only one may name the key`);
  const [name] = named;
  if (!name) return [];
  const current = await currentOf(name, env[name]!, env);
  const previous = env[PREVIOUS];
  return previous ? [current, parse(previous, PREVIOUS)] : [current];
}

/** Reads a key; the error names where it came from, and nothing of it. */
export function parse(text: string, origin: string, file?: string): MasterKey {
  const key = MasterKey.parse(text);
  if (key instanceof MasterKey) return key;
  throw unusable(origin, file === undefined ? key.error : `${file}: ${key.error}`);
}

function unusable(origin: string, what: string): SetupError {
  return new SetupError(`the master key (${origin}) cannot be used: ${what}`);
}

async function currentOf(name: (typeof CURRENT)[number], value: string, env: Environment): Promise<MasterKey> {
  // Of a secret in the wrong place nothing is opened, and no shell gets it, whose own error would repeat it.
  switch (name) {
    case 'KEYCTL_MASTER_KEY': return parse(value, name);
    case 'KEYCTL_MASTER_KEY_FILE':
      if (isNoPath(value)) throw unusable(name, 'it has the form of a key or password, not of a path');
      return parse(readKeyFile(value, name, env['KEYCTL_SECRETS_DIR']), name, value);
    case 'KEYCTL_MASTER_KEY_CMD':
      if (isInCommand(value)) throw unusable(name, 'it has the form of a key, not of a command');
      return parse(await runCommand(value, name, env), name);
  }
}

/** A passphrase has no form by which it could be told from a file's name. */
function shown(path: string): string {
  return path.startsWith('/') || existsSync(path) ? path : 'the file that it names (not shown, since it does not begin with /)';
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

const modeOf = ({ mode }: Stats): string => (mode & 0o7777).toString(8).padStart(4, '0');

/** The user's own or root's, writable by nobody else, and readable by all only where it is mounted. */
function readKeyFile(path: string, origin: string, secretsDir: string | undefined): string {
  const wrong = (what: string) => unusable(origin, `${shown(path)}: ${what}`);
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw wrong(`it cannot be read: ${systemReason(error)}`);
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
  if (found.mode & 0o022) return `others can write it (mode ${modeOf(found)}): chmod 600`;
  const isMounted = [MOUNTED, secretsDir].some((folder) => folder && isBelow(path, folder));
  return found.mode & 0o004 && !isMounted ? `all users can read it (mode ${modeOf(found)}): chmod 600` : undefined;
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
function runCommand(command: string, origin: string, env: Environment): Promise<string> {
  const safe = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('KEYCTL_MASTER_')));
  const child = spawn('/bin/sh', ['-c', command], {
    env: safe as NodeJS.ProcessEnv, stdio: ['ignore', 'pipe', 'inherit'], detached: true,
  });
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const fail = (what: string) => {
      clearTimeout(timer);
      reject(unusable(origin, `the command for it failed: ${what}`));
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
