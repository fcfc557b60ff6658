// Which hashes of a presented text are looked up.

import * as crypto from 'node:crypto';

import { hasRightCheck, hasTokenShape } from './token.js';

/** How a token is hashed in the store. */
export type HashAlg = 'sha256' | 'argon2id';

/**
 * What a presented text is: one of our tokens; made elsewhere and known to be strong, or not;
 * or no token of any kind.
 */
export type Kind = 'ours' | 'strong' | 'weak' | 'malformed';

/** Longer texts are no token of any kind. */
export const LONGEST_TOKEN = 4096;

/** The only parameters of the slow hash: RFC 9106's second recommended option. */
export const FOREIGN_PARAMS = 'argon2id$v=19$m=65536,t=3,p=4';

const VISIBLE = /^[!-~]+$/;
const WORD = /^[a-z]+[-_]/;
const HEX = /^[0-9A-Fa-f]{32,}$/;
const RANDOM = /^[0-9A-Za-z_-]{22,}$/;

/** Tells what a text is. */
export function kindOf(text: string): Kind {
  if (hasTokenShape(text)) return hasRightCheck(text) ? 'ours' : 'malformed';
  if (text.length > LONGEST_TOKEN || !VISIBLE.test(text)) return 'malformed';
  return isStrong(text) ? 'strong' : 'weak';
}

/** Whether a text that is not ours is known to have enough random bits for a fast hash. */
function isStrong(text: string): boolean {
  const body = text.replace(WORD, '');
  if (HEX.test(body)) return true;
  return RANDOM.test(body) && new Set(body).size >= 10 && /[A-Za-z]/.test(body) && /[0-9]/.test(body);
}

/** SHA-256 of a text's bytes in lower-case hex. */
export const sha256: (text: string) => string =
  // The one-shot function of Node 20.12 costs half of a Hash object.
  typeof crypto.hash === 'function'
    ? (text) => crypto.hash('sha256', text, 'hex')
    : (text) => crypto.createHash('sha256').update(text).digest('hex');

/** Whether the slow hash may follow where SHA-256 found nothing. */
export function needsSlowHash(kind: Kind, foreignSalt: string | null): foreignSalt is string {
  return kind === 'weak' && foreignSalt !== null;
}
