// A guard for Express and everything that takes its middlewares.

import type { Allowed, Ask } from './decide.js';
import {
  admit, answerTo, foreignData, isAnswer, isOwn, type Answer, type Credentials, type GuardOptions,
} from './http.js';
import type { Reader } from './reader.js';

/** What is used of a request. */
export interface GuardedRequest {
  rawHeaders: string[];
  /** What Express takes for the client's address (`trust proxy`). */
  ip?: string | undefined;
  /** Who was let in. */
  keyctl?: Allowed;
}

/** What is used of a response. */
export interface GuardedResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/** What a guard needs beyond the scope. */
export interface ExpressGuardOptions<Q> extends GuardOptions {
  /** The client's trusted address; without it, keys that are bound to networks are refused. */
  ip?: (request: Q) => string | undefined;
}

/** Goes on, or fails. */
export type Next = (error?: unknown) => void;

/** An Express middleware. */
export type Guard<Q> = (request: Q, response: GuardedResponse, next: Next) => Promise<void>;

/**
 * Lets in who presents a good token, as `Authorization: Bearer` or `X-API-Key`, and puts it into
 * `request.keyctl`. Stands before the parsing of bodies, so that strangers have none parsed.
 */
export function requireKey<Q extends GuardedRequest>(
  reader: Reader, options: ExpressGuardOptions<Q> = {},
): Guard<Q> {
  return async (request, response, next) => {
    try {
      const ask: Ask = { scope: options.scope, ip: options.ip?.(request) };
      const outcome = await admit(reader, credentialsOf(request.rawHeaders), ask, options);
      if (isAnswer(outcome)) return send(response, outcome);
      request.keyctl = outcome;
    } catch (error) {
      return next(error);
    }
    next();
  };
}

/**
 * Lets an owner's data be touched by its owner alone. `ownerOf` says whose it is: from the path, the
 * body, or what an id stands for. Anything that is not the caller's own name is refused, and so is what
 * nobody owns: an answer of its own would tell which ids there are.
 */
export function requireOwner<Q extends GuardedRequest>(ownerOf: (request: Q) => unknown): Guard<Q> {
  return async (request, response, next) => {
    try {
      const owner = await ownerOf(request);
      const isAllowed = request.keyctl && isOwn(request.keyctl, owner);
      if (!isAllowed) return send(response, foreignData());
    } catch (error) {
      return next(error);
    }
    next();
  };
}

/** An error handler for what {@link Reader.secret} throws. */
export function keyctlErrors(error: unknown, _request: unknown, response: GuardedResponse, next: Next): void {
  try {
    send(response, answerTo(error));
  } catch (other) {
    next(other);
  }
}

/** As they were sent: Node itself hides that a header came twice. */
function credentialsOf(raw: readonly string[]): Credentials {
  const valuesOf = (wanted: string) =>
    raw.filter((_, index) => index % 2 === 1 && raw[index - 1]!.toLowerCase() === wanted);
  return { authorization: valuesOf('authorization'), apiKey: valuesOf('x-api-key') };
}

function send(response: GuardedResponse, { status, headers, body }: Answer): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}
