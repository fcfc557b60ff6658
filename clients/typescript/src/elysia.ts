// A guard for Elysia, and for everything else that answers a Request with a Response.

import type { Allowed, Ask } from './decide.js';
import {
  admit, answerTo, foreignData, isAnswer, isOwn, type Answer, type Credentials, type GuardOptions,
} from './http.js';
import type { Reader } from './reader.js';

/** What a guard of requests needs beyond the scope. */
export interface FetchGuardOptions extends GuardOptions {
  /** The client's trusted address; without it, keys that are bound to networks are refused. */
  ip?: (request: Request) => string | undefined;
}

/** Says who is let in, or what to answer. */
export type FetchGuard = (request: Request) => Promise<Allowed | Response>;

/** A guard of one kind of requests: `Authorization: Bearer` or `X-API-Key`. */
export function guard(reader: Reader, options: FetchGuardOptions = {}): FetchGuard {
  return async (request) => {
    const ask: Ask = { scope: options.scope, ip: options.ip?.(request) };
    const outcome = await admit(reader, credentialsOf(request.headers), ask, options);
    return isAnswer(outcome) ? responseOf(outcome) : outcome;
  };
}

/** `undefined` where an owner's data is touched by its owner, else the answer. */
export function refuseOthers(principal: Allowed, owner: unknown): Response | undefined {
  return isOwn(principal, owner) ? undefined : responseOf(foreignData());
}

/** The answer to what {@link Reader.secret} throws; anything else is thrown on. */
export function errorResponse(error: unknown): Response {
  return responseOf(answerTo(error));
}

/** What is used of an Elysia application. */
interface App {
  onRequest(hook: (context: { request: Request }) => unknown): unknown;
}

/**
 * An Elysia plugin: `new Elysia().use(keyctl(reader, { scope: 'memories' }))`. All routes of the
 * application are for those who are let in, and `keyctlOf(request)` says who that is. A request is
 * looked at before its body is parsed, so that strangers have none parsed.
 */
export function keyctl(reader: Reader, options: FetchGuardOptions = {}): <A>(app: A) => A {
  const admitted = guard(reader, options);
  return (app) => {
    (app as unknown as App).onRequest(async ({ request }) => {
      const outcome = await admitted(request);
      if (outcome instanceof Response) return outcome;
      principals.set(request, outcome);
      return undefined;
    });
    return app;
  };
}

const principals = new WeakMap<Request, Allowed>();

/** Who was let in with a request. */
export function keyctlOf(request: Request): Allowed {
  const principal = principals.get(request);
  if (!principal) throw new Error('no keyctl guard stands before this route');
  return principal;
}

/** Headers that were sent twice come as one, joined by a comma and a blank, which no token has. */
function credentialsOf(headers: Headers): Credentials {
  const valuesOf = (name: string) => headers.get(name)?.split(', ') ?? [];
  return { authorization: valuesOf('authorization'), apiKey: valuesOf('x-api-key') };
}

function responseOf({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers });
}
