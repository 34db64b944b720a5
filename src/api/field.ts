// Checks of single fields that hold an address or a range, or one of each family, with the same words for every kind.
import { formatAddress, parseAddress, type Address, type Family, type Prefix } from '../net/address.ts';
import { ofFamily, parsePrefixList, splitList } from '../net/family-list.ts';
import {
  formatPrefix,
  hostBits,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
  prefixRange,
  usableRange,
} from '../net/prefix.ts';
import { parseRange, rangeContains, rangesOverlap } from '../net/range.ts';
import { fieldPath, finding, type Finding } from './finding.ts';

/** Complains unless `text` is one address, of either family. */
export function checkAddress(path: string, text: string): Finding[] {
  if (parseAddress(text) !== undefined) return [];
  const hint = text.includes(',')
    ? 'write one address'
    : 'write it as 10.0.10.4 or fd00:10::4, without a prefix length';
  return [finding('Invalid', path, `${JSON.stringify(text)} is not an IP address`, hint)];
}

/** Complains unless `text` is an address, or one of each family with a comma between. */
export function checkAddresses(path: string, text: string): Finding[] {
  const texts = splitList(text);
  const found = texts.flatMap((each) => checkAddress(path, each));
  return found.length > 0 ? found : checkOnePerFamily(path, text, texts.map(parseAddress));
}

/** The lengths that a prefix of a family may have. */
export interface LengthLimits {
  readonly shortest: number;
  readonly longest: number;
}

/** By family. */
export type FamilyLimits = Readonly<Record<Family, LengthLimits>>;

/**
 * Ranges in which no network can lie. RFC 6890: "this network", loopback, link-local, multicast, reserved; of IPv6 the
 * unspecified, loopback and IPv4-mapped addresses, link-local, multicast (RFC 4291 §2.4).
 */
export const unusableRanges = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/8',
  'fe80::/10',
  'ff00::/8',
];

/** Complains unless `text` is one prefix without host bits in which hosts can have addresses. */
export function checkSubnetPrefix(path: string, text: string, limits: FamilyLimits): Finding[] {
  const found = checkPrefix(path, text);
  const prefix = parsePrefix(text);
  if (found.length > 0 || prefix === undefined) return found;
  const { shortest, longest } = limits[prefix.family];
  if (prefix.length < shortest || prefix.length > longest) {
    const hint = `use a length from /${shortest} to /${longest}`;
    return [finding('OutOfRange', path, `${text} has the length /${prefix.length}`, hint)];
  }
  const taken = unusableRanges.find((range) => {
    const other = parsePrefix(range);
    return other !== undefined && prefixesOverlap(prefix, other);
  });
  if (taken === undefined) return [];
  const example = prefix.family === 4 ? 'one of 10.0.0.0/8' : 'one of fd00::/8';
  const hint = `use a range that hosts can have addresses in, for example ${example}`;
  return [
    finding('OutOfRange', path, `${text} overlaps ${taken}, which no host can have an address of`, hint),
  ];
}

/** {@link checkSubnetPrefix} for a range, or one of each family with a comma between. */
export function checkSubnetPrefixes(path: string, text: string, limits: FamilyLimits): Finding[] {
  const texts = splitList(text);
  const found = texts.flatMap((each) => checkSubnetPrefix(path, each, limits));
  return found.length > 0 ? found : checkOnePerFamily(path, text, texts.map(parsePrefix));
}

/** Complains unless `text` is one prefix without host bits, of either family and any length. */
export function checkPrefix(path: string, text: string): Finding[] {
  if (parsePrefix(text) !== undefined) return [];
  const meant = hostBits(text);
  if (meant !== undefined) {
    const hint = `did you mean ${formatPrefix(meant)}?`;
    return [finding('Invalid', path, `${text} has bits set after its first ${meant.length}`, hint)];
  }
  const hint = text.includes(',') ? 'write one range' : 'write it as 10.0.10.0/24 or fd00:10::/64';
  return [finding('Invalid', path, `${JSON.stringify(text)} is not a range in CIDR notation`, hint)];
}

/**
 * Complains unless each gateway is an address of the range of its family that a host can have. `every`: the families
 * of `cidr` that have none are missed, too. `cidr` must be readable for more than the notation to be checked.
 */
export function checkGateways(path: string, text: string, cidr: string, every = false): Finding[] {
  const found = checkAddresses(path, text);
  const prefixes = parsePrefixList(cidr);
  if (found.length > 0 || prefixes === undefined) return found;
  const gateways = splitList(text).flatMap((each) => parseAddress(each) ?? []);
  const missing = every ? prefixes.filter(({ family }) => ofFamily(gateways, family) === undefined) : [];
  return [
    ...gateways.flatMap((gateway) => checkGateway(path, gateway, cidr, ofFamily(prefixes, gateway.family))),
    ...missing.map((prefix) => missingGateway(path, text, prefix)),
  ];
}

function checkGateway(path: string, gateway: Address, cidr: string, prefix: Prefix | undefined): Finding[] {
  const text = formatAddress(gateway);
  if (prefix === undefined) {
    const message = `${text} is not in ${cidr}, which has no IPv${gateway.family} range`;
    return [finding('OutOfRange', path, message, `remove it, or add an IPv${gateway.family} range`)];
  }
  const range = formatPrefix(prefix);
  const usable = usableRange(prefix);
  const hint = `use an address of ${range}, for example ${formatAddress(firstOf(prefix))}`;
  if (!prefixContains(prefix, gateway))
    return [finding('OutOfRange', path, `${text} is not in ${range}`, hint)];
  if (rangeContains(usable, gateway)) return [];
  const what = gateway.value < usable.first ? 'network' : 'broadcast';
  return [finding('OutOfRange', path, `${text} is the ${what} address of ${range}`, hint)];
}

function missingGateway(path: string, text: string, prefix: Prefix): Finding {
  const hint = `write both, for example ${text},${formatAddress(firstOf(prefix))}`;
  return finding('Invalid', path, `${text} says no gateway of ${formatPrefix(prefix)}`, hint);
}

/** Complains about each entry of `excludeIps` that cannot be read or touches none of the ranges. */
export function checkExcludes(path: string, entries: readonly string[], cidr: string): Finding[] {
  const prefixes = parsePrefixList(cidr);
  return entries.flatMap((text, index) => {
    const at = fieldPath(path, index);
    const range = parseRange(text);
    if (range === undefined) {
      const hint = 'write an address (10.0.0.1), a range (10.0.0.1..10.0.0.9) or a prefix (10.0.0.0/28)';
      return [finding('Invalid', at, `${JSON.stringify(text)} is no address and no range`, hint)];
    }
    const touches = prefixes?.some((prefix) => rangesOverlap(range, prefixRange(prefix))) ?? true;
    if (touches) return [];
    return [
      finding('OutOfRange', at, `${text} is not in ${cidr}`, `remove it, or write addresses of ${cidr}`),
    ];
  });
}

function checkOnePerFamily(
  path: string,
  text: string,
  items: readonly ({ readonly family: Family } | undefined)[],
): Finding[] {
  const twice = items.find(
    (item, index) => index > 0 && items.slice(0, index).some((other) => other?.family === item?.family),
  );
  if (twice === undefined) return [];
  const hint = 'write at most one of IPv4 and one of IPv6';
  return [finding('Invalid', path, `${text} has IPv${twice.family} twice`, hint)];
}

function firstOf(prefix: Prefix): Address {
  const { family, first } = usableRange(prefix);
  return { family, value: first };
}
