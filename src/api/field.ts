// Checks of single fields that hold an address, a range or a name, with the same words for every kind.
import { formatAddress, parseAddress, type Address, type Prefix } from '../net/address.ts';
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

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** RFC 1123 label: at most 63 lower-case letters, digits and `-`, none of the latter at an end. */
function isDnsLabel(text: string): boolean {
  return text.length <= 63 && dnsLabel.test(text);
}

/** RFC 1123 subdomain: labels with dots between, at most 253 characters. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => dnsLabel.test(part));
}

/** Complains unless `text` is a DNS label. */
export function checkLabel(path: string, text: string, what: string): Finding[] {
  if (isDnsLabel(text)) return [];
  const hint =
    'use at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit';
  return [finding('Invalid', path, `${JSON.stringify(text)} is not ${what}`, hint)];
}

/** Complains of a name that cannot be told from its neighbours in `ovn-bridge-mappings`. */
export function checkPhysicalNetwork(path: string, text: string): Finding[] {
  if (!/[\s,:]/.test(text)) return [];
  const message = `${JSON.stringify(text)} cannot stand in ovn-bridge-mappings`;
  return [finding('Invalid', path, message, 'use a name without blanks, commas and colons')];
}

/** Complains of each entry that is no DNS label, or stands there twice. */
export function checkLabels(path: string, entries: readonly string[], what: string): Finding[] {
  return entries.flatMap((text, index) => {
    const at = fieldPath(path, index);
    if (entries.indexOf(text) === index) return checkLabel(at, text, what);
    return [finding('Invalid', at, `${text} stands there twice`, 'remove one of them')];
  });
}

/** Complains unless `text` is one IPv4 address. */
export function checkAddress(path: string, text: string): Finding[] {
  const address = parseAddress(text);
  if (address?.family === 4) return [];
  if (address !== undefined) return [unsupportedFamily(path, text)];
  return [
    finding(
      'Invalid',
      path,
      `${JSON.stringify(text)} is not an IP address`,
      'write it as 10.0.10.4, without a prefix length',
    ),
  ];
}

/** The lengths that a prefix may have. */
export interface LengthLimits {
  readonly shortest: number;
  readonly longest: number;
}

/** Ranges in which no network can lie: RFC 6890 "this network", loopback, link-local, multicast, reserved. */
const unusable = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4'];

/** Complains unless `text` is one IPv4 prefix without host bits in which hosts can have addresses. */
export function checkSubnetPrefix(path: string, text: string, limits: LengthLimits): Finding[] {
  const found = checkPrefix(path, text);
  const prefix = parsePrefix(text);
  if (found.length > 0 || prefix === undefined) return found;
  const { shortest, longest } = limits;
  if (prefix.length < shortest || prefix.length > longest) {
    const hint = `use a length from /${shortest} to /${longest}`;
    return [finding('OutOfRange', path, `${text} has the length /${prefix.length}`, hint)];
  }
  const taken = unusable.find((range) => {
    const other = parsePrefix(range);
    return other !== undefined && prefixesOverlap(prefix, other);
  });
  if (taken === undefined) return [];
  const hint = 'use a range that hosts can have addresses in, for example one of 10.0.0.0/8';
  return [
    finding('OutOfRange', path, `${text} overlaps ${taken}, which no host can have an address of`, hint),
  ];
}

/** Complains unless `text` is one IPv4 prefix without host bits, of any length. */
export function checkPrefix(path: string, text: string): Finding[] {
  const prefix = parsePrefix(text);
  if (prefix?.family === 4) return [];
  if (prefix !== undefined || text.includes(',')) return [unsupportedFamily(path, text)];
  const meant = hostBits(text);
  if (meant !== undefined) {
    const hint = `did you mean ${formatPrefix(meant)}?`;
    return [finding('Invalid', path, `${text} has bits set after its first ${meant.length}`, hint)];
  }
  const hint = 'write it as 10.0.10.0/24';
  return [finding('Invalid', path, `${JSON.stringify(text)} is not a range in CIDR notation`, hint)];
}

/** Complains unless the gateway is an address of the range that a host can have. `cidr` must be readable. */
export function checkGateway(path: string, text: string, cidr: string): Finding[] {
  const found = checkAddress(path, text);
  const [prefix, gateway] = [parsePrefix(cidr), parseAddress(text)];
  if (found.length > 0 || prefix === undefined || gateway === undefined) return found;
  const usable = usableRange(prefix);
  const hint = `use an address of ${cidr}, for example ${formatAddress(firstOf(prefix))}`;
  if (!prefixContains(prefix, gateway))
    return [finding('OutOfRange', path, `${text} is not in ${cidr}`, hint)];
  if (rangeContains(usable, gateway)) return [];
  const what = gateway.value < usable.first ? 'network' : 'broadcast';
  return [finding('OutOfRange', path, `${text} is the ${what} address of ${cidr}`, hint)];
}

/** Complains about each entry of `excludeIps` that cannot be read or does not touch the range. */
export function checkExcludes(path: string, entries: readonly string[], cidr: string): Finding[] {
  const prefix = parsePrefix(cidr);
  return entries.flatMap((text, index) => {
    const at = fieldPath(path, index);
    const range = parseRange(text);
    if (range === undefined) {
      const hint = 'write an address (10.0.0.1), a range (10.0.0.1..10.0.0.9) or a prefix (10.0.0.0/28)';
      return [finding('Invalid', at, `${JSON.stringify(text)} is no address and no range`, hint)];
    }
    if (prefix === undefined || rangesOverlap(range, prefixRange(prefix))) return [];
    return [
      finding('OutOfRange', at, `${text} is not in ${cidr}`, `remove it, or write addresses of ${cidr}`),
    ];
  });
}

function firstOf(prefix: Prefix): Address {
  const { family, first } = usableRange(prefix);
  return { family, value: first };
}

function unsupportedFamily(path: string, text: string): Finding {
  return finding('Unsupported', path, `${text} has IPv6, which is not supported yet`, 'use IPv4 only');
}
