// A provider's secret: which one it is, whether it may be had, and how it is handed out.

import { inspect } from 'node:util';

import { faultOfForm, openEnvelope } from './envelope.js';
import { KeyUnavailable, StoreUnavailable } from './errors.js';
import { uuidBytes, type MasterKey } from './masterKey.js';
import { text, time, optionalTime } from './row.js';

/** A secret that nothing shows by accident: only {@link Secret.expose} gives it out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself, for the moment in which it is used. */
  expose(): string {
    return this.#value;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return 'Secret([redacted])';
  }
}

/** The nearest binding's secret id, and its row in `keyctl_secrets_v1`, as a driver gives them. */
export interface RawSecret {
  boundTo: unknown;
  row: Readonly<Record<(typeof SECRET_COLUMNS)[number], unknown>> | undefined;
}

/** The columns of `keyctl_secrets_v1`, in the order in which they are selected. */
export const SECRET_COLUMNS = [
  'secret_id', 'provider', 'name', 'version', 'state', 'expires_at', 'envelope',
] as const;

/** Opens a secret, or throws {@link KeyUnavailable} or {@link StoreUnavailable}. */
export function openSecret(
  { boundTo, row }: RawSecret,
  { provider, storeUuid, keys, now }: { provider: string; storeUuid: string; keys: readonly MasterKey[]; now: number },
): Secret {
  if (boundTo === null) throw new KeyUnavailable('unbound');
  const secretId = text(boundTo, 'secret_id');
  if (!row) throw new KeyUnavailable('damaged');
  const version = time(row.version, 'version');
  const state = stateOf(row.state, optionalTime(row.expires_at, 'expires_at'), now);
  const envelope = row.envelope;
  const isSealed = envelope instanceof Uint8Array && faultOfForm(envelope) === undefined;
  if (state === 'active' && !isSealed) throw new KeyUnavailable('damaged');
  if (row.provider !== provider) throw new KeyUnavailable('provider');
  if (state !== 'active') throw new KeyUnavailable(state);
  const place = { store: uuidBytes(storeUuid), secretId, version, provider };
  const opened = openEnvelope(keys, place, envelope as Uint8Array);
  if ('value' in opened) return new Secret(opened.value);
  throw new KeyUnavailable(opened.error === 'unknown_master_key' ? 'master_key' : 'damaged');
}

function stateOf(cell: unknown, expiresAt: number | null, now: number): 'active' | 'expired' | 'deleted' {
  if (cell !== 'active' && cell !== 'expired' && cell !== 'deleted') throw new StoreUnavailable('state');
  return cell === 'active' && expiresAt !== null && expiresAt <= now ? 'expired' : cell;
}
