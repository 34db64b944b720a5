// Rules of a subnet (`Subnet.spec.acls`, `Project.spec.subnetAcls`): typed, so that nobody writes an expression of OVN.
import { Type, type Static } from 'typebox';
import { parsePrefix } from '../net/prefix.ts';
import type { CelRule } from './cel.ts';
import { labelText, prefixText } from './cel.ts';
import { checkPrefix } from './field.ts';
import { fieldPath, finding, type Finding } from './finding.ts';
import { checkLabel } from './name-field.ts';
import { word, type Immutable } from './schema.ts';

/** Protocols that have ports. */
const withPorts: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp']);

const ports: CelRule & { readonly hint: string } = {
  rule: 'self.protocol in ["tcp", "udp", "sctp"] || !has(self.ports) || size(self.ports) == 0',
  message: 'ports need a protocol that has ports',
  hint: 'write protocol: tcp, udp or sctp, or leave ports out',
};
const ofOneFamily: CelRule & { readonly hint: string } = {
  rule:
    '!has(self.from) || !has(self.to) || size(self.from) == 0 || size(self.to) == 0 || ' +
    ['', '!']
      .map(
        (not) =>
          `(${['from', 'to'].map((list) => `self.${list}.exists(x, ${not}x.contains(":"))`).join(' && ')})`,
      )
      .join(' || '),
  message: 'from and to have no family in common, so no packet is of both',
  hint: 'write ranges of one family into both, or of both families',
};

const portSchema = Type.Object(
  {
    port: Type.Integer({ minimum: 1, maximum: 65_535, description: 'The port, or the first of a range.' }),
    endPort: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: 'The last port of a range.' }),
    ),
  },
  {
    'x-kubernetes-validations': [
      { rule: '!has(self.endPort) || self.endPort >= self.port', message: 'endPort must not be below port' },
    ],
  },
);

const ranges = (whose: string) =>
  Type.Array(Type.String(prefixText), {
    default: [],
    maxItems: 64,
    description: `Ranges of the ${whose}, of either family; absent: any. A single address is a /32 or a /128.`,
  });

const subnetAclSchema = Type.Object(
  {
    name: Type.String({
      ...labelText('the name of a rule'),
      description: 'What the rule is called in plans, traces and logs; unique in the list.',
    }),
    direction: word(['ingress', 'egress'], {
      description: 'As seen from the workloads of the subnet: what they receive, or what they send.',
    }),
    action: word(['allow', 'allow-stateless', 'drop', 'reject'], {
      description:
        'allow: and the replies; nothing that comes after is asked. allow-stateless: the packet alone, untracked, so replies need a rule of their own and no Service is reached. reject: dropped, and the sender is told.',
    }),
    priority: Type.Integer({
      minimum: 0,
      maximum: 1000,
      description:
        'The highest rule that matches decides. Of equal ones drop goes before reject, and reject before allow.',
    }),
    protocol: word(['any', 'tcp', 'udp', 'sctp', 'icmp'], {
      default: 'any',
      description: 'icmp: of IPv6, ICMPv6. any: every IP packet.',
    }),
    ports: Type.Array(portSchema, {
      default: [],
      maxItems: 64,
      description: 'Destination ports, of tcp, udp and sctp; absent: any.',
    }),
    from: ranges('source'),
    to: ranges('destination'),
    log: Type.Boolean({
      default: false,
      description: 'Whether ovn-controller logs packets that this rule decides on.',
    }),
    logSeverity: Type.Optional(
      word(['alert', 'warning', 'notice', 'info', 'debug'], {
        description: 'The severity that a line of the log says. Absent: info.',
      }),
    ),
    logRate: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'Lines of this rule per second and node, at most. Absent: 10.',
      }),
    ),
  },
  { 'x-kubernetes-validations': [ports, ofOneFamily].map(({ rule, message }) => ({ rule, message })) },
);

export type SubnetAcl = Immutable<Static<typeof subnetAclSchema>>;

/** Schema of the list. */
export const subnetAclsSchema = () =>
  Type.Array(subnetAclSchema, {
    default: [],
    description:
      'Rules for what the workloads of the subnet send and receive, before NetworkPolicies: docs/network-security.md.',
    maxItems: 128,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  });

/** What is wrong with the values of a list. `path`: `spec.acls` */
export function checkSubnetAcls(path: string, acls: readonly SubnetAcl[]): Finding[] {
  const names = acls.map(({ name }) => name);
  return acls.flatMap((acl, index) => {
    const at = fieldPath(path, index);
    const twice =
      names.indexOf(acl.name) === index
        ? []
        : [finding('Invalid', `${at}.name`, `${acl.name} stands there twice`, 'rename one of them')];
    return [...checkLabel(`${at}.name`, acl.name, 'the name of a rule'), ...twice, ...checkAcl(at, acl)];
  });
}

function checkAcl(at: string, { protocol, ports: numbers, from, to }: SubnetAcl): Finding[] {
  const found = [
    ...numbers.flatMap(({ port, endPort = port }, index) => {
      if (endPort >= port) return [];
      const message = `endPort ${endPort} is below port ${port}`;
      return [
        finding(
          'Invalid',
          `${fieldPath(`${at}.ports`, index)}.endPort`,
          message,
          'write the larger one last',
        ),
      ];
    }),
    ...Object.entries({ from, to }).flatMap(([list, texts]) =>
      texts.flatMap((text, index) => checkPrefix(fieldPath(`${at}.${list}`, index), text)),
    ),
  ];
  if (numbers.length > 0 && !withPorts.has(protocol))
    found.push(finding('Invalid', `${at}.ports`, `${ports.message}, and ${protocol} has none`, ports.hint));
  if (!sharesFamily(from, to)) found.push(finding('Invalid', at, ofOneFamily.message, ofOneFamily.hint));
  return found;
}

function sharesFamily(from: readonly string[], to: readonly string[]): boolean {
  const [sources, destinations] = [from, to].map((texts) => texts.map((text) => parsePrefix(text)?.family));
  if (sources === undefined || destinations === undefined) return true;
  // What cannot be read is told by itself.
  if ([sources, destinations].some((each) => each.length === 0 || each.includes(undefined))) return true;
  return sources.some((family) => destinations.includes(family));
}
