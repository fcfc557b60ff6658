// The text form of a token: `prefix_id_secretcheck`.

/** Why a text is not a token, in the order in which it is looked for. */
export type TokenFault =
  | 'empty' | 'alphabet' | 'shape' | 'prefix' | 'id_length' | 'secret_length' | 'check';

/** The public parts of a token. */
export interface TokenParts {
  prefix: string;
  /** 12 characters. */
  id: string;
  /** Prefix and id, which may be shown. */
  display: string;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_CHARS = 12;
const TAIL_CHARS = 49;
const CHECK_CHARS = 6;
const LONGEST = 72;
const PREFIX = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)?$/;
const SHAPE = /^([a-z][a-z0-9]*(?:_[a-z0-9]+)?)_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  }
  return value;
});

/** CRC-32 (IEEE 802.3, as zlib computes it) of a text of ASCII. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index++) {
    crc = CRC_TABLE[(crc ^ text.charCodeAt(index)) & 0xff]! ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

/** The check of everything before it: base62, six digits, the highest first. */
export function checkOf(body: string): string {
  let rest = crc32(body);
  let check = '';
  for (let digit = 0; digit < CHECK_CHARS; digit++) {
    check = ALPHABET[rest % 62] + check;
    rest = Math.floor(rest / 62);
  }
  return check;
}

/** Whether a text has the form of our tokens, whatever its check. */
export function hasTokenShape(text: string): boolean {
  if (text.length > LONGEST) return false;
  const prefix = SHAPE.exec(text)?.[1];
  return prefix !== undefined && prefix.length >= 2 && prefix.length <= 9;
}

/** Whether the check of a text of that form is right. It finds slips and guards nothing. */
export function hasRightCheck(text: string): boolean {
  return checkOf(text.slice(0, -CHECK_CHARS)) === text.slice(-CHECK_CHARS);
}

/** Parses a token; nothing is trimmed. */
export function parseToken(text: string): TokenParts | { error: TokenFault } {
  const fault = findFault(text);
  if (fault !== undefined) return { error: fault };
  const display = text.slice(0, -TAIL_CHARS - 1);
  return { prefix: display.slice(0, -ID_CHARS - 1), id: display.slice(-ID_CHARS), display };
}

function findFault(text: string): TokenFault | undefined {
  if (text === '') return 'empty';
  if (!/^[0-9A-Za-z_]*$/.test(text)) return 'alphabet';
  const parts = text.split('_');
  const tail = parts.pop();
  const id = parts.pop();
  if (tail === undefined || id === undefined || parts.length === 0) return 'shape';
  const prefix = parts.join('_');
  if (!PREFIX.test(prefix) || prefix.length < 2 || prefix.length > 9) return 'prefix';
  if (id.length !== ID_CHARS) return 'id_length';
  if (tail.length !== TAIL_CHARS) return 'secret_length';
  return hasRightCheck(text) ? undefined : 'check';
}
