// The text that names a store: a path, `sqlite:PATH` or `postgres://…`. The rules, and their order, are
// those of tests/vectors/README.md: readers in three languages follow them.

import { isIP } from 'node:net';
import { inspect } from 'node:util';

import { hasSecretForm } from './secretForm.js';

/** What is wrong with the text of a store. */
export type AddressFault =
  | 'empty' | 'character' | 'secret' | 'form' | 'unescaped' | 'percent' | 'user' | 'host' | 'port'
  | 'parameter' | 'twice' | 'value' | 'conflict' | 'plain';

/** A text that names no store. It holds nothing of the text but the name of a known parameter. */
export class BadAddress extends Error {
  constructor(readonly fault: AddressFault, readonly parameter: string | null = null) {
    super(fault);
  }
}

/** A store in a file. */
export interface FileStore {
  path: string;
  followSymlink: boolean;
}

/** A server, as the address names it. */
export interface Host {
  /** A name, an IP address without brackets, or a socket's folder. */
  host: string;
  port: number;
}

/** How a server proves who it is. */
export type Tls = 'disable' | 'require' | 'verify-ca' | 'verify-full';

/** A PostgreSQL store. Whatever prints it leaves the password out. */
export class Address {
  readonly #password: string | null;

  constructor(
    readonly user: string | null, password: string | null, readonly hosts: readonly Host[],
    readonly database: string | null, readonly tls: Tls,
    /** Those given, decoded, without those that became hosts; in the order given. */
    readonly parameters: ReadonlyMap<string, string>,
  ) {
    this.#password = password;
  }

  /** To be used, and never to be shown. */
  password(): string | null {
    return this.#password;
  }

  /** Parses again to the same thing but for the password. */
  toString(): string {
    const user = this.user === null ? '' : `${escaped(this.user)}@`;
    const database = this.database === null ? '' : `/${escaped(this.database)}`;
    const query = [...this.parameters].map(([name, value]) => `${name}=${escaped(value).replace(/%(?:2F|3A|2C)/g, decodeURIComponent)}`);
    return `postgres://${user}${this.hosts.map(printedHost).join(',')}${database}${query.length > 0 ? `?${query.join('&')}` : ''}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** A host with its port, as an address has it. */
export function printedHost({ host, port }: Host): string {
  return `${isIP(host) === 6 ? `[${host}]` : escaped(host)}:${port}`;
}

function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

const TAKEN = new Set(words(`
  sslmode sslrootcert passfile sslnegotiation channel_binding connect_timeout application_name
  target_session_attrs hostaddr host port`));
/** What libpq knows besides: an error may name these, but not what may be a part of a password. */
const LIBPQ = new Set(words(`
  service servicefile user password require_auth dbname client_encoding options fallback_application_name
  keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout replication gssencmode
  requiressl sslcompression sslcert sslkey sslkeylogfile sslpassword sslcertmode sslcrl sslcrldir sslsni
  requirepeer ssl_min_protocol_version ssl_max_protocol_version min_protocol_version max_protocol_version
  krbsrvname gsslib gssdelegation scram_client_key scram_server_key load_balance_hosts oauth_issuer
  oauth_client_id oauth_client_secret oauth_scope`));
const SQLITE = new Set(words('cache immutable mode modeof nolock psow vfs'));
const PASSWORDS = new Set('password passwd pwd secret token key hexkey apikey api_key'.split(' '));
const OTHER_FORM = new Set(words('host hostaddr user password dbname port service sslmode passfile'));
const VALUES: Readonly<Record<string, RegExp>> = {
  sslmode: /^(?:disable|require|verify-ca|verify-full)$/,
  sslnegotiation: /^(?:postgres|direct)$/,
  channel_binding: /^(?:disable|prefer|require)$/,
  target_session_attrs: /^(?:any|primary|read-write)$/,
  connect_timeout: /^[1-9][0-9]{0,2}$/,
};
const DEFAULT_PORT = 5432;

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Reads the text of a store, or throws {@link BadAddress} with the first fault that there is. */
export function parseStore(text: string): FileStore | Address {
  if (/^[ \t\r\n]*$/.test(text)) throw new BadAddress('empty');
  const scheme = /^postgres(?:ql)?:\/\//.exec(text);
  if (scheme) return parsePostgres(text.slice(scheme[0].length));
  if (hasSecretForm(text.replace(/^sqlite:/, ''))) throw new BadAddress('secret');
  if (hasControl(text) || /^ | $/.test(text)) throw new BadAddress('character');
  const isPairs = text.split(' ').some((word) => word.includes('=') && OTHER_FORM.has(cut(word, '=')[0]));
  if (text.includes('://') || /^postgres(?:ql)?:/i.test(text) || isPairs) throw new BadAddress('form');
  // An address with a slip, which as a path would be shown.
  const named = text.split(/[?&; ]/).some((pair) => pair.includes('=') && PASSWORDS.has(cut(pair, '=')[0].toLowerCase()));
  if (/\/\/.*:.*@/s.test(text) || named) throw new BadAddress('form');
  if (text.startsWith('sqlite:')) return parseFile(text.slice('sqlite:'.length));
  // An address without its scheme.
  if (!/^(?:\/|\.\/|\.\.\/)/.test(text) && /^[^/]*:.*@/.test(text)) throw new BadAddress('form');
  return { path: text, followSymlink: false };
}

function parseFile(text: string): FileStore {
  const [path, parameter] = cut(text, '?');
  if (parameter !== undefined) {
    const [name, value] = cut(parameter, '=');
    if (name !== 'symlink') throw new BadAddress('parameter', SQLITE.has(name) ? name : null);
    if (value !== 'follow') throw new BadAddress('value', 'symlink');
  }
  if (path === '') throw new BadAddress('empty');
  return { path, followSymlink: parameter !== undefined };
}

function parsePostgres(rest: string): Address {
  if (!/^[!-~]*$/.test(rest)) throw new BadAddress('character');
  if (rest.includes('#')) throw new BadAddress('unescaped');
  const [beginning, query] = cut(rest, '?');
  const [authority, path = ''] = cut(beginning, '/');
  const parts = authority.split('@');
  if (path.includes('/') || path.includes('@') || query?.includes('@') || parts.length > 2) throw new BadAddress('unescaped');
  const listed = parts.at(-1)!;
  const [rawUser, rawPassword = ''] = cut(parts.length > 1 ? parts[0]! : '', ':');
  const [user, password, database] = [decoded(rawUser), decoded(rawPassword), decoded(path)];
  if (parts.length > 1 && user === '') throw new BadAddress('user');
  if (hasSecretForm(user) || hasSecretForm(database)) throw new BadAddress('secret');
  const before = listed === '' ? [] : listed.split(',').map(hostAndPort);
  const parameters = query === undefined ? new Map<string, string>() : givenParameters(query);
  const hosts = hostsOf(before, parameters);
  return new Address(user || null, password || null, hosts, database || null, tlsOf(hosts, parameters), parameters);
}

function cut(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

function hasControl(text: string): boolean {
  return /[\0-\x1f\x7f]/.test(text);
}

function decoded(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw new BadAddress('percent');
  }
  if (hasControl(plain)) throw new BadAddress('character');
  return plain;
}

function givenParameters(query: string): Map<string, string> {
  const given = new Map<string, string>();
  for (const pair of query.split('&')) {
    const [name, raw] = cut(pair, '=');
    if (!TAKEN.has(name)) throw new BadAddress('parameter', LIBPQ.has(name) ? name : null);
    if (given.has(name)) throw new BadAddress('twice', name);
    const value = decoded(raw ?? '');
    if (value === '' || VALUES[name]?.test(value) === false) throw new BadAddress('value', name);
    if (hasSecretForm(value)) throw new BadAddress('secret', name);
    given.set(name, value);
  }
  return given;
}

/** Those before the path, else those of `host` and `port`, else of `hostaddr`; what became hosts is no parameter. */
function hostsOf(before: Host[], parameters: Map<string, string>): Host[] {
  for (const name of ['host', 'port']) {
    if (before.length > 0 && parameters.has(name)) throw new BadAddress('conflict', name);
  }
  if (parameters.get('hostaddr')?.split(',').every((one) => isAddress(one, 4, 6)) === false) throw new BadAddress('value', 'hostaddr');
  const hosts = before.length > 0 ? before : listedHosts(parameters);
  const addresses = parameters.get('hostaddr')?.split(',');
  if (addresses && addresses.length !== hosts.length) throw new BadAddress('value', 'hostaddr');
  return hosts;
}

function listedHosts(parameters: Map<string, string>): Host[] {
  const source = parameters.has('host') ? 'host' : 'hostaddr';
  const listed = parameters.get(source);
  if (listed === undefined) throw new BadAddress('host');
  parameters.delete(source);
  const hosts = listed.split(',').map((one) => checkedHost(one, true));
  const ports = (parameters.get('port') ?? String(DEFAULT_PORT)).split(',').map(portOf);
  parameters.delete('port');
  if (ports.length !== 1 && ports.length !== hosts.length) throw new BadAddress('value', 'port');
  return hosts.map((host, index) => ({ host, port: ports[index] ?? ports[0]! }));
}

function hostAndPort(text: string): Host {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed ? !isAddress(bracketed[1]!, 6) : /[[\]]/.test(text)) throw new BadAddress('host');
  const [name, digits] = bracketed ? [bracketed[1]!, bracketed[2]] : cut(text, ':');
  const host = bracketed ? name : checkedHost(decoded(name), false);
  return { host, port: digits === undefined ? DEFAULT_PORT : portOf(digits) };
}

const LABEL = '[0-9A-Za-z_](?:[0-9A-Za-z_-]{0,61}[0-9A-Za-z_])?';
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*\\.?$`);
const LONGEST_NAME = 253;

function checkedHost(text: string, isBareV6: boolean): string {
  const isName = text.length <= LONGEST_NAME && NAME.test(text);
  const isSocket = text.startsWith('/') && !text.includes(',');
  if (!isName && !isSocket && !(isBareV6 && isAddress(text, 6))) throw new BadAddress('host');
  return text;
}

function portOf(text: string): number {
  if (!/^[1-9][0-9]{0,4}$/.test(text) || Number(text) > 65535) throw new BadAddress('port');
  return Number(text);
}

/** Without a zone. */
function isAddress(text: string, ...versions: number[]): boolean {
  return !text.includes('%') && versions.includes(isIP(text));
}

/** A socket's folder, `localhost`, or an address of this machine alone. */
export function isLoopback(host: string): boolean {
  if (host.startsWith('/') || host === 'localhost') return true;
  if (isAddress(host, 4)) return host.startsWith('127.');
  return isAddress(host, 6) && new URL(`http://[${host}]`).hostname === '[::1]';
}

function tlsOf(hosts: readonly Host[], parameters: ReadonlyMap<string, string>): Tls {
  const names = [...hosts.map(({ host }) => host), ...(parameters.get('hostaddr')?.split(',') ?? [])];
  const isLocal = names.every(isLoopback);
  const mode = (parameters.get('sslmode') ?? (isLocal ? 'disable' : 'verify-full')) as Tls;
  if (mode !== 'disable') return mode === 'require' && parameters.has('sslrootcert') ? 'verify-ca' : mode;
  if (!isLocal) throw new BadAddress('plain', 'sslmode');
  if (parameters.get('sslnegotiation') === 'direct') throw new BadAddress('conflict', 'sslnegotiation');
  if (parameters.get('channel_binding') === 'require') throw new BadAddress('conflict', 'channel_binding');
  return mode;
}
