// Workloads of a VPC: which pods get a port, and which address and MAC it has.
import { label, requestedAddresses, requestedMac } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import type { Pod } from '../api/pod.ts';
import { formatAddress, sameAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { ofFamily } from '../net/family-list.ts';
import { macFromAddress } from '../net/mac.ts';
import { formatPrefix, prefixContains, usableRange } from '../net/prefix.ts';
import { rangeContains } from '../net/range.ts';
import type { WorkloadPortModel } from './network-model.ts';
import { rangePool, singleAddress } from './network.ts';
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
  const pools = subnetPools(subnet);
  for (const namespace of namespaces) keepRejected(namespace, pools, run);
  return pods.flatMap((pod) => {
    const addresses = workloadAddresses(pod, subnet, pools, run);
    const [first] = addresses;
    return first === undefined ? [] : [{ pod, port: workloadPort(pod, first, addresses) }];
  });
}

/** A pod that was accepted once and is rejected now keeps its port, so nobody else may get its address. */
function keepRejected(namespace: string, pools: readonly AddressPool[], run: UnitRun): void {
  for (const key of run.context.inventory.invalidIn('Pod', namespace)) {
    const recorded = run.recorded(key);
    const kept = pools.filter(({ prefix }) => recorded.some((address) => prefixContains(prefix, address)));
    run.addresses(kept, { holder: key, order: `2  ${key}` }, { object: key, path: '' });
  }
}

/** Addresses that workloads have or ask for. */
export function workloadClaims(namespace: string, run: UnitRun): Address[] {
  return run.context.inventory
    .inNamespace('Pod', namespace)
    .flatMap((pod) => requestedAddresses(pod).concat(run.recorded(objectKey(pod))));
}

/** The MAC follows the first address, so that a second family does not change it. */
function workloadPort(pod: Pod, first: Address, addresses: readonly Address[]): WorkloadPortModel {
  const { name, namespace } = pod.metadata;
  return {
    workload: { namespace, name },
    source: objectKey(pod),
    mac: requestedMac(pod) ?? macFromAddress(first),
    addresses,
    hostname: hostnameOf(pod),
  };
}

/** A virtual machine is called by its own name, not by that of the pod that runs it. */
function hostnameOf({ metadata, spec }: Pod): string {
  const name = metadata.labels[label.virtualMachine] ?? spec.hostname ?? metadata.name;
  return (name.split('.', 1)[0] ?? name).slice(0, 63);
}

function subnetPools(subnet: SubnetSeed): readonly AddressPool[] {
  const holes = [...routersOn(subnet).map(singleAddress), ...subnet.excluded];
  return subnet.ranges.map(({ prefix }) => rangePool(`subnet ${subnet.name}`, prefix, holes));
}

/** Addresses of a subnet that routers have, or may come to have. */
const routersOn = ({ ranges, edgeAddresses }: SubnetSeed): readonly Address[] => [
  ...ranges.map(({ gateway }) => gateway),
  ...[...edgeAddresses.values()].flat(),
];

/** An address that cannot be had is reported, and takes nothing from that of the other family. */
function workloadAddresses(
  pod: Pod,
  subnet: SubnetSeed,
  pools: readonly AddressPool[],
  run: UnitRun,
): readonly Address[] {
  const object = objectKey(pod);
  const path = 'metadata.annotations[network.kube-dc.com/ip-address]';
  const requested = requestedAddresses(pod);
  const refused = requested.filter((address) => !isAssignable(subnet, address));
  for (const address of refused)
    run.report({
      code: 'OutOfRange',
      object,
      path,
      message: `${formatAddress(address)} is not an address that a workload of ${subnet.name} (${rangesText(subnet)}) can have`,
      hint: 'use another address of that range, or remove the annotation to be given one',
    });
  const usable = pools.filter(({ prefix }) => ofFamily(refused, prefix.family) === undefined);
  // An address of its own choosing may be in `excludeIps`: excluding is how a range for static addresses is set apart.
  const wish = { holder: object, order: claimOrder(2, pod), requested, outsideRange: 'allow' as const };
  return run.addresses(usable, wish, { object, path });
}

/** `10.0.10.0/24, gateway 10.0.10.1` */
function rangesText({ ranges }: SubnetSeed): string {
  const texts = ranges.map(
    ({ prefix, gateway }) => `${formatPrefix(prefix)}, gateway ${formatAddress(gateway)}`,
  );
  return texts.join('; ');
}

function isAssignable(subnet: SubnetSeed, address: Address): boolean {
  const inside = subnet.ranges.some(({ prefix }) => rangeContains(usableRange(prefix), address));
  return inside && !routersOn(subnet).some((other) => sameAddress(other, address));
}
