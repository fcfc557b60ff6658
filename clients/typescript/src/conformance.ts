#!/usr/bin/env node
// Answers the vectors: a case a line on standard input, its answer a line on standard output.

import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

import { Address, BadAddress, parseStore } from './address.js';
import { openEnvelope } from './envelope.js';
import { Denied, KeyctlError } from './errors.js';
import { kindOf, needsSlowHash, sha256 } from './hashing.js';
import { SlowHash } from './argon2.js';
import { MasterKey, uuidBytes } from './masterKey.js';
import { Reader } from './reader.js';
import { believe, type RawToken, type Snapshot } from './row.js';
import type { RawSecret } from './secret.js';
import type { JwtSnapshot, SecretSnapshot, Source } from './source.js';
import { parseToken } from './token.js';

type Row = Record<string, unknown>;
/** What a case holds; what it does not name is absent. */
type Input = Record<string, any>;

/** A case of the vectors. */
export interface Case {
  name: string;
  kind: string;
  input: Input;
}

const MARK = '1-0123456789abcdef';
const SOME_UUID = '00000000-0000-0000-0000-000000000000';
const SOME_TIME = Date.UTC(2030, 0, 1);

/** A store that is a case's rows. */
class Rows implements Source {
  constructor(private readonly input: Input) {}

  look(hash: string): Snapshot {
    const { store, tokens = [], now } = this.input;
    return {
      mark: MARK, storeUuid: store?.store_uuid, viewVersion: store?.view_version,
      foreignSalt: store?.foreign_salt ?? null, foreignParams: store?.foreign_params ?? null, now, age: 0,
      token: filled(tokens.find((row: Row) => row.token_hash === hash)),
    };
  }

  lookWithSecret(hash: string, provider: string): SecretSnapshot {
    const snapshot = this.look(hash);
    return { ...snapshot, secret: this.#secretOf(snapshot.token, provider) };
  }

  lookForJwt(kid: string, keyId: string): JwtSnapshot {
    const { signing_keys: keys = [], key_versions: versions = [], issuer = null } = this.input;
    const key = keys.find((row: Row) => row.kid === kid);
    const { x = null, y = null, valid_until: validUntil = null } = key ?? {};
    const version = versions.find((row: Row) => row.key_id === keyId)?.kver ?? null;
    return { ...this.look(''), jwt: { issuer, x, y, validUntil, version } };
  }

  mark(): Snapshot {
    return this.look('');
  }

  close(): void {}

  #secretOf(token: RawToken | undefined, provider: string): RawSecret {
    const { bindings = [], secrets = [] } = this.input;
    const bound = (kind: string, id: unknown) =>
      bindings.find((row: Row) => row.subject_kind === kind && row.subject_id === id && row.provider === provider);
    const binding = bound('key', token?.key_id) ?? bound('owner', (token as Row | undefined)?.owner) ?? bound('store', '');
    const row = secrets.find((one: Row) => one.secret_id === binding?.secret_id);
    return { boundTo: binding?.secret_id ?? null, row: row && { expires_at: null, ...row, envelope: bytes(row.envelope) } };
  }
}

function filled(row: Row | undefined): RawToken | undefined {
  // A view of an older keyctl has no subjects, and the owner's name is the subject.
  return row && ({ expires_at: null, quota: null, subject: row.owner, ...row } as unknown as RawToken);
}

function bytes(hex: unknown): unknown {
  return typeof hex === 'string' ? Buffer.from(hex, 'hex') : null;
}

/** The answer to a case. */
export async function answer({ kind, input }: Case): Promise<unknown> {
  switch (kind) {
    case 'token': return parseToken(input.token ?? '');
    case 'hash': return { lookups: await lookups(input) };
    case 'master_key': return masterKeyId(input);
    case 'envelope': return envelope(input);
    case 'verify': return verify(input);
    case 'jwt': return jwt(input);
    case 'secret': return secret(input);
    case 'address': return address(input);
    default: return { error: 'unknown_kind' };
  }
}

async function lookups(input: Input): Promise<unknown> {
  const token: string = input.token ?? '';
  const kind = kindOf(token);
  if (kind === 'malformed') return [];
  const { store } = believe({
    mark: MARK, storeUuid: SOME_UUID, viewVersion: 1, now: SOME_TIME, token: undefined, age: 0,
    foreignSalt: input.foreign_salt ?? null, foreignParams: input.foreign_params ?? null,
  }, 'sha256', undefined);
  const fast = { hash_alg: 'sha256', token_hash: sha256(token) };
  if (!needsSlowHash(kind, store.foreignSalt)) return [fast];
  return [fast, { hash_alg: 'argon2id', token_hash: await new SlowHash().of(token, store.foreignSalt) }];
}

function masterKeyId({ master_key = '', store_uuid }: Input): unknown {
  const key = MasterKey.parse(master_key);
  if (!(key instanceof MasterKey)) return key;
  return { master_key_id: key.id(uuidBytes(store_uuid)).toString('hex') };
}

function envelope(input: Input): unknown {
  const key = MasterKey.parse(input.master_key ?? '');
  if (!(key instanceof MasterKey)) return key;
  const { store_uuid, secret_id: secretId, version, provider } = input;
  const place = { store: uuidBytes(store_uuid), secretId, version, provider };
  return openEnvelope([key], place, Buffer.from(input.envelope, 'hex'));
}

function address({ address: text = '' }: Input): unknown {
  try {
    const place = parseStore(text);
    if (!(place instanceof Address)) return { path: place.path, follow_symlink: place.followSymlink };
    const { user, hosts, database, tls, parameters } = place;
    const shown = { printed: String(place), user, password: place.password(), hosts, database, tls };
    return { ...shown, parameters: Object.fromEntries(parameters) };
  } catch (error) {
    if (!(error instanceof BadAddress)) throw error;
    return { error: error.fault, parameter: error.parameter };
  }
}

async function verify(input: Input): Promise<unknown> {
  const reader = await readerOf(input);
  try {
    const verdict = await reader.verify(input.token ?? '', askOf(input));
    if (!verdict.allowed) return { allowed: false, type: verdict.type, reason: verdict.reason };
    const { principal, keyId, keyName, tokenId, scopes, expiresAt } = verdict;
    return {
      allowed: true, principal, key_id: keyId, key_name: keyName, token_id: tokenId, scopes, expires_at: expiresAt,
    };
  } catch (error) {
    return { allowed: false, ...typed(error) };
  }
}

async function jwt(input: Input): Promise<unknown> {
  const reader = await readerOf(input);
  const { audience, scope, owner } = input;
  try {
    const verdict = await reader.verifyJwt(input.token ?? '', { audience, scope, owner });
    if (!verdict.allowed) return { allowed: false, type: verdict.type, reason: verdict.reason };
    const { principal, keyId, tokenId, scopes, expiresAt } = verdict;
    return {
      allowed: true, principal, key_id: keyId, token_id: tokenId, audience: verdict.audience, scopes, expires_at: expiresAt,
    };
  } catch (error) {
    return { allowed: false, ...typed(error) };
  }
}

async function secret(input: Input): Promise<unknown> {
  try {
    const reader = await readerOf(input);
    return { value: (await reader.secret(input.token ?? '', input.provider, askOf(input))).expose() };
  } catch (error) {
    return typed(error);
  }
}

function askOf({ scope, owner, ip }: Input): { scope?: string; owner?: string; ip?: string } {
  return { scope, owner, ip };
}

function readerOf(input: Input): Promise<Reader> {
  return Reader.over(new Rows(input), {
    allowUnmetered: input.allow_unmetered === true,
    env: {
      KEYCTL_MASTER_KEY: input.master_key ?? undefined,
      KEYCTL_MASTER_KEY_PREVIOUS: input.master_key_previous ?? undefined,
    },
  });
}

function typed(error: unknown): Row {
  if (!(error instanceof KeyctlError)) throw error;
  const { type, reason } = error;
  return error instanceof Denied ? { allowed: false, type, reason } : { type, reason };
}

async function main(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    let said: unknown;
    try {
      said = await answer(JSON.parse(line) as Case);
    } catch (error) {
      said = { error: error instanceof Error ? error.name : 'unknown' };
    }
    process.stdout.write(`${JSON.stringify(said)}\n`);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(await realpath(process.argv[1])).href) await main();

/** A bin of a package is a link. */
async function realpath(path: string): Promise<string> {
  return (await import('node:fs/promises')).realpath(path);
}
