// The way out that a Subnet asks for: another external network of its Vpc, or an address of its own there.
import { objectKey } from '../api/api-object.ts';
import type { ExternalNetwork } from '../api/external-network.ts';
import type { RoutedSubnet, SubnetSpec } from '../api/subnet.ts';
import type { Family } from '../net/address.ts';
import { parseAddressList, parsePrefixList } from '../net/family-list.ts';
import { noSharedFamily, reportUnshared, sharedFamilies } from './eip-families.ts';
import type { SubnetEgress } from './network-model.ts';
import { areOfNetwork, routerAddresses } from './router-address.ts';
import { vpcUnit } from './unit.ts';
import type { UnitRun } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';
import type { Attachment } from './vpc-root.ts';

type WrittenEgress = NonNullable<SubnetSpec['egress']>;

/**
 * One that cannot be had leaves the subnet without any, and what stands stays: under another address than the one that is
 * written, it would be let in where it should not be. `networks`: the external networks that the Vpc is on.
 */
export function writtenEgress(
  subnet: RoutedSubnet,
  egress: WrittenEgress,
  networks: readonly Pick<Attachment, 'network'>[],
  run: UnitRun,
): SubnetEgress | undefined {
  const known = networks.map(({ network }) => network);
  const network = known.find(({ metadata }) => metadata.name === egress.network);
  if (network === undefined) reportUnknown(subnet, egress, known, run);
  const found = network && egressOn(network, subnet, egress, run);
  if (found === undefined) keepEgress(subnet, run);
  return found;
}

function egressOn(
  network: ExternalNetwork,
  subnet: RoutedSubnet,
  egress: WrittenEgress,
  run: UnitRun,
): SubnetEgress | undefined {
  const object = objectKey(subnet);
  const path = 'spec.egress.address';
  const requested = parseAddressList(egress.address ?? '') ?? [];
  const own: Family[] = (parsePrefixList(subnet.spec.cidr) ?? []).map(({ family }) => family);
  const wanted = sharedFamilies(network, own);
  if (wanted.length === 0) {
    run.report(noSharedFamily(network, { object, path: 'spec.egress.network' }, own));
    return undefined;
  }
  if (!areOfNetwork(requested, network, { object, path }, run)) return undefined;
  reportUnshared(requested, network, wanted, { object, path }, run, 'this subnet');
  const attachment = { network, requested, path };
  const addresses = routerAddresses(object, attachment, claimOrder(2, subnet), wanted, run);
  return addresses && { network: network.metadata.name, addresses };
}

function reportUnknown(
  subnet: RoutedSubnet,
  egress: WrittenEgress,
  networks: readonly ExternalNetwork[],
  run: UnitRun,
): void {
  const { vpc } = subnet.spec;
  const known = networks.map(({ metadata }) => metadata.name).join(', ');
  run.report({
    code: 'NotFound',
    object: objectKey(subnet),
    path: 'spec.egress.network',
    message: `Vpc ${vpc} is not on ExternalNetwork ${egress.network} (${known === '' ? 'it is on none' : `but on ${known}`})`,
    hint: `add it to externalNetworks of Vpc ${vpc}, or name one that stands there`,
  });
}

/** The rows that the subnet leaves by stay, and so does the record of their addresses. */
function keepEgress(subnet: RoutedSubnet, run: UnitRun): void {
  const source = objectKey(subnet);
  run.heldSources.add(source);
  const uses = run.context.observations.uses(vpcUnit(subnet.spec.vpc)).filter((use) => use.source === source);
  const holders = uses.flatMap(({ holder }) => (holder?.startsWith(`${source}/`) ? [holder] : []));
  for (const holder of new Set(holders)) run.hold(holder, run.recorded(holder));
}
