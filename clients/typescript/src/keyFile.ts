// The files that keys are read from, the master key or a service's own.

import { closeSync, constants, existsSync, fstatSync, openSync, readSync, realpathSync, type Stats } from 'node:fs';
import { sep } from 'node:path';

import { systemReason } from './errors.js';

/** In bytes; longer texts are no key. */
export const LONGEST_KEY = 4096;
const MOUNTED = '/run/secrets';

/** Why a file is not read. Nothing of it is repeated. */
export class Unreadable extends Error {}

/** A passphrase has no form by which it could be told from a file's name. */
export function shownPath(path: string): string {
  return path.startsWith('/') || existsSync(path) ? path : 'the file that it names (not shown, since it does not begin with /)';
}

/** Files and commands end with one. */
export function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

const modeOf = ({ mode }: Stats): string => (mode & 0o7777).toString(8).padStart(4, '0');

/**
 * What it holds. It is the user's own or root's, writable by nobody else, and readable by all only where it is mounted.
 *
 * @throws Unreadable if it is not so.
 */
export function readKeyFile(path: string, secretsDir: string | undefined): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new Unreadable(`it cannot be read: ${systemReason(error)}`);
  }
  try {
    const fault = faultOfFile(path, fstatSync(file), secretsDir);
    if (fault) throw new Unreadable(fault);
    const bytes = Buffer.alloc(LONGEST_KEY + 1);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    if (length > LONGEST_KEY) throw new Unreadable(`it is longer than ${LONGEST_KEY} bytes`);
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
