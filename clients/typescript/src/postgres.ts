// A store that is a PostgreSQL database, reached directly or through a pooler.

import { userInfo } from 'node:os';

import type { Address } from './address.js';
import { SetupError, StoreUnavailable, namedBy } from './errors.js';
import { isAbsent, whyNot } from './library.js';
import { userOf } from './pgPassword.js';
import { PATIENCE, Session, Unfit, type Driver, type Statement } from './pgSession.js';
import type { Cells } from './pgQuestion.js';
import { Slots } from './slots.js';
import {
  cellsOf, jwtSnapshotOf, markOf, secretSnapshotOf, snapshotOf, statements, type JwtSnapshot, type SecretSnapshot, type Source,
} from './source.js';
import type { Snapshot } from './row.js';
import { targetsOf, type Target } from './target.js';

const SQL = statements({
  schema: 'public',
  now: 'CAST(EXTRACT(EPOCH FROM pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000 AS pg_catalog.int8)',
  equals: 'OPERATOR(pg_catalog.=)',
  // Whatever a session says of how bytes are written.
  bytes: (column) => `pg_catalog.encode(${column}, 'hex')`,
  hash: '$1',
  provider: '$2',
  subject: 'n.subject',
  // A name that the row has not is one of the next query around it: so a view of an older keyctl, without the
  // column, gives the owner's name, and neither is an error. Planned away in both cases.
  beside: `
    CROSS JOIN LATERAL (SELECT t.owner AS subject) AS f
    CROSS JOIN LATERAL (SELECT subject FROM (SELECT t.*) AS v) AS n`,
});
const LOOK: Statement = {
  name: 'keyctl_look_v3', text: SQL.look.text, planned: { text: SQL.planned.text, clockAt: SQL.planned.columns.indexOf('now') },
};
/** As JSON: a store of an older schema has no such column, and is asked in the same way. */
const NONCE = `SELECT pg_catalog.jsonb_extract_path_text(pg_catalog.to_jsonb(c), 'nonce')
  FROM public.keyctl_changes_v1 AS c WHERE c.seq OPERATOR(pg_catalog.=) $1 LIMIT 1`;
const SHORTEST_CONNECT = 500;

/** A PostgreSQL connection fails in ways that a second, fresh one may not. */
class Lost extends Error {}

/** A database, over at most `size` connections. */
export class PostgresSource implements Source {
  readonly #driver: Driver;
  readonly #address: Address;
  readonly #targets: readonly Target[];
  readonly #user: string;
  /** The variable that named it, if one did. */
  readonly #origin: string | undefined;
  readonly #slots: Slots;
  readonly #idle: Session[] = [];
  readonly #all = new Set<Session>();
  #isClosed = false;

  private constructor(driver: Driver, address: Address, size: number, origin: string | undefined) {
    this.#driver = driver;
    this.#origin = origin;
    this.#address = address;
    this.#targets = targetsOf(address);
    this.#user = userOf(address, process.env, () => userInfo().username);
    this.#slots = new Slots(size);
  }

  /** Loads the driver; connects when something is first read. */
  static async load(address: Address, size: number, origin?: string): Promise<PostgresSource> {
    const pg = await import('pg').catch((cause) => {
      const how = isAbsent('pg', cause) ? 'npm install pg' : whyNot('pg', cause);
      throw new SetupError(`a PostgreSQL store needs the package pg: ${how}`, { cause });
    });
    const source = new PostgresSource(pg.default, address, size, origin);
    // What an old driver does not know is said here, and not by the first question.
    source.#sessionOf(source.#targets[0]!).destroy();
    return source;
  }

  look(hash: string): Promise<Snapshot> {
    return this.#read(LOOK, SQL.look.columns, [hash], snapshotOf);
  }

  lookWithSecret(hash: string, provider: string): Promise<SecretSnapshot> {
    return this.#read({ name: 'keyctl_secret_v3', text: SQL.secret.text }, SQL.secret.columns, [hash, provider], secretSnapshotOf);
  }

  lookForJwt(kid: string, keyId: string): Promise<JwtSnapshot> {
    return this.#read({ name: 'keyctl_jwt_v1', text: SQL.jwt.text }, SQL.jwt.columns, [kid, keyId], jwtSnapshotOf);
  }

  mark(): Promise<Snapshot> {
    return this.#read({ name: 'keyctl_mark_v2', text: SQL.mark.text }, SQL.mark.columns, [], markOf);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#idle.length = 0;
    await Promise.all([...this.#all].map((session) => session.close()));
  }

  async #read<T extends Snapshot>(
    statement: Statement, columns: readonly string[], values: readonly string[],
    snapshot: (cells: readonly unknown[] | undefined) => T,
  ): Promise<T> {
    const free = await this.#slots.take(PATIENCE);
    if (!free) throw new StoreUnavailable('pool');
    const slot = new Slot(free);
    try {
      const { session, cells } = await this.#ask(statement, values, slot);
      const read = snapshot(cells && cellsOf(columns, cells));
      read.nonceOf = (seq) => this.#nonceOf(session, seq);
      return read;
    } catch (error) {
      throw namedBy(error instanceof StoreUnavailable ? error : unavailable(error), this.#origin);
    } finally {
      slot.give();
    }
  }

  async #ask(statement: Statement, values: readonly string[], slot: Slot): Promise<{ session: Session; cells: Cells | undefined }> {
    const idle = this.#idle.pop();
    if (idle) {
      try {
        return { session: idle, cells: await this.#askOn(idle, statement, values, slot) };
      } catch (error) {
        // The server may have been restarted since; a fresh connection tells.
        if (!(error instanceof Lost)) throw error;
      }
    }
    const session = await this.#connect();
    return { session, cells: await this.#askOn(session, statement, values, slot) };
  }

  /** What has no answer in time is cancelled, and its connection thrown away: nobody knows what it still does. */
  async #askOn(session: Session, statement: Statement, values: readonly string[], slot?: Slot): Promise<Cells | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // Those that wait beside it are hardly better: the next question finds out with a fresh one.
        for (const other of this.#idle.splice(0)) other.destroy();
        const cancelled = session.cancel();
        slot?.giveAfter(cancelled);
        reject(new StoreUnavailable('timeout'));
      }, PATIENCE);
    });
    try {
      const cells = await Promise.race([session.ask(statement, values), over]);
      if (slot && this.#all.has(session)) this.#idle.push(session);
      return cells;
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      session.destroy();
      throw isOfConnection(error) ? new Lost(codeOf(error)) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #nonceOf(session: Session, seq: string): Promise<unknown> {
    try {
      return (await this.#askOn(session, { name: 'keyctl_nonce_v1', text: NONCE }, [seq]))?.[0] ?? null;
    } catch (error) {
      throw error instanceof StoreUnavailable ? error : unavailable(error);
    }
  }

  /** The first of the servers that answers and is no standby; else the error tells why each one will not do. */
  async #connect(): Promise<Session> {
    const asked = Number(this.#address.parameters.get('connect_timeout') ?? 0) * 1000;
    const within = asked || Math.max(PATIENCE / this.#targets.length, SHORTEST_CONNECT);
    const reasons: { server: string; why: string }[] = [];
    for (const target of this.#targets) {
      if (this.#isClosed) throw new StoreUnavailable('unreachable', 'the reader is closed');
      const session = this.#sessionOf(target);
      try {
        await session.connect(within);
        return session;
      } catch (error) {
        reasons.push({ server: target.name, why: whyOf(error) });
      }
    }
    const [only] = reasons;
    const detail = reasons.length === 1 ? only!.why : reasons.map(({ server, why }) => `${server}: ${why}`).join('; ');
    throw new StoreUnavailable(reasons.every(({ why }) => isTimeout(why)) ? 'timeout' : 'unreachable', detail);
  }

  #sessionOf(target: Target): Session {
    const session = new Session(this.#driver, target, this.#address, this.#user);
    this.#all.add(session);
    session.onEnd = () => {
      this.#all.delete(session);
      const at = this.#idle.indexOf(session);
      if (at >= 0) this.#idle.splice(at, 1);
    };
    return session;
  }
}

/** A slot that is given back once, perhaps later than its question is over. */
class Slot {
  #free: (() => void) | undefined;

  constructor(free: () => void) {
    this.#free = free;
  }

  give(): void {
    this.#free?.();
    this.#free = undefined;
  }

  /** So there are never more connections than slots. */
  giveAfter(work: Promise<void>): void {
    const free = this.#free;
    this.#free = undefined;
    if (free) void work.finally(free);
  }
}

function sqlState(error: unknown): string | undefined {
  const { severity, code } = error as { severity?: unknown; code?: unknown };
  return typeof severity === 'string' && typeof code === 'string' ? code : undefined;
}

/** Whether the connection is at fault: without an SQLSTATE, or the server or pooler ended it with one, or what
 * it was told of the store is no longer true, as of a function that is no more. */
function isOfConnection(error: unknown): boolean {
  const { severity } = error as { severity?: unknown };
  const state = sqlState(error);
  return state === undefined || state === '42883' || severity === 'FATAL' || severity === 'PANIC';
}

function codeOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return String(code ?? message);
}

function isTimeout(why: string): boolean {
  return /timeout/i.test(why) || why === 'ETIMEDOUT';
}

/** Why a server will not do, without anything that it may repeat of what it was sent. */
function whyOf(error: unknown): string {
  if (error instanceof Unfit) return error.message;
  const state = sqlState(error);
  return state === undefined ? codeOf(error) : `SQLSTATE ${state}${MEANINGS[state] ? `, ${MEANINGS[state]}` : ''}`;
}

const MEANINGS: Readonly<Record<string, string>> = {
  '28P01': 'the role or its password is refused', '28000': 'the role may not log in from here', '3D000': 'there is no such database',
  '53300': 'it has too many connections', '57P03': 'it is starting or stopping', '42501': 'the role may not',
};

function unavailable(error: unknown): StoreUnavailable {
  const state = sqlState(error);
  if (state === undefined) {
    const what = error instanceof Lost || error instanceof Unfit ? error.message : codeOf(error);
    return new StoreUnavailable(isTimeout(what) ? 'timeout' : 'unreachable', what);
  }
  if (state === '57014') return new StoreUnavailable('timeout', `SQLSTATE ${state}`);
  if (state === '42P01' || state === '42703') {
    return new StoreUnavailable('view_version', 'the views of version 1 are not there');
  }
  return new StoreUnavailable('unreachable', whyOf(error));
}
