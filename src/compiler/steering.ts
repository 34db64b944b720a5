// Reply steering: a reply leaves by the network that its connection came in on (DESIGN §5).
import { formatAddress } from '../net/address.ts';
import type { Address, Family, Prefix } from '../net/address.ts';
import { families, ofFamily } from '../net/family-list.ts';
import { prefixContains } from '../net/prefix.ts';
import { edgeRouterName, switchPortName } from '../northbound/names.ts';
import {
  and,
  compare,
  ethernetSource,
  formatMatch,
  portName,
  predicate,
  prefixMatch,
} from '../northbound/match.ts';
import type { Match } from '../northbound/match.ts';
import type { EdgeModel, FloatingIpModel, LoadBalancerModel, VpcModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { onLinkPrefixes } from './on-link.ts';
import { markPriority, steeringPriority } from './priorities.ts';
import { routerMac } from './router-ports.ts';
import { rowIds } from './row-ids.ts';
import { bandColumns } from './rule-band.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * Nothing while the VPC has one way out. Where QoS can mark (OVN 24.03 and later) each connection is remembered:
 *
 * | step | row | match | action |
 * |---|---|---|---|
 * | it comes in through an edge | ACL to-lport | source MAC of the edge | allow-related, label n |
 * | its reply leaves the workload | QoS from-lport | reply, label n | mark n |
 * | any other reply | QoS from-lport | reply | no mark |
 * | to another subnet of the VPC, or behind one | QoS from-lport | destination | no mark |
 * | new connection of a FIP's target | QoS from-lport | source | mark n |
 * | new connection of a subnet that leaves by an edge | QoS from-lport | source | mark 65536 + n |
 * | to another subnet of the VPC | policy | destination | allow |
 * | marked n | policy | mark n, from a subnet | reroute to the edge, on that subnet |
 * | marked 65536 + n | policy, below those of people | mark, from a subnet | reroute to the edge, on that subnet |
 * | it comes from the router, on its way to the edge | QoS from-lport | port of the router | no mark |
 *
 * No packet leaves a hypervisor with a mark: nodes give meanings of their own to some (kube-proxy, Calico), and the
 * userspace datapath routes tunnels by it, which is to say that it drops them.
 *
 * Before that, replies are told by the backend's address and port; the target of a FIP, and a subnet that leaves by an
 * edge, by a policy for its source.
 * What names an address is one row per family, so that a family comes and goes without the rows of the other.
 */
export function steeringRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  if (vpc.edges.length === 0) return [];
  const canMark = marksReplies(unit);
  return [
    ...families.flatMap((family) => {
      const own = prefixesOf(vpc, family);
      return own.length === 0 ? [] : [allow(vpc, ownRule(vpc, 'inside', prefixMatch('dst', own)), unit)];
    }),
    ...(canMark ? markRows(vpc, unit) : portRows(vpc, unit)),
  ];
}

/** Whether each connection is remembered, by the label of the rule that lets it in. */
export const marksReplies = ({ capabilities }: UnitContext): boolean =>
  capabilities.allows('QoS', 'action', 'mark');

const prefixesOf = ({ subnets }: VpcModel, family: Family): readonly Prefix[] =>
  subnets
    .flatMap(({ ranges }) => ranges.map(({ prefix }) => prefix))
    .filter((prefix) => prefix.family === family);

/** A rule for some packets. `source`: the object that it serves, whose rows stay while it is rejected. */
interface Rule<Kind extends string> {
  readonly kind: Kind;
  readonly match: Match;
  readonly source: string;
}

type MarkRule = Rule<keyof typeof markPriority>;
type SteeringRule = Rule<keyof typeof steeringPriority>;

const ownRule = <Kind extends string>({ source }: VpcModel, kind: Kind, match: Match): Rule<Kind> => ({
  kind,
  match,
  source,
});

function markRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  return [
    ...vpc.edges.flatMap((edge) => [
      ...edge.ports.flatMap(({ subnet, ranges }) => [
        labelRow(vpc, edge, subnet, routerMac(ranges), unit),
        markRow(vpc, subnet, ownRule(vpc, 'edgeReply', isReplyOf(edge.label)), edge.label, unit),
      ]),
      ...edge.floatingIps.flatMap((fip) => sourceMarkRows(vpc, edge.label, fip, unit)),
      ...subnetsLeavingBy(edge, vpc).flatMap((subnet) => subnetMarkRows(vpc, edge, subnet, unit)),
      ...subnetPrefixes(vpc).flatMap(({ name, prefix }) => {
        const match = and([prefixMatch('src', [prefix]), compare('pkt.mark', '==', edge.label)]);
        return reroute(vpc, edge, name, ownRule(vpc, 'edgeReply', match), prefix.family, unit);
      }),
    ]),
    ...floatingIpsBesideEdge(vpc).flatMap((fip) => sourceMarkRows(vpc, 0, fip, unit)),
    ...insideMarkRows(vpc, unit),
    ...vpc.subnets.flatMap(({ name }) => [
      markRow(vpc, name, ownRule(vpc, 'routed', fromRouter(vpc, name)), 0, unit),
      markRow(vpc, name, ownRule(vpc, 'defaultReply', predicate('ct.rpl')), 0, unit),
    ]),
  ];
}

interface SubnetPrefix {
  readonly name: string;
  readonly prefix: Prefix;
  readonly source: string;
}

const subnetPrefixes = ({ subnets }: VpcModel): readonly SubnetPrefix[] =>
  subnets.flatMap(({ name, ranges, source }) => ranges.map(({ prefix }) => ({ name, prefix, source })));

const subnetOf = (vpc: VpcModel, address: Address): SubnetPrefix | undefined =>
  subnetPrefixes(vpc).find(({ prefix }) => prefixContains(prefix, address));

/** Subnets, in the families in which they have an address on the edge's network. */
function subnetsLeavingBy(edge: EdgeModel, vpc: VpcModel): readonly SubnetPrefix[] {
  const leaving = vpc.subnets.filter(({ egress }) => egress?.network === edge.gateway.network);
  return leaving.flatMap(({ name, ranges, egress, source }) =>
    ranges
      .filter(({ prefix }) => ofFamily(egress?.addresses ?? [], prefix.family) !== undefined)
      .map(({ prefix }) => ({ name, prefix, source })),
  );
}

const leavesByEdge = (vpc: VpcModel, address: Address): boolean => {
  const subnet = subnetOf(vpc, address);
  return vpc.edges.some((edge) => subnetsLeavingBy(edge, vpc).some(({ name }) => name === subnet?.name));
};

/** Those of the default network whose target is on a subnet that leaves by an edge. */
const floatingIpsBesideEdge = (vpc: VpcModel): readonly FloatingIpModel[] =>
  vpc.floatingIps.filter(({ internal }) => leavesByEdge(vpc, internal));

const isReplyOf = (label: number): Match =>
  and([predicate('ct.rpl'), compare('ct_label.label', '==', label)]);

const fromRouter = ({ name }: VpcModel, subnet: string): Match =>
  compare('inport', '==', portName(switchPortName(subnet, name)));

/** What the target of a floating IP sends, other than replies, and other than inside. */
function sourceMarkRows(
  vpc: VpcModel,
  mark: number,
  { internal: target, source }: FloatingIpModel,
  unit: UnitContext,
): DesiredRow[] {
  const match = hostMatch('src', target);
  return vpc.subnets
    .filter(({ ranges }) => ranges.some(({ prefix }) => prefixContains(prefix, target)))
    .map(({ name }) => markRow(vpc, name, { kind: 'floatingIp', match, source }, mark, unit));
}

/** With a mark of its own, since the routes that a person writes go before this, and do not before replies. */
function subnetMarkRows(
  vpc: VpcModel,
  edge: EdgeModel,
  { name, prefix, source }: SubnetPrefix,
  unit: UnitContext,
): DesiredRow[] {
  const mark = 0x1_00_00 + edge.label;
  const from = prefixMatch('src', [prefix]);
  const match = and([from, compare('pkt.mark', '==', mark)]);
  return [
    markRow(vpc, name, { kind: 'subnet', match: from, source }, mark, unit),
    ...reroute(vpc, edge, name, { kind: 'subnet', match, source }, prefix.family, unit),
  ];
}

/**
 * Where packets are marked by their source, what stays inside is not. A rule of its own: OVN multiplies the parts of a
 * match that excludes several ranges.
 */
function insideMarkRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  const fips = [...vpc.edges.flatMap(({ floatingIps }) => floatingIps), ...floatingIpsBesideEdge(vpc)];
  const leaving = vpc.edges.flatMap((edge) => subnetsLeavingBy(edge, vpc));
  return subnetPrefixes(vpc)
    .filter(
      ({ name, prefix }) =>
        fips.some(({ internal }) => prefixContains(prefix, internal)) ||
        leaving.some((subnet) => subnet.name === name && subnet.prefix.family === prefix.family),
    )
    .map(({ name, prefix: { family } }) => {
      const onLink = onLinkPrefixes.filter((prefix) => prefix.family === family);
      const inside = [...prefixesOf(vpc, family), ...prefixesBehind(vpc, family), ...onLink];
      return markRow(vpc, name, ownRule(vpc, 'inside', prefixMatch('dst', inside)), 0, unit);
    });
}

/** Ranges that a static route has behind a neighbour in one of the subnets, and those of peers. */
const prefixesBehind = (vpc: VpcModel, family: Family): readonly Prefix[] => [
  ...vpc.staticRoutes
    .filter(({ policy: compared, prefix, nextHop }) => {
      const isRange = compared === 'dst-ip' && prefix.family === family && prefix.length > 0;
      return isRange && subnetOf(vpc, nextHop) !== undefined;
    })
    .map(({ prefix }) => prefix),
  ...vpc.peerings.flatMap(({ remotePrefixes }) =>
    remotePrefixes.filter((prefix) => prefix.family === family),
  ),
];

function labelRow(
  vpc: VpcModel,
  edge: EdgeModel,
  subnet: string,
  mac: string,
  unit: UnitContext,
): DesiredRow {
  return unit.row(
    'ACL',
    rowIds.replyLabel(edgeRouterName(vpc.name, edge.gateway.network), subnet),
    {
      direction: 'to-lport',
      ...bandColumns('replyLabel'),
      match: formatMatch(and([ethernetSource([mac]), predicate('ip')])),
      action: 'allow-related',
      label: edge.label,
    },
    { source: vpc.source, parents: [unit.place('Logical_Switch', rowIds.subnetSwitch(subnet), 'acls')] },
  );
}

function markRow(
  vpc: VpcModel,
  subnet: string,
  { kind, match, source }: MarkRule,
  mark: number,
  unit: UnitContext,
): DesiredRow {
  const text = formatMatch(match);
  return unit.row(
    'QoS',
    rowIds.mark(vpc.name, subnet, text),
    { direction: 'from-lport', priority: markPriority[kind], match: text, action: { mark } },
    { source, parents: [unit.place('Logical_Switch', rowIds.subnetSwitch(subnet), 'qos_rules')] },
  );
}

/** Without marks: what a backend sends from the port that it serves is a reply to that network. */
function portRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  const targets = new Set(
    vpc.edges.flatMap((edge) => edge.floatingIps.map(({ internal }) => formatAddress(internal))),
  );
  const ofEdges = vpc.edges.flatMap((edge) =>
    backendMatches(edge.loadBalancers).flatMap(({ address, match, source }) =>
      rerouteFrom(vpc, edge, address, { kind: 'edgeReply', match, source }, unit),
    ),
  );
  const ofDefault = backendMatches(vpc.loadBalancers)
    .filter(({ address }) => targets.has(formatAddress(address)) || leavesByEdge(vpc, address))
    .map(({ match, source }) => allow(vpc, { kind: 'defaultReply', match, source }, unit));
  const ofTargets = vpc.edges.flatMap((edge) =>
    edge.floatingIps.flatMap(({ internal, source }) => {
      const match = hostMatch('src', internal);
      return rerouteFrom(vpc, edge, internal, { kind: 'floatingIp', match, source }, unit);
    }),
  );
  const ofSubnets = vpc.edges.flatMap((edge) =>
    subnetsLeavingBy(edge, vpc).flatMap((subnet) => subnetPolicies(vpc, edge, subnet, unit)),
  );
  const besideEdge = floatingIpsBesideEdge(vpc).map(({ internal, source }) =>
    allow(vpc, { kind: 'floatingIp', match: hostMatch('src', internal), source }, unit),
  );
  return [...ofEdges, ...ofDefault, ...ofTargets, ...ofSubnets, ...besideEdge];
}

/** Without marks: a subnet that leaves by an edge, but for what is behind a neighbour. */
function subnetPolicies(
  vpc: VpcModel,
  edge: EdgeModel,
  { name, prefix, source }: SubnetPrefix,
  unit: UnitContext,
): DesiredRow[] {
  const from = prefixMatch('src', [prefix]);
  const leaving = reroute(vpc, edge, name, { kind: 'subnet', match: from, source }, prefix.family, unit);
  const behind = prefixesBehind(vpc, prefix.family);
  if (behind.length === 0) return leaving;
  const match = and([from, prefixMatch('dst', behind)]);
  return [allow(vpc, { kind: 'subnetBehind', match, source }, unit), ...leaving];
}

function backendMatches(
  balancers: readonly LoadBalancerModel[],
): { readonly address: Address; readonly match: Match; readonly source: string }[] {
  const matches = balancers.flatMap((lb) =>
    lb.vips.flatMap(({ backends }) =>
      backends.map(({ address, port }) => ({
        address,
        source: lb.source,
        match: and([hostMatch('src', address), compare(`${lb.protocol}.src`, '==', port)]),
      })),
    ),
  );
  return [...new Map(matches.map((one) => [formatMatch(one.match), one])).values()];
}

function hostMatch(side: 'src' | 'dst', { family, value }: Address): Match {
  return prefixMatch(side, [{ family, base: value, length: family === 4 ? 32 : 128 }]);
}

/**
 * A policy of the VPC's own router that sends packets of a family to `edge`, over the subnet that they come from; over
 * any, where the edge has no address on that one. None where the edge lacks the family.
 */
function reroute(
  vpc: VpcModel,
  edge: EdgeModel,
  subnet: string | undefined,
  rule: SteeringRule,
  family: Family,
  unit: UnitContext,
): DesiredRow[] {
  const near = edge.ports.filter((port) => port.subnet === subnet);
  const addresses = [...near, ...edge.ports].flatMap(({ ranges }) => ranges.map(({ address }) => address));
  const nextHop = ofFamily(addresses, family);
  return nextHop === undefined ? [] : [policy(vpc, rule, [formatAddress(nextHop)], unit)];
}

const rerouteFrom = (
  vpc: VpcModel,
  edge: EdgeModel,
  address: Address,
  rule: SteeringRule,
  unit: UnitContext,
): DesiredRow[] => reroute(vpc, edge, subnetOf(vpc, address)?.name, rule, address.family, unit);

/** A policy of the VPC's own router that leaves packets to its routing table. */
function allow(vpc: VpcModel, rule: SteeringRule, unit: UnitContext): DesiredRow {
  return policy(vpc, rule, [], unit);
}

function policy(
  vpc: VpcModel,
  { kind, match, source }: SteeringRule,
  nexthops: readonly string[],
  unit: UnitContext,
): DesiredRow {
  const text = formatMatch(match);
  const priority = steeringPriority[kind];
  return unit.row(
    'Logical_Router_Policy',
    rowIds.policy(vpc.name, priority, text),
    { priority, match: text, action: nexthops.length === 0 ? 'allow' : 'reroute', nexthops },
    { source, parents: [unit.place('Logical_Router', rowIds.router(vpc.name), 'policies')] },
  );
}
