// Addresses and networks.

import { isIP } from 'node:net';

/** An address: 4 or 16 bytes, an IPv4-mapped one as the IPv4 address (RFC 4291 §2.5.5.2). */
export type Address = readonly number[];

/** A network: the address and how many of its bits count. */
export interface Network {
  address: Address;
  length: number;
}

/** Reads an address; `undefined` for anything else, also for one with a zone. */
export function parseAddress(text: unknown): Address | undefined {
  const bytes = parseBytes(text);
  return bytes && isMapped(bytes) ? bytes.slice(12) : bytes;
}

/** Reads `10.0.0.0/8`, `2001:db8::/32` or an address alone; `undefined` for anything else. */
export function parseNetwork(text: unknown): Network | undefined {
  if (typeof text !== 'string') return undefined;
  const [host, digits, ...more] = text.split('/');
  const bytes = parseBytes(host);
  if (!bytes || more.length > 0) return undefined;
  if (digits !== undefined && !/^(?:0|[1-9][0-9]{0,2})$/.test(digits)) return undefined;
  const length = digits === undefined ? bytes.length * 8 : Number(digits);
  if (length > bytes.length * 8) return undefined;
  const network =
    isMapped(bytes) && length >= 96
      ? { address: bytes.slice(12), length: length - 96 }
      : { address: bytes, length };
  return hasHostBits(network) ? undefined : network;
}

/** Whether an address is of a network. */
export function contains(network: Network, address: Address): boolean {
  if (network.address.length !== address.length) return false;
  return address.every((byte, index) => {
    const mask = maskAt(network.length, index);
    return (byte & mask) === (network.address[index]! & mask);
  });
}

function maskAt(length: number, index: number): number {
  const bits = Math.min(8, Math.max(0, length - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}

function hasHostBits({ address, length }: Network): boolean {
  return address.some((byte, index) => (byte & ~maskAt(length, index) & 0xff) !== 0);
}

function isMapped(bytes: Address): boolean {
  return (
    bytes.length === 16 && bytes[10] === 0xff && bytes[11] === 0xff &&
    bytes.slice(0, 10).every((byte) => byte === 0)
  );
}

function parseBytes(text: unknown): Address | undefined {
  if (typeof text !== 'string' || text.includes('%')) return undefined;
  switch (isIP(text)) {
    case 4: return text.split('.').map(Number);
    case 6: return parseV6(text);
    default: return undefined;
  }
}

/** Of a text that is known to be an IPv6 address. */
function parseV6(text: string): Address {
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail) {
    const [a, b, c, d] = tail[2]!.split('.').map(Number) as [number, number, number, number];
    return parseV6(`${tail[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const [left, right] = text.split('::');
  const before = groups(left);
  const after = groups(right);
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
