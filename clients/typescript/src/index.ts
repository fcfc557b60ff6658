// keyctl-runtime: a service verifies keyctl's tokens and gets provider secrets from the store itself.

export { Reader, type ReaderOptions } from './reader.js';
export type { Ask, Allowed, Refused, Verdict } from './decide.js';
export {
  AskError, Denied, KeyUnavailable, KeyctlError, LeaseBusy, LeaseEnded, LeaseLimited, LeaseUnconfigured, SetupError,
  StoreUnavailable,
  type ForbiddenReason, type KeyReason, type StoreReason, type UnauthorizedReason,
} from './errors.js';
export type {
  JwtAllowed, JwtAsk, JwtForbiddenReason, JwtRefused, JwtUnauthorizedReason, JwtVerdict,
} from './jwt.js';
export { LeasedToken, type LeaseOptions } from './lease.js';
export type { Lease, Present } from './leaseAnswer.js';
export type { CredentialsOptions } from './leasePlace.js';
export { Secret } from './secret.js';
export type { Source } from './source.js';
export type { SqliteLibrary } from './sqliteDrivers.js';
