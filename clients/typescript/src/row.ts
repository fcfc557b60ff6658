// What the store says, and whether it can be believed.

import { StoreUnavailable } from './errors.js';
import { FOREIGN_PARAMS, type HashAlg } from './hashing.js';
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
  owner: string;
  scopes: readonly string[];
  networks: readonly (readonly Network[])[];
  state: State;
  /** Milliseconds since 1970, exclusive. */
  expiresAt: number | null;
  hasQuota: boolean;
}

/** The columns of `keyctl_tokens_v1` but the hash, in the order in which they are selected. */
export const TOKEN_COLUMNS = [
  'hash_alg', 'token_id', 'key_id', 'key_name', 'owner', 'scopes', 'networks', 'state',
  'not_before', 'expires_at', 'rate', 'quota', 'labels',
] as const;

const VIEW_VERSION = 1;
const EARLIEST_CLOCK = Date.UTC(2024, 0, 1);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const STATES: ReadonlySet<unknown> = new Set<State>([
  'active', 'not_yet_valid', 'expired', 'revoked', 'suspended', 'owner_disabled', 'parent_dead',
]);

/** Believes what is said of the store, or throws {@link StoreUnavailable}. */
export function believeStore(raw: Snapshot, firstUuid: string | undefined): StoreRow {
  if (raw.viewVersion !== VIEW_VERSION) throw new StoreUnavailable('view_version');
  const uuid = text(raw.storeUuid, 'store_uuid');
  if (uuid !== firstUuid) {
    if (!UUID.test(uuid)) throw broken('store_uuid');
    if (firstUuid !== undefined) throw new StoreUnavailable('swapped');
  }
  const now = time(raw.now, 'now');
  if (now < EARLIEST_CLOCK) throw new StoreUnavailable('clock');
  return { mark: text(raw.mark, 'mark'), uuid, foreignSalt: believeSalt(raw), now };
}

function believeSalt({ foreignSalt, foreignParams }: Snapshot): string | null {
  if (foreignSalt === null && foreignParams === null) return null;
  if (foreignParams !== FOREIGN_PARAMS) throw new StoreUnavailable('foreign_params');
  const salt = text(foreignSalt, 'foreign_salt');
  if (!/^[0-9a-f]{32}$/.test(salt)) throw broken('foreign_salt');
  return salt;
}

/** Believes a row found by the hash of `alg`, or throws {@link StoreUnavailable}. */
export function believeToken(raw: RawToken, alg: HashAlg, now: number): TokenRow {
  if (!STATES.has(raw.state)) throw new StoreUnavailable('state');
  if (raw.hash_alg !== alg) throw new StoreUnavailable('hash_alg');
  const notBefore = optionalTime(raw.not_before, 'not_before');
  const expiresAt = optionalTime(raw.expires_at, 'expires_at');
  if (raw.labels !== '{}') object(raw.labels, 'labels');
  if (raw.rate !== null) believeLimit(raw.rate, 'rate');
  if (raw.quota !== null) believeLimit(raw.quota, 'quota');
  return {
    tokenId: text(raw.token_id, 'token_id'),
    keyId: text(raw.key_id, 'key_id'),
    keyName: text(raw.key_name, 'key_name'),
    owner: text(raw.owner, 'owner'),
    scopes: raw.scopes === '[]' ? NONE : believeScopes(raw.scopes),
    networks: raw.networks === '[]' ? NONE : believeNetworks(raw.networks),
    state: stateAt(raw.state as State, notBefore, expiresAt, now),
    expiresAt,
    hasQuota: raw.quota !== null,
  };
}

/** The view reads the clock on its own, a moment earlier: an end that falls between is one. */
function stateAt(state: State, notBefore: number | null, expiresAt: number | null, now: number): State {
  if (state !== 'active') return state;
  if (expiresAt !== null && expiresAt <= now) return 'expired';
  return notBefore !== null && notBefore > now ? 'not_yet_valid' : 'active';
}

const NONE: readonly never[] = Object.freeze([]);

function believeScopes(cell: unknown): readonly string[] {
  if (cell === lastScopes.cell) return lastScopes.scopes;
  const scopes = json(cell, 'scopes');
  if (!Array.isArray(scopes) || !scopes.every(isScope)) throw broken('scopes');
  lastScopes = { cell, scopes: Object.freeze(scopes) };
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

/** `{"limit":10,…}`, or `10/day` as older stores have it. A reader counts nothing, so no more is asked. */
function believeLimit(cell: unknown, column: string): void {
  if (typeof cell === 'string' && /^[1-9][0-9]*\/[a-z0-9]+$/.test(cell)) return;
  if (!Number.isSafeInteger(object(cell, column)['limit'])) throw broken(column);
}

function object(cell: unknown, column: string): Record<string, unknown> {
  const found = json(cell, column);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw broken(column);
  return found as Record<string, unknown>;
}

function json(cell: unknown, column: string): unknown {
  try {
    return JSON.parse(text(cell, column));
  } catch {
    throw broken(column);
  }
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
