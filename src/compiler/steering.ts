// Reply steering: a reply leaves by the network that its connection came in on (DESIGN §5).
import { formatAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { macFromAddress } from '../net/mac.ts';
import { edgeRouterName } from '../northbound/names.ts';
import { and, compare, ethernetSource, formatMatch, predicate, prefixMatch } from '../northbound/match.ts';
import type { Match } from '../northbound/match.ts';
import type { EdgeModel, LoadBalancerModel, VpcModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { replyLabelPriority, replyMarkPriority, steeringPriority } from './priorities.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/** Marks replies of connections that came in by the default network. Edges have 1 to 65535. */
const defaultMark = 0x10000;

/**
 * Nothing while the VPC has one way out. Where QoS can mark (OVN 24.03 and later) each connection is remembered:
 *
 * | step | row | match | action |
 * |---|---|---|---|
 * | it comes in through an edge | ACL to-lport | source MAC of the edge | allow-related, label n |
 * | its reply leaves the workload | QoS from-lport | reply, label n | mark n |
 * | any other reply | QoS from-lport | reply | default mark |
 * | to another subnet of the VPC | policy | destination | allow |
 * | marked n | policy | mark n | reroute to the edge |
 * | default mark | policy | default mark | allow |
 * | new connection of a FIP's target | policy | source | reroute to the edge |
 *
 * Before that, replies are told by the backend's address and port.
 */
export function steeringRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  if (vpc.edges.length === 0) return [];
  const canMark = unit.capabilities.allows('QoS', 'action', 'mark');
  return [
    policy(
      vpc,
      'inside',
      prefixMatch(
        'dst',
        vpc.subnets.map(({ prefix }) => prefix),
      ),
      undefined,
      unit,
    ),
    ...(canMark ? markRows(vpc, unit) : portRows(vpc, unit)),
    ...vpc.edges.flatMap((edge) =>
      edge.floatingIps.map((fip) => policy(vpc, 'floatingIp', hostMatch('src', fip.internal), edge, unit)),
    ),
  ];
}

function markRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  return [
    ...vpc.edges.flatMap((edge) => [
      ...edge.ports.flatMap(({ subnet, address }) => [
        labelRow(vpc, edge, subnet, macFromAddress(address), unit),
        markRow(vpc, subnet, edge.label, unit),
      ]),
      policy(vpc, 'edgeReply', compare('pkt.mark', '==', edge.label), edge, unit),
    ]),
    ...vpc.subnets.map(({ name }) => markRow(vpc, name, undefined, unit)),
    policy(vpc, 'defaultReply', compare('pkt.mark', '==', defaultMark), undefined, unit),
  ];
}

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
      priority: replyLabelPriority,
      match: formatMatch(and([ethernetSource(mac), predicate('ip')])),
      action: 'allow-related',
      label: edge.label,
    },
    { source: vpc.source, parents: [unit.place('Logical_Switch', rowIds.subnetSwitch(subnet), 'acls')] },
  );
}

function markRow(vpc: VpcModel, subnet: string, label: number | undefined, unit: UnitContext): DesiredRow {
  const isReply = predicate('ct.rpl');
  const match = label === undefined ? isReply : and([isReply, compare('ct_label.label', '==', label)]);
  return unit.row(
    'QoS',
    rowIds.replyMark(vpc.name, subnet, label ?? defaultMark),
    {
      direction: 'from-lport',
      priority: label === undefined ? replyMarkPriority.other : replyMarkPriority.edge,
      match: formatMatch(match),
      action: { mark: label ?? defaultMark },
    },
    { source: vpc.source, parents: [unit.place('Logical_Switch', rowIds.subnetSwitch(subnet), 'qos_rules')] },
  );
}

/** Without marks: what a backend sends from the port that it serves is a reply to that network. */
function portRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  const targets = new Set(
    vpc.edges.flatMap((edge) => edge.floatingIps.map(({ internal }) => formatAddress(internal))),
  );
  const ofEdges = vpc.edges.flatMap((edge) =>
    backendMatches(edge.loadBalancers).map(({ match }) => policy(vpc, 'edgeReply', match, edge, unit)),
  );
  const ofDefault = backendMatches(vpc.loadBalancers)
    .filter(({ address }) => targets.has(formatAddress(address)))
    .map(({ match }) => policy(vpc, 'defaultReply', match, undefined, unit));
  return [...ofEdges, ...ofDefault];
}

function backendMatches(
  balancers: readonly LoadBalancerModel[],
): { readonly address: Address; readonly match: Match }[] {
  const matches = balancers.flatMap((lb) =>
    lb.vips.flatMap(({ backends }) =>
      backends.map(({ address, port }) => ({
        address,
        match: and([hostMatch('src', address), compare(`${lb.protocol}.src`, '==', port)]),
      })),
    ),
  );
  return [...new Map(matches.map((one) => [formatMatch(one.match), one])).values()];
}

function hostMatch(side: 'src' | 'dst', { family, value }: Address): Match {
  return prefixMatch(side, [{ family, base: value, length: family === 4 ? 32 : 128 }]);
}

/** A policy of the VPC's own router: reroute to `edge`, or allow, which means the routing table. */
function policy(
  vpc: VpcModel,
  kind: keyof typeof steeringPriority,
  match: Match,
  edge: EdgeModel | undefined,
  unit: UnitContext,
): DesiredRow {
  const text = formatMatch(match);
  const priority = steeringPriority[kind];
  const nexthops = (edge?.ports ?? []).slice(0, 1).map(({ address }) => formatAddress(address));
  return unit.row(
    'Logical_Router_Policy',
    rowIds.policy(vpc.name, priority, text),
    { priority, match: text, action: nexthops.length === 0 ? 'allow' : 'reroute', nexthops },
    { source: vpc.source, parents: [unit.place('Logical_Router', rowIds.router(vpc.name), 'policies')] },
  );
}
