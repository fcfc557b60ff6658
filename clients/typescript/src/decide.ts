// From a row and what is asked of it to a verdict: pure.

import { AskError, type ForbiddenReason, type UnauthorizedReason } from './errors.js';
import { isSubject } from './names.js';
import { contains, parseAddress } from './network.js';
import type { TokenRow } from './row.js';
import { covers, isScope } from './scope.js';

/** What is asked beyond "is it good"; what is absent is not asked. */
export interface Ask {
  /** The permission that is needed, as in `memories:read`. */
  scope?: string | null | undefined;
  /** Whose data is touched: an owner's subject, which is its name unless it was set. */
  owner?: string | null | undefined;
  /** The client's trusted address. Anything that is no address counts as none. */
  ip?: string | null | undefined;
}

/** A good token that may do what was asked. */
export interface Allowed {
  readonly allowed: true;
  /** Whom the key acts for: its owner's subject. */
  readonly principal: string;
  readonly keyId: string;
  readonly keyName: string;
  /** The public id of the token presented. */
  readonly tokenId: string;
  /** What the key may do, sorted. */
  readonly scopes: readonly string[];
  /** The end, exclusive, in milliseconds since 1970; `null` where there is none. */
  readonly expiresAt: number | null;
}

/** Anything else. The reason is for the log, never for the client. */
export type Refused =
  | { readonly allowed: false; readonly type: 'UNAUTHORIZED'; readonly reason: UnauthorizedReason; readonly status: 401 }
  | { readonly allowed: false; readonly type: 'FORBIDDEN'; readonly reason: ForbiddenReason; readonly status: 403 };

/** The answer to {@link Ask}. */
export type Verdict = Allowed | Refused;

/** What a text stands for: a row, or why there is none. */
export interface Known {
  readonly row: TokenRow | undefined;
  readonly missing: 'malformed' | 'unknown';
  /** The answer where everything that was asked is granted. */
  readonly allowed: Allowed | undefined;
  /** The last scope that was granted: most services ask for the same one over and over. */
  granted: string | undefined;
  /** `allowed` as a promise, made once. */
  promised: Promise<Verdict> | undefined;
}

/** What the service itself decides. */
export interface Policy {
  /** Lets a key with a quota pass although nobody counts here. */
  allowUnmetered: boolean;
}

/** A text that is no token of any kind. */
export const MALFORMED: Known = missing('malformed');

/** A text that could be a token, and is none of the store's. */
export const UNKNOWN: Known = missing('unknown');

function missing(why: 'malformed' | 'unknown'): Known {
  return { row: undefined, missing: why, allowed: undefined, granted: undefined, promised: undefined };
}

const refusals = new Map<string, Refused>();

function unauthorized(reason: UnauthorizedReason): Refused {
  return remembered({ allowed: false, type: 'UNAUTHORIZED', reason, status: 401 });
}

function forbidden(reason: ForbiddenReason): Refused {
  return remembered({ allowed: false, type: 'FORBIDDEN', reason, status: 403 });
}

function remembered(fresh: Refused): Refused {
  const known = refusals.get(fresh.type + fresh.reason);
  if (known) return known;
  refusals.set(fresh.type + fresh.reason, Object.freeze(fresh));
  return fresh;
}

/** A row, with the answer that it gives where everything asked is granted. */
export function known(row: TokenRow): Known {
  const { subject: principal, keyId, keyName, tokenId, scopes, expiresAt } = row;
  const allowed: Allowed = { allowed: true, principal, keyId, keyName, tokenId, scopes, expiresAt };
  return { row, missing: 'unknown', allowed: Object.freeze(allowed), granted: undefined, promised: undefined };
}

/** Throws {@link AskError} for what is no scope or no owner: a mistake in the caller's code. */
export function checkAsk({ scope, owner }: Ask): void {
  if (scope != null && scope !== lastScope) {
    if (!isScope(scope)) throw new AskError('the scope asked for is not a scope');
    lastScope = scope;
  }
  if (owner != null && owner !== lastOwner) {
    if (!isSubject(owner)) throw new AskError('the owner asked for is not the subject of one');
    lastOwner = owner;
  }
}

// A service asks for the same few over and over.
let lastScope: string | undefined;
let lastOwner: string | undefined;

/** The verdict: known, state, network, owner, scope, quota; the first that fails is the reason. */
export function decide(found: Known, ask: Ask, policy: Policy): Verdict {
  const { row, allowed } = found;
  if (row === undefined || allowed === undefined) return unauthorized(found.missing);
  if (row.state !== 'active') return unauthorized(row.state);
  if (row.networks.length > 0 && !isWithin(row, ask.ip)) return forbidden('network');
  if (ask.owner != null && ask.owner !== row.subject) return forbidden('owner');
  if (ask.scope != null && ask.scope !== found.granted) {
    if (!isGranted(row.scopes, ask.scope)) return forbidden('scope');
    found.granted = ask.scope;
  }
  if (row.hasQuota && !policy.allowUnmetered) return forbidden('quota');
  return allowed;
}

function isGranted(scopes: readonly string[], asked: string): boolean {
  for (const held of scopes) {
    if (covers(held, asked)) return true;
  }
  return false;
}

function isWithin({ networks }: TokenRow, ip: unknown): boolean {
  const address = parseAddress(ip);
  if (!address) return false;
  return networks.every((list) => list.some((network) => contains(network, address)));
}
