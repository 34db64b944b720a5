// Who answers for a Service: ready endpoints of its EndpointSlices, or, where nobody makes those, its selector's pods.
import type { EndpointSlice } from '../api/endpoint-slice.ts';
import type { Pod } from '../api/pod.ts';
import type { Service, ServicePort } from '../api/service.ts';
import { compareAddresses, formatAddress, parseAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import type { Inventory } from './inventory.ts';
import { underlayOfAddress } from './underlay-targets.ts';
import type { Workload } from './workloads.ts';

export interface Backend {
  readonly address: Address;
  readonly port: number;
}

export interface Endpoint {
  readonly address: Address;
  readonly hostname: string | undefined;
}

/** Backends of one port of a Service, sorted, without duplicates. */
export function backendsOf(
  service: Service,
  port: ServicePort,
  inventory: Inventory,
  workloads: readonly Workload[],
): Backend[] {
  const slices = inventory.slicesOf(service.metadata.namespace, service.metadata.name);
  const found =
    slices.length > 0
      ? slices
          .flatMap((slice) => sliceBackends(slice, service, port))
          .filter(
            ({ address }) =>
              underlayOfAddress(address, service.metadata.namespace, inventory, workloads) === undefined,
          )
      : selectedBackends(service, port, workloads);
  const unique = new Map(
    found.map((backend) => [`${formatAddress(backend.address)} ${backend.port}`, backend]),
  );
  return [...unique.values()].toSorted((a, b) => compareAddresses(a.address, b.address) || a.port - b.port);
}

/**
 * Those who answer for a Service on any port, in no particular order. `hostname`: the name that one has below the
 * Service's own. Source: Kubernetes DNS-Based Service Discovery §2.4.
 */
export function endpointsOf(
  service: Service,
  inventory: Inventory,
  workloads: readonly Workload[],
): Endpoint[] {
  const slices = inventory.slicesOf(service.metadata.namespace, service.metadata.name);
  if (slices.length > 0)
    return slices
      .flatMap((slice) => readyEndpoints(slice, service))
      .filter(
        ({ address }) =>
          underlayOfAddress(address, service.metadata.namespace, inventory, workloads) === undefined,
      );
  return selectedWorkloads(service, workloads).flatMap(({ pod, port: { addresses } }) => {
    const { hostname, subdomain } = pod.spec;
    const own = subdomain === service.metadata.name ? hostname : undefined;
    return addresses.map((address) => ({ address, hostname: own }));
  });
}

/** Source: Kubernetes API, EndpointSlice v1: a slice's port belongs to the Service port of the same name. */
function sliceBackends(slice: EndpointSlice, service: Service, port: ServicePort): Backend[] {
  const target = slice.ports.find(
    (candidate) => candidate.name === (port.name ?? '') && candidate.protocol === port.protocol,
  )?.port;
  if (target === undefined) return [];
  return readyEndpoints(slice, service).map(({ address }) => ({ address, port: target }));
}

function readyEndpoints(slice: EndpointSlice, service: Service): Endpoint[] {
  if (slice.addressType === 'FQDN') return [];
  return slice.endpoints
    .filter(
      ({ conditions }) =>
        service.spec.publishNotReadyAddresses || (conditions.ready && !conditions.terminating),
    )
    .flatMap(({ addresses, hostname }) =>
      addresses.slice(0, 1).flatMap((text) => {
        const address = parseAddress(text);
        return address === undefined ? [] : [{ address, hostname }];
      }),
    );
}

function selectedBackends(service: Service, port: ServicePort, workloads: readonly Workload[]): Backend[] {
  return selectedWorkloads(service, workloads).flatMap((workload) => {
    const target = targetPort(port, workload.pod);
    return target === undefined ? [] : workload.port.addresses.map((address) => ({ address, port: target }));
  });
}

function selectedWorkloads(service: Service, workloads: readonly Workload[]): Workload[] {
  const selector = Object.entries(service.spec.selector);
  if (selector.length === 0) return [];
  return workloads
    .filter(({ pod }) => pod.metadata.namespace === service.metadata.namespace)
    .filter(({ pod }) => selector.every(([key, value]) => pod.metadata.labels[key] === value))
    .filter(({ pod }) => service.spec.publishNotReadyAddresses || isReady(pod));
}

/** A pod is ready unless something says otherwise: a manifest has no status. */
function isReady({ metadata, status }: Pod): boolean {
  const ready = status.conditions.find((condition) => condition.type === 'Ready');
  return metadata.deletionTimestamp === undefined && (ready === undefined || ready.status === 'True');
}

/** A named target port is looked up in each pod, so that pods may serve it on different numbers. */
function targetPort({ targetPort: target, port, protocol }: ServicePort, pod: Pod): number | undefined {
  if (target === undefined) return port;
  if (typeof target === 'number') return target;
  return pod.spec.containers
    .flatMap((container) => container.ports)
    .find((candidate) => candidate.name === target && candidate.protocol === protocol)?.containerPort;
}
