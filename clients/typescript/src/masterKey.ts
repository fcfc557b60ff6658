// The key that all envelopes of a store are sealed under.

import { hkdfSync } from 'node:crypto';

/** Why a text is no master key, in the order in which it is looked at. */
export type MasterKeyFault =
  | 'empty' | 'byte_order_mark' | 'line_end' | 'blank' | 'hex_prefix' | 'bare_hex' | 'encoding'
  | 'length' | 'repeated';

const BYTES = 32;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const ID_INFO = 'keyctl/v1/master-key-id';

/** 256 bits that open everything. Nothing prints them. */
export class MasterKey {
  readonly #bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Reads base64 of 32 bytes with its padding (RFC 4648 §4), or `hex:` and 64 digits. */
  static parse(text: string): MasterKey | { error: MasterKeyFault } {
    const error = faultOfForm(text);
    if (error) return { error };
    const bytes = text.startsWith('hex:') ? fromHex(text.slice(4)) : fromBase64(text);
    if (!bytes) return { error: 'encoding' };
    if (bytes.length !== BYTES) return { error: 'length' };
    if (bytes.every((byte) => byte === bytes[0])) return { error: 'repeated' };
    return new MasterKey(bytes);
  }

  /** Which key it is in a store: 8 bytes. `store` is the uuid's 16 bytes. */
  id(store: Uint8Array): Buffer {
    return this.derive(store, Buffer.from(ID_INFO), 8);
  }

  /** HKDF-SHA-256 (RFC 5869). */
  derive(salt: Uint8Array, info: Uint8Array, length: number): Buffer {
    return Buffer.from(hkdfSync('sha256', this.#bytes, salt, info, length));
  }
}

/** The 16 bytes of a uuid with hyphens. */
export function uuidBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function faultOfForm(text: string): MasterKeyFault | undefined {
  if (text === '') return 'empty';
  if (text.startsWith('\uFEFF')) return 'byte_order_mark';
  if (/[\n\r]/.test(text)) return 'line_end';
  if (/[ \t\f]/.test(text)) return 'blank';
  if (/^0[xX][0-9A-Fa-f]*$/.test(text)) return 'hex_prefix';
  return /^[0-9A-Fa-f]{64}$/.test(text) ? 'bare_hex' : undefined;
}

function fromHex(digits: string): Buffer | undefined {
  return /^(?:[0-9A-Fa-f]{2})*$/.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}

function fromBase64(text: string): Buffer | undefined {
  if (!BASE64.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  // Bits behind the last byte that are not zero would let two texts name one key.
  return bytes.toString('base64') === text ? bytes : undefined;
}
