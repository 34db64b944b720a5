// Services inside a VPC: their ClusterIPs, as far as its workloads can be balanced there.
import { objectKey } from '../api/api-object.ts';
import { sortBy } from '../base/order.ts';
import { clusterIps as writtenAddresses } from '../api/service.ts';
import type { Service } from '../api/service.ts';
import { formatAddress, parseAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { formatPrefix, prefixContains } from '../net/prefix.ts';
import type { Prefix } from '../net/address.ts';
import type { AddressUse } from './address-answers.ts';
import { heldPorts } from './held-uses.ts';
import type { LoadBalancerModel } from './network-model.ts';
import { networkPrefixes } from './network.ts';
import { serviceBalancers } from './service-balancers.ts';
import type { ServicePlace } from './service-balancers.ts';
import { reportUnderlayBackends } from './underlay-targets.ts';
import type { UnitRun } from './unit-run.ts';
import { claimOrder, subnetFamilies } from './vpc-root.ts';
import type { SubnetSeed } from './vpc-root.ts';
import type { Workload } from './workloads.ts';

/**
 * One per Service and protocol, with the addresses of families that the VPC has. Of two Services on one address, protocol and port
 * the older has it.
 */
export function clusterIpBalancers(
  namespaces: readonly string[],
  subnets: readonly SubnetSeed[],
  workloads: readonly Workload[],
  uses: readonly AddressUse[],
  run: UnitRun,
): LoadBalancerModel[] {
  const taken = heldPorts(uses);
  const services = servicesOf(namespaces, run);
  const owners = ownersOf(subnets, run);
  const present = subnetFamilies(subnets);
  reportUnderlayBackends(services, workloads, run);
  return services.flatMap((service) => {
    const places = clusterIpsOf(service)
      .filter(({ family }) => present.includes(family))
      .filter((address) => !isElsewhere(service, address, owners, run))
      .map(place);
    return serviceBalancers(service, places, taken, workloads, run);
  });
}

/** Services of all the namespaces, the oldest first. */
function servicesOf(namespaces: readonly string[], run: UnitRun): Service[] {
  const services = namespaces.flatMap((namespace) => run.context.inventory.inNamespace('Service', namespace));
  return namespaces.length === 1 ? services : sortBy(services, (service) => claimOrder(2, service));
}

function clusterIpsOf({ spec }: Service): Address[] {
  return writtenAddresses(spec).flatMap((text) => parseAddress(text) ?? []);
}

const place = (address: Address): ServicePlace => ({
  address,
  text: `clusterIP ${formatAddress(address)}`,
  path: () => 'spec.clusterIP',
  hint: 'give one of the two Services another clusterIP',
});

interface Owner {
  /** Key of the object whose range it is. */
  readonly source: string;
  readonly prefix: Prefix;
}

/** Subnets of the VPC, then external networks. */
function ownersOf(subnets: readonly SubnetSeed[], run: UnitRun): readonly Owner[] {
  return [
    ...subnets.flatMap(({ source, ranges }) => ranges.map(({ prefix }) => ({ source, prefix }))),
    ...run.context.inventory
      .networks()
      .flatMap((network) =>
        networkPrefixes(network).map((prefix) => ({ source: objectKey(network), prefix })),
      ),
  ];
}

/** An address of a subnet is looked for there, not balanced; one of an external network belongs to somebody outside. */
function isElsewhere(service: Service, address: Address, owners: readonly Owner[], run: UnitRun): boolean {
  const owner = owners.find(({ prefix }) => prefixContains(prefix, address));
  if (owner === undefined) return false;
  run.report({
    code: 'Overlap',
    object: objectKey(service),
    path: 'spec.clusterIP',
    message: `clusterIP ${formatAddress(address)} is in ${formatPrefix(owner.prefix)} of ${owner.source}`,
    hint: 'use a range for ClusterIPs that no subnet and no external network has, and name it in reservedRanges',
  });
  return true;
}
