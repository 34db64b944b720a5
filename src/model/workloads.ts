// Workloads of a VPC: which pods get a port, and which address and MAC it has.
import { label, requestedAddress, requestedMac } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import type { Pod } from '../api/pod.ts';
import { formatAddress, parseAddress, sameAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { macFromAddress } from '../net/mac.ts';
import { formatPrefix, prefixContains, usableRange } from '../net/prefix.ts';
import { subtractRanges } from '../net/range.ts';
import type { WorkloadPortModel } from './network-model.ts';
import { singleAddress } from './network.ts';
import type { AddressPool, UnitRun } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';
import type { SubnetSeed } from './vpc-root.ts';

/** A pod with its port. */
export interface Workload {
  readonly pod: Pod;
  readonly port: WorkloadPortModel;
}

/** Pods on the subnet, those still waiting for an address left out. `namespaces`: whose pods may be on it. */
export function workloadsOf(
  pods: readonly Pod[],
  namespaces: Iterable<string>,
  subnet: SubnetSeed,
  run: UnitRun,
): Workload[] {
  const pool = subnetPool(subnet);
  for (const namespace of namespaces) keepRejected(namespace, pool, run);
  return pods.flatMap((pod) => {
    const address = workloadAddress(pod, subnet, pool, run);
    return address === undefined ? [] : [{ pod, port: workloadPort(pod, address) }];
  });
}

/** A pod that was accepted once and is rejected now keeps its port, so nobody else may get its address. */
function keepRejected(namespace: string, pool: AddressPool, run: UnitRun): void {
  for (const key of run.context.inventory.invalidIn('Pod', namespace)) {
    const recorded = run.recorded(key);
    if (recorded === undefined || !prefixContains(pool.prefix, recorded)) continue;
    run.address(pool, { holder: key, order: `2  ${key}` }, { object: key, path: '' });
  }
}

/** Addresses that workloads have or ask for. */
export function workloadClaims(namespace: string, run: UnitRun): Address[] {
  const { inventory, addresses } = run.context;
  return inventory
    .inNamespace('Pod', namespace)
    .flatMap((pod) => requestedAddress(pod) ?? parseAddress(addresses.recorded(objectKey(pod)) ?? '') ?? []);
}

function workloadPort(pod: Pod, address: Address): WorkloadPortModel {
  const { name, namespace } = pod.metadata;
  return {
    workload: { namespace, name },
    source: objectKey(pod),
    mac: requestedMac(pod) ?? macFromAddress(address),
    address,
    hostname: hostnameOf(pod),
  };
}

/** A virtual machine is called by its own name, not by that of the pod that runs it. */
function hostnameOf({ metadata, spec }: Pod): string {
  const name = metadata.labels[label.virtualMachine] ?? spec.hostname ?? metadata.name;
  return (name.split('.', 1)[0] ?? name).slice(0, 63);
}

function subnetPool(subnet: SubnetSeed): AddressPool {
  const holes = [subnet.gateway, ...subnet.edgeAddresses.values()].map(singleAddress);
  return {
    prefix: subnet.prefix,
    spec: {
      name: `subnet ${subnet.name}`,
      ranges: subtractRanges([usableRange(subnet.prefix)], [...holes, ...subnet.excluded]),
    },
  };
}

function workloadAddress(pod: Pod, subnet: SubnetSeed, pool: AddressPool, run: UnitRun): Address | undefined {
  const object = objectKey(pod);
  const path = 'metadata.annotations[network.kube-dc.com/ip-address]';
  const requested = requestedAddress(pod);
  if (requested !== undefined && !isAssignable(subnet, requested)) {
    run.report({
      code: 'OutOfRange',
      object,
      path,
      message: `${formatAddress(requested)} is not an address that a workload of ${subnet.name} (${formatPrefix(subnet.prefix)}, gateway ${formatAddress(subnet.gateway)}) can have`,
      hint: 'use another address of that range, or remove the annotation to be given one',
    });
    return undefined;
  }
  // An address of its own choosing may be in `excludeIps`: excluding is how a range for static addresses is set apart.
  const wish = requested === undefined ? {} : { requested, outsideRange: 'allow' as const };
  return run.address(pool, { holder: object, order: claimOrder(2, pod), ...wish }, { object, path });
}

function isAssignable(subnet: SubnetSeed, address: Address): boolean {
  const { first, last } = usableRange(subnet.prefix);
  const inside = prefixContains(subnet.prefix, address) && first <= address.value && address.value <= last;
  return (
    inside && ![subnet.gateway, ...subnet.edgeAddresses.values()].some((other) => sameAddress(other, address))
  );
}
