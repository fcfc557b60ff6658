// Tokens of credentials, just before they are used.
//
// A reader reads, and getting a new token is a change. So it asks `keyctl serve`, or `keyctl exec --oauth`, over a Unix
// socket.

import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

import { AskError, KeyctlError, LeaseBusy } from './errors.js';
import { given, refused, refusedHolder, renewed, type Given, type Lease, type Present } from './leaseAnswer.js';
import { ask, type Answer } from './leaseHttp.js';
import type { Configured, Place } from './leasePlace.js';
import { isName } from './names.js';
import { Secret } from './secret.js';

/** What is asked for with a token; in seconds, of which parts are cut off. */
export interface LeaseOptions {
  /** The token of a client, whose binding counts. Without it that of the service's own key does. */
  apiKey?: string;
  /**
   * How long a lease is held, 1 second to 12 hours: 10 minutes unless said otherwise, and never longer than half of the
   * token's life.
   */
  holdFor?: number;
  /** How long others are waited for who use or get the token; 15 unless said otherwise. */
  wait?: number;
  /** How long the token must still live, a minute unless said otherwise; half of its life is enough. */
  minValid?: number;
}

const WAIT = 15;
/** As long as serve waits at most before it says that it is busy. */
const ASKED_AT_MOST = 20;
const PATIENCE = 10;
const LEAVES_WITHIN = 2;
/** Where serve does not say when to ask again. */
const AGAIN = 1;
const LONGEST = 2 ** 31;
const LONGEST_KEY = 4096;

/** Where a token was taken, and is given up, whatever the environment says then. */
class Way {
  readonly #place: Place;
  readonly #configured: Configured;

  constructor(configured: Configured) {
    this.#place = configured.place();
    this.#configured = configured;
  }

  async ask(path: string, body: Record<string, unknown>, seconds: number): Promise<Answer> {
    const socket = this.#place.checked();
    return ask(socket, path, { key: this.#configured.key(), body: JSON.stringify(body), within: seconds * 1000 });
  }
}

/** A token of a credential. Nothing shows it by accident, and nothing renews it but {@link LeasedToken.renew}. */
export class LeasedToken {
  /** Whose it is. */
  readonly provider: string;
  /** The name of the credential that it is of. */
  readonly credential: string;
  /** Which of the credential's tokens it is. */
  readonly version: number;
  /** How it stands in a request to the provider. */
  readonly present: Present;
  readonly #way: Way;
  readonly #token: Secret;
  readonly #holder: Secret | undefined;
  #expiresAt: number | null;
  #lease: Lease | undefined;
  #isReleased = false;

  constructor(provider: string, { credential, version, token, present, expiresAt, held }: Given, way: Way) {
    this.provider = provider;
    this.credential = credential;
    this.version = version;
    this.present = present;
    this.#token = token;
    this.#expiresAt = expiresAt;
    this.#lease = held?.lease;
    this.#holder = held?.holder;
    this.#way = way;
  }

  /** The token itself, for the moment in which it is used. */
  expose(): string {
    return this.#token.expose();
  }

  /** The header that presents it. */
  headers(): Record<string, string> {
    const token = this.#token.expose();
    return this.present === 'bearer' ? { Authorization: `Bearer ${token}` } : { 'x-api-key': token };
  }

  /** Until when it may be used, in milliseconds since 1970; `null` where nobody knows. */
  get expiresAt(): number | null {
    return this.#expiresAt;
  }

  /** Its lease; `undefined` where none is needed, since a new token ends none. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  /**
   * Holds the lease for longer, 10 minutes from now if it is not said, in seconds. Where there is none, nothing is done.
   *
   * @throws LeaseEnded where it is over or the credential has another token, LeaseBusy where a new one is waited for:
   * finish, and release this one.
   */
  async renew(holdFor?: number): Promise<void> {
    const span = holdFor === undefined ? undefined : seconds(holdFor, 'holdFor');
    if (!this.#holder) return;
    const answer = await this.#way.ask('/lease/renew', { holder_token: this.#holder.expose(), for: span }, PATIENCE);
    if (answer.status !== 200) throw refusedHolder(answer);
    this.#lease = renewed(answer);
    this.#expiresAt = this.#lease.expiresAt;
  }

  /** Gives the lease up, if there is one. What cannot be given up ends by itself: nothing is thrown. */
  async release(): Promise<void> {
    if (!this.#holder || this.#isReleased) return;
    this.#isReleased = true;
    try {
      await this.#way.ask('/lease/release', { holder_token: this.#holder.expose() }, LEAVES_WITHIN);
    } catch (error) {
      if (!(error instanceof KeyctlError)) throw error;
    }
  }

  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return `LeasedToken(${this.credential}, [redacted])`;
  }
}

/** What is done with a token. */
export type Use<T> = (token: LeasedToken) => T | Promise<T>;

/** What `use` makes of a token, which is released when that has ended; the token where there is no `use`. */
export async function lease<T>(
  configured: Configured, provider: string, options: LeaseOptions, use: Use<T> | undefined,
): Promise<T | LeasedToken> {
  const token = await take(configured, provider, options);
  if (!use) return token;
  try {
    return await use(token);
  } finally {
    await token.release();
  }
}

/** Asks until there is a token, or the wait is over. */
async function take(configured: Configured, provider: string, options: LeaseOptions): Promise<LeasedToken> {
  // Where nothing is configured, that is said before anything else.
  const way = new Way(configured);
  if (!isName(provider)) throw new AskError('the provider asked for is not a provider');
  const { apiKey, holdFor, minValid } = options;
  if (apiKey !== undefined && !(typeof apiKey === 'string' && apiKey.length > 0 && apiKey.length <= LONGEST_KEY)) {
    throw new AskError('apiKey is no token');
  }
  const wanted = {
    provider,
    api_key: apiKey,
    for: holdFor === undefined ? undefined : seconds(holdFor, 'holdFor'),
    min_valid: minValid === undefined ? undefined : seconds(minValid, 'minValid'),
  };
  seconds(options.wait ?? WAIT, 'wait');
  const until = performance.now() + (options.wait ?? WAIT) * 1000;
  const left = () => Math.max(until - performance.now(), 0) / 1000;
  for (;;) {
    const wait = Math.min(left(), ASKED_AT_MOST);
    const answer = await way.ask('/lease', { ...wanted, wait: Math.floor(wait) }, wait + PATIENCE);
    if (answer.status === 200) return new LeasedToken(provider, given(answer, provider), way);
    const error = refused(answer);
    const pause = answer.retryAfter ?? AGAIN;
    if (!(error instanceof LeaseBusy) || left() <= pause) throw error;
    await sleep(pause * 1000);
  }
}

/** Whole seconds. */
function seconds(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0 && value < LONGEST) return Math.floor(value);
  throw new AskError(`${name} is a number of seconds`);
}
