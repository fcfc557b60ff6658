// What a reader reads from: SQLite answers at once, PostgreSQL later.

import { StoreUnavailable } from './errors.js';
import type { RawJwt } from './jwt.js';
import { TOKEN_COLUMNS, type RawToken, type Snapshot } from './row.js';
import { SECRET_COLUMNS, type RawSecret } from './secret.js';

/** A value, now or later. */
export type Eventually<T> = T | Promise<T>;

/** A snapshot with the binding and the secret of one provider. */
export interface SecretSnapshot extends Snapshot {
  secret: RawSecret;
}

/** A snapshot with what says whether a short-lived token is good. */
export interface JwtSnapshot extends Snapshot {
  jwt: RawJwt;
}

/** A store that can be read. Every failure is a {@link StoreUnavailable}. */
export interface Source {
  /** The token with this hash. */
  look(hash: string): Eventually<Snapshot>;
  /** The same, and what its key gets of a provider. */
  lookWithSecret(hash: string, provider: string): Eventually<SecretSnapshot>;
  /** The signing key of this id and the version of the key of that one; absent where there are no short-lived tokens. */
  lookForJwt?(kid: string, keyId: string): Eventually<JwtSnapshot>;
  /** The change mark, with what says whether it can be believed. */
  mark(): Eventually<Snapshot>;
  close(): Eventually<void>;
}

/** Where the two databases differ in what is asked of them. */
export interface Dialect {
  schema: string;
  now: string;
  /** The operator of equality. */
  equals: string;
  /** A column of bytes as it is selected. */
  bytes(column: string): string;
  /** The place of the token's hash, and of the provider. */
  hash: string;
  provider: string;
  /** Where the subject of the token `t` stands, and what is joined for it. */
  subject: string;
  beside?: string;
}

const STORE_COLUMNS = ['store_uuid', 'view_version', 'foreign_salt', 'foreign_params'];

/** A statement, and the columns that it selects. */
export interface Selection {
  text: string;
  columns: readonly string[];
}

/** The statements of a reader. Each column has a name of its own, since some drivers need it. */
export function statements(
  { schema, now, equals, bytes, hash, provider, subject: subjectOf, beside = '' }: Dialect,
): Record<'look' | 'planned' | 'lookShort' | 'secret' | 'jwt' | 'mark' | 'store', Selection> {
  const of = (alias: string, columns: readonly string[]): Column[] =>
    columns.map((name) => [name, name === 'envelope' ? bytes(`${alias}.${name}`) : `${alias}.${name}`]);
  const mark: Column[] = [['mark', `(SELECT mark FROM ${schema}.keyctl_changes_v1 LIMIT 1)`]];
  const time: Column[] = [['now', now]];
  const ofStore = [...mark, ...of('s', STORE_COLUMNS)];
  const ofToken = of('t', TOKEN_COLUMNS).map(([name, selected]): Column => [name, name === 'subject' ? subjectOf : selected]);
  const ofLook = [...ofStore, ...time, ...of('t', ['token_hash']), ...ofToken];
  const bound = 'COALESCE(k.secret_id, o.secret_id, d.secret_id)';
  // As the function of PostgreSQL names what it gives: each column as the views do.
  const ofPlanned = ofLook.map(([name]): Column => [name, name === 'now' ? 'l.now_ms' : `l.${name}`]);
  const ofSecret: Column[] = [...ofLook, ['bound_to', bound], ...of('x', SECRET_COLUMNS)];
  const store = `FROM ${schema}.keyctl_store_v1 AS s`;
  const from = `${store} LEFT JOIN ${schema}.keyctl_tokens_v1 AS t ON t.token_hash ${equals} ${hash}${beside}`;
  const binding = (name: string, kind: string, subject: string) => `
    LEFT JOIN ${schema}.keyctl_bindings_v1 AS ${name} ON ${name}.subject_kind ${equals} '${kind}'
      AND ${name}.subject_id ${equals} ${subject} AND ${name}.provider ${equals} ${provider}`;
  const joins =
    binding('k', 'key', 't.key_id') + binding('o', 'owner', 't.owner') + binding('d', 'store', "''") + `
    LEFT JOIN ${schema}.keyctl_secrets_v1 AS x ON x.secret_id ${equals} ${bound}`;
  const ofJwt: Column[] = [
    ...ofStore, ...time, ['issuer', 'j.issuer'], ['x', 'g.x'], ['y', 'g.y'], ['valid_until', 'g.valid_until'], ['kver', 'v.kver'],
  ];
  const forJwt = `${store} CROSS JOIN ${schema}.keyctl_jwt_v1 AS j
    LEFT JOIN ${schema}.keyctl_signing_keys_v1 AS g ON g.kid ${equals} ${hash}
    LEFT JOIN ${schema}.keyctl_key_versions_v1 AS v ON v.key_id ${equals} ${provider}`;
  return {
    jwt: select(ofJwt, forJwt),
    look: select(ofLook, from),
    planned: select(ofPlanned, `FROM ${schema}.keyctl_look_v2(CAST(${hash} AS pg_catalog.text)) AS l`),
    lookShort: select([...mark, ...time, ...ofToken], `FROM ${schema}.keyctl_tokens_v1 AS t${beside} WHERE t.token_hash ${equals} ${hash}`),
    store: select(ofStore, store),
    secret: select(ofSecret, from + joins),
    mark: select([...ofStore, ...time], store),
  };
}

/** Its name, and what is selected. */
type Column = [name: string, selected: string];

function select(columns: readonly Column[], from: string): Selection {
  const named = columns.map(([, selected], index) => `${selected} AS c${index}`).join(', ');
  return { text: `SELECT ${named} ${from}`, columns: columns.map(([name]) => name) };
}

const WHOLE = new Set(['view_version', 'now', 'expires_at', 'version', 'valid_until', 'kver']);

/** Cells that came as texts. A number that is not exact becomes NaN, which no check of a row lets pass. */
export function cellsOf(columns: readonly string[], texts: readonly (string | null)[]): unknown[] {
  return columns.map((column, index) => {
    const text = texts[index] ?? null;
    if (text === null) return null;
    if (WHOLE.has(column)) return /^-?[0-9]+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : NaN;
    return column === 'envelope' ? Buffer.from(text, 'hex') : text;
  });
}

/** The hash is NULL where there is no row. */
const HASH_AT = 2 + STORE_COLUMNS.length;
const TOKEN_AT = HASH_AT + 1;
const SECRET_AT = TOKEN_AT + TOKEN_COLUMNS.length;

/** A row of `look`. */
export function snapshotOf(cells: readonly unknown[] | undefined): Snapshot {
  if (!cells) throw new StoreUnavailable('row', 'keyctl_store_v1 or keyctl_changes_v1 is empty');
  return {
    mark: cells[0], storeUuid: cells[1], viewVersion: cells[2], foreignSalt: cells[3], foreignParams: cells[4],
    now: cells[5], age: 0,
    token: cells[HASH_AT] === null ? undefined : tokenAt(cells, TOKEN_AT),
  };
}

/** A row of `lookShort`, which has none for an unknown token, with one of `store` of the same mark. */
export function shortSnapshotOf(cells: readonly unknown[], store: readonly unknown[]): Snapshot {
  return {
    mark: cells[0], storeUuid: store[1], viewVersion: store[2], foreignSalt: store[3], foreignParams: store[4],
    now: cells[1], age: 0,
    token: tokenAt(cells, 2),
  };
}

/** Named one by one: this is on the way of every look-up. */
function tokenAt(cells: readonly unknown[], at: number): RawToken {
  return {
    hash_alg: cells[at], token_id: cells[at + 1], key_id: cells[at + 2], key_name: cells[at + 3],
    subject: cells[at + 4], scopes: cells[at + 5], networks: cells[at + 6], state: cells[at + 7],
    expires_at: cells[at + 8], quota: cells[at + 9],
  };
}

/** A row of `secret`. */
export function secretSnapshotOf(cells: readonly unknown[] | undefined): SecretSnapshot {
  const snapshot = snapshotOf(cells);
  const found = cells!.slice(SECRET_AT);
  const named = Object.fromEntries(SECRET_COLUMNS.map((column, index) => [column, found[index + 1]]));
  const row = named.secret_id === null ? undefined : (named as RawSecret['row']);
  return { ...snapshot, secret: { boundTo: found[0], row } };
}

/** A row of `jwt`. */
export function jwtSnapshotOf(cells: readonly unknown[] | undefined): JwtSnapshot {
  const [issuer, x, y, validUntil, version] = (cells ?? []).slice(2 + STORE_COLUMNS.length);
  return { ...markOf(cells), jwt: { issuer, x, y, validUntil, version } };
}

/** A row of `mark`. */
export function markOf(cells: readonly unknown[] | undefined): Snapshot {
  if (!cells) throw new StoreUnavailable('row', 'keyctl_store_v1 is empty');
  const [mark, storeUuid, viewVersion, foreignSalt, foreignParams, now] = cells;
  return { mark, storeUuid, viewVersion, foreignSalt, foreignParams, now, age: 0, token: undefined };
}
