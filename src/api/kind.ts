// The table of kinds: for each one its place in the API, its schemas and its checks.
import { Type, type TObject } from 'typebox';
import type { ApiObject, Kind } from './api-object.ts';
import { checkEIp, eipRules, eipSpecSchema, eipStatusSchema } from './eip.ts';
import { checkEndpointSlice, endpointSliceBodySchema } from './endpoint-slice.ts';
import {
  checkExternalNetwork,
  externalNetworkSpecSchema,
  externalNetworkStatusSchema,
} from './external-network.ts';
import type { Finding } from './finding.ts';
import { checkFIp, fipRules, fipSpecSchema, fipStatusSchema } from './fip.ts';
import { namespaceStatusSchema } from './namespace.ts';
import { nodeStatusSchema } from './node.ts';
import { networkPolicySpecSchema } from './network-policy.ts';
import {
  adminNetworkPolicySpecSchema,
  baselineAdminNetworkPolicySpecSchema,
  clusterNetworkPolicySpecSchema,
  isPlatformPolicy,
  platformPolicyStatusSchema,
} from './platform-policy.ts';
import { platformFindings } from './platform-findings.ts';
import { checkPod, podSpecSchema, podStatusSchema } from './pod.ts';
import { checkProject, projectRules, projectSpecSchema, projectStatusSchema } from './project.ts';
import { brokenRules, brokenTransition } from './rule.ts';
import { checkService, serviceSpecSchema, serviceStatusSchema } from './service.ts';
import { checkSubnet, subnetRules, subnetSpecSchema, subnetStatusSchema } from './subnet.ts';
import {
  virtualMachineInstanceSpecSchema,
  virtualMachineInstanceStatusSchema,
} from './virtual-machine-instance.ts';
import { checkVpc, vpcRules, vpcSpecSchema, vpcStatusSchema } from './vpc.ts';

export interface KindDefinition {
  readonly apiVersion: ApiObject['apiVersion'];
  /** As it stands in the paths of the API server. */
  readonly plural: string;
  readonly scope: 'Namespaced' | 'Cluster';
  /** Core kinds have many fields that mean nothing here; ours have none but those of the schema. */
  readonly fields: 'closed' | 'open';
  /** True: it comes with another program, which need not be there: KubeVirt. */
  readonly isOptional?: boolean;
  /** What a name of this kind must be. `label` where the name becomes the name of a switch, router or namespace. */
  readonly name: 'label' | 'subdomain';
  /** Everything beside apiVersion, kind, metadata and status. */
  readonly body: TObject;
  readonly status: TObject;
}

const nothing = Type.Object({});
const ours = (
  apiVersion: KindDefinition['apiVersion'],
  plural: string,
  scope: KindDefinition['scope'],
  name: KindDefinition['name'],
  spec: TObject,
  status: TObject,
): KindDefinition => ({
  apiVersion,
  plural,
  scope,
  fields: 'closed',
  name,
  body: Type.Object({ spec }),
  status,
});

const core = (
  plural: string,
  name: KindDefinition['name'],
  body: TObject,
  status: TObject,
): KindDefinition => ({
  apiVersion: 'v1',
  plural,
  scope: 'Namespaced',
  fields: 'open',
  name,
  body,
  status,
});

/** Those of the cluster's administrators; the group comes with CustomResourceDefinitions of its own. */
const platform = (version: 'v1alpha1' | 'v1alpha2', plural: string, spec: TObject): KindDefinition => ({
  ...core(plural, 'subdomain', Type.Object({ spec }), platformPolicyStatusSchema),
  apiVersion: `policy.networking.k8s.io/${version}`,
  scope: 'Cluster',
  isOptional: true,
});

const kubeDc = 'kube-dc.com/v1';
const ovn = 'ovn.kube-dc.com/v1alpha1';

/** Every kind that is read. */
export const kinds: Readonly<Record<Kind, KindDefinition>> = {
  Project: ours(kubeDc, 'projects', 'Namespaced', 'label', projectSpecSchema, projectStatusSchema),
  EIp: ours(kubeDc, 'eips', 'Namespaced', 'subdomain', eipSpecSchema, eipStatusSchema),
  FIp: ours(kubeDc, 'fips', 'Namespaced', 'subdomain', fipSpecSchema, fipStatusSchema),
  ExternalNetwork: ours(
    ovn,
    'externalnetworks',
    'Cluster',
    'label',
    externalNetworkSpecSchema,
    externalNetworkStatusSchema,
  ),
  Vpc: ours(ovn, 'vpcs', 'Cluster', 'label', vpcSpecSchema, vpcStatusSchema),
  Subnet: ours(ovn, 'subnets', 'Cluster', 'label', subnetSpecSchema, subnetStatusSchema),
  Namespace: { ...core('namespaces', 'label', nothing, namespaceStatusSchema), scope: 'Cluster' },
  Node: { ...core('nodes', 'subdomain', nothing, nodeStatusSchema), scope: 'Cluster' },
  Service: core('services', 'label', Type.Object({ spec: serviceSpecSchema }), serviceStatusSchema),
  Pod: core('pods', 'subdomain', Type.Object({ spec: podSpecSchema }), podStatusSchema),
  EndpointSlice: {
    ...core('endpointslices', 'subdomain', endpointSliceBodySchema, nothing),
    apiVersion: 'discovery.k8s.io/v1',
  },
  NetworkPolicy: {
    ...core('networkpolicies', 'subdomain', Type.Object({ spec: networkPolicySpecSchema }), nothing),
    apiVersion: 'networking.k8s.io/v1',
  },
  ClusterNetworkPolicy: platform('v1alpha2', 'clusternetworkpolicies', clusterNetworkPolicySpecSchema),
  AdminNetworkPolicy: platform('v1alpha1', 'adminnetworkpolicies', adminNetworkPolicySpecSchema),
  BaselineAdminNetworkPolicy: platform(
    'v1alpha1',
    'baselineadminnetworkpolicies',
    baselineAdminNetworkPolicySpecSchema,
  ),
  VirtualMachine: {
    ...core('virtualmachines', 'subdomain', nothing, nothing),
    apiVersion: 'kubevirt.io/v1',
    isOptional: true,
  },
  VirtualMachineInstance: {
    ...core(
      'virtualmachineinstances',
      'subdomain',
      Type.Object({ spec: virtualMachineInstanceSpecSchema }),
      virtualMachineInstanceStatusSchema,
    ),
    apiVersion: 'kubevirt.io/v1',
    isOptional: true,
  },
};

/** True for the name of a kind that is read. */
export function isKind(kind: string): kind is Kind {
  return Object.hasOwn(kinds, kind);
}

/** What is wrong with an object of the right shape: its kind's rules, and the values of its fields. */
export function checkObject(object: ApiObject): Finding[] {
  switch (object.kind) {
    case 'Project':
      return [...brokenRules(projectRules, object.spec), ...checkProject(object)];
    case 'EIp':
      return [...brokenRules(eipRules, object.spec), ...checkEIp(object)];
    case 'FIp':
      return [...brokenRules(fipRules, object.spec), ...checkFIp(object)];
    case 'ExternalNetwork':
      return checkExternalNetwork(object);
    case 'Vpc':
      return [...brokenRules(vpcRules, object.spec), ...checkVpc(object)];
    case 'Subnet':
      return [...brokenRules(subnetRules, object.spec), ...checkSubnet(object)];
    case 'Service':
      return checkService(object);
    case 'Pod':
      return checkPod(object);
    case 'EndpointSlice':
      return checkEndpointSlice(object);
    case 'Namespace':
    case 'Node':
    case 'NetworkPolicy':
    case 'ClusterNetworkPolicy':
    case 'AdminNetworkPolicy':
    case 'BaselineAdminNetworkPolicy':
    case 'VirtualMachine':
    case 'VirtualMachineInstance':
      return [];
    default:
      return object satisfies never;
  }
}

/** What of an object cannot be carried out although it is accepted. */
export function shortcomings(object: ApiObject): Finding[] {
  return isPlatformPolicy(object) ? platformFindings(object) : [];
}

/**
 * What changed from one version of an object to the next although it must not. Both have the same key; an object
 * that was deleted and created again is another one and is not compared.
 */
export function checkTransition(old: ApiObject, object: ApiObject): Finding[] {
  if (old.kind === 'Project' && object.kind === 'Project') {
    return brokenTransition(projectRules, old.spec, object.spec);
  }
  if (old.kind === 'EIp' && object.kind === 'EIp') return brokenTransition(eipRules, old.spec, object.spec);
  if (old.kind === 'FIp' && object.kind === 'FIp') return brokenTransition(fipRules, old.spec, object.spec);
  if (old.kind === 'Subnet' && object.kind === 'Subnet') {
    return brokenTransition(subnetRules, old.spec, object.spec);
  }
  return [];
}
