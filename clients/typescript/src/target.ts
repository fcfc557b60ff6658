// From an address to the servers that are tried, with the TLS that each must offer.

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import * as tls from 'node:tls';

import { printedHost, type Address, type Host, type Tls } from './address.js';
import { SetupError } from './errors.js';

/** One server to try. */
export interface Target {
  /** As the address names it, for errors. */
  name: string;
  /** What is connected to, and the name that the certificate must have. */
  connectTo: string;
  host: string;
  port: number;
  ssl: false | tls.ConnectionOptions;
  isDirect: boolean;
}

/** The servers in the order in which they are tried. */
export function targetsOf({ hosts, tls: mode, parameters }: Address): Target[] {
  const addresses = parameters.get('hostaddr')?.split(',');
  const ca = mode === 'disable' ? undefined : authorities(parameters.get('sslrootcert'));
  const isDirect = parameters.get('sslnegotiation') === 'direct';
  return hosts.map((one, index) => {
    const ssl = one.host.startsWith('/') ? false : tlsOf(mode, one, ca);
    return { name: printedHost(one), connectTo: addresses?.[index] ?? one.host, ...one, ssl, isDirect: isDirect && ssl !== false };
  });
}

function authorities(path: string | undefined): Buffer | string[] | undefined {
  if (path === undefined) return undefined;
  if (path === 'system') return systemAuthorities();
  try {
    return readFileSync(path);
  } catch {
    throw new SetupError(`sslrootcert ${path} cannot be read`);
  }
}

const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem',
];

/** Node has a list of its own, and tells the system's only since 22.15. */
function systemAuthorities(): Buffer | string[] {
  const known = (tls as { getCACertificates?: (kind: 'system') => string[] }).getCACertificates?.('system');
  if (known && known.length > 0) return known;
  for (const path of [process.env['SSL_CERT_FILE'], ...BUNDLES]) {
    try {
      if (path) return readFileSync(path);
    } catch {
      // Another system keeps them elsewhere.
    }
  }
  throw new SetupError('sslrootcert=system: the authorities of this system are not found; SSL_CERT_FILE may name them');
}

function tlsOf(mode: Tls, { host }: Host, ca: Buffer | string[] | undefined): false | tls.ConnectionOptions {
  if (mode === 'disable') return false;
  return {
    ...(ca ? { ca } : {}),
    // The driver asks for it where it connects to a name, and not where it connects to `hostaddr`.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: mode !== 'require',
    // The driver leaves the name of a host that is an address out, and "localhost" would count.
    checkServerIdentity: (_, certificate) =>
      mode === 'verify-full' ? tls.checkServerIdentity(host, certificate) : undefined,
  };
}
