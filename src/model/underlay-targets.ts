// Workloads of an underlay that objects of a VPC name: none of its routers and load balancers reaches them.
import { requestedSubnet } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import type { Pod } from '../api/pod.ts';
import type { Service } from '../api/service.ts';
import { isUnderlay } from '../api/subnet.ts';
import type { UnderlaySubnet } from '../api/subnet.ts';
import { formatAddress, parseAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { parsePrefixList } from '../net/family-list.ts';
import { prefixContains } from '../net/prefix.ts';
import { sharesAddress } from './held-eip.ts';
import type { Inventory } from './inventory.ts';
import { needsPort } from './placement.ts';
import type { UnitRun } from './unit-run.ts';
import type { Workload } from './workloads.ts';

/** The underlay that a pod is on, or would be; undefined: it is on none. */
export function underlayOfPod(pod: Pod, inventory: Inventory): UnderlaySubnet | undefined {
  const wanted = requestedSubnet(pod);
  if (wanted === undefined || !needsPort(pod)) return undefined;
  const subnet = inventory.get(`Subnet/${wanted}`);
  if (subnet?.kind !== 'Subnet' || !isUnderlay(subnet)) return undefined;
  return subnet.spec.namespaces.includes(pod.metadata.namespace) ? subnet : undefined;
}

/**
 * The underlay that an address is on, of those that are open to the namespace; undefined: none, or a workload of the VPC
 * has it, whose range may overlap. Hosts on other VLANs are the world outside.
 */
export function underlayOfAddress(
  address: Address,
  namespace: string,
  inventory: Inventory,
  workloads: readonly Workload[],
): UnderlaySubnet | undefined {
  for (const subnet of inventory.underlaysOpenTo(namespace)) {
    const prefixes = parsePrefixList(subnet.spec.cidr) ?? [];
    if (!prefixes.some((prefix) => prefixContains(prefix, address))) continue;
    return workloads.some(({ port }) => sharesAddress(port.addresses, [address])) ? undefined : subnet;
  }
  return undefined;
}

/** Warns of every Service with backends on an underlay; they are left out of it. */
export function reportUnderlayBackends(
  services: readonly Service[],
  workloads: readonly Workload[],
  run: UnitRun,
): void {
  const { inventory } = run.context;
  for (const service of services) {
    const { namespace, name } = service.metadata;
    if ([...inventory.underlaysOpenTo(namespace)].length === 0) continue;
    const hasSlices = inventory.slicesOf(namespace, name).length > 0;
    const found = hasSlices ? sliceTarget(service, workloads, inventory) : selectedTarget(service, inventory);
    if (found === undefined) continue;
    run.report({
      severity: 'warning',
      code: 'OutOfRange',
      object: objectKey(service),
      path: hasSlices ? '' : 'spec.selector',
      message: `${found.what} is on ${objectKey(found.subnet)}, an underlay: no load balancer of this network reaches it`,
      hint: 'serve it by pods of this network, or let clients use its own address on the VLAN',
    });
  }
}

interface Found {
  readonly what: string;
  readonly subnet: UnderlaySubnet;
}

function sliceTarget(
  { metadata }: Service,
  workloads: readonly Workload[],
  inventory: Inventory,
): Found | undefined {
  for (const { endpoints } of inventory.slicesOf(metadata.namespace, metadata.name)) {
    for (const text of endpoints.flatMap(({ addresses }) => addresses.slice(0, 1))) {
      const address = parseAddress(text);
      const subnet = address && underlayOfAddress(address, metadata.namespace, inventory, workloads);
      if (address !== undefined && subnet !== undefined) return { what: formatAddress(address), subnet };
    }
  }
  return undefined;
}

function selectedTarget({ metadata, spec }: Service, inventory: Inventory): Found | undefined {
  const selector = Object.entries(spec.selector);
  if (selector.length === 0) return undefined;
  for (const pod of inventory.inNamespace('Pod', metadata.namespace)) {
    if (!selector.every(([key, value]) => pod.metadata.labels[key] === value)) continue;
    const subnet = underlayOfPod(pod, inventory);
    if (subnet !== undefined) return { what: objectKey(pod), subnet };
  }
  return undefined;
}
