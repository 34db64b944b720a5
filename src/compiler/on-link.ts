// Destinations that no router forwards, and that neighbours of one segment need.
import type { Prefix } from '../net/address.ts';

/**
 * Link-local and multicast of IPv6: what neighbours on one segment say to each other, neighbour discovery above all
 * (RFC 4291 §2.5.6 and §2.7). Discovery itself cannot be exempted: a match may test `nd` only positively.
 */
export const onLinkPrefixes: readonly Prefix[] = [
  { family: 6, base: 0xfe80n << 112n, length: 10 },
  { family: 6, base: 0xffn << 120n, length: 8 },
];
