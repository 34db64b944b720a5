// Ethernet addresses: reading them, and the one that belongs to an IP address.
import { toBytes } from './address.ts';
import type { Address } from './address.ts';

/**
 * The MAC of an interface that has this address: `0a:58` and the four octets (10.0.10.2 → `0a:58:0a:00:0a:02`), the same
 * rule as OVN-Kubernetes, so that a MAC can be read back by a person. IPv6: `0a:58` and the last four octets xored with
 * a hash of the others, so that no two addresses of one /96 ever share a MAC.
 */
export function macFromAddress(address: Address): string {
  const bytes = toBytes(address);
  const host = bytes.slice(-4);
  const salt = address.family === 4 ? [0, 0, 0, 0] : fnv1a(bytes.slice(0, -4));
  const tail = host.map((byte, index) => byte ^ (salt[index] ?? 0));
  return [0x0a, 0x58, ...tail].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

const notation = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** Reads `0A:58:0a:00:0a:02` (or with `-`) and returns it in lower case with colons; undefined for anything else. */
export function parseMac(text: string): string | undefined {
  const normalised = text.toLowerCase();
  const mac = normalised.includes(':') ? normalised : normalised.replaceAll('-', ':');
  return notation.test(mac) ? mac : undefined;
}

/** FNV-1a, 32 bits: no secret to keep here, only a spread that is the same on every machine. */
function fnv1a(bytes: readonly number[]): number[] {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return [24, 16, 8, 0].map((shift) => (hash >>> shift) & 0xff);
}

/** The link-local address of an interface with this MAC, as `parseMac` returns it. Source: RFC 4291 §2.5.1, modified EUI-64. */
export function linkLocalAddress(mac: string): Address {
  const [first = 0, second = 0, third = 0, ...rest] = mac.split(':').map((byte) => Number.parseInt(byte, 16));
  const identifier = [first ^ 0x02, second, third, 0xff, 0xfe, ...rest];
  const value = identifier.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return { family: 6, value: (0xfe80n << 112n) | value };
}
