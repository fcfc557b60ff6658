// Which answers are kept, and for how long they are good: the freshness rule.

import { performance } from 'node:perf_hooks';

import type { Known } from './decide.js';
import type { StoreRow } from './row.js';
import type { Good } from './jwt.js';
import { Lru } from './lru.js';

/** Two clocks, in milliseconds. The wall clock notices a machine that slept. */
export interface Clocks {
  monotonic(): number;
  wall(): number;
}

/** This machine's. */
export const SYSTEM_CLOCKS: Clocks = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
};

/** A moment by both clocks. */
export interface Moment {
  monotonic: number;
  wall: number;
}

/** A short-lived token that was verified, and when it ends by time alone. */
interface JwtEntry {
  good: Good;
  endsMonotonic: number;
  endsWall: number;
}

/** What is kept of a text, and when it ends by time alone. */
interface Entry {
  known: Known;
  endsMonotonic: number;
  endsWall: number;
}

const GOOD_FOR = 5000;
const REFRESH_AFTER = 1000;
const RETRY_AFTER = 1000;
const MOST_ALLOWED = 10_000;
const MOST_DENIED = 1000;
const MOST_JWTS = 10_000;

/**
 * Answers under the SHA-256 of the presented text. One is used only while its mark is the current
 * one, less than 5 s have passed since the last successful read of the mark was sent, and its row
 * cannot have changed by time alone.
 */
export class Cache {
  readonly #clocks: Clocks;
  readonly #allowed = new Lru<Entry>(MOST_ALLOWED);
  readonly #denied = new Lru<Entry>(MOST_DENIED);
  /** Only what was verified, so that forged ones cost nobody a place. */
  readonly #jwts = new Lru<JwtEntry>(MOST_JWTS);
  #mark: string | undefined;
  #sent: Moment = { monotonic: -Infinity, wall: -Infinity };
  /** When the read was sent that told the mark last: the order of reads. */
  #latest = -Infinity;
  // The moment of the last get, as numbers: this is on the way of every answer.
  #monotonic = 0;
  #wall = 0;
  #failed: { at: Moment; error: unknown } | undefined;

  constructor(clocks: Clocks = SYSTEM_CLOCKS) {
    this.#clocks = clocks;
  }

  /** How many answers are kept: of good tokens, and of others. */
  get sizes(): { allowed: number; denied: number } {
    return { allowed: this.#allowed.size, denied: this.#denied.size };
  }

  /** Now, by both clocks: to be taken before a read is sent. */
  moment(): Moment {
    return { monotonic: this.#clocks.monotonic(), wall: this.#clocks.wall() };
  }

  /** What is kept of a text and cannot have changed by time alone. It is good if {@link age} is. */
  get(hash: string): Known | undefined {
    const entry = this.#allowed.get(hash) ?? this.#denied.get(hash);
    if (entry === undefined) return undefined;
    this.#monotonic = this.#clocks.monotonic();
    this.#wall = this.#clocks.wall();
    if (this.#monotonic < entry.endsMonotonic && this.#wall < entry.endsWall) return entry.known;
    this.#allowed.delete(hash);
    this.#denied.delete(hash);
    return undefined;
  }

  /** The same of a short-lived token. */
  getJwt(hash: string): Good | undefined {
    const entry = this.#jwts.get(hash);
    if (entry === undefined) return undefined;
    this.#monotonic = this.#clocks.monotonic();
    this.#wall = this.#clocks.wall();
    if (this.#monotonic < entry.endsMonotonic && this.#wall < entry.endsWall) return entry.good;
    this.#jwts.delete(hash);
    return undefined;
  }

  /** Keeps one that was verified under the mark, if that is the current one. */
  keepJwt(hash: string, good: Good, store: StoreRow, sent: Moment, age = 0): void {
    this.markRead(store.mark, sent, age);
    if (store.mark !== this.#mark) return;
    const span = good.ends - store.now;
    this.#jwts.set(hash, { good, endsMonotonic: sent.monotonic + span, endsWall: sent.wall + span });
  }

  /**
   * What it takes to use what was got last: `good` nothing, `due` that the mark is read again by
   * one caller, while for the others it is still good, and `stale` that the mark is read again.
   */
  age(): 'good' | 'due' | 'stale' {
    const age = Math.max(this.#monotonic - this.#sent.monotonic, this.#wall - this.#sent.wall);
    return age < REFRESH_AFTER ? 'good' : age < GOOD_FOR ? 'due' : 'stale';
  }

  /**
   * The mark was read, by a read sent at this moment from what had been the store `age` ms before.
   * What is kept under another one is dropped.
   */
  markRead(mark: string, sent: Moment, age = 0): void {
    this.#failed = undefined;
    const counted = { monotonic: sent.monotonic - age, wall: sent.wall - age };
    if (mark === this.#mark) {
      if (counted.monotonic > this.#sent.monotonic) this.#sent = counted;
      this.#latest = Math.max(this.#latest, sent.monotonic);
      return;
    }
    // An answer that was overtaken on its way says nothing of now.
    if (sent.monotonic < this.#latest) return;
    this.clear();
    this.#mark = mark;
    this.#sent = counted;
    this.#latest = sent.monotonic;
  }

  /** Nothing that is kept is an answer any more. */
  clear(): void {
    this.#allowed.clear();
    this.#denied.clear();
    this.#jwts.clear();
  }

  /** The mark could not be read. */
  markFailed(error: unknown): void {
    this.#failed = { at: this.moment(), error };
  }

  /** The last failure to read the mark, for as long as it is not to be tried again. */
  get recentFailure(): { error: unknown } | undefined {
    if (!this.#failed) return undefined;
    const { at } = this.#failed;
    const age = Math.max(this.#clocks.monotonic() - at.monotonic, this.#clocks.wall() - at.wall);
    return age < RETRY_AFTER ? this.#failed : undefined;
  }

  /** Keeps what was read in one snapshot with the mark, if that is the current one. */
  keep(hash: string, known: Known, store: StoreRow, sent: Moment, age = 0): void {
    this.markRead(store.mark, sent, age);
    if (store.mark !== this.#mark) return;
    const span = lifeOf(known, store.now);
    const entry = { known, endsMonotonic: sent.monotonic + span, endsWall: sent.wall + span };
    const isActive = known.row?.state === 'active';
    (isActive ? this.#denied : this.#allowed).delete(hash);
    (isActive ? this.#allowed : this.#denied).set(hash, entry);
  }
}

/** How long a row cannot change by time alone, counted from when its read was sent, in ms. */
function lifeOf(known: Known, now: number): number {
  if (known.row === undefined) return Infinity;
  if (known.row.state !== 'active') return GOOD_FOR;
  return known.row.expiresAt === null ? Infinity : known.row.expiresAt - now;
}
