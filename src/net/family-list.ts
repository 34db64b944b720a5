// Lists with at most one item of each family, IPv4 first: the addresses or ranges of what can have both.
import { formatAddress, parseAddress } from './address.ts';
import type { Address, Family, Prefix } from './address.ts';
import { formatPrefix, parsePrefix } from './prefix.ts';

/** Both families in the order in which everything that has both is kept and printed. */
export const families = [4, 6] as const satisfies readonly Family[];

/** Texts between commas, blanks around them ignored: `10.0.10.1, fd00:10::1` → two texts. */
export function splitList(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** Reads `10.0.10.1,fd00:10::1` in any order; undefined when a part is no address, or two are of one family. */
export function parseAddressList(text: string): readonly Address[] | undefined {
  return onePerFamily(splitList(text).map(parseAddress));
}

/** Reads `10.0.10.0/24,fd00:10::/64` in any order; undefined when a part is no prefix, or two are of one family. */
export function parsePrefixList(text: string): readonly Prefix[] | undefined {
  return onePerFamily(splitList(text).map(parsePrefix));
}

/** Prints `10.0.10.1,fd00:10::1`; the empty text for none. */
export function formatAddressList(addresses: readonly Address[]): string {
  return addresses.map(formatAddress).join(',');
}

/** Prints `10.0.10.0/24,fd00:10::/64`. */
export function formatPrefixList(prefixes: readonly Prefix[]): string {
  return prefixes.map(formatPrefix).join(',');
}

/** The item of a family; undefined when there is none. */
export function ofFamily<T extends { readonly family: Family }>(
  items: readonly T[],
  family: Family,
): T | undefined {
  return items.find((item) => item.family === family);
}

/** Families that items of both lists have, IPv4 first. */
export function commonFamilies(
  a: readonly { readonly family: Family }[],
  b: readonly { readonly family: Family }[],
): readonly Family[] {
  return families.filter((family) => ofFamily(a, family) !== undefined && ofFamily(b, family) !== undefined);
}

function onePerFamily<T extends { readonly family: Family }>(
  items: readonly (T | undefined)[],
): readonly T[] | undefined {
  const known = items.flatMap((item) => item ?? []);
  const sorted = families.flatMap((family) => ofFamily(known, family) ?? []);
  return sorted.length === items.length ? sorted : undefined;
}
