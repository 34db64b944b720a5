// Peerings: a port that faces another VPC's router, routes to what is reached there, and what passes.
import type { Address, Family, Prefix } from '../net/address.ts';
import { commonFamilies } from '../net/family-list.ts';
import { linkLocalAddress, macFromAddress } from '../net/mac.ts';
import { and, compare, formatMatch, portName, prefixMatch } from '../northbound/match.ts';
import type { Match } from '../northbound/match.ts';
import { markKeys } from '../northbound/ownership.ts';
import { peeringPortName } from '../northbound/names.ts';
import { linkPrefixLength } from '../model/peering-link.ts';
import type { PeeringModel, VpcModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { peeringPriority } from './priorities.ts';
import { routerNetworks } from './router-ports.ts';
import { staticRouteRow } from './routes.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * This VPC's half: the other one's unit writes the other half, before or after, and packets pass when both are there.
 * Between the ports is no switch. They are no gateway ports, so nothing that passes is translated, and each hypervisor
 * does it by itself. Source: ovn-nb(5) Logical_Router_Port:peer.
 */
export function peeringRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  return vpc.peerings.flatMap((peering) => [
    portRow(vpc, peering, unit),
    ...routeRows(vpc, peering, unit),
    ...passageRows(vpc, peering, unit),
  ]);
}

function portRow({ name }: VpcModel, { peer, source, own }: PeeringModel, unit: UnitContext): DesiredRow {
  return unit.row(
    'Logical_Router_Port',
    rowIds.peeringPort(name, peer),
    {
      name: peeringPortName(name, peer),
      mac: macFromAddress(own),
      networks: routerNetworks([{ address: own, prefixLength: linkPrefixLength }]),
      peer: peeringPortName(peer, name),
    },
    { source, parents: [unit.place('Logical_Router', rowIds.router(name), 'ports')] },
  );
}

/** Every router port has a link-local address that follows from its MAC; so the link has no other one of IPv6. */
function routeRows({ name }: VpcModel, peering: PeeringModel, unit: UnitContext): DesiredRow[] {
  const { peer, source, other, localPrefixes, remotePrefixes } = peering;
  const shared = commonFamilies(localPrefixes, remotePrefixes);
  const nextHop = (family: Family): Address =>
    family === 4 ? other : linkLocalAddress(macFromAddress(other));
  return remotePrefixes
    .filter(({ family }) => shared.includes(family))
    .map((prefix) => {
      const route = { prefix, nextHop: nextHop(prefix.family), policy: 'dst-ip', source } as const;
      return staticRouteRow(route, name, unit, peeringPortName(name, peer));
    });
}

/**
 * Only between the agreed ranges, in either direction: with the drops the peer gets neither out through us nor to our other
 * peerings, and nobody else to it. What comes in is judged first: who sends in our name from another peering is told by
 * the port.
 */
function passageRows(vpc: VpcModel, peering: PeeringModel, unit: UnitContext): DesiredRow[] {
  const port = portName(peeringPortName(vpc.name, peering.peer));
  const { localPrefixes, remotePrefixes } = peering;
  const [comes, leaves] = [compare('inport', '==', port), compare('outport', '==', port)];
  const row = (kind: keyof typeof peeringPriority, match: Match, action: 'allow' | 'drop'): DesiredRow =>
    policyRow(vpc, peering, kind, formatMatch(match), action, unit);
  return [
    ...between(remotePrefixes, localPrefixes).map((ranges) => row('comes', and([comes, ranges]), 'allow')),
    row('comesElse', comes, 'drop'),
    ...between(localPrefixes, remotePrefixes).map((ranges) => row('leaves', and([leaves, ranges]), 'allow')),
    row('leavesElse', leaves, 'drop'),
  ];
}

/** One for each family that both have. */
function between(from: readonly Prefix[], to: readonly Prefix[]): Match[] {
  const of = (prefixes: readonly Prefix[], family: Family): readonly Prefix[] =>
    prefixes.filter((prefix) => prefix.family === family);
  return commonFamilies(from, to).map((family) =>
    and([prefixMatch('src', of(from, family)), prefixMatch('dst', of(to, family))]),
  );
}

function policyRow(
  { name }: VpcModel,
  { peer, source }: PeeringModel,
  kind: keyof typeof peeringPriority,
  match: string,
  action: 'allow' | 'drop',
  unit: UnitContext,
): DesiredRow {
  const priority = peeringPriority[kind];
  const meaning = `${action === 'allow' ? 'between ranges' : 'beside the ranges'} of the peering with ${peer}`;
  return unit.row(
    'Logical_Router_Policy',
    rowIds.policy(name, priority, match),
    { priority, match, action, external_ids: { [markKeys.meaning]: meaning } },
    { source, parents: [unit.place('Logical_Router', rowIds.router(name), 'policies')] },
  );
}
