// Short-lived tokens (JWTs): their form, and what makes one good. Nothing that one says is believed before its
// signature was verified by a key that the store shows under its id, and nothing that it says leads to another key or
// another algorithm (RFC 8725).

import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';

import { AskError, StoreUnavailable } from './errors.js';
import { isSubject } from './names.js';
import { covers, isScope } from './scope.js';
import { Lru } from './lru.js';
import { isKeyId } from './row.js';
import { isObject, parseStrict, type Json } from './strictJson.js';

/** What is asked of a short-lived token beyond "is it good"; what is absent is not asked. */
export interface JwtAsk {
  /** Whom it must be for: the service itself. The store's issuer unless it is named. */
  audience?: string | null | undefined;
  /** The permission that is needed, as in `memories:read`. */
  scope?: string | null | undefined;
  /** Whose data is touched: an owner's subject. */
  owner?: string | null | undefined;
}

/** A good short-lived token that may do what was asked. */
export interface JwtAllowed {
  readonly allowed: true;
  /** Whom the key acts for: its owner's subject. */
  readonly principal: string;
  /** The key that was exchanged for it. */
  readonly keyId: string;
  /** Its `jti`. */
  readonly tokenId: string;
  /** Whom it is for, one at least. */
  readonly audience: readonly string[];
  /** What it may do, sorted. */
  readonly scopes: readonly string[];
  /** The end, exclusive, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Why a short-lived token was refused (`UNAUTHORIZED`); for the log, never for the client. */
export type JwtUnauthorizedReason =
  | 'malformed' | 'signing_key' | 'signature' | 'type' | 'claims' | 'issuer' | 'audience' | 'expired'
  | 'not_yet_valid' | 'unknown' | 'version';

/** Why a good one may not do what was asked (`FORBIDDEN`). */
export type JwtForbiddenReason = 'owner' | 'scope';

/** Anything else. The reason is for the log, never for the client. */
export type JwtRefused =
  | { readonly allowed: false; readonly type: 'UNAUTHORIZED'; readonly reason: JwtUnauthorizedReason; readonly status: 401 }
  | { readonly allowed: false; readonly type: 'FORBIDDEN'; readonly reason: JwtForbiddenReason; readonly status: 403 };

/** The answer to {@link JwtAsk}. */
export type JwtVerdict = JwtAllowed | JwtRefused;

/** What the store shows of the key that is said to have signed, and of the key that the token is for. */
export interface RawJwt {
  issuer: unknown;
  x: unknown;
  y: unknown;
  validUntil: unknown;
  version: unknown;
}

/** A token that was verified, whoever it is for. */
export interface Good {
  readonly allowed: JwtAllowed;
  readonly issuer: string;
  /** In milliseconds since 1970, exclusive. */
  readonly ends: number;
}

/** Characters of a token. */
export const LONGEST_JWT = 8192;
const LONGEST_LIFE = 3600n;
/** Seconds by which a server's clock, which issued it, may be ahead of the database's. */
const AHEAD = 30n;

const FORM = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)$/;
const KID = /^[A-Za-z0-9_-]{43}$/;
const AUDIENCE = /^[!#-+\x2d-[\]-~]{1,255}$/;
const FORBIDDEN = ['crit', 'jku', 'jwk', 'x5u', 'x5c', 'zip', 'enc', 'b64'];
const TYPES: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt']);

/** A text that has the form of a token. */
export interface Unverified {
  /** What the store is asked for: empty for what nothing can have as its id. */
  readonly kid: string;
  readonly keyId: string;
  readonly isAccessToken: boolean;
  readonly claims: Json | undefined;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const refusals = new Map<string, JwtRefused>();

function refused(reason: JwtUnauthorizedReason | JwtForbiddenReason): JwtRefused {
  let one = refusals.get(reason);
  if (one === undefined) {
    one = Object.freeze(
      reason === 'owner' || reason === 'scope'
        ? { allowed: false, type: 'FORBIDDEN', reason, status: 403 }
        : { allowed: false, type: 'UNAUTHORIZED', reason, status: 401 },
    ) as JwtRefused;
    refusals.set(reason, one);
  }
  return one;
}

/** A text that is no token whatever the store says. */
export const MALFORMED_JWT: JwtRefused = refused('malformed');

/** Throws {@link AskError} for an audience, a scope or an owner that is none: a mistake in the caller's code. */
export function checkJwtAsk({ audience, scope, owner }: JwtAsk): void {
  if (audience != null && !(typeof audience === 'string' && AUDIENCE.test(audience))) {
    throw new AskError('the audience asked for is not an audience');
  }
  if (scope != null && !isScope(scope)) throw new AskError('the scope asked for is not a scope');
  if (owner != null && !isSubject(owner)) throw new AskError('the owner asked for is not the subject of one');
}

/** Callers in JavaScript may give anything. */
export function isPresentableJwt(text: unknown): text is string {
  return typeof text === 'string' && text.length <= LONGEST_JWT;
}

/** `undefined` for what is no token whatever the store says. */
export function parseJwt(text: string): Unverified | undefined {
  const found = isPresentableJwt(text) ? FORM.exec(text) : null;
  if (!found) return undefined;
  const header = headerOf(found[1]!);
  const [claims, signature] = [decode(found[2]!), decode(found[3]!)];
  if (!header || !claims || !signature) return undefined;
  const said = parseStrict(claims);
  const keyId = isObject(said) ? said.get('client_id') : undefined;
  return {
    kid: header.kid, isAccessToken: header.isAccessToken, claims: said, signature,
    keyId: isKeyId(keyId) ? keyId : '',
    signed: Buffer.from(text.slice(0, text.lastIndexOf('.')), 'latin1'),
  };
}

interface Header {
  kid: string;
  isAccessToken: boolean;
}

// All tokens of a key have the same one.
const headers = new Lru<Header>(64);

function headerOf(part: string): Header | undefined {
  const kept = headers.get(part);
  if (kept) return kept;
  const raw = decode(part);
  const header = raw && parseStrict(raw);
  if (!isObject(header) || FORBIDDEN.some((name) => header.has(name)) || header.get('alg') !== 'ES256') return undefined;
  const [kid, typ] = [header.get('kid'), header.get('typ')];
  if (typeof kid !== 'string' || (typ !== undefined && typeof typ !== 'string')) return undefined;
  const read = { kid: KID.test(kid) ? kid : '', isAccessToken: typ !== undefined && TYPES.has(typ.toLowerCase()) };
  headers.set(part, read);
  return read;
}

/** Base64url without padding, in the one way in which it can be written. */
function decode(text: string): Buffer | undefined {
  const raw = Buffer.from(text, 'base64url');
  return raw.toString('base64url') === text ? raw : undefined;
}

/** The decision, but for owner and scope. */
export function judgeJwt(token: Unverified, raw: RawJwt, now: number, asked: string | null | undefined): Good | JwtRefused {
  const ends = optionalNumber(raw.validUntil);
  const version = optionalNumber(raw.version);
  if (raw.issuer !== null && typeof raw.issuer !== 'string') throw broken();
  const issuer = raw.issuer;
  if (raw.x === null || raw.y === null || (ends !== null && ends <= now)) return refused('signing_key');
  const key = publicKey(token.kid, raw.x, raw.y);
  if (!isSignedBy(token, key)) return refused('signature');
  if (!token.isAccessToken) return refused('type');
  const claims = claimsOf(token.claims);
  if (claims === undefined) return refused('claims');
  const seconds = BigInt(Math.floor(now / 1000));
  const { begin, end } = claims;
  if (claims.issuer !== issuer) return refused('issuer');
  if (!claims.audience.includes(asked ?? issuer)) return refused('audience');
  if (end <= begin || end > begin + LONGEST_LIFE) return refused('claims');
  if (end <= seconds) return refused('expired');
  if (begin > seconds + AHEAD || claims.notBefore > seconds + AHEAD) return refused('not_yet_valid');
  if (version === null) return refused('unknown');
  if (claims.version !== BigInt(version)) return refused('version');
  const expiresAt = Number(end) * 1000;
  const { principal, keyId, tokenId, audience, scopes } = claims;
  const allowed: JwtAllowed = Object.freeze({ allowed: true, principal, keyId, tokenId, audience, scopes, expiresAt });
  return { allowed, issuer, ends: ends === null ? expiresAt : Math.min(expiresAt, ends) };
}

/** Audience, owner, scope: the first that fails is the reason. */
export function decideJwt({ allowed, issuer }: Good, { audience, owner, scope }: JwtAsk): JwtVerdict {
  if (!allowed.audience.includes(audience ?? issuer)) return refused('audience');
  if (owner != null && owner !== allowed.principal) return refused('owner');
  if (scope != null && !allowed.scopes.some((held) => covers(held, scope))) return refused('scope');
  return allowed;
}

function isSignedBy({ signed, signature }: Unverified, key: KeyObject | undefined): boolean {
  // Coordinates of no point verify nothing.
  if (signature.length !== 64 || key === undefined) return false;
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

// A store has a handful of them.
const keys = new Lru<{ key: KeyObject | undefined }>(64);

/** `undefined` where the coordinates are of no point. */
function publicKey(kid: string, x: unknown, y: unknown): KeyObject | undefined {
  if (typeof x !== 'string' || typeof y !== 'string') throw broken();
  const name = `${kid} ${x} ${y}`;
  const kept = keys.get(name);
  if (kept) return kept.key;
  if (decode(x)?.length !== 32 || decode(y)?.length !== 32) throw broken();
  // RFC 7638: the id follows from the key.
  const thumbprint = createHash('sha256').update(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`).digest('base64url');
  if (thumbprint !== kid) throw broken();
  let key: KeyObject | undefined;
  try {
    key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
  } catch {
    key = undefined;
  }
  keys.set(name, { key });
  return key;
}

interface Claims {
  issuer: string;
  principal: string;
  audience: readonly string[];
  begin: bigint;
  end: bigint;
  notBefore: bigint;
  tokenId: string;
  keyId: string;
  scopes: readonly string[];
  version: bigint;
}

function claimsOf(said: Json | undefined): Claims | undefined {
  if (!isObject(said)) return undefined;
  const [issuer, principal, tokenId, keyId] = ['iss', 'sub', 'jti', 'client_id'].map((name) => said.get(name));
  const [begin, end, version] = ['iat', 'exp', 'kver'].map((name) => said.get(name));
  const notBefore = said.has('nbf') ? said.get('nbf') : begin;
  if (typeof begin !== 'bigint' || typeof end !== 'bigint' || typeof version !== 'bigint' || typeof notBefore !== 'bigint') return undefined;
  if (typeof issuer !== 'string' || issuer === '' || typeof tokenId !== 'string' || tokenId === '') return undefined;
  if (!isSubject(principal) || !isKeyId(keyId)) return undefined;
  const [audience, scopes] = [audiencesOf(said.get('aud')), said.has('scope') ? scopesOf(said.get('scope')) : NONE];
  if (audience === undefined || scopes === undefined) return undefined;
  return { issuer, principal, audience, begin, end, notBefore, tokenId, keyId, scopes, version };
}

const NONE: readonly string[] = Object.freeze([]);

function audiencesOf(said: Json | undefined): readonly string[] | undefined {
  if (typeof said === 'string') return said === '' ? undefined : Object.freeze([said]);
  if (!Array.isArray(said) || said.length === 0 || !said.every((one) => typeof one === 'string')) return undefined;
  return Object.freeze(said as string[]);
}

/** Scopes with single blanks between them. */
function scopesOf(said: Json | undefined): readonly string[] | undefined {
  if (typeof said !== 'string') return undefined;
  const words = said.split(' ');
  return words.every(isScope) ? Object.freeze([...new Set(words)].sort()) : undefined;
}

function optionalNumber(cell: unknown): number | null {
  if (cell !== null && !Number.isSafeInteger(cell)) throw broken();
  return cell as number | null;
}

function broken(): StoreUnavailable {
  return new StoreUnavailable('row', 'a signing key');
}
