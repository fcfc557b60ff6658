// What is read of serve's answers. Nothing is believed that nobody here understands.

import { AskError, Denied, KeyUnavailable, LeaseBusy, LeaseEnded, LeaseLimited, StoreUnavailable } from './errors.js';
import { odd, type Answer } from './leaseHttp.js';
import { Secret } from './secret.js';
import { isObject, parseStrict, type Json } from './strictJson.js';

/** How a token stands in a request to the provider: in `Authorization`, or in a header `x-api-key`. */
export type Present = 'bearer' | 'x-api-key';

/** A token's lease: nobody gets another token under its holder before it ends. */
export interface Lease {
  /** As `keyctl lease list` names it. */
  readonly id: string;
  /** A number that only grows. Who writes elsewhere by a lease sends it along, and what has seen a higher one refuses. */
  readonly fence: number;
  /** When it ends by itself, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What was handed out. */
export interface Given {
  credential: string;
  version: number;
  token: Secret;
  present: Present;
  expiresAt: number | null;
  held: { lease: Lease; holder: Secret } | undefined;
}

const LIMITED = ['OVERLOADED', 'KEY_RATE_LIMIT', 'KEY_QUOTA_EXCEEDED', 'RATE_LIMIT'] as const;
/** RFC 6749 §A.12. It becomes a header. */
const TOKEN = /^[!-~](?:[ -~]{0,65534}[!-~])?$/;
const ID = /^lse_[!-~]{1,60}$/;
const LINE = /^[ -~]{1,200}$/;
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,3})\d{0,6})?(Z|[+-]\d\d:\d\d)$/;

/** @throws KeyUnavailable (`answer`) */
export function given(answer: Answer, provider: string): Given {
  const said = objectOf(answer);
  if (said.get('provider') !== provider) throw odd("another provider's token");
  const token = said.get('access_token');
  const present = said.get('present');
  if (!isText(token) || !TOKEN.test(token)) throw odd('no token');
  if (present !== 'bearer' && present !== 'x-api-key') throw odd('a token that is presented in a way that is not known here');
  const credential = said.get('credential');
  if (!isText(credential)) throw odd('another form of JSON');
  const end: Json = said.get('expires_at') ?? null;
  const lease: Json = said.get('lease') ?? null;
  return {
    credential,
    version: count(said.get('version')),
    token: new Secret(token),
    present,
    expiresAt: end === null ? null : time(end),
    held: lease === null ? undefined : { lease: leaseOf(lease), holder: holderOf(lease) },
  };
}

/** What a lease is after it was renewed. */
export function renewed(answer: Answer): Lease {
  return leaseOf(objectOf(answer).get('lease'));
}

/** What an answer means that is no success. */
export function refused(answer: Answer): Error {
  const parsed = parseStrict(answer.body);
  const said = isObject(parsed) ? parsed : new Map<string, Json>();
  const code = said.get('code');
  const detail = said.get('detail');
  const why = isText(detail) && LINE.test(detail) ? detail : 'no reason is given';
  const limited = LIMITED.find((one) => one === code);
  if (limited) return new LeaseLimited(limited, answer.retryAfter);
  if (code === 'UNAUTHORIZED' || code === 'FORBIDDEN') {
    if (said.get('of') === 'api_key') return new Denied(code, 'refused', code === 'UNAUTHORIZED' ? 401 : 403);
    return new KeyUnavailable('credentials_key', `keyctl serve does not let this service in (${why}): ` +
      'KEYCTL_CREDENTIALS_KEY_FILE names the file of a key with the scope keyctl:lease');
  }
  switch (code) {
    case 'BUSY': return new LeaseBusy();
    case 'CONFLICT': return new LeaseEnded();
    case 'KEY_UNAVAILABLE':
      return new KeyUnavailable('no_token', 'nothing that works is bound for this provider; keyctl oauth list shows the ' +
        "credentials, and serve's log why");
    case 'STORE_UNAVAILABLE': return new StoreUnavailable('serve', 'keyctl serve cannot read or write the store');
  }
  if (answer.status === 404) return new KeyUnavailable('not_served', 'keyctl serve hands out no tokens there: it has no --lease-store');
  if (code === 'INVALID_REQUEST' && answer.status === 400) return new AskError(`this cannot be asked for: ${why}`);
  return odd(`a status ${answer.status}`);
}

/**
 * The same for a holder's token: that of a lease that is over shows nothing any more. A key that lacks the scope is told
 * so by a challenge.
 */
export function refusedHolder(answer: Answer): Error {
  const error = refused(answer);
  const isForgotten = answer.status === 403 && answer.challenge === '';
  return isForgotten && error instanceof KeyUnavailable && error.reason === 'credentials_key' ? new LeaseEnded() : error;
}

function objectOf(answer: Answer): Map<string, Json> {
  const said = parseStrict(answer.body);
  if (!isObject(said)) throw odd('another form of JSON');
  return said;
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}

function count(value: Json | undefined): number {
  if (typeof value !== 'bigint' || value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw odd('another form of JSON');
  return Number(value);
}

function leaseOf(said: Json | undefined): Lease {
  if (!isObject(said)) throw odd('another form of JSON');
  const id = said.get('id');
  if (!isText(id) || !ID.test(id)) throw odd('a lease without an id');
  return Object.freeze({ id, fence: count(said.get('fence')), expiresAt: time(said.get('expires_at')) });
}

function holderOf(said: Json): Secret {
  const token = isObject(said) ? said.get('holder_token') : undefined;
  if (!isText(token) || token === '') throw odd('a lease without a holder token');
  return new Secret(token);
}

/** In milliseconds since 1970; digits beyond them are cut off. */
function time(value: Json | undefined): number {
  const found = isText(value) ? TIME.exec(value) : null;
  const at = found ? Date.parse(`${found[1]}.${(found[2] ?? '').padEnd(3, '0')}${found[3]}`) : Number.NaN;
  if (Number.isNaN(at)) throw odd('a time is none');
  return at;
}
