// Names inside a VPC: those of its Services, of the workloads behind headless ones, and of its virtual machines.
import { machineOf } from '../api/annotations.ts';
import type { Service } from '../api/service.ts';
import { objectKey } from '../api/api-object.ts';
import { compareStrings } from '../base/order.ts';
import { compareAddresses, formatAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { families } from '../net/family-list.ts';
import { endpointsOf } from './backends.ts';
import type { LoadBalancerModel } from './network-model.ts';
import type { UnitRun } from './unit-run.ts';
import type { Workload } from './workloads.ts';

/**
 * By family, since a question is for one of them. More addresses in one answer could exceed 512 bytes, which a client
 * need not accept over UDP (RFC 1035 §4.2.1), and OVN's responder knows no other way.
 */
const maximumAddresses = { 4: 15, 6: 8 };
/** Source: RFC 1035 §2.3.4. A machine whose name has a longer part cannot be asked for. */
const longestLabel = 63;

export const serviceDomain = (namespace: string, domain: string): string => `${namespace}.svc.${domain}`;
export const machineDomain = (namespace: string, domain: string): string => `${namespace}.vm.${domain}`;

/**
 * | name | addresses |
 * |---|---|
 * | `{service}.{namespace}.svc.{domain}` | its ClusterIPs; of a headless one, those who answer for it |
 * | `{hostname}.{service}.{namespace}.svc.{domain}` | the one of these that is called so |
 * | `{vm}.{namespace}.vm.{domain}` | the machine's |
 *
 * In lower case, as OVN looks them up. There is no name for a Pod, as in Kubernetes. Source: Kubernetes DNS-Based
 * Service Discovery.
 */
export function vpcNames(
  namespaces: readonly string[],
  clusterIps: readonly LoadBalancerModel[],
  workloads: readonly Workload[],
  run: UnitRun,
): ReadonlyMap<string, readonly Address[]> {
  const { domain, responder } = run.context.config.dns;
  if (!responder) return new Map();
  const names = new Map<string, Address[]>();
  const addresses = addressesBySource(clusterIps);
  for (const { pod, port } of workloads) {
    const machine = machineOf(pod);
    // While it moves, a machine has two pods and one address.
    if (machine !== undefined && machine.split('.').every((part) => part.length <= longestLabel))
      names.set(`${machine}.${machineDomain(pod.metadata.namespace, domain)}`.toLowerCase(), [
        ...port.addresses,
      ]);
  }
  const { inventory } = run.context;
  for (const service of namespaces.flatMap((namespace) => inventory.inNamespace('Service', namespace))) {
    const name =
      `${service.metadata.name}.${serviceDomain(service.metadata.namespace, domain)}`.toLowerCase();
    const own = addresses.get(objectKey(service)) ?? [];
    if (own.length > 0) names.set(name, answer(own));
    else if (service.spec.clusterIP === 'None')
      for (const [key, found] of headlessNames(name, service, workloads, run)) names.set(key, found);
  }
  return new Map([...names].toSorted(([a], [b]) => compareStrings(a, b)));
}

function headlessNames(
  name: string,
  service: Service,
  workloads: readonly Workload[],
  run: UnitRun,
): [string, Address[]][] {
  const endpoints = endpointsOf(service, run.context.inventory, workloads);
  if (endpoints.length === 0) return [];
  const called = Map.groupBy(endpoints, ({ hostname }) => hostname ?? '');
  called.delete('');
  return [
    [name, answer(endpoints.map(({ address }) => address))],
    ...[...called].map(([hostname, group]): [string, Address[]] => [
      `${hostname}.${name}`.toLowerCase(),
      answer(group.map(({ address }) => address)),
    ]),
  ];
}

/** Only addresses on which something is balanced. */
function addressesBySource(balancers: readonly LoadBalancerModel[]): ReadonlyMap<string, Address[]> {
  const grouped = Map.groupBy(balancers, ({ source }) => source);
  return new Map(
    [...grouped].map(([source, group]) => [
      source,
      group.flatMap(({ vips }) => vips.map(({ address }) => address)),
    ]),
  );
}

function answer(addresses: readonly Address[]): Address[] {
  const unique = new Map(addresses.map((address) => [formatAddress(address), address]));
  const sorted = [...unique.values()].toSorted(compareAddresses);
  return families.flatMap((family) =>
    sorted.filter((address) => address.family === family).slice(0, maximumAddresses[family]),
  );
}
