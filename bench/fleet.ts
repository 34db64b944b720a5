// The load of every benchmark: N projects of one shape, as the plain objects that a parsed manifest holds.
import { decodeObject } from '../src/api/decode.ts';
import { objectKey } from '../src/api/api-object.ts';
import type { Config } from '../src/config/config.ts';
import { defaultConfig } from '../src/config/parse-config.ts';
import type { InventoryChange } from '../src/model/inventory.ts';

/** A plain object as YAML or JSON would give it. */
export type Manifest = Readonly<Record<string, unknown>>;

export const podsPerProject = 20;
const organization = 'bench';

/** One external network with room for 260,000 addresses: three per project. */
export const externalNetwork: Manifest = {
  apiVersion: 'ovn.kube-dc.com/v1alpha1',
  kind: 'ExternalNetwork',
  metadata: { name: 'ext-cloud' },
  spec: {
    type: 'cloud',
    cidr: '100.64.0.0/14',
    gateway: '100.64.0.1',
    vlan: 4013,
    physicalNetwork: 'ext-cloud',
    excludeIps: ['100.64.0.2..100.64.0.255'],
  },
};

/** `p0042`, so that names sort as they are numbered. */
export const projectName = (index: number): string => `p${String(index).padStart(4, '0')}`;
export const projectNamespace = (index: number): string => `${organization}-${projectName(index)}`;

/**
 * A Project with a subnet and SNAT, 20 Pods, a FIp with an address of its own, and two Services: one on the router's
 * address, one on an address of its own, ten Pods behind each.
 */
export function projectManifests(index: number): Manifest[] {
  const namespace = projectNamespace(index);
  const pods = Array.from({ length: podsPerProject }, (_, pod) => podManifest(namespace, pod));
  return [
    {
      apiVersion: 'kube-dc.com/v1',
      kind: 'Project',
      metadata: { name: projectName(index), namespace: organization },
      spec: { cidrBlock: `10.${index >> 8}.${index & 255}.0/24`, egressNetworkType: 'cloud' },
    },
    ...pods,
    {
      apiVersion: 'kube-dc.com/v1',
      kind: 'FIp',
      metadata: { name: 'vm', namespace },
      spec: { vmTarget: { vmName: 'vm' } },
    },
    serviceManifest(namespace, 'web', 80),
    serviceManifest(namespace, 'api', 443),
  ];
}

/** `web` is on the router's address, any other name gets an address of its own. */
export function serviceManifest(namespace: string, name: string, port: number): Manifest {
  const annotations = name === 'web' ? { 'service.nlb.kube-dc.com/bind-on-default-gw-eip': 'true' } : {};
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, annotations },
    spec: {
      type: 'LoadBalancer',
      selector: { app: name },
      ports: [{ name: 'main', port, targetPort: 'main' }],
    },
  };
}

function podManifest(namespace: string, pod: number): Manifest {
  const app = pod % 2 === 0 ? 'web' : 'api';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${app}-${pod}`,
      namespace,
      labels: { app, ...(pod === 0 && { 'vm.kubevirt.io/name': 'vm' }) },
    },
    spec: { containers: [{ name: app, ports: [{ name: 'main', containerPort: 8080 }] }] },
  };
}

/** The objects of `count` projects, and of the network that they leave by, decoded. */
export function fleetChanges(count: number): InventoryChange[] {
  const projects = Array.from({ length: count }, (_, index) => projectManifests(index)).flat();
  return [externalNetwork, ...projects].map(decodeChange);
}

/** @throws Error for an object that is rejected: the fleet is wrong then */
export function decodeChange(manifest: Manifest): InventoryChange {
  const decoded = decodeObject(manifest);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return { key: objectKey(decoded.object), object: decoded.object };
}

/** Defaults, two gateway chassis, and no limit of routers on the one external network. */
export function benchConfig(): Config {
  return { ...defaultConfig(), gatewayChassis: ['chassis-1', 'chassis-2'], routerLimitPerNetwork: 100_000 };
}
