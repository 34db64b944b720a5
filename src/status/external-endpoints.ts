// `{service}-ext`: a name by which others in the cluster reach a Service on its external address.
import { label, managedBy } from '../api/annotations.ts';
import { serviceNameLabel } from '../api/endpoint-slice.ts';
import type { Service } from '../api/service.ts';
import { parseAddress } from '../net/address.ts';
import { companion, isFree } from './companion.ts';
import type { Companion, CompanionParts } from './companion.ts';
import type { StatusObjects } from './unit-outcome.ts';

/** DNS labels are not longer. */
const maximumNameLength = 63;

/**
 * The headless Service, and once that is there (its uid is needed) what it leads to. Empty without an address, and where
 * somebody else has the name. `addresses`: what is published in the Service's status.
 */
export function externalEndpoints(
  service: Service,
  addresses: readonly string[],
  objects: Pick<StatusObjects, 'get'>,
): readonly Companion[] {
  const { namespace } = service.metadata;
  const name = `${service.metadata.name}-ext`;
  const key = `Service/${namespace}/${name}`;
  const existing = objects.get(key);
  if (addresses.length === 0 || name.length > maximumNameLength || !isFree(key, existing)) return [];
  const labels = {
    [label.managedBy]: managedBy.serviceLoadBalancer,
    [label.sourceService]: service.metadata.name,
    [label.endpointType]: 'external',
  };
  const ports = service.spec.ports.map(({ name: portName, port, protocol, appProtocol }) => ({
    name: portName,
    port,
    protocol,
    appProtocol,
  }));
  const common = { namespace, name, labels };
  const head = companion({
    ...common,
    kind: 'Service',
    owner: service,
    rest: { spec: { type: 'ClusterIP', clusterIP: 'None', ports } },
  });
  if (existing?.metadata.uid === undefined) return [head];
  const below = { ...common, owner: existing };
  return [
    head,
    ...sliceParts(below, addresses, ports).map(companion),
    companion(endpointsParts(below, addresses, ports)),
  ];
}

type Common = Pick<CompanionParts, 'namespace' | 'name' | 'labels' | 'owner'>;
type Ports = readonly {
  readonly name: string | undefined;
  readonly port: number;
  readonly protocol: string;
  /** Tells a Gateway how to speak to it: Service v1 says the same of it as EndpointSlice v1. */
  readonly appProtocol: string | undefined;
}[];

/** One for each family. Source: Kubernetes API, discovery/v1 EndpointSlice. */
function sliceParts(common: Common, addresses: readonly string[], ports: Ports): CompanionParts[] {
  const { namespace, name, owner } = common;
  const labels = {
    ...common.labels,
    [serviceNameLabel]: name,
    'endpointslice.kubernetes.io/managed-by': 'ovn-projector.kube-dc.com',
  };
  const named = ports.map(({ name: portName, ...port }) => ({ name: portName ?? '', ...port }));
  const byFamily = Map.groupBy(addresses, (address) => parseAddress(address)?.family ?? 4);
  return [...byFamily].map(([family, group]) => ({
    kind: 'EndpointSlice',
    namespace,
    name: `${name}-ipv${family}`,
    labels,
    owner,
    rest: {
      addressType: `IPv${family}`,
      endpoints: [{ addresses: group, conditions: { ready: true } }],
      ports: named,
    },
  }));
}

/** The label keeps Kubernetes from making EndpointSlices of it: there are some already. */
function endpointsParts(common: Common, addresses: readonly string[], ports: Ports): CompanionParts {
  return {
    ...common,
    kind: 'Endpoints',
    labels: { ...common.labels, 'endpointslice.kubernetes.io/skip-mirror': 'true' },
    rest: { subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports }] },
  };
}
