// From a store's text to what reads it.

import { Address, BadAddress, parseStore, type FileStore } from './address.js';
import type { Clocks } from './cache.js';
import { SetupError } from './errors.js';
import type { Environment } from './masterKeySource.js';
import { PostgresSource } from './postgres.js';
import { SqliteSource } from './sqlite.js';
import { sqliteDriver, type SqliteLibrary } from './sqliteDrivers.js';
import type { Source } from './source.js';

/** What can be chosen of a connection. */
export interface SourceOptions {
  /** Connections to PostgreSQL at most; 8 unless said otherwise. */
  poolSize?: number;
  /** The SQLite library, instead of the first one that is there. */
  sqlite?: SqliteLibrary;
  /** Where the master key is looked for, and whether the store was; `process.env` unless said otherwise. */
  env?: Environment;
  /** For tests. */
  clocks?: Clocks;
}

const POOL_SIZE = 8;
const VARIABLE = 'KEYCTL_STORE';

/** Opens a path, `sqlite:PATH[?symlink=follow]` or `postgres://…`. */
export async function openSource(store: string, { poolSize = POOL_SIZE, sqlite, env = process.env, clocks }: SourceOptions): Promise<Source> {
  // A service passes on what the variable says.
  const origin = store && env[VARIABLE] === store ? VARIABLE : undefined;
  const place = placeOf(store, origin);
  if (!(place instanceof Address)) return new SqliteSource({ ...place, origin }, await sqliteDriver(sqlite), clocks);
  if (!(Number.isSafeInteger(poolSize) && poolSize > 0)) throw new SetupError('poolSize is 1 or more');
  return PostgresSource.load(place, poolSize, origin);
}

/** No error repeats the text, since it may hold a password or be a secret itself. */
function placeOf(store: unknown, origin: string | undefined): FileStore | Address {
  if (store === undefined || store === null) {
    throw new SetupError('no store is named: set KEYCTL_STORE where it is taken from there, or pass one');
  }
  if (typeof store !== 'string') throw new SetupError('the name of the store is no text');
  try {
    return parseStore(store);
  } catch (error) {
    throw error instanceof BadAddress ? new SetupError(wordsOf(error) + (origin ? ` (${origin})` : '')) : error;
  }
}

function wordsOf({ fault, parameter }: BadAddress): string {
  const what = parameter === null ? 'a parameter' : `the parameter ${parameter}`;
  switch (fault) {
    case 'empty': return 'the name of the store is empty: KEYCTL_STORE, or what stands for it';
    case 'character': return 'the name of the store has a blank at an end, a control character, or one that an address must escape';
    case 'secret': return parameter === null
      ? 'a token or a key stands where the name of the store is expected'
      : `a token or a key stands in ${what} of the PostgreSQL address`;
    case 'form': return 'a store is a path, sqlite:PATH or postgres://USER@HOST:PORT/DATABASE';
    case 'unescaped': return 'the PostgreSQL address has an @, # or / that is not escaped (%40, %23, %2F)';
    case 'percent': return 'the PostgreSQL address has a percent sign without two hex digits, or what is no UTF-8';
    case 'user': return 'the PostgreSQL address has credentials without a user';
    case 'host': return 'the PostgreSQL address names no host, or what is none';
    case 'port': return 'a port is 1 to 65535';
    case 'parameter': return `${what} of the store's address is not supported`;
    case 'twice': return `${what} of the PostgreSQL address is there twice`;
    case 'value': return `${what} of the store's address has a value that is none of its own`;
    case 'conflict': return `${what} of the PostgreSQL address contradicts the rest of it`;
    case 'plain': return 'sslmode=disable is refused beyond this machine: passwords would travel in the clear';
  }
}
