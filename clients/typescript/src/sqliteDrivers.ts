// SQLite as Node and Bun have it: three libraries behind one small form.

import { SetupError } from './errors.js';
import { isAbsent, whyNot } from './library.js';

/** A connection that only reads. */
export interface SqliteConnection {
  prepare(sql: string): SqliteStatement;
  run(sql: string): void;
  close(): void;
}

/** Gives its first row as a list of cells: text, number, `null` or bytes. */
export type SqliteStatement = (...values: string[]) => readonly unknown[] | undefined;

/** Opens a file read-only, waiting at most `timeout` ms for a lock. */
export type SqliteDriver = (path: string, timeout: number) => SqliteConnection;

/** The libraries, in the order in which they are tried. */
export type SqliteLibrary = 'bun:sqlite' | 'better-sqlite3' | 'node:sqlite';

interface NodeStatement {
  get(...values: string[]): Record<string, unknown> | undefined;
}
interface NodeSqlite {
  DatabaseSync: new (path: string, options: object) => {
    prepare(sql: string): NodeStatement;
    exec(sql: string): void;
    close(): void;
  };
}
interface BunSqlite {
  Database: new (path: string, options: object) => {
    query(sql: string): { values(...values: string[]): unknown[][] };
    run(sql: string): void;
    close(throwOnError: boolean): void;
  };
}

/** The library asked for, else the first one that is there. */
export async function sqliteDriver(library?: SqliteLibrary): Promise<SqliteDriver> {
  const tried: SqliteLibrary[] = library ? [library] : ['bun:sqlite', 'better-sqlite3', 'node:sqlite'];
  const failed: { one: SqliteLibrary; error: unknown }[] = [];
  for (const one of tried) {
    try {
      return await LOADERS[one]();
    } catch (error) {
      // The next one may be there.
      failed.push({ one, error });
    }
  }
  // What is there and broken is what somebody meant to use: that is the cause, and not what is absent.
  const broken = failed.filter(({ one, error }) => !isAbsent(one, error) && !(error instanceof SetupError));
  if (broken.length === 0) {
    const hint = library ? '' : ': install better-sqlite3, or use Node 22.5 or Bun';
    throw new SetupError(`no SQLite library is there (${tried.join(', ')})${hint}`, { cause: failed.at(-1)?.error });
  }
  const why = broken.map(({ one, error }) => `${one}: ${whyNot(one, error)}`).join('; ');
  throw new SetupError(`no SQLite library can be used: ${why}`, { cause: broken[0]!.error });
}

const LOADERS: Record<SqliteLibrary, () => Promise<SqliteDriver>> = {
  'bun:sqlite': async () => bun(await load<BunSqlite>('bun:sqlite')),
  'better-sqlite3': betterSqlite3,
  'node:sqlite': async () => node(await load<NodeSqlite>('node:sqlite')),
};

/** Not every Node has these, nor do the types. */
function load<T>(name: string): Promise<T> {
  return import(name) as Promise<T>;
}

async function betterSqlite3(): Promise<SqliteDriver> {
  if ('Bun' in globalThis) throw new SetupError('better-sqlite3 is for Node');
  const { default: Database } = await import('better-sqlite3');
  // Its binary is loaded by the first connection, and may be missing.
  new Database(':memory:').close();
  return (path, timeout) => {
    const db = new Database(path, { readonly: true, fileMustExist: true, timeout });
    return {
      prepare(sql) {
        const statement = db.prepare<string[], unknown[]>(sql).raw(true);
        return (...values) => statement.get(...values);
      },
      run: (sql) => void db.exec(sql),
      close: () => void db.close(),
    };
  };
}

function node({ DatabaseSync }: NodeSqlite): SqliteDriver {
  return (path, timeout) => {
    const db = new DatabaseSync(path, { readOnly: true });
    db.exec(`PRAGMA busy_timeout = ${timeout}`);
    return {
      prepare(sql) {
        const statement = db.prepare(sql);
        return (...values) => {
          const row = statement.get(...values);
          return row && Object.values(row);
        };
      },
      run: (sql) => db.exec(sql),
      close: () => db.close(),
    };
  };
}

function bun({ Database }: BunSqlite): SqliteDriver {
  return (path, timeout) => {
    const db = new Database(path, { readonly: true });
    db.run(`PRAGMA busy_timeout = ${timeout}`);
    return {
      prepare(sql) {
        const statement = db.query(sql);
        return (...values) => statement.values(...values)[0];
      },
      run: (sql) => db.run(sql),
      close: () => db.close(false),
    };
  };
}
