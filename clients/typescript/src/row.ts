// What the store says, and whether it can be believed.

import { StoreUnavailable } from './errors.js';
import { parseMark } from './latest.js';
import { FOREIGN_PARAMS, type HashAlg } from './hashing.js';
import { isName, isSubject } from './names.js';
import { parseNetwork, type Network } from './network.js';
import { isScope } from './scope.js';

/** The states of a token. */
export type State =
  | 'active' | 'not_yet_valid' | 'expired' | 'revoked' | 'suspended' | 'owner_disabled' | 'parent_dead';

/** A row of `keyctl_tokens_v1` as a driver gives it: nothing is believed yet. */
export type RawToken = Readonly<Record<(typeof TOKEN_COLUMNS)[number], unknown>>;

/** What one statement reads: the mark, the store and the database's clock beside the row. */
export interface Snapshot {
  mark: unknown;
  storeUuid: unknown;
  viewVersion: unknown;
  foreignSalt: unknown;
  foreignParams: unknown;
  /** Milliseconds since 1970. */
  now: unknown;
  token: RawToken | undefined;
  /** How long before the read's end it was last made sure that this is the store, in ms. */
  age: number;
  /**
   * The nonce that stands with the change of this number, by the same connection; `null` where there is
   * no such change, none with it, or no such column. Absent where a store cannot be asked for it.
   */
  nonceOf?: (seq: string) => unknown;
}

/** What is said of the store in a snapshot that can be believed. */
export interface StoreRow {
  mark: string;
  uuid: string;
  /** 16 bytes in hex; `null` where the store holds no token that needs the slow hash. */
  foreignSalt: string | null;
  /** Milliseconds since 1970. */
  now: number;
}

/** A row of `keyctl_tokens_v1` that can be believed. */
export interface TokenRow {
  tokenId: string;
  keyId: string;
  keyName: string;
  subject: string;
  scopes: readonly string[];
  networks: readonly (readonly Network[])[];
  state: State;
  /** Milliseconds since 1970, exclusive. */
  expiresAt: number | null;
  hasQuota: boolean;
}

/** The columns of `keyctl_tokens_v1` that decide, in the order in which they are selected. */
export const TOKEN_COLUMNS = [
  'hash_alg', 'token_id', 'key_id', 'key_name', 'subject', 'scopes', 'networks', 'state', 'expires_at', 'quota',
] as const;

const VIEW_VERSION = 1;
const EARLIEST_CLOCK = Date.UTC(2024, 0, 1);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TOKEN_ID = /^[0-9A-Za-z]{12}$/;
/** 128 bits in Crockford base32. */
const KEY_ID = /^key_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const STATES: ReadonlySet<unknown> = new Set<State>([
  'active', 'not_yet_valid', 'expired', 'revoked', 'suspended', 'owner_disabled', 'parent_dead',
]);

/**
 * Believes a snapshot whose row was found by the hash of `alg`, or throws {@link StoreUnavailable}
 * with the first reason that there is, in the contract's order.
 */
export function believe(
  raw: Snapshot, alg: HashAlg, firstUuid: string | undefined,
): { store: StoreRow; row: TokenRow | undefined } {
  const store = believeStore(raw, alg, firstUuid);
  return { store, row: believeRow(raw, store) };
}

/** What comes before the cells of the token. */
export function believeStore(raw: Snapshot, alg: HashAlg, firstUuid: string | undefined): StoreRow {
  const { token, storeUuid: uuid, now } = raw;
  if (raw.viewVersion !== VIEW_VERSION) throw new StoreUnavailable('view_version');
  const isUuid = uuid === firstUuid || (typeof uuid === 'string' && UUID.test(uuid));
  if (isUuid && firstUuid !== undefined && uuid !== firstUuid) throw new StoreUnavailable('swapped');
  if (typeof now === 'number' && now < EARLIEST_CLOCK) throw new StoreUnavailable('clock');
  if (token && !STATES.has(token.state)) throw new StoreUnavailable('state');
  if (token && token.hash_alg !== alg) throw new StoreUnavailable('hash_alg');
  const store = {
    foreignSalt: believeSalt(raw), uuid: text(uuid, 'store_uuid'), mark: believeMark(raw.mark), now: time(now, 'now'),
  };
  if (!isUuid) throw broken('store_uuid');
  return store;
}

/** The token's cells. */
export function believeRow({ token }: Snapshot, { now }: StoreRow): TokenRow | undefined {
  return token && believeToken(token, now);
}

function believeMark(cell: unknown): string {
  if (typeof cell !== 'string' || (cell !== lastMark && !parseMark(cell))) throw broken('mark');
  lastMark = cell;
  return cell;
}

// Most reads show the same one.
let lastMark: string | undefined;

function believeSalt({ foreignSalt, foreignParams }: Snapshot): string | null {
  if (foreignSalt === null && foreignParams === null) return null;
  if (foreignSalt === null || foreignParams !== FOREIGN_PARAMS) throw new StoreUnavailable('foreign_params');
  const salt = text(foreignSalt, 'foreign_salt');
  if (!/^[0-9a-f]{32}$/.test(salt)) throw broken('foreign_salt');
  return salt;
}

function believeToken(raw: RawToken, now: number): TokenRow {
  const expiresAt = optionalTime(raw.expires_at, 'expires_at');
  if (raw.quota !== null && typeof raw.quota !== 'string') throw broken('quota');
  return {
    tokenId: formed(raw.token_id, isTokenId, 'token_id'),
    keyId: formed(raw.key_id, isKeyId, 'key_id'),
    keyName: formed(raw.key_name, isName, 'key_name'),
    subject: formed(raw.subject, isSubject, 'subject'),
    scopes: raw.scopes === '[]' ? NONE : believeScopes(raw.scopes),
    networks: raw.networks === '[]' ? NONE : believeNetworks(raw.networks),
    state: stateAt(raw.state as State, expiresAt, now),
    expiresAt,
    hasQuota: raw.quota !== null,
  };
}

function formed(cell: unknown, isOne: (cell: unknown) => cell is string, column: string): string {
  if (!isOne(cell)) throw broken(column);
  return cell;
}

function isTokenId(cell: unknown): cell is string {
  return typeof cell === 'string' && TOKEN_ID.test(cell);
}

/** Whether a cell is a key's id. */
export function isKeyId(cell: unknown): cell is string {
  return typeof cell === 'string' && KEY_ID.test(cell);
}

/** The view reads the clock on its own, a moment earlier: an end that falls between is one. */
function stateAt(state: State, expiresAt: number | null, now: number): State {
  return state === 'active' && expiresAt !== null && expiresAt <= now ? 'expired' : state;
}

const NONE: readonly never[] = Object.freeze([]);

function believeScopes(cell: unknown): readonly string[] {
  if (cell === lastScopes.cell) return lastScopes.scopes;
  const held = json(cell, 'scopes');
  if (!Array.isArray(held) || !held.every(isScope)) throw broken('scopes');
  const scopes = Object.freeze([...new Set<string>(held)].sort());
  lastScopes = { cell, scopes };
  return scopes;
}

// Many keys of a service have the same ones.
let lastScopes: { cell: unknown; scopes: readonly string[] } = { cell: '[]', scopes: NONE };

function believeNetworks(cell: unknown): readonly (readonly Network[])[] {
  const lists = json(cell, 'networks');
  if (!Array.isArray(lists)) throw broken('networks');
  return lists.map((list: unknown) => {
    if (!Array.isArray(list)) throw broken('networks');
    return list.map((one) => {
      const network = parseNetwork(one);
      if (!network) throw broken('networks');
      return network;
    });
  });
}

/** JSON as keyctl writes it: without blanks, and nothing escaped that need not be. */
function json(cell: unknown, column: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text(cell, column));
  } catch {
    throw broken(column);
  }
  if (JSON.stringify(value) !== cell) throw broken(column);
  return value;
}

/** A cell that must hold a text that is not empty. */
export function text(cell: unknown, column: string): string {
  if (typeof cell !== 'string' || cell === '') throw broken(column);
  return cell;
}

/** A cell that must hold milliseconds since 1970, or another whole number. */
export function time(cell: unknown, column: string): number {
  if (!Number.isSafeInteger(cell)) throw broken(column);
  return cell as number;
}

/** The same, or NULL. */
export function optionalTime(cell: unknown, column: string): number | null {
  return cell === null ? null : time(cell, column);
}

function broken(column: string): StoreUnavailable {
  return new StoreUnavailable('row', `column ${column}`);
}
