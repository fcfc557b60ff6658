// Where a password of PostgreSQL comes from: the address, PGPASSWORD, a password file, as libpq has it.

import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import type { Address } from './address.js';
import { SetupError } from './errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Who is to be; the system's user where nothing names one. */
export function userOf(address: Address, env: Environment, systemUser: () => string): string {
  const named = address.user ?? env['PGUSER'];
  if (named) return named;
  try {
    return systemUser();
  } catch {
    throw new SetupError('the address names no user, and this process runs as one that the system does not know');
  }
}

/** A password, or why there is none. */
export interface Password {
  text: string | undefined;
  /** For the operator, where a file was passed over. */
  passedOver: string | undefined;
}

/** Looked for anew at each connection: a mounted file may have changed. */
export function passwordOf(address: Address, env: Environment, asked: { host: string; port: number; user: string; database: string }): Password {
  const given = address.password() ?? (env['PGPASSWORD'] || undefined);
  if (given !== undefined) return { text: given, passedOver: undefined };
  const path = address.parameters.get('passfile') ?? (env['PGPASSFILE'] || join(homedir(), '.pgpass'));
  try {
    const { mode } = statSync(path);
    if (mode & 0o077) {
      return { text: undefined, passedOver: `the password file ${path} was passed over: others can read it (chmod 600)` };
    }
    return { text: entryOf(readFileSync(path, 'utf8'), asked), passedOver: undefined };
  } catch {
    return { text: undefined, passedOver: undefined };
  }
}

/** The first line `host:port:database:user:password` that fits; a socket of this machine is `localhost`. */
function entryOf(file: string, { host, port, user, database }: { host: string; port: number; user: string; database: string }): string | undefined {
  const wanted = [host.startsWith('/') ? [host, 'localhost'] : [host], [String(port)], [database], [user]];
  for (const line of file.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = fieldsOf(line);
    if (fields.length < 5) continue;
    if (wanted.every((values, index) => fields[index] === '*' || values.includes(fields[index]!.replace(/\\(.)/g, '$1')))) {
      return fields[4]!.replace(/\\(.)/g, '$1');
    }
  }
  return undefined;
}

/** At colons without a backslash before; what stands behind the fifth one is left out, as in libpq. */
function fieldsOf(line: string): string[] {
  return line.match(/(?:^|:)(?:\\.|[^:\\])*/g)?.map((field, index) => (index === 0 ? field : field.slice(1))) ?? [];
}
