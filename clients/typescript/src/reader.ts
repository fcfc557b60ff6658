// What a service uses: it verifies tokens and gets provider secrets.

import { SlowHash } from './argon2.js';
import { Cache, type Moment } from './cache.js';
import {
  MALFORMED, UNKNOWN, checkAsk, decide, known, type Ask, type Known, type Policy, type Verdict,
} from './decide.js';
import { AskError, Denied, StoreUnavailable } from './errors.js';
import { LONGEST_TOKEN, kindOf, needsSlowHash, sha256, type HashAlg, type Kind } from './hashing.js';
import type { MasterKey } from './masterKey.js';
import { masterKeys, parse, type Environment } from './masterKeySource.js';
import { isName } from './names.js';
import { openSource, type SourceOptions } from './open.js';
import { believe, type Snapshot, type StoreRow } from './row.js';
import { openSecret, type Secret } from './secret.js';
import type { Eventually, Source } from './source.js';

/** How a reader is made. */
export interface ReaderOptions extends SourceOptions {
  /** Lets keys with a quota pass, although nobody counts here. */
  allowUnmetered?: boolean;
  /** The master key, and the one before it, in the place of what the environment names. */
  masterKey?: string;
  masterKeyPrevious?: string;
  /** Where the master key is looked for; `process.env` unless said otherwise. */
  env?: Environment;
}

interface Found<T extends Snapshot> {
  known: Known;
  store: StoreRow;
  snapshot: T;
  /** Whether all that was read is of one snapshot, as a kept answer must be. */
  isOne: boolean;
}

const NOTHING: Ask = Object.freeze({});

/** Reads one store. It may be shared by everything in a process, and is closed at its end. */
export class Reader {
  readonly #source: Source;
  readonly #keys: readonly MasterKey[];
  readonly #policy: Policy;
  readonly #cache: Cache;
  readonly #slow = new SlowHash();
  readonly #flights = new Map<string, Promise<Known>>();
  #refreshing: Promise<void> | undefined;
  #uuid: string | undefined;
  #isClosed = false;

  private constructor(source: Source, keys: readonly MasterKey[], options: ReaderOptions) {
    this.#source = source;
    this.#keys = keys;
    this.#policy = { allowUnmetered: options.allowUnmetered === true };
    this.#cache = new Cache(options.clocks);
  }

  /**
   * Makes a reader of a path, `sqlite:PATH` or `postgres://…`. The store itself is read by the
   * first question, so a service may start before its database.
   *
   * @throws SetupError for a bad address, a missing driver or a bad master key.
   */
  static async open(store: string, options: ReaderOptions = {}): Promise<Reader> {
    const source = await openSource(store, options);
    return new Reader(source, await keysOf(options), options);
  }

  /** The same over something else that can be read as a store is. */
  static async over(source: Source, options: ReaderOptions = {}): Promise<Reader> {
    return new Reader(source, await keysOf(options), options);
  }

  /**
   * Says whether a token may do what is asked.
   *
   * @throws StoreUnavailable where the store cannot be read or not be trusted.
   * @throws AskError for a scope or an owner that is none.
   */
  verify(token: string, ask: Ask = NOTHING): Promise<Verdict> {
    try {
      this.#checkOpen();
      checkAsk(ask);
      if (!isPresentable(token)) return Promise.resolve(decide(MALFORMED, ask, this.#policy));
      const hash = sha256(token);
      const kept = this.#atHand(hash);
      if (kept === undefined) return Promise.resolve(this.#verifyAnew(token, hash, ask));
      const verdict = decide(kept, ask, this.#policy);
      return verdict.allowed ? (kept.promised ??= Promise.resolve(verdict)) : Promise.resolve(verdict);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** The same at once, where the answer is at hand; `undefined` where the store must be read. */
  verifyCached(token: string, ask: Ask = NOTHING): Verdict | undefined {
    this.#checkOpen();
    checkAsk(ask);
    if (!isPresentable(token)) return decide(MALFORMED, ask, this.#policy);
    const kept = this.#atHand(sha256(token));
    return kept && decide(kept, ask, this.#policy);
  }

  /**
   * The secret that a token's key uses for a provider, as in `anthropic`.
   *
   * @throws Denied where the token is refused, KeyUnavailable, StoreUnavailable, AskError.
   */
  async secret(token: string, provider: string, ask: Ask = NOTHING): Promise<Secret> {
    this.#checkOpen();
    checkAsk(ask);
    if (!isName(provider)) throw new AskError('the provider asked for is not a provider');
    const kind = isPresentable(token) ? kindOf(token) : 'malformed';
    if (kind === 'malformed') throw denied(decide(MALFORMED, ask, this.#policy));
    const read = (hash: string) => this.#source.lookWithSecret(hash, provider);
    const found = await this.#seek(kind, token, sha256(token), read);
    const verdict = decide(found.known, ask, this.#policy);
    if (!verdict.allowed) throw denied(verdict);
    const { uuid, now } = found.store;
    return openSecret(found.snapshot.secret, { provider, storeUuid: uuid, keys: this.#keys, now });
  }

  /** How many answers are kept. */
  get cached(): { allowed: number; denied: number } {
    return this.#cache.sizes;
  }

  /** Ends its connections; whatever is asked of it afterwards is `unreachable`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#source.close();
  }

  /** Also what is kept is no answer any more. */
  #checkOpen(): void {
    if (this.#isClosed) throw new StoreUnavailable('unreachable', 'the reader is closed');
  }

  #atHand(hash: string): Known | undefined {
    const kept = this.#cache.get(hash);
    if (kept === undefined) return undefined;
    const age = this.#cache.age();
    return age === 'good' || (age === 'due' && this.#isRefreshOthers()) ? kept : undefined;
  }

  /** Whether somebody else reads the mark just now, or could not a moment ago. */
  #isRefreshOthers(): boolean {
    return this.#refreshing !== undefined || this.#cache.recentFailure !== undefined;
  }

  /** Where nothing is at hand, or the mark must be read again first. */
  #verifyAnew(token: string, hash: string, ask: Ask): Eventually<Verdict> {
    const kept = this.#cache.get(hash);
    if (kept === undefined) return this.#verifyInStore(token, hash, ask);
    // A mark that could not be read a moment ago is not asked for again by everybody.
    const failure = this.#refreshing ? undefined : this.#cache.recentFailure;
    if (failure) throw failure.error;
    return then(this.#refresh(), () => {
      const again = this.#cache.get(hash);
      if (again === undefined) return this.#verifyInStore(token, hash, ask);
      if (this.#cache.age() !== 'stale') return decide(again, ask, this.#policy);
      const failed = this.#cache.recentFailure;
      if (failed) throw failed.error;
      return this.#verifyInStore(token, hash, ask);
    });
  }

  /** Reads the mark again; a failure is kept and not thrown. */
  #refresh(): Eventually<void> {
    if (this.#refreshing) return this.#refreshing;
    const sent = this.#cache.moment();
    try {
      const read = this.#source.mark();
      if (!(read instanceof Promise)) return this.#markRead(read, sent);
      this.#refreshing = read
        .then((snapshot) => this.#markRead(snapshot, sent))
        .catch((error) => this.#cache.markFailed(error))
        .finally(() => (this.#refreshing = undefined));
      return this.#refreshing;
    } catch (error) {
      return this.#cache.markFailed(error);
    }
  }

  #markRead(snapshot: Snapshot, sent: Moment): void {
    const { store } = this.#believe(snapshot, 'sha256');
    this.#cache.markRead(store.mark, sent, snapshot.age);
  }

  #verifyInStore(token: string, hash: string, ask: Ask): Eventually<Verdict> {
    return then(this.#find(token, hash), (found) => decide(found, ask, this.#policy));
  }

  /** Looks a text up; those who ask for the same one at once share the look-up. */
  #find(token: string, hash: string): Eventually<Known> {
    const running = this.#flights.get(hash);
    if (running) return running;
    const kind = kindOf(token);
    if (kind === 'malformed') return MALFORMED;
    const sent = this.#cache.moment();
    const found = then(
      this.#seek(kind, token, hash, (one) => this.#source.look(one)),
      ({ known, store, snapshot, isOne }) => {
        if (isOne) this.#cache.keep(hash, known, store, sent, snapshot.age);
        return known;
      },
    );
    if (!(found instanceof Promise)) return found;
    const flight = found.finally(() => this.#flights.delete(hash));
    this.#flights.set(hash, flight);
    return flight;
  }

  #seek<T extends Snapshot>(
    kind: Kind, token: string, hash: string, read: (hash: string) => Eventually<T>,
  ): Eventually<Found<T>> {
    return then(read(hash), (snapshot) => {
      const { store, row } = this.#believe(snapshot, 'sha256');
      const isOne = true;
      if (row) return { known: known(row), store, snapshot, isOne };
      if (needsSlowHash(kind, store.foreignSalt)) return this.#seekSlowly(token, store, read);
      const couldBe = kind === 'ours' || store.foreignSalt !== null;
      return { known: couldBe ? UNKNOWN : MALFORMED, store, snapshot, isOne };
    });
  }

  async #seekSlowly<T extends Snapshot>(
    token: string, first: StoreRow, read: (hash: string) => Eventually<T>,
  ): Promise<Found<T>> {
    const salt = first.foreignSalt!;
    const hash = await this.#slow.of(token, salt);
    const snapshot = await read(hash);
    const { store, row } = this.#believe(snapshot, 'argon2id');
    const isOne = store.mark === first.mark;
    if (!row) return { known: UNKNOWN, store, snapshot, isOne };
    this.#slow.remember(token, salt, hash);
    return { known: known(row), store, snapshot, isOne };
  }

  #believe(snapshot: Snapshot, alg: HashAlg): ReturnType<typeof believe> {
    const believed = believe(snapshot, alg, this.#uuid);
    this.#uuid ??= believed.store.uuid;
    return believed;
  }
}

/** Callers in JavaScript may give anything; and 2 MB are not hashed to find out that they are no token. */
function isPresentable(token: unknown): token is string {
  return typeof token === 'string' && token.length > 0 && token.length <= LONGEST_TOKEN;
}

function keysOf({ masterKey, masterKeyPrevious, env }: ReaderOptions): Eventually<MasterKey[]> {
  if (masterKey === undefined) return masterKeys(env ?? process.env);
  const current = parse(masterKey, 'masterKey');
  return masterKeyPrevious === undefined ? [current] : [current, parse(masterKeyPrevious, 'masterKeyPrevious')];
}

function denied(verdict: Verdict): Denied {
  if (verdict.allowed) throw new Error('an allowed verdict is no denial');
  return new Denied(verdict.type, verdict.reason, verdict.status);
}

/** `await` that stays in the same turn where there is nothing to wait for. */
function then<T, U>(value: Eventually<T>, next: (value: T) => Eventually<U>): Eventually<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
