// CIDR prefixes: reading, printing, containment; ip-cidr finds where a prefix begins.
import IpCidr from 'ip-cidr';
import { addressBits, formatAddress, parseAddress } from './address.ts';
import type { Address, Prefix, Range } from './address.ts';

/**
 * Reads `10.0.10.0/24` or `2001:db8::/64`; undefined for anything else. Strict: the length is there and host bits are
 * zero. For a text with host bits {@link hostBits} tells what was most likely meant.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const parsed = readPrefix(text);
  return parsed?.address.value === parsed?.prefix.base ? parsed?.prefix : undefined;
}

/**
 * The prefix that a text with host bits belongs to: `10.0.10.7/24` → 10.0.10.0/24, for a hint.
 * Undefined when the text has no host bits or is no prefix at all.
 */
export function hostBits(text: string): Prefix | undefined {
  const parsed = readPrefix(text);
  return parsed?.address.value === parsed?.prefix.base ? undefined : parsed?.prefix;
}

/** Prints `10.0.10.0/24`; IPv6 as RFC 5952 has it. The inverse of {@link parsePrefix}. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress({ family: prefix.family, value: prefix.base })}/${prefix.length}`;
}

/** Every address of the prefix, network and broadcast address included. */
export function prefixRange({ family, base, length }: Prefix): Range {
  const size = 1n << BigInt(addressBits(family) - length);
  return { family, first: base, last: base + size - 1n };
}

/**
 * What may be given to a workload: IPv4 without network and broadcast address (up to /30; a /31 is a point-to-point
 * link, RFC 3021), IPv6 without the subnet-router anycast address (RFC 4291 §2.6.1; up to /126).
 */
export function usableRange(prefix: Prefix): Range {
  const range = prefixRange(prefix);
  if (addressBits(prefix.family) - prefix.length < 2) return range;
  return { ...range, first: range.first + 1n, last: prefix.family === 4 ? range.last - 1n : range.last };
}

/** False when the families differ. */
export function prefixContains(prefix: Prefix, address: Address): boolean {
  const { family, first, last } = prefixRange(prefix);
  return address.family === family && first <= address.value && address.value <= last;
}

/** True when an address is in both, that is: one contains the other. */
export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  const [wide, narrow] = a.length <= b.length ? [a, b] : [b, a];
  return prefixContains(wide, { family: narrow.family, value: narrow.base });
}

/** True when all of `inner` is in `outer`. */
export function prefixWithin(inner: Prefix, outer: Prefix): boolean {
  return prefixesOverlap(inner, outer) && inner.length >= outer.length;
}

/** The fewest prefixes that together are the range, in rising order: a prefix without one address of it makes many. */
export function rangePrefixes({ family, first, last }: Range): Prefix[] {
  const bits = addressBits(family);
  const found: Prefix[] = [];
  for (let base = first; base <= last;) {
    let length = bits;
    const sizeOf = (shorter: number): bigint => 1n << BigInt(bits - shorter);
    while (length > 0 && base % sizeOf(length - 1) === 0n && base + sizeOf(length - 1) - 1n <= last)
      length -= 1;
    found.push({ family, base, length });
    base += sizeOf(length);
  }
  return found;
}

const notation = /^([^/]+)\/(0|[1-9]\d{0,2})$/;

/** The address before the slash and the prefix that it is in. */
interface ReadPrefix {
  readonly address: Address;
  readonly prefix: Prefix;
}

/**
 * Texts read before: the same few ranges are read for every unit, and ip-cidr takes 18 µs for each. Emptied when full,
 * so that it stays small whatever is read.
 */
const known = new Map<string, ReadPrefix | undefined>();
const knownLimit = 4096;

function readPrefix(text: string): ReadPrefix | undefined {
  if (known.has(text)) return known.get(text);
  if (known.size >= knownLimit) known.clear();
  const read = readNewPrefix(text);
  known.set(text, read);
  return read;
}

function readNewPrefix(text: string): ReadPrefix | undefined {
  const [, addressText = '', lengthText = ''] = notation.exec(text) ?? [];
  const address = parseAddress(addressText);
  const length = Number(lengthText);
  if (address === undefined || length > addressBits(address.family)) return undefined;
  const base = new IpCidr(text).start<bigint>({ type: 'bigInteger' });
  return { address, prefix: { family: address.family, base, length } };
}
