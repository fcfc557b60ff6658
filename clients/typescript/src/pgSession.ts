// One connection to PostgreSQL, which may lead through a pooler: its session is then others', too,
// and may be another one after each transaction.

import type { Client, Connection } from 'pg';

import type { Address } from './address.js';
import { SetupError } from './errors.js';
import { passwordOf } from './pgPassword.js';
import { Question, type Cells, type Part } from './pgQuestion.js';
import type { Target } from './target.js';

/** The driver. */
export interface Driver {
  Client: typeof Client;
  Connection: typeof Connection;
}

/** A statement that a reader asks. */
export interface Statement {
  name: string;
  text: string;
  /** The same by a function of the store's, whose plan the server keeps; its clock is NULL on a standby. */
  planned?: { text: string; clockAt: number };
}

/** How long a statement may take on the server, in ms. */
export const PATIENCE = 2000;
/** A transaction is held open for the next look-up for so long, and no longer in all, in ms. */
const LINGER = 5;
const LONGEST_BURST = 100;
const BURST_FROM = 4;
const CANCEL_WITHIN = 500;

const BEGIN = 'BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY';
/** All of it ends with the transaction. A plan for any token costs a fifth of one for this token, and is as good. */
const SETTINGS = Object.entries({
  search_path: 'pg_catalog', statement_timeout: PATIENCE, idle_in_transaction_session_timeout: 5000,
  plan_cache_mode: 'force_generic_plan',
}).map(([name, value]) => `pg_catalog.set_config('${name}', '${value}', true)`);
const PREPARE = `SELECT pg_catalog.pg_is_in_recovery(), ${SETTINGS.join(', ')}`;
/** In `public` others may have made a function of that name, where the store is too old to have it. */
const WHO = `SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.version(), pg_catalog.pg_backend_pid(),
  pg_catalog.host(pg_catalog.inet_client_addr()), pg_catalog.inet_client_port(),
  pg_catalog.host(pg_catalog.inet_server_addr()), pg_catalog.inet_server_port(),
  (SELECT pg_catalog.has_function_privilege(p.oid, 'EXECUTE') FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_class AS c ON c.relowner OPERATOR(pg_catalog.=) p.proowner
    WHERE p.oid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure('public.keyctl_look_v2(pg_catalog.text)')
      AND c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass('public.keyctl_tokens_v1'))`;

/** A server that will not do; the next one may. */
export class Unfit extends Error {}

/** What is used of the driver beyond its types. */
interface Inner {
  connection: {
    stream: Stream;
    on(event: string, listener: (message: never) => void): void;
    prependListener(event: string, listener: (message: never) => void): void;
  };
  enableChannelBinding?: boolean;
  sslNegotiation?: string;
  processID: number | null;
  secretKey: number | null;
  getStartupConf: () => Record<string, string | undefined>;
}
interface Stream {
  destroy(error?: Error): void;
  once(event: string, listener: () => void): void;
  alpnProtocol?: string | false | null;
  localAddress?: string;
  localPort?: number;
  remoteAddress?: string;
  remotePort?: number;
}

/** A connection to a server that is no standby. */
export class Session {
  readonly #driver: Driver;
  readonly #target: Target;
  readonly #client: Client;
  readonly #inner: Inner;
  /** Whether the server's end of its connection is ours: then nobody else ever has this session. */
  #isDirect = false;
  /** Whether the store has the function that looks up. */
  #hasPlan = false;
  readonly #named = new Set<string>();
  /** The burst that is open: until when it may go on, and which statement was parsed last in it. */
  #burst: { until: number; parsed: string } | undefined;
  /** When the last answer came behind a pooler, and how many of them came soon after the one before. */
  #askedAt = -Infinity;
  #inRow = 0;
  readonly #questions: Question[] = [];
  #linger: NodeJS.Timeout | undefined;
  #isOver = false;
  #refusal: Unfit | undefined;
  /** Told once when the connection is no more. */
  onEnd: () => void = () => {};

  constructor(driver: Driver, target: Target, address: Address, user: string) {
    this.#driver = driver;
    this.#target = target;
    const database = address.database ?? (process.env['PGDATABASE'] || user);
    const binding = target.ssl === false ? 'disable' : address.parameters.get('channel_binding') ?? 'disable';
    let passedOver: string | undefined;
    const password = (): string => {
      const found = passwordOf(address, process.env, { host: target.host, port: target.port, user, database });
      passedOver = found.passedOver;
      if (found.text === undefined) throw new Unfit(`it asks for a password, and there is none${passedOver ? `; ${passedOver}` : ''}`);
      return found.text;
    };
    const name = address.parameters.get('application_name') ?? 'keyctl-runtime';
    const options = {
      host: target.connectTo, port: target.port, ssl: target.ssl, user, database, password, application_name: name, keepAlive: true,
      sslnegotiation: target.isDirect ? 'direct' : 'postgres', enableChannelBinding: binding !== 'disable',
    };
    this.#client = new driver.Client(options as object);
    this.#inner = this.#client as unknown as Inner;
    checkDriver(this.#inner, options);
    // What the environment says to libpq (PGOPTIONS …) is a parameter that a pooler refuses.
    this.#inner.getStartupConf = () => ({ user, database, application_name: name });
    const refuse = (why: string) => {
      this.#refusal = new Unfit(why);
      this.destroy();
    };
    if (binding === 'require') requireBinding(this.#inner, refuse);
    if (target.isDirect) requireAlpn(this.#inner, refuse);
    this.#client.on('error', () => this.destroy());
    this.#client.on('end', () => this.destroy());
  }

  /** Connects within so many ms, or fails and is destroyed. */
  async connect(within: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Unfit(`timeout: no answer within ${within} ms`)), within);
    });
    try {
      await Promise.race([this.#introduce(), over]);
    } catch (error) {
      this.destroy();
      throw this.#refusal ?? error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #introduce(): Promise<void> {
    await this.#client.connect();
    const [row = []] = await this.#send([{ name: '', text: WHO, values: [] }]);
    const [isInRecovery, version, pid, clientAddress, clientPort, serverAddress, serverPort, hasPlan] = row;
    // Its socket server has one session for all that connect, in which each undoes what another does.
    if (/pglite|emscripten/i.test(version ?? '')) throw new Unfit('it is PGlite, which has one session for all clients');
    if (isInRecovery !== 'f') throw new Unfit('it is a standby');
    const { localAddress, localPort, remoteAddress, remotePort } = this.#inner.connection.stream;
    const ours = [localAddress, localPort, remoteAddress, remotePort, this.#inner.processID];
    const theirs = [clientAddress, clientPort, serverAddress, serverPort, pid];
    this.#hasPlan = hasPlan === 't';
    this.#isDirect = ours.every((one, index) => one != null && plainAddress(String(one)) === theirs[index]);
  }

  /** The first row that a statement gives. */
  async ask({ name, text, planned }: Statement, values: readonly string[]): Promise<Cells | undefined> {
    if (this.#isDirect) {
      const part = { name, text: this.#named.has(name) ? undefined : text, values };
      this.#named.add(name);
      return (await this.#send([part])).at(-1);
    }
    clearTimeout(this.#linger);
    const now = performance.now();
    if (this.#burst && now >= this.#burst.until) this.#endBurst();
    if (planned && this.#hasPlan && !this.#burst && !this.#isInRow(now)) return this.#askPlanned(planned, values);
    const parts: Part[] = [{ name: '', text: this.#burst?.parsed === name ? undefined : text, values }];
    const isFirst = this.#burst === undefined;
    if (isFirst) parts.unshift({ name: '', text: BEGIN, values: [] }, { name: '', text: PREPARE, values: [] });
    this.#burst = { until: this.#burst?.until ?? now + LONGEST_BURST, parsed: name };
    const rows = await this.#send(parts);
    if (isFirst && rows[1]?.[0] !== 'f') throw new Unfit('it is a standby');
    this.#askedAt = performance.now();
    if (!this.#isOver) this.#linger = setTimeout(() => this.#endBurst(), LINGER);
    return rows[parts.length - 1];
  }

  async #askPlanned({ text, clockAt }: NonNullable<Statement['planned']>, values: readonly string[]): Promise<Cells | undefined> {
    const [row] = await this.#send([{ name: '', text, values }]);
    this.#askedAt = performance.now();
    if (row?.[clockAt] === null) throw new Unfit('it is a standby');
    return row;
  }

  /** Whether so many look-ups followed each other that a transaction, in which one plan serves them all, pays. */
  #isInRow(now: number): boolean {
    this.#inRow = now - this.#askedAt < LINGER ? this.#inRow + 1 : 0;
    return this.#inRow >= BURST_FROM;
  }

  /** Gives the session back to whoever pools it. The driver sends what comes next when this is done. */
  #endBurst(): void {
    clearTimeout(this.#linger);
    if (!this.#burst || this.#isOver) return;
    this.#burst = undefined;
    this.#send([{ name: '', text: 'COMMIT', values: [] }]).catch(() => this.destroy());
  }

  #send(parts: Part[]): Promise<(Cells | undefined)[]> {
    const question = new Question(parts);
    this.#questions.push(question);
    if (this.#questions.length === 1) this.#submit(question);
    return question.answer;
  }

  /** One at a time: the driver's own queue is not to be used any more. */
  #submit(question: Question): void {
    const next = () => {
      this.#questions.shift();
      if (this.#questions[0]) this.#submit(this.#questions[0]);
    };
    question.answer.then(next, next);
    if (this.#isOver) question.handleError(new Error('the connection is gone'));
    else this.#client.query(question as never);
  }

  /** Asks the server to stop what it does for us, and then is gone. Takes at most half a second. */
  async cancel(): Promise<void> {
    const { processID, secretKey } = this.#inner;
    if (!this.#isOver && processID !== null && secretKey !== null) await this.#sendCancel(processID, secretKey);
    this.destroy();
  }

  #sendCancel(processID: number, secretKey: number): Promise<void> {
    const { connectTo, host, port, ssl, isDirect } = this.#target;
    const options = { ssl, sslNegotiation: isDirect ? 'direct' : 'postgres' };
    const connection = new this.#driver.Connection(options as object);
    const send = () => (connection as unknown as { cancel(pid: number, key: number): void }).cancel(processID, secretKey);
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        (connection as unknown as { stream: Stream }).stream.destroy();
        resolve();
      };
      const timer = setTimeout(done, CANCEL_WITHIN);
      const wire = connection as unknown as { connect(port: number | string, host?: string): void; requestSsl(): void };
      connection.on('error', done);
      // The server closes it when it has passed the request on.
      connection.on('end', done);
      connection.on('sslconnect', send);
      connection.on('connect', () => {
        if (ssl === false) send();
        else if (!isDirect) wire.requestSsl();
      });
      if (host.startsWith('/')) wire.connect(`${host}/.s.PGSQL.${port}`);
      else wire.connect(port, connectTo);
    });
  }

  /** Ends it politely where the server answers, so that a pooler can give the session to the next one. */
  async close(): Promise<void> {
    this.#endBurst();
    if (this.#isOver) return;
    const late = new Promise((resolve) => setTimeout(resolve, CANCEL_WITHIN).unref());
    await Promise.race([this.#client.end().catch(() => {}), late]);
    this.destroy();
  }

  /** At once: a polite end waits for a server that may be stopped. */
  destroy(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#linger);
    this.#inner.connection.stream.destroy();
    this.#questions[0]?.handleError(new Error('the connection is gone'));
    this.onEnd();
  }
}

function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** An old driver takes no notice of what it does not know. */
function checkDriver(client: Inner, asked: { sslnegotiation: string; enableChannelBinding: boolean }): void {
  if (asked.sslnegotiation === 'direct' && client.sslNegotiation !== 'direct') {
    throw new SetupError('sslnegotiation=direct needs a newer package pg');
  }
  if (asked.enableChannelBinding && client.enableChannelBinding !== true) {
    throw new SetupError('channel_binding needs a newer package pg');
  }
}

/**
 * The driver takes channel binding where it is offered, and goes on without it where it is not: then no
 * password may be sent, and no server that asks for none be believed.
 */
function requireBinding({ connection }: Inner, refuse: (why: string) => void): void {
  const other = () => refuse('it offers no channel binding, which channel_binding=require asks for');
  let isBound = false;
  let isProven = false;
  for (const kind of ['authenticationCleartextPassword', 'authenticationMD5Password']) connection.prependListener(kind, other);
  connection.prependListener('authenticationSASL', ({ mechanisms }: { mechanisms: string[] }) => {
    isBound = mechanisms.includes('SCRAM-SHA-256-PLUS');
    if (!isBound) other();
  });
  // The driver's own listener fails where the server has not proven that it knows the password.
  connection.on('authenticationSASLFinal', () => { isProven = isBound; });
  connection.on('authenticationOk', () => { if (!isProven) other(); });
}

/** Until the server has said which protocol it speaks, it has seen no more than the user's name. */
function requireAlpn({ connection }: Inner, refuse: (why: string) => void): void {
  connection.on('sslconnect', () => {
    const { stream } = connection;
    stream.once('secureConnect', () => {
      if (stream.alpnProtocol !== 'postgresql') refuse('it does not speak PostgreSQL at the first byte of TLS');
    });
  });
}
