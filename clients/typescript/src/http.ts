// What the middlewares have in common: which credential a request carries, and what is answered.

import type { Allowed, Ask, Verdict } from './decide.js';
import { KeyctlError, LeaseBusy, StoreUnavailable } from './errors.js';
import type { Reader } from './reader.js';

/** An answer to a request that goes no further. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The values of the two headers that carry a credential, each as often as it was sent. */
export interface Credentials {
  authorization: readonly string[];
  apiKey: readonly string[];
}

/** What a guard asks of every request. */
export interface GuardOptions {
  /** The scope that is needed. */
  scope?: string;
  /** Named in `WWW-Authenticate`; `keyctl` unless said otherwise. */
  realm?: string;
}

const RETRY_AFTER = '1';

/** The token; `undefined` where there is none, `conflict` where it is not clear which one counts. */
export function tokenOf({ authorization, apiKey }: Credentials): string | undefined | { conflict: true } {
  if (authorization.length > 1 || apiKey.length > 1) return { conflict: true };
  // HTTP has taken blanks and tabs away at both ends; whatever else stands there belongs to the token.
  const bearer = /^bearer(?: +(.*))?$/is.exec(authorization[0] ?? '');
  // Of two credentials of different kinds nobody could say which one counts.
  if (!bearer && authorization.length > 0 && apiKey.length > 0) return { conflict: true };
  const tokens = new Set([...(bearer ? [bearer[1] ?? ''] : []), ...apiKey]);
  return tokens.size > 1 ? { conflict: true } : [...tokens][0];
}

/** Lets a request in, or says what to answer. */
export async function admit(
  reader: Reader, credentials: Credentials, ask: Ask, options: GuardOptions,
): Promise<Allowed | Answer> {
  const realm = realmOf(options);
  const token = tokenOf(credentials);
  if (token === undefined) return unauthorized(`Bearer realm="${realm}"`);
  if (typeof token === 'object') return problem(400, 'invalid_request', 'Bad Request', challenge(realm, 'invalid_request'));
  try {
    const verdict = await reader.verify(token, ask);
    return verdict.allowed ? verdict : refusal(verdict, realm, ask.scope);
  } catch (error) {
    return answerTo(error);
  }
}

/** Whether what came of {@link admit} is an answer. */
export function isAnswer(outcome: Allowed | Answer): outcome is Answer {
  return 'body' in outcome;
}

/** The answer to whoever touches another owner's data. */
export function foreignData(): Answer {
  return problem(403, 'FORBIDDEN', 'Forbidden');
}

/** The answer to a typed error; anything else is thrown on. */
export function answerTo(error: unknown, options: GuardOptions = {}): Answer {
  if (!(error instanceof KeyctlError)) throw error;
  if (error.status === 401) return unauthorized(challengeOfToken(realmOf(options)));
  if (error.status === 403) return foreignData();
  const retry: Record<string, string> = error instanceof StoreUnavailable || error instanceof LeaseBusy ? { 'retry-after': RETRY_AFTER } : {};
  return problem(503, error.type, 'Service Unavailable', retry);
}

/** Whether an owner's data may be touched: the same rule as a verification's. */
export function isOwn(principal: Allowed, owner: unknown): boolean {
  return typeof owner === 'string' && owner === principal.principal;
}

/** A realm goes into a quoted string. */
export function realmOf({ realm = 'keyctl' }: GuardOptions): string {
  if (!/^[ !#-[\]-~]*$/.test(realm)) throw new TypeError('a realm has no quotes, backslashes or control characters');
  return realm;
}

function refusal(verdict: Exclude<Verdict, Allowed>, realm: string, scope: string | null | undefined): Answer {
  if (verdict.status === 401) return unauthorized(challengeOfToken(realm));
  if (verdict.reason !== 'scope') return foreignData();
  const header = `Bearer realm="${realm}", error="insufficient_scope", scope="${scope}"`;
  return problem(403, verdict.type, 'Forbidden', { 'www-authenticate': header });
}

function challengeOfToken(realm: string): string {
  return `Bearer realm="${realm}", error="invalid_token"`;
}

function challenge(realm: string, error: string): Record<string, string> {
  return { 'www-authenticate': `Bearer realm="${realm}", error="${error}"` };
}

/** The same for every reason. */
function unauthorized(header: string): Answer {
  return problem(401, 'UNAUTHORIZED', 'Unauthorized', { 'www-authenticate': header });
}

/** RFC 9457. */
function problem(status: number, code: string, title: string, more: Record<string, string> = {}): Answer {
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...more };
  return { status, headers, body: JSON.stringify({ type: 'about:blank', title, status, code }) };
}
