// Addresses as (family, integer): the form in which ranges and pools are computed; ipaddr.js reads and prints them.
import ipaddr from 'ipaddr.js';

export type Family = 4 | 6;

/** An IP address. `value` is the address as an unsigned integer of 32 or 128 bits. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** A CIDR prefix without host bits: 10.0.10.0/24 is `{family: 4, base: 0x0a000a00n, length: 24}`. */
export interface Prefix {
  readonly family: Family;
  readonly base: bigint;
  readonly length: number;
}

/** Addresses `first` to `last`, both included. */
export interface Range {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** Width of an address of the family, in bits: 32 or 128. */
export function addressBits(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/** Asked first because ipaddr.js makes and catches an exception for every text that is no address. */
const fourOctets = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/**
 * Reads `10.0.10.4` or `2001:db8::1`; undefined for anything else. Strict: four decimal octets without leading zeros
 * (`010.0.0.1` is octal to some readers), no zone index, no blanks. `::ffff:10.0.0.1` is an IPv6 address.
 */
export function parseAddress(text: string): Address | undefined {
  if (fourOctets.test(text)) return fromBytes(4, ipaddr.IPv4.parse(text).toByteArray());
  if (text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  return fromBytes(6, ipaddr.IPv6.parse(text).toByteArray());
}

/** Prints `10.0.10.4`, or IPv6 in its one canonical form (RFC 5952: lower case, longest run of zeros as `::`). */
export function formatAddress(address: Address): string {
  const bytes = toBytes(address);
  return address.family === 4 ? bytes.join('.') : new ipaddr.IPv6(bytes).toRFC5952String();
}

/** Order of addresses: IPv4 before IPv6, then by value. Negative, zero or positive, as `toSorted` wants it. */
export function compareAddresses(a: Address, b: Address): number {
  if (a.family !== b.family) return a.family - b.family;
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** Same family and same value. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

/** The 4 or 16 octets of an address in network order. The array is the caller's. */
export function toBytes({ family, value }: Address): number[] {
  const words: number[] = [];
  for (let shift = addressBits(family) - 32; shift >= 0; shift -= 32)
    words.push(Number((value >> BigInt(shift)) & 0xffff_ffffn));
  return words.flatMap((word) => [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff]);
}

function fromBytes(family: Family, bytes: readonly number[]): Address {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return { family, value };
}
