// What an API server can refuse of single texts, in CEL: notation of addresses, ranges and names, in `field.ts`'s sense.
import { unusableRanges, type FamilyLimits, type LengthLimits } from './field.ts';

/** `x-kubernetes-validations` of one node. Source: Kubernetes, "Common Expression Language"; IP and CIDR library: 1.31. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
}

/** RFC 1123 label but for its length, as RE2 and as a regular expression here. */
export const dnsLabelPattern = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';

/** Of two texts of IPv6 with blanks around them. Rules over longer ones would be too expensive for the API server. */
const maxLength = 96;

/** Options of a text schema: the empty text, which is an absent one, passes. */
export type CheckedText = {
  readonly maxLength: number;
  readonly 'x-kubernetes-validations': readonly CelRule[];
};

const checkedText = (rules: readonly CelRule[]): CheckedText => ({
  maxLength,
  'x-kubernetes-validations': rules.map(({ rule, message }) => ({
    rule: `self == "" || (${rule})`,
    message,
  })),
});

/** A list of at most two, of which CEL can count the cost: of a loop over parts it assumes as many as there are letters. */
interface Pair {
  readonly isPair: string;
  readonly first: string;
  readonly second: string;
}

const pairOf = (text: string): Pair => ({
  isPair: `${text}.contains(",")`,
  first: `${text}.split(",")[0].trim()`,
  second: `${text}.split(",")[1].trim()`,
});
const all = ({ isPair, first, second }: Pair, holds: (part: string) => string): string =>
  `${holds(first)} && (!${isPair} || (${holds(second)}))`;
const some = ({ isPair, first, second }: Pair, holds: (part: string) => string): string =>
  `(${holds(first)} || (${isPair} && ${holds(second)}))`;
const isList = (text: string, notation: 'isIP' | 'isCIDR'): string =>
  `size(${text}.split(",")) <= 2 && ${all(pairOf(text), (part) => `${notation}(${part})`)}`;
const differ = ({ isPair, first, second }: Pair, value: (part: string) => string): string =>
  `!${isPair} || ${value(first)} != ${value(second)}`;

const address: CelRule = { rule: 'isIP(self)', message: 'must be an IP address: 10.0.10.4 or fd00:10::4' };
const hostBits = 'has bits set after its prefix: write 10.0.10.0/24, not 10.0.10.7/24';
const prefix: readonly CelRule[] = [
  { rule: 'isCIDR(self)', message: 'must be a range in CIDR notation: 10.0.10.0/24 or fd00:10::/64' },
  {
    rule: '!isCIDR(self) || cidr(self) == cidr(self).masked()',
    message: hostBits,
  },
];

/** One address. */
export const addressText = checkedText([address]);
/** One range. */
export const prefixText = checkedText(prefix);
/** An address, or one of each family. */
export const addressList = (text: string): string =>
  `(${isList(text, 'isIP')} && (${differ(pairOf(text), (part) => `ip(${part}).family()`)}))`;
/** Any number of addresses and ranges between commas. Not for definitions, whose cost is limited. */
export const rangeOrAddressList = (text: string): string =>
  `${text}.split(",").all(x, isIP(x.trim()) || isCIDR(x.trim()))`;

const addresses = isList('self', 'isIP');
const prefixes = isList('self', 'isCIDR');
const self = pairOf('self');

/** An address, or one of each family. */
export const addressListText = checkedText([
  {
    rule: addresses,
    message: 'must be an IP address, or one of each family: 10.0.10.4 or 10.0.10.4,fd00:10::4',
  },
  {
    rule: `!(${addresses}) || ${differ(self, (part) => `ip(${part}).family()`)}`,
    message: 'has two addresses of one family: write at most one of IPv4 and one of IPv6',
  },
]);

/** A range for hosts, or one of each family, as `checkSubnetPrefixes` wants it. */
export function subnetPrefixText(limits: FamilyLimits): CheckedText {
  const [four, six] = [limits[4], limits[6]];
  const each = (holds: (part: string) => string): string => `!(${prefixes}) || (${all(self, holds)})`;
  const unusable = unusableRanges.map((text) => `"${text}"`).join(', ');
  return checkedText([
    {
      rule: prefixes,
      message:
        'must be a range in CIDR notation, or one of each family: 10.0.10.0/24 or 10.0.10.0/24,fd00:10::/64',
    },
    { rule: each((part) => `cidr(${part}) == cidr(${part}).masked()`), message: hostBits },
    {
      rule: `!(${prefixes}) || ${differ(self, (part) => `cidr(${part}).ip().family()`)}`,
      message: 'has two ranges of one family: write at most one of IPv4 and one of IPv6',
    },
    {
      rule: each(
        (part) => `(cidr(${part}).ip().family() == 4 ? ${within(part, four)} : ${within(part, six)})`,
      ),
      message: `must have a length from /${four.shortest} to /${four.longest}, of IPv6 from /${six.shortest} to /${six.longest}`,
    },
    {
      rule: each(
        (part) =>
          `[${unusable}].all(u, !cidr(u).containsCIDR(cidr(${part})) && !cidr(${part}).containsCIDR(cidr(u)))`,
      ),
      message: `overlaps a range that no host can have an address of: ${unusableRanges.join(', ')}`,
    },
  ]);
}

const within = (part: string, { shortest, longest }: LengthLimits): string =>
  `cidr(${part}).prefixLength() >= ${shortest} && cidr(${part}).prefixLength() <= ${longest}`;

/** An entry of `excludeIps`: an address, a range `a..b`, or a prefix. */
export const excludeText = checkedText([
  {
    rule: 'isIP(self) || isCIDR(self) || (self.contains("..") && isIP(self.split("..")[0]) && isIP(self.split("..")[1]))',
    message: 'must be an address (10.0.0.1), a range (10.0.0.1..10.0.0.9) or a prefix (10.0.0.0/28)',
  },
]);

/** Rules over the whole spec. They hold where one of the fields is absent, or cannot be read. */
function overBoth(gateway: string, ranges: string, rule: string): string {
  const [at, of] = [`self.${gateway}`, `self.${ranges}`];
  const absent = [at, of].map((field) => `!has(${field}) || ${field} == ""`).join(' || ');
  return `${absent} || !(${isList(at, 'isIP')}) || !(${isList(of, 'isCIDR')}) || (${rule})`;
}

/** Every gateway is in the range of its family. (That it is not the network's own address is too expensive to ask.) */
export function gatewayInRange(gateway: string, ranges: string): CelRule {
  const rule = all(pairOf(`self.${gateway}`), (at) =>
    some(pairOf(`self.${ranges}`), (of) => `cidr(${of}).containsIP(${at})`),
  );
  return { rule: overBoth(gateway, ranges, rule), message: `${gateway} must be in ${ranges}` };
}

/** Every family of the ranges has a gateway. */
export function gatewayOfEachFamily(gateway: string, ranges: string): CelRule {
  const [at, of] = [pairOf(`self.${gateway}`), pairOf(`self.${ranges}`)];
  const rule = `${at.isPair} || !${of.isPair}`;
  const message = `${gateway} must have an address of each family of ${ranges}`;
  return { rule: overBoth(gateway, ranges, rule), message };
}

/** A rule over an object with two texts, each of which may be absent: both are of one family. */
export function oneFamily(a: string, b: string, message: string): CelRule {
  const absent = [a, b].map((text) => `!has(${text})`).join(' || ');
  return { rule: `${absent} || ${a}.contains(":") == ${b}.contains(":")`, message };
}

/** RFC 1123 label. `what`: `the name of a Vpc` */
export function labelText(what: string): CheckedText {
  return {
    ...checkedText([
      {
        rule: `self.matches("${dnsLabelPattern}")`,
        message: `must be ${what}: lower-case letters, digits and "-", beginning and ending with a letter or digit`,
      },
    ]),
    maxLength: 63,
  };
}

/** A subnet of a Vpc, or all of them. */
export const subnetOrAnyText = {
  ...checkedText([
    {
      rule: `self == "*" || self.matches("${dnsLabelPattern}")`,
      message: 'must be the name of a subnet, or "*"',
    },
  ]),
  maxLength: 63,
};

/** A name in `ovn-bridge-mappings`. */
export const physicalNetworkText = checkedText([
  { rule: '!self.matches("[\\\\s,:]")', message: 'must be a name without blanks, commas and colons' },
]);

/** A rule over the whole object: its name becomes that of a switch, router or namespace. */
export const labelName: CelRule = {
  rule: `self.metadata.name.matches("${dnsLabelPattern}") && size(self.metadata.name) <= 63`,
  message: 'metadata.name must have at most 63 lower-case letters, digits and "-": it becomes a name in OVN',
};
