// Where the master key comes from: one place, and no two.

import { spawn } from 'node:child_process';

import { SetupError } from './errors.js';
import { LONGEST_KEY as LONGEST, Unreadable, readKeyFile, shownPath, withoutLineEnd } from './keyFile.js';
import { MasterKey } from './masterKey.js';
import { isInCommand, isNoPath } from './secretForm.js';

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const CURRENT = ['KEYCTL_MASTER_KEY', 'KEYCTL_MASTER_KEY_FILE', 'KEYCTL_MASTER_KEY_CMD'] as const;
const PREVIOUS = 'KEYCTL_MASTER_KEY_PREVIOUS';
/** A secrets manager may have to ask a service; in ms. */
const PATIENCE = 20_000;

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
      return parse(readFile(value, name, env['KEYCTL_SECRETS_DIR']), name, value);
    case 'KEYCTL_MASTER_KEY_CMD':
      if (isInCommand(value)) throw unusable(name, 'it has the form of a key, not of a command');
      return parse(await runCommand(value, name, env), name);
  }
}

/** A file that a variable names. */
function readFile(path: string, origin: string, secretsDir: string | undefined): string {
  try {
    return readKeyFile(path, secretsDir);
  } catch (error) {
    throw error instanceof Unreadable ? unusable(origin, `${shownPath(path)}: ${error.message}`) : error;
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
