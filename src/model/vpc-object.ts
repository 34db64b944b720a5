// A Vpc with its Subnets, brought into the same form as a Project.
import { objectKey } from '../api/api-object.ts';
import type { Subnet } from '../api/subnet.ts';
import type { Vpc } from '../api/vpc.ts';
import { parseAddress } from '../net/address.ts';
import type { Prefix } from '../net/address.ts';
import { formatPrefix, parsePrefix, prefixContains, prefixesOverlap, usableRange } from '../net/prefix.ts';
import { blockHomeless } from './home-network.ts';
import { excluded, networkPrefix } from './network.ts';
import { claimedNamespaces } from './namespaces.ts';
import { routerAddress } from './router-address.ts';
import { vpcRoutes } from './routes.ts';
import { claimOrder } from './vpc-root.ts';
import type { Attachment, EgressSeed, RootSubnet, VpcRoot } from './vpc-root.ts';
import type { UnitRun } from './unit-run.ts';

/** Returns undefined when the Vpc's own way out is undecided or has a problem (reported). */
export function vpcRoot(vpc: Vpc, run: UnitRun): VpcRoot | undefined {
  const { name } = vpc.metadata;
  const source = objectKey(vpc);
  const egress = vpcEgress(vpc, run);
  if (vpc.spec.externalNetworks.length > 0 && egress?.address === undefined) return undefined;
  blockRejected(vpc, run);
  const subnets = subnetSeeds(name, run);
  return {
    name,
    source,
    namespace: undefined,
    homes: claimedNamespaces(run.context.inventory.subnetsOf(name), run),
    egress,
    attached: furtherNetworks(vpc, run),
    subnets,
    ...vpcRoutes(vpc, subnets, egress, run),
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

/** The first network of the list is the way out. */
function vpcEgress(vpc: Vpc, run: UnitRun): EgressSeed | undefined {
  const attachment = vpcAttachment(vpc, 0, run);
  if (attachment === undefined) return undefined;
  const source = objectKey(vpc);
  return {
    network: attachment.network,
    source,
    address: routerAddress(source, attachment, claimOrder(0, vpc), run),
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
  if (recorded !== undefined && run.context.inventory.isInvalid(key)) {
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
  const requested = entry.address === undefined ? undefined : parseAddress(entry.address);
  if (requested !== undefined && !prefixContains(networkPrefix(network), requested)) {
    run.report({
      code: 'OutOfRange',
      object,
      path: `${path}.address`,
      message: `${entry.address ?? ''} is not in ${network.spec.cidr} of ${objectKey(network)}`,
      hint: 'use an address of that network, or leave the field out to be given one',
    });
    return undefined;
  }
  return { network, requested, path: `${path}.address` };
}

/** Subnets of a Vpc; one that overlaps an older one, or a network that the router is on, is left out. */
function subnetSeeds(vpc: string, run: UnitRun): RootSubnet[] {
  const seeds: RootSubnet[] = [];
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
    else reportOverlap(vpc, seed, taken, run);
  }
  return seeds;
}

/** One that is programmed already stays, and its workloads with it. */
function reportOverlap(
  vpc: string,
  seed: RootSubnet,
  taken: { readonly name: string; readonly prefix: Prefix },
  run: UnitRun,
): void {
  run.heldSources.add(seed.source);
  const problem = {
    code: 'Overlap',
    object: seed.source,
    path: 'spec.cidr',
    message: `${formatPrefix(seed.prefix)} overlaps ${formatPrefix(taken.prefix)} of ${taken.name}`,
    hint: 'subnets of one Vpc and external networks need ranges of their own',
  } as const;
  if (run.context.observations.hasSubnet(vpc, seed.name)) run.block(problem);
  else run.report(problem);
}

function subnetSeed(subnet: Subnet): RootSubnet | undefined {
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
    dhcp: subnet.spec.dhcp ?? true,
  };
}
