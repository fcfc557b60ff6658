// What a service uses: it verifies tokens and gets provider secrets.

import { SlowHash } from './argon2.js';
import { Cache, type Moment } from './cache.js';
import {
  MALFORMED, UNKNOWN, checkAsk, decide, known, type Ask, type Known, type Policy, type Verdict,
} from './decide.js';
import { AskError, Denied, SetupError, StoreUnavailable } from './errors.js';
import { LONGEST_TOKEN, kindOf, needsSlowHash, sha256, type HashAlg, type Kind } from './hashing.js';
import {
  MALFORMED_JWT, checkJwtAsk, decideJwt, isPresentableJwt, judgeJwt, parseJwt, type Good, type JwtAsk, type JwtVerdict,
} from './jwt.js';
import { lease, type LeaseOptions, type LeasedToken, type Use } from './lease.js';
import { Configured, type CredentialsOptions } from './leasePlace.js';
import type { MasterKey } from './masterKey.js';
import { masterKeys, parse } from './masterKeySource.js';
import { isName } from './names.js';
import { Latest } from './latest.js';
import { openSource, type SourceOptions } from './open.js';
import { believeRow, believeStore, type Snapshot, type StoreRow, type TokenRow } from './row.js';
import { openSecret, type Secret } from './secret.js';
import type { Eventually, Source } from './source.js';

/** How a reader is made. */
export interface ReaderOptions extends SourceOptions, CredentialsOptions {
  /** Lets keys with a quota pass, although nobody counts here. */
  allowUnmetered?: boolean;
  /** The master key, and the one before it, in the place of what the environment names. */
  masterKey?: string;
  masterKeyPrevious?: string;
  /**
   * What follows where the store shows an earlier state than this reader has seen, or another history:
   * `refuse` everything (`rolled_back`) until the later state is back or `keyctl store accept-rollback`
   * was said, or `warn` once by `process.emitWarning` (code `KEYCTL_ROLLED_BACK`) and go on with what is
   * there. `refuse` unless said otherwise.
   */
  onRollback?: 'refuse' | 'warn';
}

interface Believed {
  store: StoreRow;
  row: TokenRow | undefined;
  /** Whether the mark is the latest one. */
  isLatest: boolean;
}

interface Found<T extends Snapshot> {
  known: Known;
  store: StoreRow;
  snapshot: T;
  /** Whether it may be kept: all that was read is of one snapshot, and the latest. */
  isToKeep: boolean;
}

const NOTHING: Ask = Object.freeze({});

/** Reads one store. It may be shared by everything in a process, and is closed at its end. */
export class Reader {
  readonly #source: Source;
  readonly #keys: readonly MasterKey[];
  readonly #policy: Policy;
  readonly #cache: Cache;
  readonly #latest = new Latest();
  readonly #onRollback: 'refuse' | 'warn';
  readonly #credentials: Configured;
  readonly #asking = new Map<string, Eventually<unknown>>();
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
    const { onRollback = 'refuse' } = options;
    if (onRollback !== 'refuse' && onRollback !== 'warn') throw new SetupError("onRollback is 'refuse' or 'warn'");
    this.#onRollback = onRollback;
    this.#credentials = new Configured(options, options.env ?? process.env);
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

  /**
   * The token of the credential that a provider is called with, from `keyctl serve` over its Unix socket. It is good now;
   * where a new one would end it, it is leased, and nobody gets a new one before it was released, or the lease ends.
   *
   * With `use`, it is released when that has ended, however it did; its result is returned. Without, the token is:
   * `await using token = await reader.lease('github')`, or `release()` it.
   *
   * @throws LeaseUnconfigured if no socket is named; KeyUnavailable if there is no token, LeaseBusy if others use or get it
   * for as long as `wait` says, Denied if `apiKey` is denied, StoreUnavailable if serve cannot read the store, LeaseLimited
   * if it is asked for too much, AskError.
   */
  lease(provider: string, options?: LeaseOptions): Promise<LeasedToken>;
  lease<T>(provider: string, use: Use<T>): Promise<T>;
  lease<T>(provider: string, options: LeaseOptions, use: Use<T>): Promise<T>;
  lease<T>(provider: string, second?: LeaseOptions | Use<T>, third?: Use<T>): Promise<T | LeasedToken> {
    return typeof second === 'function'
      ? lease(this.#credentials, provider, {}, second)
      : lease(this.#credentials, provider, second ?? {}, third);
  }

  /**
   * Says whether a short-lived token, a JWT of the store's own, may do what is asked.
   *
   * @throws StoreUnavailable where the store cannot be read or not be trusted.
   * @throws AskError for an audience, a scope or an owner that is none.
   */
  verifyJwt(token: string, ask: JwtAsk = NOTHING): Promise<JwtVerdict> {
    try {
      this.#checkOpen();
      checkJwtAsk(ask);
      if (!isPresentableJwt(token)) return Promise.resolve(MALFORMED_JWT);
      const hash = sha256(token);
      const kept = this.#usableJwt(hash);
      if (kept !== undefined) return Promise.resolve(decideJwt(kept, ask));
      return Promise.resolve(this.#verifyJwtAnew(token, hash, ask));
    } catch (error) {
      return Promise.reject(error as Error);
    }
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

  #usableJwt(hash: string): Good | undefined {
    const kept = this.#cache.getJwt(hash);
    if (kept === undefined) return undefined;
    const age = this.#cache.age();
    return age === 'good' || (age === 'due' && this.#isRefreshOthers()) ? kept : undefined;
  }

  /** Where nothing is at hand, or the mark must be read again first. */
  #verifyJwtAnew(token: string, hash: string, ask: JwtAsk): Eventually<JwtVerdict> {
    if (this.#cache.getJwt(hash) === undefined) return this.#verifyJwtInStore(token, hash, ask);
    const failure = this.#refreshing ? undefined : this.#cache.recentFailure;
    if (failure) throw failure.error;
    return then(this.#refresh(), () => {
      const again = this.#cache.getJwt(hash);
      if (again !== undefined && this.#cache.age() !== 'stale') return decideJwt(again, ask);
      const failed = again === undefined ? undefined : this.#cache.recentFailure;
      if (failed) throw failed.error;
      return this.#verifyJwtInStore(token, hash, ask);
    });
  }

  #verifyJwtInStore(token: string, hash: string, ask: JwtAsk): Eventually<JwtVerdict> {
    const asked = parseJwt(token);
    if (asked === undefined) return MALFORMED_JWT;
    if (!this.#source.lookForJwt) throw new StoreUnavailable('view_version', 'it has no short-lived tokens');
    const [sent, sentAt] = [this.#cache.moment(), this.#latest.moment()];
    return then(this.#source.lookForJwt(asked.kid, asked.keyId), (snapshot) =>
      then(this.#believe(snapshot, 'sha256', sentAt), ({ store, isLatest }) => {
        const good = judgeJwt(asked, snapshot.jwt, store.now, ask.audience);
        if ('reason' in good) return good;
        if (isLatest) this.#cache.keepJwt(hash, good, store, sent, snapshot.age);
        return decideJwt(good, ask);
      }));
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
    const sentAt = this.#latest.moment();
    try {
      const read = then(this.#source.mark(), (snapshot) => this.#markRead(snapshot, sent, sentAt));
      if (!(read instanceof Promise)) return read;
      this.#refreshing = read
        .catch((error) => this.#cache.markFailed(error))
        .finally(() => (this.#refreshing = undefined));
      return this.#refreshing;
    } catch (error) {
      return this.#cache.markFailed(error);
    }
  }

  #markRead(snapshot: Snapshot, sent: Moment, sentAt: number): Eventually<void> {
    return then(this.#believe(snapshot, 'sha256', sentAt), ({ store, isLatest }) => {
      if (isLatest) this.#cache.markRead(store.mark, sent, snapshot.age);
    });
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
      ({ known, store, snapshot, isToKeep }) => {
        if (isToKeep) this.#cache.keep(hash, known, store, sent, snapshot.age);
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
    const sentAt = this.#latest.moment();
    return then(read(hash), (snapshot) => then(this.#believe(snapshot, 'sha256', sentAt), ({ store, row, isLatest }) => {
      const isToKeep = isLatest;
      if (row) return { known: known(row), store, snapshot, isToKeep };
      if (needsSlowHash(kind, store.foreignSalt)) return this.#seekSlowly(token, store, read);
      const couldBe = kind === 'ours' || store.foreignSalt !== null;
      return { known: couldBe ? UNKNOWN : MALFORMED, store, snapshot, isToKeep };
    }));
  }

  async #seekSlowly<T extends Snapshot>(
    token: string, first: StoreRow, read: (hash: string) => Eventually<T>,
  ): Promise<Found<T>> {
    const salt = first.foreignSalt!;
    const hash = await this.#slow.of(token, salt);
    const sentAt = this.#latest.moment();
    const snapshot = await read(hash);
    const { store, row, isLatest } = await this.#believe(snapshot, 'argon2id', sentAt);
    const isToKeep = isLatest && store.mark === first.mark;
    if (!row) return { known: UNKNOWN, store, snapshot, isToKeep };
    this.#slow.remember(token, salt, hash);
    return { known: known(row), store, snapshot, isToKeep };
  }

  #believe(snapshot: Snapshot, alg: HashAlg, sentAt: number): Eventually<Believed> {
    const store = believeStore(snapshot, alg, this.#uuid);
    this.#uuid ??= store.uuid;
    return then(this.#follow(snapshot, store.mark, sentAt), (isLatest) => ({ store, row: believeRow(snapshot, store), isLatest }));
  }

  /** Whether a mark is the latest one; throws where it shows that the store went back. */
  #follow(snapshot: Snapshot, mark: string, sentAt: number): Eventually<boolean> {
    const course = this.#latest.courseOf(mark, sentAt);
    if (course === 'same') return true;
    if (course === 'late') return false;
    if (course === 'back') return this.#wentBack(mark);
    const latest = this.#latest.known!;
    return then(this.#nonceOf(snapshot, mark, String(latest.counter)), (nonce) => {
      // Somebody else may have seen a later one meanwhile.
      if (this.#latest.known !== latest) return this.#follow(snapshot, mark, sentAt);
      if (nonce !== null && nonce !== latest.nonce) return this.#wentBack(mark);
      this.#latest.accept(mark);
      return true;
    });
  }

  /** With which nonce the store has the change that was the latest; those who ask at once share the answer. */
  #nonceOf(snapshot: Snapshot, mark: string, seq: string): Eventually<unknown> {
    const key = `${mark} ${seq}`;
    const asked = this.#asking.get(key);
    if (asked !== undefined) return asked;
    const answer = snapshot.nonceOf?.(seq) ?? null;
    if (!(answer instanceof Promise)) return answer;
    this.#asking.set(key, answer);
    return answer.finally(() => this.#asking.delete(key));
  }

  /** Refuses, or warns and takes what is there for the latest. What was kept is no answer in any case. */
  #wentBack(mark: string): true {
    const { counter, nonce } = this.#latest.known!;
    const what = `the store went back: it shows change ${mark} after ${counter}-${nonce} was seen; ` +
      'a failover lost changes, or an old copy was put back';
    this.#cache.clear();
    if (this.#onRollback === 'refuse') {
      throw new StoreUnavailable('rolled_back', `${what}; keyctl store accept-rollback ends it where it is meant`);
    }
    this.#latest.accept(mark);
    process.emitWarning(`keyctl: ${what}`, { type: 'KeyctlWarning', code: 'KEYCTL_ROLLED_BACK' });
    return true;
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
