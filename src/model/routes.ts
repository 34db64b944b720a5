// Routes that the author of a Vpc writes: those that OVN would take without a word and never follow are left out.
import { objectKey } from '../api/api-object.ts';
import type { Vpc } from '../api/vpc.ts';
import { formatAddress, parseAddress, sameAddress } from '../net/address.ts';
import type { Address, Prefix } from '../net/address.ts';
import { ofFamily } from '../net/family-list.ts';
import { formatPrefix, parsePrefix, prefixContains, prefixWithin } from '../net/prefix.ts';
import type { PeeringModel, PolicyRouteModel, StaticRouteModel } from './network-model.ts';
import { networkPrefixes } from './network.ts';
import type { UnitRun } from './unit-run.ts';
import type { EgressSeed, RootSubnet, VpcRoot } from './vpc-root.ts';

/** Where the Vpc's router has a port. Edges have routers of their own, so their networks are not among them. */
interface Segment {
  readonly name: string;
  readonly prefix: Prefix;
  /** The router's own address there. */
  readonly own: Address | undefined;
}

interface Author {
  readonly object: string;
  readonly segments: readonly Segment[];
  readonly run: UnitRun;
}

/** The routes of a Vpc that can be followed; what is wrong with the others is reported. */
export function vpcRoutes(
  vpc: Vpc,
  { subnets, egress, peerings }: Pick<VpcRoot, 'subnets' | 'egress' | 'peerings'>,
  run: UnitRun,
): {
  readonly staticRoutes: readonly StaticRouteModel[];
  readonly policyRoutes: readonly PolicyRouteModel[];
} {
  const author = { object: objectKey(vpc), segments: segmentsOf(subnets, egress), run };
  const outside = egress?.addresses ?? [];
  const followed = staticRoutes(vpc, author, routesThere(outside, peerings));
  const known: RouteModel[] = [
    ...followed,
    ...outside.map(({ family }) => ({ prefix: { family, base: 0n, length: 0 }, policy: 'dst-ip' }) as const),
    ...author.segments.map(({ prefix }) => ({ prefix, policy: 'dst-ip' }) as const),
  ];
  return { staticRoutes: followed, policyRoutes: policyRoutes(vpc, author, known) };
}

function segmentsOf(subnets: readonly RootSubnet[], egress: EgressSeed | undefined): Segment[] {
  const inside = subnets.flatMap(({ source, ranges }) =>
    ranges.map(({ prefix, gateway }) => ({ name: source, prefix, own: gateway })),
  );
  if (egress === undefined) return inside;
  const { network, addresses } = egress;
  const outside = addresses.flatMap((own): Segment[] => {
    const prefix = ofFamily(networkPrefixes(network), own.family);
    return prefix === undefined ? [] : [{ name: objectKey(network), prefix, own }];
  });
  return [...inside, ...outside];
}

/** What the way out and peerings are reached by: their ranges, and for whom they are. */
function routesThere(
  outside: readonly Address[],
  peerings: readonly PeeringModel[],
): ReadonlyMap<string, string> {
  const ofNetwork = outside.map(({ family }) => formatPrefix({ family, base: 0n, length: 0 }));
  const ofPeerings = peerings.flatMap(({ source, remotePrefixes }) =>
    remotePrefixes.map((prefix) => [formatPrefix(prefix), `its peering with ${source}`] as const),
  );
  return new Map([...ofNetwork.map((text) => [text, 'spec.externalNetworks[0]'] as const), ...ofPeerings]);
}

/** Two routes for one range would share the connections; what leaves by the wrong one is not translated, or gets lost. */
function staticRoutes(vpc: Vpc, author: Author, there: ReadonlyMap<string, string>): StaticRouteModel[] {
  const seen = new Set<string>();
  return vpc.spec.staticRoutes.flatMap(({ cidr, nextHop: hop, policy }, index) => {
    const path = `spec.staticRoutes[${index}]`;
    const [prefix, nextHop] = [parsePrefix(cidr), parseAddress(hop)];
    if (prefix === undefined || nextHop === undefined) return [];
    if (!isNeighbour(nextHop, `${path}.nextHop`, author)) return [];
    const use = policy === 'dst-ip' ? there.get(formatPrefix(prefix)) : undefined;
    if (use !== undefined) {
      reportTwin(
        author,
        `${path}.cidr`,
        `${cidr} is the route to ${use} already`,
        'remove it; to send some connections elsewhere, write a policy route',
      );
      return [];
    }
    const key = `${policy} ${formatPrefix(prefix)} ${formatAddress(nextHop)}`;
    if (isTwin(key, seen, path, author)) return [];
    return [{ prefix, nextHop, policy, source: author.object }];
  });
}

type RouteModel = Pick<StaticRouteModel, 'prefix' | 'policy'>;

function policyRoutes(vpc: Vpc, author: Author, known: readonly RouteModel[]): PolicyRouteModel[] {
  const seen = new Set<string>();
  return vpc.spec.policyRoutes.flatMap(({ priority, match, action, nextHops: hops }, index) => {
    const path = `spec.policyRoutes[${index}]`;
    const nextHops = hops.flatMap((text) => parseAddress(text) ?? []);
    const near = nextHops.map((hop, place) => isNeighbour(hop, `${path}.nextHops[${place}]`, author));
    if (near.includes(false)) return [];
    const key = `${priority} ${match.sourceCidr ?? ''} ${match.destinationCidr ?? ''}`;
    if (isTwin(key, seen, path, author)) return [];
    const route: PolicyRouteModel = {
      priority,
      sourcePrefix: match.sourceCidr === undefined ? undefined : parsePrefix(match.sourceCidr),
      destinationPrefix: match.destinationCidr === undefined ? undefined : parsePrefix(match.destinationCidr),
      action,
      nextHops,
      source: author.object,
    };
    if (action === 'reroute' && !isAsked(route, known)) reportUnasked(path, author);
    return [route];
  });
}

/** A packet without any route is dropped before policies are asked. Source: ovn-northd(8), lr_in_ip_routing. */
function isAsked(
  { sourcePrefix, destinationPrefix, nextHops }: PolicyRouteModel,
  known: readonly RouteModel[],
): boolean {
  const family = nextHops[0]?.family ?? 4;
  const all: Prefix = { family, base: 0n, length: 0 };
  return known.some(({ prefix, policy }) =>
    prefixWithin((policy === 'src-ip' ? sourcePrefix : destinationPrefix) ?? all, prefix),
  );
}

function reportUnasked(path: string, { object, run }: Author): void {
  run.report({
    severity: 'warning',
    code: 'NotFound',
    object,
    path: `${path}.match`,
    message: 'it is asked only about packets that have a route, and there is none for all of its range',
    hint: 'add a static route for that range, with one of the next hops, or a first external network',
  });
}

/** ovn-northd drops a route to a next hop on none of the router's segments, and says so in its own log only. */
function isNeighbour(hop: Address, path: string, { object, segments, run }: Author): boolean {
  const segment = segments.find(({ prefix }) => prefixContains(prefix, hop));
  if (segment !== undefined && !(segment.own && sameAddress(segment.own, hop))) return true;
  const known = segments.map(({ prefix }) => formatPrefix(prefix)).join(', ');
  run.report({
    code: 'OutOfRange',
    object,
    path,
    message:
      segment === undefined
        ? `${formatAddress(hop)} is on no segment of its router (${known === '' ? 'it has none' : known})`
        : `${formatAddress(hop)} is the router's own address on ${segment.name}`,
    hint: 'use the address of a neighbour: on a Subnet of this Vpc, or on the first of its externalNetworks',
  });
  return false;
}

/** Of two rules for the same packets OVN picks one, and does not say which. */
function isTwin(key: string, seen: Set<string>, path: string, author: Author): boolean {
  if (!seen.has(key)) {
    seen.add(key);
    return false;
  }
  reportTwin(author, path, 'an earlier route of the list is for the same packets', 'remove one of the two');
  return true;
}

function reportTwin({ object, run }: Author, path: string, message: string, hint: string): void {
  run.report({ code: 'Conflict', object, path, message, hint });
}
