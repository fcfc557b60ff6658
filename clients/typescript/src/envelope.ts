// Opening what is sealed under a master key.

import { createDecipheriv, timingSafeEqual } from 'node:crypto';

import type { MasterKey } from './masterKey.js';

/** Why an envelope does not open, in the order in which it is looked for. */
export type EnvelopeFault = 'length' | 'version' | 'algorithm' | 'unknown_master_key' | 'unauthentic';

/** Where an envelope stands; it opens nowhere else. */
export interface Place {
  /** The uuid's 16 bytes. */
  store: Uint8Array;
  secretId: string;
  version: number;
  provider: string;
}

const HEADER = 74;
const NONCE = 12;
const TAG = 16;
const SHORTEST = HEADER + NONCE + TAG;
const LONGEST = SHORTEST + 64 * 1024;
const INFO = Buffer.from('keyctl/v1/secret');

/** Whether bytes have an envelope's form. */
export function faultOfForm(envelope: Uint8Array): EnvelopeFault | undefined {
  if (envelope.length < SHORTEST || envelope.length > LONGEST) return 'length';
  if (envelope[0] !== 1) return 'version';
  return envelope[1] === 1 ? undefined : 'algorithm';
}

/** Opens an envelope by the one of these keys that sealed it. */
export function openEnvelope(
  keys: readonly MasterKey[],
  place: Place,
  envelope: Uint8Array,
): { value: string } | { error: EnvelopeFault } {
  const error = faultOfForm(envelope);
  if (error) return { error };
  const id = envelope.subarray(2, 10);
  const key = keys.find((one) => one.id(place.store).equals(id));
  if (!key) return { error: 'unknown_master_key' };
  const okm = key.derive(envelope.subarray(10, 42), Buffer.concat([INFO, id]), 64);
  if (!timingSafeEqual(okm.subarray(32), envelope.subarray(42, HEADER))) return { error: 'unauthentic' };
  const value = decrypt(okm.subarray(0, 32), additionalData(place, envelope), envelope);
  okm.fill(0);
  return value === undefined ? { error: 'unauthentic' } : { value };
}

function decrypt(key: Buffer, additional: Buffer, envelope: Uint8Array): string | undefined {
  const start = HEADER + NONCE;
  const end = envelope.length - TAG;
  const cipher = createDecipheriv('aes-256-gcm', key, envelope.subarray(HEADER, start), { authTagLength: TAG });
  cipher.setAAD(additional).setAuthTag(envelope.subarray(end));
  try {
    const value = Buffer.concat([cipher.update(envelope.subarray(start, end)), cipher.final()]);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}

/** Each part behind its length, so that no two places give the same bytes. */
function additionalData({ store, secretId, version, provider }: Place, envelope: Uint8Array): Buffer {
  const parts = [
    'keyctl/v1/aad', store, 'secret_version', secretId, 'envelope', String(version), provider,
    envelope.subarray(0, HEADER),
  ];
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part as Uint8Array);
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(bytes.length));
      return [length, bytes];
    }),
  );
}
