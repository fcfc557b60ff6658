// Who can put another file in a store's place: the rule of the command line, which refuses changes there.
// A reader only warns.

import { existsSync, lstatSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';

const STICKY = 0o1000;
const COMPANIONS = ['-wal', '-shm', '-journal'];

/** What lets others replace the store; `undefined` where nobody can but the user, root and the file's owner. */
export function whoMayReplace(path: string): string | undefined {
  const user = process.geteuid?.();
  if (user === undefined) return undefined;
  const link = linksOf(resolve(path)).find((one) => ![user, 0].includes(lstatSync(one).uid));
  if (link) return `${link} is a symbolic link of uid ${lstatSync(link).uid}`;
  const file = realpathSync(path);
  const trusted = new Set([user, 0, statSync(file).uid]);
  let children = [file, ...COMPANIONS.map((end) => file + end).filter(existsSync)];
  for (;;) {
    const folder = dirname(children[0]!);
    const found = statSync(folder);
    const fault = faultOf(found, children.map((one) => statSync(one)), trusted, user);
    if (fault) return `${folder} (mode ${(found.mode & 0o7777).toString(8).padStart(4, '0')}) ${fault}`;
    // What others put in the place of the user's own folder would not belong to the user.
    if (found.uid === user || folder === dirname(folder)) return undefined;
    children = [folder];
  }
}

function faultOf(folder: Stats, children: readonly Stats[], trusted: ReadonlySet<number>, user: number): string | undefined {
  if (!trusted.has(folder.uid)) return `belongs to uid ${folder.uid}`;
  if (!(folder.mode & 0o022)) return undefined;
  if (folder.mode & STICKY && children.every(({ uid }) => trusted.has(uid))) return undefined;
  if (folder.mode & 0o002) return 'can be written by everybody';
  const [file] = children;
  const isGranted = folder.gid === file!.gid && file!.mode & 0o040 && [user, 0, folder.uid].includes(file!.uid);
  return isGranted ? undefined : `can be written by the group ${folder.gid}`;
}

/** The symbolic links in a path as it was given. */
function linksOf(path: string): string[] {
  const parts = path.split(sep);
  const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join(sep)).filter((one) => one !== '');
  return prefixes.filter((one) => lstatSync(one).isSymbolicLink());
}
