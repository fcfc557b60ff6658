// A store that is a PostgreSQL database.

import type { Client } from 'pg';

import type { Dsn, Target } from './dsn.js';
import { SetupError, StoreUnavailable } from './errors.js';
import { Slots } from './slots.js';
import {
  markOf, secretSnapshotOf, snapshotOf, statements, type SecretSnapshot, type Source,
} from './source.js';
import type { Snapshot } from './row.js';

const SQL = statements({
  schema: 'public',
  now: 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)',
  hash: '$1',
  provider: '$2',
});

/** A look-up takes at most this long with its connection, and waits as long for a free one; in ms. */
const PATIENCE = 2000;
const SHORTEST_CONNECT = 500;
const INT8 = 20;
const BYTEA = 17;

/** A PostgreSQL connection fails in ways that a second, fresh one may not. */
class Lost extends Error {}

/** A database, over at most `size` connections. */
export class PostgresSource implements Source {
  readonly #dsn: Dsn;
  readonly #client: typeof Client;
  readonly #slots: Slots;
  readonly #idle: Client[] = [];
  readonly #all = new Set<Client>();
  #isClosed = false;

  private constructor(dsn: Dsn, client: typeof Client, size: number) {
    this.#dsn = dsn;
    this.#client = client;
    this.#slots = new Slots(size);
  }

  /** Loads the driver; connects when something is first read. */
  static async load(dsn: Dsn, size: number): Promise<PostgresSource> {
    const pg = await import('pg').catch(() => {
      throw new SetupError('a PostgreSQL store needs the package pg: npm install pg');
    });
    return new PostgresSource(dsn, pg.default.Client, size);
  }

  async look(hash: string): Promise<Snapshot> {
    return snapshotOf(await this.#first('keyctl_look_v1', SQL.look, [hash]));
  }

  async lookWithSecret(hash: string, provider: string): Promise<SecretSnapshot> {
    return secretSnapshotOf(await this.#first('keyctl_secret_v1', SQL.secret, [hash, provider]));
  }

  async mark(): Promise<Snapshot> {
    return markOf(await this.#first('keyctl_mark_v1', SQL.mark, []));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const client of this.#all) destroy(client);
    this.#all.clear();
    this.#idle.length = 0;
  }

  async #first(name: string, text: string, values: string[]): Promise<unknown[] | undefined> {
    const free = await this.#slots.take(PATIENCE);
    if (!free) throw new StoreUnavailable('pool');
    try {
      return await this.#within((use) => this.#query({ name, text, values, rowMode: 'array' }, use));
    } catch (error) {
      throw error instanceof StoreUnavailable ? error : unavailable(error);
    } finally {
      free();
    }
  }

  /** Whatever is in use when the time is over is thrown away: nobody knows what it still does. */
  async #within<T>(work: (use: (client: Client) => void) => Promise<T>): Promise<T> {
    let used: Client | undefined;
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const over = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        isOver = true;
        if (used) this.#drop(used);
        reject(new StoreUnavailable('timeout'));
      }, PATIENCE);
    });
    const use = (client: Client) => {
      used = client;
      if (isOver) this.#drop(client);
    };
    try {
      return await Promise.race([work(use), over]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #query(query: object, use: (client: Client) => void): Promise<unknown[] | undefined> {
    const idle = this.#idle.pop();
    if (idle) {
      try {
        return await this.#ask(idle, query, use);
      } catch (error) {
        // The server may have been restarted since; a fresh connection tells.
        if (!(error instanceof Lost)) throw error;
      }
    }
    return this.#ask(await this.#connect(use), query, use);
  }

  async #ask(client: Client, query: object, use: (client: Client) => void): Promise<unknown[] | undefined> {
    use(client);
    try {
      const { rows } = await client.query<unknown[]>(query as never);
      if (this.#all.has(client)) this.#idle.push(client);
      return rows[0];
    } catch (error) {
      this.#drop(client);
      if (sqlState(error) === undefined) throw new Lost(codeOf(error));
      throw error;
    }
  }

  /** The first of the servers that will have us and is no standby. The error is the last one's. */
  async #connect(use: (client: Client) => void): Promise<Client> {
    if (this.#isClosed) throw new StoreUnavailable('unreachable', 'the reader is closed');
    const { targets } = this.#dsn;
    const within = Math.max(PATIENCE / targets.length, SHORTEST_CONNECT);
    let last: unknown;
    for (const target of targets) {
      try {
        return await this.#connectTo(target, within, use);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  async #connectTo(target: Target, within: number, use: (client: Client) => void): Promise<Client> {
    const { user, password, database, options } = this.#dsn;
    const client = new this.#client({
      ...target, user, password, database, ...(options === undefined ? {} : { options }),
      // The server gives up, too: who waits for a lock there does not notice that we are gone.
      application_name: 'keyctl-runtime', statement_timeout: PATIENCE, keepAlive: true, connectionTimeoutMillis: within,
      types: { getTypeParser: cellParser as never },
    });
    this.#all.add(client);
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    use(client);
    try {
      await client.connect();
      const { rows } = await client.query<unknown[]>({ text: 'SELECT pg_is_in_recovery()', rowMode: 'array' });
      if (rows[0]?.[0] !== 'f') throw new StoreUnavailable('unreachable', 'the server is a standby');
      // Its time may have been over before it was connected.
      if (!this.#all.has(client)) throw new StoreUnavailable('timeout');
      return client;
    } catch (error) {
      this.#drop(client);
      throw error;
    }
  }

  #drop(client: Client): void {
    this.#all.delete(client);
    const at = this.#idle.indexOf(client);
    if (at >= 0) this.#idle.splice(at, 1);
    destroy(client);
  }
}

/** At once: a polite end waits for a server that may be stopped. */
function destroy(client: Client): void {
  (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
}

/** Numbers that are not exact become NaN, which no check of a row lets pass. */
function cellParser(oid: number): (cell: string) => unknown {
  if (oid === BYTEA) return (cell) => Buffer.from(cell.replace(/^\\x/, ''), 'hex');
  if (oid !== INT8) return (cell) => cell;
  return (cell) => (Number.isSafeInteger(Number(cell)) ? Number(cell) : NaN);
}

function sqlState(error: unknown): string | undefined {
  const { severity, code } = error as { severity?: unknown; code?: unknown };
  return typeof severity === 'string' && typeof code === 'string' ? code : undefined;
}

function codeOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return String(code ?? message);
}

function unavailable(error: unknown): StoreUnavailable {
  const state = sqlState(error);
  if (state === undefined) {
    const what = error instanceof Lost ? error.message : codeOf(error);
    return new StoreUnavailable(/timeout/i.test(what) || what === 'ETIMEDOUT' ? 'timeout' : 'unreachable', what);
  }
  if (state === '57014') return new StoreUnavailable('timeout', `SQLSTATE ${state}`);
  if (state === '42P01' || state === '42703') {
    return new StoreUnavailable('view_version', 'the views of version 1 are not there');
  }
  return new StoreUnavailable('unreachable', `SQLSTATE ${state}`);
}
