// Who can put another file in a store's place: whoever may write it, the folder that holds it, or one above.
// The rule is that of the command line, which refuses changes there (tests/folders.json has it by rows); a reader only warns.

import { lstatSync, readlinkSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

import { StoreUnavailable, systemReason } from './errors.js';

const STICKY = 0o1000;
const BESIDE = ['-wal', '-shm', '-journal'];
/** More than that are a circle, as in Linux. */
const MOST_LINKS = 40;

/** Whom a store is trusted to. */
interface Trust {
  user: number;
  users: ReadonlySet<number>;
  /** The file's group, where its owner lets that read it, as `store grant --group` does. */
  group: number | undefined;
}

/** What is to be said of a store, and by which code of a process warning. */
export interface Doubt {
  what: string;
  code: 'KEYCTL_REPLACEABLE' | 'KEYCTL_HARD_LINKS';
}

/**
 * Looks at a store's file before it is opened. Throws for what is no file of one's own, as the command line
 * refuses it. Nothing is opened: a pipe would wait for whoever writes it, and closing a file ends SQLite's
 * locks on it.
 */
export function examine(path: string, followSymlink: boolean): Doubt | undefined {
  const found = statsOf(path, followSymlink);
  const kind = found.isFile() ? undefined : found.isDirectory() ? 'a directory' : found.isFIFO() ? 'a pipe' : 'a device or socket';
  if (kind) throw refused(`${path} is ${kind}, not a store`);
  if (found.size === 0) throw refused(`${path} is empty: not a keyctl store, or cut off`);
  if (process.geteuid === undefined) return undefined;
  if (found.mode & 0o007 || (found.mode & 0o020 && !sharesFolder(path, found))) {
    throw refused(`${path} is open to others (mode ${modeOf(found)}): chmod g-w,o-rwx`);
  }
  const others = replacers(path);
  if (others !== undefined) return { what: `others can replace the store: ${others}`, code: 'KEYCTL_REPLACEABLE' };
  if (found.nlink <= 1) return undefined;
  return { what: `${path} has ${found.nlink} hard links: its name is not the only one`, code: 'KEYCTL_HARD_LINKS' };
}

export function notRead(path: string, error: unknown): string {
  const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return isMissing ? `there is no keyctl store at ${path}` : `${path} cannot be read: ${systemReason(error)}`;
}

function statsOf(path: string, followSymlink: boolean): Stats {
  try {
    const found = lstatSync(path);
    if (!found.isSymbolicLink()) return found;
    if (followSymlink) return statSync(path);
  } catch (error) {
    throw refused(notRead(path, error));
  }
  throw refused(`${path} is a symbolic link: name the file itself, or allow the link: sqlite:${path}?symlink=follow`);
}

function refused(what: string): StoreUnavailable {
  return new StoreUnavailable('unreachable', what);
}

/** Whether the group that may write the file may write its folder, too, as where a volume is mounted for it. */
function sharesFolder(path: string, file: Stats): boolean {
  try {
    const folder = statSync(dirname(realpathSync(path)));
    return folder.gid === file.gid && (folder.mode & 0o020) !== 0;
  } catch {
    return false;
  }
}

function replacers(path: string): string | undefined {
  try {
    return whoMayReplace(path);
  } catch {
    // Whatever is wrong with the path, opening it says better.
    return undefined;
  }
}

/** What lets others replace the store; `undefined` where nobody can but the user, root and the file's owner. */
export function whoMayReplace(path: string): string | undefined {
  const user = process.geteuid?.();
  if (user === undefined) return undefined;
  const file = realpathSync(path);
  const found = statSync(file);
  const folder = dirname(file);
  // So it is where a volume was mounted for a group; else it is not even read.
  const writers = writersOf(found, undefined);
  if (writers) return `${file} ${writers}`;
  const link = foreignLink(resolve(path), user);
  if (link) return `${link} is a link of another user's`;
  // Who put a file of another user's there did not ask its group.
  const isGranted = found.mode & 0o040 && [user, 0, statSync(folder).uid].includes(found.uid);
  const trust = { user, users: new Set([user, 0, found.uid]), group: isGranted ? found.gid : undefined };
  return faultAround(file, folder, trust) ?? faultAbove(folder, found.uid, trust);
}

/** Where others may make files, what SQLite reads beside the database may be theirs. */
function faultAround(file: string, folder: string, trust: Trust): string | undefined {
  const found = statSync(folder);
  if (faultOf(found, lstatSync(file).uid, trust) || !(found.mode & 0o022)) return undefined;
  const beside = BESIDE.map((end) => file + end).find((one) => {
    const stats = lstatSync(one, { throwIfNoEntry: false });
    return stats && !trust.users.has(stats.uid);
  });
  return beside && `${beside} belongs to another user, who may write the folder`;
}

/** From this folder to the first of the user's own: what others put in the place of that would not be the user's. */
function faultAbove(first: string, firstOwner: number, trust: Trust): string | undefined {
  let [folder, owner] = [first, firstOwner];
  for (;;) {
    const found = statSync(folder);
    const fault = faultOf(found, owner, trust);
    if (fault) return `${folder} ${fault}`;
    if (found.uid === trust.user || folder === dirname(folder)) return undefined;
    [folder, owner] = [dirname(folder), found.uid];
  }
}

/** Who else can replace an entry of this owner in a folder. */
function faultOf(folder: Stats, entryOwner: number, { users, group }: Trust): string | undefined {
  if (!users.has(folder.uid)) return `belongs to another user (uid ${folder.uid})`;
  return folder.mode & STICKY && users.has(entryOwner) ? undefined : writersOf(folder, group);
}

function modeOf({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

function writersOf(found: Stats, granted: number | undefined): string | undefined {
  const { mode, gid } = found;
  const who = mode & 0o002 ? 'everybody' : mode & 0o020 && gid !== granted ? `group ${gid}` : undefined;
  return who && `(mode ${modeOf(found)}) can be written by ${who}`;
}

/** The first link on the way that neither the user nor root made, the way of other links included. */
function foreignLink(path: string, user: number): string | undefined {
  const rest = reversed(path);
  let [at, links] = ['/', 0];
  for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
    const here = join(at, name);
    const found = lstatSync(here);
    if (!found.isSymbolicLink()) {
      at = here;
      continue;
    }
    if (++links > MOST_LINKS || ![user, 0].includes(found.uid)) return here;
    const leads = readlinkSync(here);
    if (leads.startsWith(sep)) at = '/';
    rest.push(...reversed(leads));
  }
  return undefined;
}

function reversed(path: string): string[] {
  return path.split(sep).filter((name) => name !== '' && name !== '.').reverse();
}
