// The internal addresses that a FIp writes, and which addresses can be a workload's at all.
import { objectKey } from '../api/api-object.ts';
import type { FIp } from '../api/fip.ts';
import { formatAddress, sameAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { parseAddressList } from '../net/family-list.ts';
import { prefixContains, usableRange } from '../net/prefix.ts';
import { sharesAddress } from './held-eip.ts';
import type { SubnetRange } from './network-model.ts';
import type { UnitRun } from './unit-run.ts';
import type { SubnetSeed } from './vpc-root.ts';

/** At most one per family, IPv4 first; what no workload can have is left out and reported. */
export function writtenTargets(fip: FIp, subnets: readonly SubnetSeed[], run: UnitRun): readonly Address[] {
  const written = parseAddressList(fip.spec.ipAddress ?? '') ?? [];
  return written.filter((internal) => {
    const why = whyNoTarget(internal, subnets);
    if (why !== undefined)
      run.report({
        code: 'OutOfRange',
        object: objectKey(fip),
        path: 'spec.ipAddress',
        message: `${formatAddress(internal)} ${why}`,
        hint: 'use the address of a workload of this project',
      });
    return why === undefined;
  });
}

/** Why an address can be no workload's; undefined: one can have it. */
export function whyNoTarget(address: Address, subnets: readonly SubnetSeed[]): string | undefined {
  for (const subnet of subnets) {
    const range = subnet.ranges.find(({ prefix }) => prefixContains(prefix, address));
    if (range !== undefined) return notForWorkloads(subnet, range, address);
  }
  return 'is in no subnet of this project';
}

function notForWorkloads(
  subnet: SubnetSeed,
  { prefix, gateway }: SubnetRange,
  address: Address,
): string | undefined {
  const { first, last } = usableRange(prefix);
  if (address.value < first) return `is the network address of ${subnet.name}`;
  if (address.value > last) return `is the broadcast address of ${subnet.name}`;
  if (sameAddress(gateway, address)) return `is the gateway of ${subnet.name}, which answers itself`;
  const [network] =
    [...subnet.edgeAddresses].find(([, reserved]) => sharesAddress(reserved, [address])) ?? [];
  return network && `is set apart on ${subnet.name} for the router to ${network}`;
}
