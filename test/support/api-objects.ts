// Objects of each kind as a person would send them to the API server, and where.
import type { ApiServer } from './api-server.ts';
import { instancesIn, machinesIn } from './kubevirt.ts';

/** Creates a namespace. */
export const addNamespace = (server: ApiServer, name: string): Promise<unknown> =>
  server.create('/api/v1/namespaces', { metadata: { name } });

/** An object of every kind that is read, in the namespace `shalb-demo`, by its key. */
export const oneOfEach: Readonly<Record<string, { readonly collection: string; readonly object: object }>> = {
  'Project/shalb-demo/one': {
    collection: '/apis/kube-dc.com/v1/namespaces/shalb-demo/projects',
    object: ours('kube-dc.com/v1', 'Project', 'one', { cidrBlock: '10.0.10.0/24' }),
  },
  'EIp/shalb-demo/one': {
    collection: '/apis/kube-dc.com/v1/namespaces/shalb-demo/eips',
    object: ours('kube-dc.com/v1', 'EIp', 'one', {}),
  },
  'FIp/shalb-demo/one': {
    collection: '/apis/kube-dc.com/v1/namespaces/shalb-demo/fips',
    object: ours('kube-dc.com/v1', 'FIp', 'one', { ipAddress: '10.0.10.9' }),
  },
  'ExternalNetwork/one': {
    collection: '/apis/ovn.kube-dc.com/v1alpha1/externalnetworks',
    object: ours('ovn.kube-dc.com/v1alpha1', 'ExternalNetwork', 'one', {
      type: 'cloud',
      cidr: '192.0.2.0/24',
      gateway: '192.0.2.1',
      physicalNetwork: 'ext',
    }),
  },
  'Vpc/one': {
    collection: '/apis/ovn.kube-dc.com/v1alpha1/vpcs',
    object: ours('ovn.kube-dc.com/v1alpha1', 'Vpc', 'one', {}),
  },
  'Subnet/one': {
    collection: '/apis/ovn.kube-dc.com/v1alpha1/subnets',
    object: ours('ovn.kube-dc.com/v1alpha1', 'Subnet', 'one', { vpc: 'one', cidr: '10.9.0.0/24' }),
  },
  'Node/one': { collection: '/api/v1/nodes', object: { metadata: { name: 'one' } } },
  'Namespace/one': { collection: '/api/v1/namespaces', object: { metadata: { name: 'one' } } },
  'Service/shalb-demo/one': {
    collection: '/api/v1/namespaces/shalb-demo/services',
    object: { metadata: { name: 'one' }, spec: { selector: { app: 'one' }, ports: [{ port: 80 }] } },
  },
  'Pod/shalb-demo/one': { collection: '/api/v1/namespaces/shalb-demo/pods', object: podObject('one') },
  'EndpointSlice/shalb-demo/one': {
    collection: '/apis/discovery.k8s.io/v1/namespaces/shalb-demo/endpointslices',
    object: {
      metadata: { name: 'one', labels: { 'kubernetes.io/service-name': 'one' } },
      addressType: 'IPv4',
      endpoints: [
        { addresses: ['10.0.10.9'], conditions: { ready: false, serving: true, terminating: true } },
      ],
      ports: [{ name: '', port: 80 }],
    },
  },
  'NetworkPolicy/shalb-demo/one': {
    collection: '/apis/networking.k8s.io/v1/namespaces/shalb-demo/networkpolicies',
    object: { metadata: { name: 'one' }, spec: { podSelector: {} } },
  },
  'ClusterNetworkPolicy/one': {
    collection: '/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies',
    object: ours('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', 'one', {
      tier: 'Admin',
      priority: 1,
      subject: { namespaces: {} },
      ingress: [{ action: 'Deny', from: [{ namespaces: { matchLabels: { stage: 'lab' } } }] }],
    }),
  },
  'AdminNetworkPolicy/one': {
    collection: '/apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies',
    object: ours('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'one', {
      priority: 1,
      subject: { namespaces: {} },
      egress: [{ action: 'Pass', to: [{ networks: ['10.0.0.0/8'] }], ports: [{ portNumber: { port: 80 } }] }],
    }),
  },
  'BaselineAdminNetworkPolicy/default': {
    collection: '/apis/policy.networking.k8s.io/v1alpha1/baselineadminnetworkpolicies',
    object: ours('policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy', 'default', {
      subject: { pods: { namespaceSelector: {}, podSelector: {} } },
      ingress: [{ action: 'Deny', from: [{ namespaces: {} }] }],
    }),
  },
  'VirtualMachine/shalb-demo/one': {
    collection: machinesIn('shalb-demo'),
    object: ours('kubevirt.io/v1', 'VirtualMachine', 'one', { runStrategy: 'Halted' }),
  },
  'VirtualMachineInstance/shalb-demo/one': {
    collection: instancesIn('shalb-demo'),
    object: ours('kubevirt.io/v1', 'VirtualMachineInstance', 'one', {
      domain: { devices: { interfaces: [{ name: 'vpc_net_0', bridge: {} }] } },
      networks: [{ name: 'vpc_net_0', multus: { default: true, networkName: 'shalb-demo/default' } }],
    }),
  },
};

export function podObject(name: string, spec: object = {}): object {
  return {
    metadata: { name, labels: { app: 'one' }, annotations: { 'example.org/large': 'x'.repeat(1000) } },
    spec: { containers: [{ name: 'app', image: 'nginx', env: [{ name: 'A', value: 'b' }] }], ...spec },
  };
}

export function eipObject(name: string, spec: object = {}): object {
  return ours('kube-dc.com/v1', 'EIp', name, spec);
}

function ours(apiVersion: string, kind: string, name: string, spec: object): object {
  return { apiVersion, kind, metadata: { name }, spec };
}
