// A Vpc with its Subnets, brought into the same form as a Project.
import { objectKey } from '../api/api-object.ts';
import type { RoutedSubnet } from '../api/subnet.ts';
import type { Vpc } from '../api/vpc.ts';
import type { Family, Prefix } from '../net/address.ts';
import { families, parseAddressList, parsePrefixList } from '../net/family-list.ts';
import { blockHomeless } from './home-network.ts';
import { excluded, networkPrefixes } from './network.ts';
import { claimedNamespaces } from './namespaces.ts';
import { vpcPeerings } from './peerings.ts';
import { findOverlap } from './reserved-ranges.ts';
import type { NamedRange } from './reserved-ranges.ts';
import { areOfNetwork, routerAddresses } from './router-address.ts';
import { vpcRoutes } from './routes.ts';
import { writtenEgress } from './subnet-egress.ts';
import { claimOrder, leavesBy, subnetFamilies, subnetRanges } from './vpc-root.ts';
import type { Attachment, EgressSeed, RootSubnet, VpcRoot } from './vpc-root.ts';
import { standingRanges, vpcTenants } from './tenants.ts';
import type { UnitRun } from './unit-run.ts';

/** Returns undefined when the Vpc's own way out is undecided or has a problem (reported). */
export function vpcRoot(vpc: Vpc, run: UnitRun): VpcRoot | undefined {
  const { name } = vpc.metadata;
  const source = objectKey(vpc);
  blockRejected(vpc, run);
  const seeds = subnetSeeds(name, run);
  const way = vpcAttachment(vpc, 0, run);
  const attached = furtherNetworks(vpc, run);
  const ways = [...(way === undefined ? [] : [way]), ...attached.values()];
  const networks = ways.map(({ network }) => network);
  const tenants = vpcTenants(vpc, seeds, { vpc: source, networks }, run);
  const tenanted = tenants.map(({ subnet }) => subnet);
  const known = [...seeds, ...tenanted];
  // Before it has a subnet, it has no family: it then takes all that the network has.
  const egress = way && vpcEgress(vpc, way, known.length === 0 ? families : subnetFamilies(known), run);
  if (vpc.spec.externalNetworks.length > 0 && (egress?.addresses.length ?? 0) === 0) return undefined;
  const subnets = [...seeds.map((seed) => rootSubnet(seed, egress, ways, run)), ...tenanted];
  const claimed = claimedNamespaces(run.context.inventory.subnetsOf(name), run);
  const peerings = vpcPeerings(vpc, subnets, run);
  return {
    name,
    source,
    tenants,
    homes: new Map([...claimed, ...tenants.map((each) => [each.namespace, each.subnet.name] as const)]),
    egress,
    attached,
    subnets,
    ...vpcRoutes(vpc, { subnets, egress, peerings }, run),
    peerings,
    openings: vpc.spec.openings,
  };
}

/** With a Subnet that is rejected nobody knows which workloads are on it: nothing is changed beside them. */
function blockRejected(vpc: Vpc, run: UnitRun): void {
  const { inventory, observations } = run.context;
  const { name } = vpc.metadata;
  for (const key of inventory.invalidIn('Subnet', '')) {
    if (!observations.hasSubnet(name, key.slice('Subnet/'.length))) continue;
    run.block({
      object: objectKey(vpc),
      path: '',
      code: 'Pending',
      message: `its ${key} is rejected`,
      hint: 'correct that Subnet; until then everything in this Vpc stays as it is',
    });
  }
}

function furtherNetworks(vpc: Vpc, run: UnitRun): ReadonlyMap<string, Attachment> {
  const further = vpc.spec.externalNetworks.slice(1).flatMap((entry, index) => {
    const attachment = vpcAttachment(vpc, index + 1, run);
    return attachment === undefined ? [] : [[entry.name, attachment] as const];
  });
  return new Map(further);
}

/** `way`: the first network of the list. */
function vpcEgress(vpc: Vpc, way: Attachment, wanted: readonly Family[], run: UnitRun): EgressSeed {
  const source = objectKey(vpc);
  return {
    network: way.network,
    source,
    addresses: routerAddresses(source, way, claimOrder(0, vpc), wanted, run) ?? [],
  };
}

/** A network of the list by its place, with the address that is asked for there; what is wrong with it is reported. */
function vpcAttachment(vpc: Vpc, index: number, run: UnitRun): Attachment | undefined {
  const entry = vpc.spec.externalNetworks[index];
  if (entry === undefined) return undefined;
  const object = objectKey(vpc);
  const path = `spec.externalNetworks[${index}]`;
  const key = `ExternalNetwork/${entry.name}`;
  const network = run.context.inventory.get(key);
  const recorded = run.recorded(`${object}/${entry.name}`);
  if (recorded.length > 0 && run.context.inventory.isInvalid(key)) {
    blockHomeless(recorded, [key], { object, path: `${path}.name` }, run);
    return undefined;
  }
  if (network?.kind !== 'ExternalNetwork') {
    run.report({
      code: 'NotFound',
      object,
      path: `${path}.name`,
      message: `there is no ExternalNetwork ${entry.name}`,
      hint: 'create it, or name one that exists',
    });
    return undefined;
  }
  const requested = entry.address === undefined ? [] : (parseAddressList(entry.address) ?? []);
  if (!areOfNetwork(requested, network, { object, path: `${path}.address` }, run)) return undefined;
  return { network, requested, path: `${path}.address` };
}

/** A Subnet before it is known how the Vpc leaves. */
interface WrittenSubnet extends Omit<RootSubnet, 'egress'> {
  readonly object: RoutedSubnet;
}

function rootSubnet(
  { object, ...seed }: WrittenSubnet,
  own: EgressSeed | undefined,
  networks: readonly Pick<Attachment, 'network'>[],
  run: UnitRun,
): RootSubnet {
  const { snat, egress } = object.spec;
  if (!snat) return { ...seed, egress: undefined };
  if (egress === undefined) return { ...seed, egress: own && leavesBy(own) };
  return { ...seed, egress: writtenEgress(object, egress, networks, run) };
}

/** Subnets of a Vpc; one that overlaps an older one, or a network that the router is on, is left out. */
function subnetSeeds(vpc: string, run: UnitRun): WrittenSubnet[] {
  const seeds: WrittenSubnet[] = [];
  const taken = [
    ...run.context.inventory
      .networks()
      .flatMap((network) => named(objectKey(network), networkPrefixes(network))),
    ...standingRanges(vpc, run),
  ];
  for (const subnet of run.context.inventory.subnetsOf(vpc)) {
    const seed = subnetSeed(subnet);
    if (seed === undefined || isNamesake(vpc, seed, run)) continue;
    const overlap = findOverlap(prefixesOf(seed), [
      ...taken,
      ...seeds.flatMap((other) => named(other.source, prefixesOf(other))),
    ]);
    if (overlap === undefined) seeds.push(seed);
    else reportOverlap(vpc, seed, overlap.text, run);
  }
  return seeds;
}

/** A router's port on a switch of its own name and the switch's on the router would have one name, and lose packets. */
function isNamesake(vpc: string, { name, source }: WrittenSubnet, run: UnitRun): boolean {
  if (name !== vpc) return false;
  run.heldSources.add(source);
  run.report({
    code: 'Conflict',
    object: source,
    path: 'metadata.name',
    message: 'it has the name of its Vpc, and so would the ports between the two have one name',
    hint: 'rename one of the two',
  });
  return true;
}

const prefixesOf = ({ ranges }: WrittenSubnet): readonly Prefix[] => ranges.map(({ prefix }) => prefix);

const named = (name: string, prefixes: readonly Prefix[]): readonly NamedRange[] =>
  prefixes.map((prefix) => ({ name, prefix }));

/** One that is programmed already stays, and its workloads with it. */
function reportOverlap(vpc: string, seed: WrittenSubnet, message: string, run: UnitRun): void {
  run.heldSources.add(seed.source);
  const problem = {
    code: 'Overlap',
    object: seed.source,
    path: 'spec.cidr',
    message,
    hint: 'subnets of one Vpc, its projects and external networks need ranges of their own',
  } as const;
  if (run.context.observations.hasSubnet(vpc, seed.name)) run.block(problem);
  else run.report(problem);
}

function subnetSeed(subnet: RoutedSubnet): WrittenSubnet | undefined {
  const prefixes = parsePrefixList(subnet.spec.cidr);
  if (prefixes === undefined) return undefined;
  return {
    name: subnet.metadata.name,
    source: objectKey(subnet),
    ranges: subnetRanges(prefixes, parseAddressList(subnet.spec.gateway ?? '') ?? []),
    excluded: excluded(subnet.spec.excludeIps),
    object: subnet,
    dhcp: subnet.spec.dhcp ?? true,
    written: { acls: subnet.spec.acls, path: 'spec.acls' },
  };
}
