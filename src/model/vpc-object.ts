// A Vpc with its Subnets, brought into the same form as a Project.
import { objectKey } from '../api/api-object.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { Subnet } from '../api/subnet.ts';
import type { Vpc } from '../api/vpc.ts';
import { parseAddress } from '../net/address.ts';
import type { Address, Prefix } from '../net/address.ts';
import { formatPrefix, parsePrefix, prefixContains, prefixesOverlap, usableRange } from '../net/prefix.ts';
import { excluded, networkPool, networkPrefix } from './network.ts';
import { claimOrder } from './vpc-root.ts';
import type { EgressSeed, SubnetSeed, VpcRoot } from './vpc-root.ts';
import type { PolicyRouteModel, StaticRouteModel } from './network-model.ts';
import type { UnitRun } from './unit-run.ts';

/** Returns undefined when the Vpc's own way out is undecided or has a problem (reported). */
export function vpcRoot(vpc: Vpc, run: UnitRun): VpcRoot | undefined {
  const { name } = vpc.metadata;
  const source = objectKey(vpc);
  const egress = vpcEgress(vpc, run);
  if (vpc.spec.externalNetworks.length > 0 && egress?.address === undefined) return undefined;
  return {
    name,
    source,
    namespace: undefined,
    egress,
    subnets: subnetSeeds(name, run),
    staticRoutes: vpc.spec.staticRoutes.flatMap((route) => staticRoute(route, source)),
    policyRoutes: vpc.spec.policyRoutes.flatMap((route) => policyRoute(route, source)),
  };
}

function vpcEgress(vpc: Vpc, run: UnitRun): EgressSeed | undefined {
  const source = objectKey(vpc);
  const [first, ...further] = vpc.spec.externalNetworks;
  for (const [index, other] of further.entries()) {
    run.report({
      code: 'SecondaryNetworkUnsupported',
      object: source,
      path: `spec.externalNetworks[${index + 1}]`,
      message: `${other.name} would be a second way out beside ${first?.name ?? ''}, which is not supported yet`,
      hint: 'use a Vpc of its own for the second network, or remove the entry',
    });
  }
  if (first === undefined) return undefined;
  const network = run.context.inventory.get(`ExternalNetwork/${first.name}`);
  if (network?.kind !== 'ExternalNetwork') {
    run.report({
      code: 'NotFound',
      object: source,
      path: 'spec.externalNetworks[0].name',
      message: `there is no ExternalNetwork ${first.name}`,
      hint: 'create it, or name one that exists',
    });
    return undefined;
  }
  return { network, source, address: vpcAddress(vpc, network, first.address, run) };
}

/** An operator may give a router an address that the pool excludes, but none outside the network. */
function vpcAddress(
  vpc: Vpc,
  network: ExternalNetwork,
  wanted: string | undefined,
  run: UnitRun,
): Address | undefined {
  const source = objectKey(vpc);
  const path = 'spec.externalNetworks[0].address';
  const requested = wanted === undefined ? undefined : parseAddress(wanted);
  if (requested !== undefined && !prefixContains(networkPrefix(network), requested)) {
    run.report({
      code: 'OutOfRange',
      object: source,
      path,
      message: `${wanted ?? ''} is not in ${network.spec.cidr} of ${objectKey(network)}`,
      hint: 'use an address of that network, or leave the field out to be given one',
    });
    return undefined;
  }
  const holder = `${source}/${network.metadata.name}`;
  const address = run.address(
    networkPool(network),
    {
      holder,
      order: claimOrder(0, vpc),
      ...(requested !== undefined && { requested, outsideRange: 'allow' as const }),
    },
    { object: source, path },
  );
  if (address !== undefined) run.hold(holder, address);
  return address;
}

/** Subnets of a Vpc; one that overlaps an older one, or a network that the router is on, is left out. */
function subnetSeeds(vpc: string, run: UnitRun): SubnetSeed[] {
  const seeds: SubnetSeed[] = [];
  const networks = run.context.inventory
    .networks()
    .map((network) => ({ name: objectKey(network), prefix: networkPrefix(network) }));
  for (const subnet of run.context.inventory.subnetsOf(vpc)) {
    const seed = subnetSeed(subnet);
    if (seed === undefined) continue;
    const taken = [...networks, ...seeds.map((other) => ({ name: other.source, prefix: other.prefix }))].find(
      (other) => prefixesOverlap(other.prefix, seed.prefix),
    );
    if (taken === undefined) seeds.push(seed);
    else reportOverlap(seed, taken, run);
  }
  return seeds;
}

function reportOverlap(
  seed: SubnetSeed,
  taken: { readonly name: string; readonly prefix: Prefix },
  run: UnitRun,
): void {
  run.heldSources.add(seed.source);
  run.report({
    code: 'Overlap',
    object: seed.source,
    path: 'spec.cidr',
    message: `${formatPrefix(seed.prefix)} overlaps ${formatPrefix(taken.prefix)} of ${taken.name}`,
    hint: 'subnets of one Vpc and external networks need ranges of their own',
  });
}

function subnetSeed(subnet: Subnet): SubnetSeed | undefined {
  const prefix = parsePrefix(subnet.spec.cidr);
  if (prefix === undefined) return undefined;
  const first = { family: prefix.family, value: usableRange(prefix).first };
  return {
    name: subnet.metadata.name,
    source: objectKey(subnet),
    prefix,
    gateway: parseAddress(subnet.spec.gateway ?? '') ?? first,
    excluded: excluded(subnet.spec.excludeIps),
    snat: subnet.spec.snat,
  };
}

function staticRoute(route: Vpc['spec']['staticRoutes'][number], source: string): StaticRouteModel[] {
  const prefix = parsePrefix(route.cidr);
  const nextHop = parseAddress(route.nextHop);
  if (prefix === undefined || nextHop === undefined) return [];
  return [{ prefix, nextHop, policy: route.policy, source }];
}

function policyRoute(route: Vpc['spec']['policyRoutes'][number], source: string): PolicyRouteModel[] {
  const { sourceCidr, destinationCidr } = route.match;
  return [
    {
      priority: route.priority,
      sourcePrefix: sourceCidr === undefined ? undefined : parsePrefix(sourceCidr),
      destinationPrefix: destinationCidr === undefined ? undefined : parsePrefix(destinationCidr),
      action: route.action,
      nextHops: route.nextHops.flatMap((text) => parseAddress(text) ?? []),
      source,
    },
  ];
}
