// Objects that packet tests write: the two external networks of the examples, and short forms for the rest.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A manifest as data; JSON is YAML. */
export interface LabObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

/** `ext-cloud` (VLAN 4013) and `ext-public` (VLAN 4011), with the platform's own network. */
export const exampleNetworks = readFileSync(
  fileURLToPath(new URL('../../examples/architecture/external-networks.yaml', import.meta.url)),
  'utf8',
);
export const managementNetwork = readFileSync(
  fileURLToPath(new URL('../../examples/architecture/management.yaml', import.meta.url)),
  'utf8',
);

/**
 * Configuration for tests of what the network does by itself: who may reach whom is another matter (isolation.test.ts),
 * and its conntrack is one recirculation more than the userspace datapath has left on some ways.
 */
export const withoutIsolation = '{ isolation: { egress: { enabled: false } } }';

/** `org/name` makes the backing namespace `org-name`. */
export function project(path: string, cidrBlock: string, egressNetworkType: string): LabObject {
  const [namespace = '', name = ''] = path.split('/');
  return {
    apiVersion: 'kube-dc.com/v1',
    kind: 'Project',
    metadata: { namespace, name },
    spec: { cidrBlock, egressNetworkType },
  };
}

export interface PodOptions {
  readonly address?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ready?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** `path` is `namespace/name`, here and below. */
export function pod(path: string, options: PodOptions = {}): LabObject {
  const [namespace = '', name = ''] = path.split('/');
  const { address, labels = {}, ready = true, annotations = {} } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name,
      labels,
      annotations: {
        ...(address !== undefined && { 'network.kube-dc.com/ip-address': address }),
        ...annotations,
      },
    },
    spec: { containers: [{ name: 'app', image: 'app' }] },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

export interface ServiceOptions {
  /** `80`, `2222:22`, `53/UDP`, `5353:53/UDP` */
  readonly ports: readonly string[];
  readonly selector: Readonly<Record<string, string>>;
  /** `default-gw`, the name of an EIp, or absent: one is made. */
  readonly eip?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A Service of type LoadBalancer. */
export function service(
  path: string,
  { ports, selector, eip, spec, annotations }: ServiceOptions,
): LabObject {
  const [namespace = '', name = ''] = path.split('/');
  const bound = eip === undefined ? {} : { 'service.nlb.kube-dc.com/bind-on-eip': eip };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, annotations: { ...bound, ...annotations } },
    spec: { type: 'LoadBalancer', selector, ports: ports.map(servicePort), ...spec },
  };
}

function servicePort(text: string): Readonly<Record<string, unknown>> {
  const [numbers = '', protocol = 'TCP'] = text.split('/');
  const [port, target = port] = numbers.split(':').map(Number);
  return { name: `${protocol.toLowerCase()}-${port}`, protocol, port, targetPort: target };
}

export function eip(path: string, spec: Readonly<Record<string, unknown>> = {}): LabObject {
  const [namespace = '', name = ''] = path.split('/');
  return { apiVersion: 'kube-dc.com/v1', kind: 'EIp', metadata: { namespace, name }, spec };
}

export function fip(path: string, spec: Readonly<Record<string, unknown>>): LabObject {
  const [namespace = '', name = ''] = path.split('/');
  return { apiVersion: 'kube-dc.com/v1', kind: 'FIp', metadata: { namespace, name }, spec };
}

export function vpc(name: string, spec: Readonly<Record<string, unknown>> = {}): LabObject {
  return { apiVersion: 'ovn.kube-dc.com/v1alpha1', kind: 'Vpc', metadata: { name }, spec };
}

export function subnet(name: string, spec: Readonly<Record<string, unknown>>): LabObject {
  return { apiVersion: 'ovn.kube-dc.com/v1alpha1', kind: 'Subnet', metadata: { name }, spec };
}
