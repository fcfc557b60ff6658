// `postgres://user@host:port/database?sslmode=…`, and what TLS follows from it.

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';

import { SetupError } from './errors.js';

/** One server to try. */
export interface Target {
  host: string;
  port: number;
  ssl: false | ConnectionOptions;
}

/** Where a PostgreSQL store is. */
export interface Dsn {
  /** In the order in which they are tried. */
  targets: Target[];
  user: string | undefined;
  password: string | undefined;
  database: string | undefined;
  options: string | undefined;
}

const MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof MODES)[number];

const KNOWN = new Set([
  'sslmode', 'sslrootcert', 'host', 'port', 'user', 'password', 'dbname', 'options', 'application_name',
  'connect_timeout', 'target_session_attrs',
]);
/** What libpq knows besides: an error may name these, but not what may be a part of a password. */
const LIBPQ = new Set(`
  hostaddr passfile require_auth channel_binding client_encoding fallback_application_name keepalives
  keepalives_idle keepalives_interval keepalives_count tcp_user_timeout replication gssencmode requiressl
  sslnegotiation sslcompression sslcert sslkey sslkeylogfile sslpassword sslcertmode sslcrl sslcrldir sslsni
  requirepeer ssl_min_protocol_version ssl_max_protocol_version min_protocol_version max_protocol_version
  krbsrvname gsslib gssdelegation scram_client_key scram_server_key service servicefile load_balance_hosts
  oauth_issuer oauth_client_id oauth_client_secret oauth_scope
`.trim().split(/\s+/));
const SHAPE = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

/** Reads an address. No error repeats it, since it may hold a password. */
export function parseDsn(text: string): Dsn {
  const shape = SHAPE.exec(text);
  if (!shape) throw new SetupError('a PostgreSQL address is written postgres://USER@HOST:PORT/DATABASE');
  const [, credentials = '', authority = '', path = '', query = ''] = shape;
  const given = parameters(query);
  const [user, password] = split(credentials, ':');
  const hosts = hostsOf(given.get('host') ?? decode(authority), given.get('port'));
  const mode = modeOf(given.get('sslmode'), hosts.every(({ host }) => isLoopback(host)));
  const ca = authorities(given.get('sslrootcert'));
  return {
    targets: hosts.map((one) => ({ ...one, ssl: tlsOf(mode, one.host, ca) })),
    user: given.get('user') ?? (user === '' ? undefined : decode(user)),
    password: given.get('password') ?? (password === undefined ? undefined : decode(password)),
    database: given.get('dbname') ?? (path === '' ? undefined : decode(path)),
    options: given.get('options'),
  };
}

function parameters(query: string): Map<string, string> {
  const given = new Map<string, string>();
  for (const parameter of query.split('&').filter((one) => one !== '')) {
    const [name, value = ''] = split(parameter, '=');
    if (!KNOWN.has(name)) {
      throw new SetupError(LIBPQ.has(name) ? `the parameter ${name} is not supported` : 'the PostgreSQL address has an unknown parameter');
    }
    given.set(name, decode(value));
  }
  return given;
}

function split(text: string, mark: string): [string, string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SetupError('the PostgreSQL address has a percent sign without two hex digits');
  }
}

function hostsOf(hosts: string, ports: string | undefined): { host: string; port: number }[] {
  const givenPorts = ports?.split(',');
  return hosts.split(',').map((one, index) => {
    const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([0-9]+))?$/.exec(one) ?? [];
    const host = bracketed ?? plain;
    const port = Number(digits ?? givenPorts?.[index] ?? givenPorts?.[0] ?? 5432);
    if (!host) throw new SetupError('the PostgreSQL address names no host');
    if (!(Number.isInteger(port) && port > 0 && port < 65536)) throw new SetupError('a port is 1 to 65535');
    return { host, port };
  });
}

/** A socket's folder, `localhost`, or an address of this machine alone. */
export function isLoopback(host: string): boolean {
  if (host.startsWith('/') || host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

function modeOf(given: string | undefined, isLocal: boolean): Mode {
  if (given === undefined) return isLocal ? 'disable' : 'verify-full';
  const mode = MODES.find((one) => one === given);
  if (!mode) throw new SetupError(`sslmode is ${MODES.join(', ')}; others may fall back to plain text`);
  if (mode === 'disable' && !isLocal) {
    throw new SetupError('sslmode=disable is refused beyond this machine: passwords would travel in the clear');
  }
  return mode;
}

function authorities(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch {
    throw new SetupError(`sslrootcert ${path} cannot be read`);
  }
}

/** With a root certificate, `require` checks the chain as `verify-ca` does, as in libpq. */
function tlsOf(mode: Mode, host: string, ca: Buffer | undefined): false | ConnectionOptions {
  if (mode === 'disable') return false;
  const trusted = ca ? { ca } : {};
  const isChecked = mode !== 'require' || ca !== undefined;
  return {
    ...trusted,
    rejectUnauthorized: isChecked,
    // The driver leaves the name of a host that is an address out, and "localhost" would count.
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
  };
}
