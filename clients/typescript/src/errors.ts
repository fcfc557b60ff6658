// What can go wrong, by whose fault it is.

/** Why a credential was refused (`UNAUTHORIZED`); for the log, never for the client. */
export type UnauthorizedReason =
  | 'malformed' | 'unknown' | 'revoked' | 'expired' | 'not_yet_valid' | 'suspended'
  | 'owner_disabled' | 'parent_dead';

/** Why a good credential may not do what was asked (`FORBIDDEN`). */
export type ForbiddenReason = 'network' | 'owner' | 'scope' | 'quota';

/** Why a provider's secret, or the token of a credential, cannot be had (`KEY_UNAVAILABLE`). */
export type KeyReason =
  | 'unbound' | 'expired' | 'deleted' | 'provider' | 'master_key' | 'damaged'
  | 'unconfigured' | 'unreachable' | 'timeout' | 'socket' | 'answer' | 'not_served' | 'no_token' | 'credentials_key';

/** Why nothing can be said of a token (`STORE_UNAVAILABLE`). */
export type StoreReason =
  | 'unreachable' | 'timeout' | 'pool' | 'view_version' | 'swapped' | 'clock' | 'state'
  | 'hash_alg' | 'foreign_params' | 'rolled_back' | 'row' | 'argon2id' | 'serve';

/** A typed answer that is no verdict. `status` is the HTTP status that fits. */
export abstract class KeyctlError extends Error {
  abstract readonly type: string;
  abstract readonly reason: string;
  abstract readonly status: number;
}

/** Where the master key comes from, if it is not given. */
const NAMED_BY = 'KEYCTL_MASTER_KEY, KEYCTL_MASTER_KEY_FILE or KEYCTL_MASTER_KEY_CMD names it';

/** The store cannot be read or not be trusted: our fault, and never the client's. */
export class StoreUnavailable extends KeyctlError {
  override readonly name = 'StoreUnavailable';
  readonly type = 'STORE_UNAVAILABLE';
  readonly status = 503;

  /** `detail` is for the operator's log; it holds no secret. */
  constructor(readonly reason: StoreReason, readonly detail = '', options?: ErrorOptions) {
    super(`the store is unavailable: ${reason}${detail && ` (${detail})`}`, options);
  }
}

/** The token is good, and its secret cannot be had. */
export class KeyUnavailable extends KeyctlError {
  override readonly name: string = 'KeyUnavailable';
  readonly type = 'KEY_UNAVAILABLE';
  readonly status = 503;

  /** `detail` is for the operator's log; it holds no secret. */
  constructor(readonly reason: KeyReason, readonly detail = reason === 'master_key' ? NAMED_BY : '') {
    super(`the provider's secret is unavailable: ${reason}${detail && ` (${detail})`}`);
  }
}

/** Nobody said where tokens of credentials are handed out. */
export class LeaseUnconfigured extends KeyUnavailable {
  override readonly name = 'LeaseUnconfigured';

  constructor() {
    super('unconfigured', 'no socket is configured at which tokens of credentials are handed out: run keyctl serve ' +
      '--lease-store STORE --listen unix:PATH=internal and name PATH by KEYCTL_CREDENTIALS_SOCKET or credentialsSocket, ' +
      'or start this service by keyctl exec --oauth');
  }
}

/** Others used the token, or were getting a new one, for as long as was waited. */
export class LeaseBusy extends KeyctlError {
  override readonly name = 'LeaseBusy';
  readonly type = 'BUSY';
  readonly reason = 'busy';
  readonly status = 503;

  constructor() {
    super('others use the token, or are getting a new one');
  }
}

/** More was asked of serve than it answers. */
export class LeaseLimited extends KeyctlError {
  override readonly name = 'LeaseLimited';
  readonly reason = 'limited';
  readonly status = 429;

  /** `retryAfter`: seconds after which it may be asked again, where that was said. */
  constructor(
    readonly type: 'OVERLOADED' | 'KEY_RATE_LIMIT' | 'KEY_QUOTA_EXCEEDED' | 'RATE_LIMIT',
    readonly retryAfter: number | undefined,
  ) {
    super(`too much is asked: ${type}`);
  }
}

/** A lease that was to be renewed is over, or there is another token by now. */
export class LeaseEnded extends KeyctlError {
  override readonly name = 'LeaseEnded';
  readonly type = 'CONFLICT';
  readonly reason = 'lease_ended';
  readonly status = 409;

  constructor() {
    super('the lease ended, or there is another token: take another lease');
  }
}

/** The same with the variable that named the store, where that may be the wrong one. */
export function namedBy(error: StoreUnavailable, origin: string | undefined): StoreUnavailable {
  if (origin === undefined || (error.reason !== 'unreachable' && error.reason !== 'view_version')) return error;
  return new StoreUnavailable(error.reason, `${error.detail && `${error.detail}; `}${origin} names the store`, { cause: error.cause });
}

/** The system's own words for why a file cannot be read, without the path that they end with. */
export function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return /^[A-Z0-9]+: ([^,]+)/.exec(String(message))?.[1] ?? String(code ?? message);
}

/** A secret, or the token of a credential, was asked for with a token that is refused. */
export class Denied extends KeyctlError {
  override readonly name = 'Denied';

  constructor(
    readonly type: 'UNAUTHORIZED' | 'FORBIDDEN',
    readonly reason: UnauthorizedReason | ForbiddenReason | 'refused',
    readonly status: 401 | 403,
  ) {
    super(`the token is refused: ${reason}`);
  }
}

/** The calling code asked for something that is no scope, no owner or no provider. */
export class AskError extends TypeError {
  override readonly name = 'AskError';
}

/** The reader cannot be made: its address, a driver or the master key is not usable. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
