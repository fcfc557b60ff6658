// From a store's address to what reads it.

import type { Clocks } from './cache.js';
import { parseDsn } from './dsn.js';
import { SetupError } from './errors.js';
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
  /** For tests. */
  clocks?: Clocks;
}

const POOL_SIZE = 8;

/** Opens a path, `sqlite:PATH[?symlink=follow]` or `postgres://…`. */
export async function openSource(store: string, { poolSize = POOL_SIZE, sqlite, clocks }: SourceOptions): Promise<Source> {
  if (/^postgres(?:ql)?:/i.test(store)) {
    if (!(Number.isSafeInteger(poolSize) && poolSize > 0)) throw new SetupError('poolSize is 1 or more');
    return PostgresSource.load(parseDsn(store), poolSize);
  }
  return new SqliteSource(pathOf(store), await sqliteDriver(sqlite), clocks);
}

function pathOf(store: string): string {
  const path = store.startsWith('sqlite:') ? store.slice('sqlite:'.length).replace(/\?symlink=follow$/, '') : store;
  if (path.trim() === '') throw new SetupError('the name of the store is empty');
  if (/^[a-z]+:\/\//i.test(path) || path.includes('?') || path === ':memory:') {
    throw new SetupError('a store is a path, sqlite:PATH or postgres://…');
  }
  return path;
}
