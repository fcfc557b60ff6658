// A store that is a SQLite file.

import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import type { FileStore } from './address.js';
import { SYSTEM_CLOCKS, type Clocks, type Moment } from './cache.js';
import { StoreUnavailable, namedBy } from './errors.js';
import {
  jwtSnapshotOf, markOf, secretSnapshotOf, shortSnapshotOf, snapshotOf, statements, type JwtSnapshot, type SecretSnapshot, type Source,
} from './source.js';
import type { Snapshot } from './row.js';
import { examine, notRead } from './sqliteFolder.js';
import type { SqliteConnection, SqliteDriver, SqliteStatement } from './sqliteDrivers.js';

const SQL = statementsWith('t.subject');
/** A view of an older keyctl has no such column: there the owner's name is the subject. */
const SQL_BEFORE = statementsWith('t.owner');
const HAS_SUBJECTS = "SELECT 1 FROM pragma_table_info('keyctl_tokens_v1') WHERE name = 'subject'";

function statementsWith(subject: string): ReturnType<typeof statements> {
  return statements({
    schema: 'main',
    now: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    equals: '=',
    bytes: (column) => column,
    hash: '?',
    provider: '?',
    subject,
  });
}

const NONCE = 'SELECT nonce FROM main.keyctl_changes_v1 WHERE seq = CAST(? AS INTEGER) LIMIT 1';

const NEVER: Moment = { monotonic: -Infinity, wall: -Infinity };

/** How long one look at the file's name counts, in ms. */
const LOOKED_FOR = 1000;
/** A reader of a WAL waits for nobody, but for a recovery; the whole process waits with it. */
const LOCK_TIMEOUT = 500;

/** Bytes; a look-up takes 0.7 of the time that it takes without. */
const MAPPED = 1 << 30;

/** What `PRAGMA application_id` of every store says: `kctl` in ASCII. */
const APPLICATION = 0x6b63746c;

interface Open {
  connection: SqliteConnection;
  file: string;
  look: SqliteStatement;
  lookShort: SqliteStatement;
  store: SqliteStatement;
  secret: SqliteStatement;
  /** Prepared when it is first asked: a store of an older schema has no such views. */
  jwt: SqliteStatement | undefined;
  mark: SqliteStatement;
  hasSubjects: SqliteStatement;
  /**
   * The mark under which the views had no column for subjects; `undefined` if they have. A subject is
   * another than the owner's name only after a change, which moves the mark.
   */
  lacking: unknown;
}

/** A file, and the variable that named it, if one did. */
export type SqlitePlace = FileStore & { origin?: string | undefined };

/** The file at a path, opened when it is first read, and anew where another one stands there. */
export class SqliteSource implements Source {
  readonly #path: string;
  readonly #place: SqlitePlace;
  readonly #driver: SqliteDriver;
  #open: Open | undefined;
  readonly #clocks: Clocks;
  #lookedAt: Moment = NEVER;
  #isClosed = false;
  #hasWarned = false;
  /**
   * The row of the store with the mark that it was read under. Each change moves the mark, so under
   * the same mark it is of the same snapshot; it costs a fifth of a look-up to read it again.
   */
  #store: readonly unknown[] | undefined;

  constructor(place: SqlitePlace, driver: SqliteDriver, clocks: Clocks = SYSTEM_CLOCKS) {
    this.#clocks = clocks;
    this.#place = place;
    this.#path = resolve(place.path);
    this.#driver = driver;
  }

  look(hash: string): Snapshot {
    return this.#read((open) => {
      const cells = open.lookShort(hash);
      if (cells && this.#store && cells[0] === this.#store[0]) return shortSnapshotOf(cells, this.#store);
      this.#store = open.store();
      // Of an unknown token only this one tells the mark. Its outer join costs ten look-ups in SQLite 3.54.
      return snapshotOf(open.look(hash));
    });
  }

  lookWithSecret(hash: string, provider: string): SecretSnapshot {
    return this.#read((open) => secretSnapshotOf(open.secret(hash, provider, provider, provider)));
  }

  lookForJwt(kid: string, keyId: string): JwtSnapshot {
    return this.#read((open) => {
      open.jwt ??= open.connection.prepare(SQL.jwt.text);
      return jwtSnapshotOf(open.jwt(kid, keyId));
    });
  }

  mark(): Snapshot {
    this.#lookedAt = NEVER;
    return this.#read((open) => markOf(open.mark()));
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #drop(): void {
    const open = this.#open;
    this.#open = undefined;
    open?.connection.close();
  }

  #read<T extends Snapshot>(read: (open: Open) => T): T {
    try {
      let snapshot = read(this.#current());
      if (this.#open!.lacking !== undefined && this.#wasMigrated(snapshot.mark)) snapshot = read(this.#current());
      snapshot.age = this.#age();
      snapshot.nonceOf = this.#nonceOf;
      return snapshot;
    } catch (error) {
      this.#drop();
      throw this.#unavailable(error);
    }
  }

  #unavailable(error: unknown): StoreUnavailable {
    const fault = error instanceof StoreUnavailable ? error : unavailable(error, this.#path);
    return namedBy(fault, this.#place.origin);
  }

  /** Whether what was read without subjects is to be read again with them. */
  #wasMigrated(mark: unknown): boolean {
    const open = this.#open!;
    if (open.lacking === mark) return false;
    if (!open.hasSubjects()) {
      open.lacking = mark;
      return false;
    }
    this.#drop();
    this.#lookedAt = NEVER;
    return true;
  }

  /** A store of an older schema has no such column, until its first change. */
  readonly #nonceOf = (seq: string): unknown => {
    try {
      return this.#open?.connection.prepare(NONCE)(seq)?.[0] ?? null;
    } catch (error) {
      if (/no such column/.test(String((error as Error).message))) return null;
      this.#drop();
      throw this.#unavailable(error);
    }
  };

  /** The file is looked at by name once a second: opening it would end SQLite's locks on it. */
  #current(): Open {
    if (this.#isClosed) throw new StoreUnavailable('unreachable', 'the reader is closed');
    if (this.#open && this.#age() < LOOKED_FOR) return this.#open;
    const now = { monotonic: this.#clocks.monotonic(), wall: this.#clocks.wall() };
    this.#store = undefined;
    const file = identity(this.#path);
    if (this.#open?.file !== file) {
      this.#drop();
      this.#examine();
      this.#open = this.#connect(file);
    }
    this.#lookedAt = now;
    return this.#open!;
  }

  /** How long ago the name was looked at: what stands there now, nobody knows. */
  #age(): number {
    const { monotonic, wall } = this.#lookedAt;
    return Math.max(this.#clocks.monotonic() - monotonic, this.#clocks.wall() - wall);
  }

  /** A doubt is said once for each store: it is no reason to keep a service from its store. */
  #examine(): void {
    const doubt = examine(this.#path, this.#place.followSymlink);
    if (doubt === undefined || this.#hasWarned) return;
    this.#hasWarned = true;
    process.emitWarning(`keyctl: ${doubt.what}`, { type: 'KeyctlWarning', code: doubt.code });
  }

  #connect(file: string): Open {
    const connection = this.#driver(this.#path, LOCK_TIMEOUT);
    try {
      connection.run('PRAGMA trusted_schema = OFF');
      connection.run('PRAGMA query_only = ON');
      connection.run(`PRAGMA mmap_size = ${MAPPED}`);
      checkMarks(connection, this.#path);
      const hasSubjects = connection.prepare(HAS_SUBJECTS);
      const has = hasSubjects() !== undefined;
      const sql = has ? SQL : SQL_BEFORE;
      const open = {
        connection, file, hasSubjects,
        look: connection.prepare(sql.look.text),
        lookShort: connection.prepare(sql.lookShort.text),
        store: connection.prepare(sql.store.text),
        secret: connection.prepare(sql.secret.text),
        mark: connection.prepare(sql.mark.text),
        jwt: undefined,
        lacking: has ? undefined : '',
      };
      if (identity(this.#path) !== file) throw new StoreUnavailable('unreachable', 'the file is being replaced');
      return open;
    } catch (error) {
      connection.close();
      throw error;
    }
  }
}

/** A dump has what stands in tables, and neither of these two. The command line refuses such a file, too. */
function checkMarks(connection: SqliteConnection, path: string): void {
  const [application, schema] = ['application_id', 'user_version'].map((name) => Number(connection.prepare(`PRAGMA ${name}`)()?.[0]));
  if (application === APPLICATION && schema !== 0) return;
  throw new StoreUnavailable('unreachable', application === 0 || application === APPLICATION
    ? `${path} has no application_id or no user_version: it is no store, or a dump that was read back; `
      + 'keyctl store status says which, and how to mend it'
    : `${path} is a database of another application`);
}

/** Which file stands under a name. */
function identity(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    throw new StoreUnavailable('unreachable', notRead(path, error));
  }
}

function unavailable(error: unknown, path: string): StoreUnavailable {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const what = `${String(code ?? '')} ${String(message ?? '')}`;
  if (/SQLITE_BUSY|SQLITE_LOCKED|database (?:table )?is locked/.test(what)) return new StoreUnavailable('timeout');
  if (/no such (?:table|column)/.test(what)) {
    return new StoreUnavailable('view_version', `${path}: the views of version 1 are not there`);
  }
  return new StoreUnavailable('unreachable', `${path}: ${String(message ?? code)}`);
}
