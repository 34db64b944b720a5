// Workloads of a VPC: which pods get a port, and which address and MAC it has.
import { label, requestedAddresses, requestedMac } from '../api/annotations.ts';
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import type { Pod } from '../api/pod.ts';
import { formatAddress, sameAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { formatAddressList, ofFamily } from '../net/family-list.ts';
import { macFromAddress } from '../net/mac.ts';
import { formatPrefix, prefixContains, usableRange } from '../net/prefix.ts';
import { rangeContains } from '../net/range.ts';
import { machineNodes } from './machine-nodes.ts';
import type { WorkloadPortModel } from './network-model.ts';
import { rangePool, singleAddress } from './network.ts';
import { nodeChassis } from './node-chassis.ts';
import { holderOfRejected, portSeats } from './port-seats.ts';
import type { PortSeat } from './port-seats.ts';
import { machineNames, stoppedMachines } from './stopped-machines.ts';
import type { AddressPool, AddressWish, UnitRun } from './unit-run.ts';
import { claimOrder } from './vpc-root.ts';
import type { SubnetSeed } from './vpc-root.ts';

/** A pod with its port, which another pod may have as well. */
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
  const seats = portSeats(pods, run.context.inventory);
  for (const namespace of namespaces) {
    const kept = keepRejected(namespace, seats, pools, run);
    for (const { holder, key, order } of stoppedMachines(namespace, run))
      if (!kept.has(holder)) holdPort(holder, keepRecorded({ holder, order }, key, pools, run), run);
  }
  return seats.flatMap((seat) => {
    const addresses = workloadAddresses(seat, subnet, pools, run);
    const [first] = addresses;
    if (first === undefined) return [];
    const port = workloadPort(seat, first, addresses, run);
    if (port.source !== seat.holder) holdPort(seat.holder, addresses, run);
    return seat.pods.map((pod) => ({ pod, port }));
  });
}

/** Every port once. */
export function portsOf(workloads: readonly Workload[]): readonly WorkloadPortModel[] {
  return [...new Set(workloads.map(({ port }) => port))];
}

/**
 * A pod that was accepted once and is rejected now keeps its port, so nobody else may get its address. Returns who holds
 * them.
 */
function keepRejected(
  namespace: string,
  seats: readonly PortSeat[],
  pools: readonly AddressPool[],
  run: UnitRun,
): ReadonlySet<string> {
  const kept = new Set<string>();
  const rejected = run.context.inventory.invalidIn('Pod', namespace);
  const machines = rejected.length === 0 ? [] : machineNames(namespace, run.context.inventory);
  for (const key of rejected) {
    const holder = holderOfRejected(key, machines, (other) => run.recorded(other).length > 0);
    if (kept.has(holder) || seats.some((seat) => seat.holder === holder)) continue;
    kept.add(holder);
    const addresses = keepRecorded({ holder, order: `2  ${key}` }, key, pools, run);
    if (holder !== key) holdPort(holder, addresses, run);
  }
  return kept;
}

/** Asks for what a holder without a port has on record, and for nothing else. */
function keepRecorded(
  wish: Pick<AddressWish, 'holder' | 'order'>,
  object: string,
  pools: readonly AddressPool[],
  run: UnitRun,
): readonly Address[] {
  const recorded = run.recorded(wish.holder);
  const own = pools.filter(({ prefix }) => recorded.some((address) => prefixContains(prefix, address)));
  return run.addresses(own, wish, { object, path: '' });
}

/** What the port itself does not record, because it is not named after its holder. */
function holdPort(holder: string, addresses: readonly Address[], run: UnitRun): void {
  if (addresses.length > 0) run.ledger.push({ holder, kind: 'port', value: formatAddressList(addresses) });
}

/** Addresses that workloads have or ask for. */
export function workloadClaims(namespace: string, run: UnitRun): Address[] {
  return run.context.inventory
    .inNamespace('Pod', namespace)
    .flatMap((pod) => requestedAddresses(pod).concat(run.recorded(objectKey(pod))));
}

/** The MAC follows the first address, so that a second family does not change it. */
function workloadPort(
  { pods, port, instance }: PortSeat,
  first: Address,
  addresses: readonly Address[],
  run: UnitRun,
): WorkloadPortModel {
  return {
    workload: port,
    pods: pods.map(({ metadata: { namespace, name } }) => ({ namespace, name })),
    chassis: nodeChassis(machineNodes(pods, instance), pods, run),
    source: formatObjectKey('Pod', port.namespace, port.name),
    mac: requestedMac(pods[0]) ?? macFromAddress(first),
    addresses,
    hostname: hostnameOf(pods[0]),
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
  { pods, port, holder }: PortSeat,
  subnet: SubnetSeed,
  pools: readonly AddressPool[],
  run: UnitRun,
): readonly Address[] {
  const pod = pods.find((each) => requestedAddresses(each).length > 0) ?? pods[0];
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
  const wish = {
    holder,
    order: claimOrder(2, pods[0]),
    requested,
    // The port of a virtual machine says what it has where nothing else does.
    recorded: firstOf(run.recorded(holder), run.recorded(formatObjectKey('Pod', port.namespace, port.name))),
    outsideRange: 'allow' as const,
    comesBack: true,
  };
  return run.addresses(usable, wish, { object, path });
}

const firstOf = <T>(a: readonly T[], b: readonly T[]): readonly T[] => (a.length > 0 ? a : b);

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
