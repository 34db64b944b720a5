// Routes of a router: static ones by prefix, and policies by match.
import { formatAddress } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { and, formatMatch, prefixMatch } from '../northbound/match.ts';
import type { PolicyRouteModel, StaticRouteModel, VpcModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { policyRouteBasePriority } from './priorities.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

export function staticRouteRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  return vpc.staticRoutes.map((route) => staticRouteRow(route, vpc.name, unit));
}

/** `port`: by which it leaves, where the next hop does not say. Source: ovn-nb(5) Logical_Router_Static_Route. */
export function staticRouteRow(
  route: StaticRouteModel,
  router: string,
  unit: UnitContext,
  port?: string,
): DesiredRow {
  const prefix = formatPrefix(route.prefix);
  const nexthop = formatAddress(route.nextHop);
  return unit.row(
    'Logical_Router_Static_Route',
    rowIds.route(router, route.policy, prefix, nexthop),
    { ip_prefix: prefix, nexthop, policy: route.policy, output_port: port },
    {
      source: route.source,
      parents: [unit.place('Logical_Router', rowIds.router(router), 'static_routes')],
    },
  );
}

/**
 * A host route to each next hop of IPv6 that a policy names. For it, OVN asks at the right multicast address; for the
 * next hop of a policy alone, at that of the packet's destination (pinctrl.c, nd_ns), where nobody listens.
 */
export function nextHopRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  const ofEdges = vpc.edges.flatMap(({ ports }) =>
    ports.flatMap(({ ranges }) => ranges.map(({ address }) => ({ address, source: vpc.source }))),
  );
  const ofPolicies = vpc.policyRoutes.flatMap(({ nextHops, source }) =>
    nextHops.map((address) => ({ address, source })),
  );
  const routed = new Set(
    [...vpc.staticRoutes, ...(vpc.gateway?.ranges ?? [])].map(({ nextHop }) => formatAddress(nextHop)),
  );
  const hops = new Map([...ofEdges, ...ofPolicies].map((hop) => [formatAddress(hop.address), hop]));
  return [...hops]
    .filter(([text, { address }]) => address.family === 6 && !routed.has(text))
    .map(([, { address, source }]) => {
      const prefix = { family: address.family, base: address.value, length: 128 };
      return staticRouteRow({ prefix, nextHop: address, policy: 'dst-ip', source }, vpc.name, unit);
    });
}

/** Source: ovn-nb(5) Logical_Router_Policy. */
export function policyRouteRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  return vpc.policyRoutes.map((route) => {
    const match = policyMatch(route);
    return unit.row(
      'Logical_Router_Policy',
      rowIds.policy(vpc.name, route.priority, match),
      {
        priority: policyRouteBasePriority + route.priority,
        match,
        action: route.action,
        nexthops: route.nextHops.map(formatAddress).toSorted(),
      },
      {
        source: route.source,
        parents: [unit.place('Logical_Router', rowIds.router(vpc.name), 'policies')],
      },
    );
  });
}

function policyMatch({ sourcePrefix, destinationPrefix }: PolicyRouteModel): string {
  const parts = [
    ...(sourcePrefix === undefined ? [] : [prefixMatch('src', [sourcePrefix])]),
    ...(destinationPrefix === undefined ? [] : [prefixMatch('dst', [destinationPrefix])]),
  ];
  return formatMatch(and(parts));
}
