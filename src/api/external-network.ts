// ExternalNetwork (ovn.kube-dc.com/v1alpha1, cluster-scoped): a physical VLAN with a pool of addresses.
import { Type, type Static } from 'typebox';
import {
  addressListText,
  excludeText,
  gatewayInRange,
  gatewayOfEachFamily,
  labelText,
  subnetPrefixText,
} from './cel.ts';
import { conditionsSchema } from './condition.ts';
import { checkExcludes, checkGateways, checkSubnetPrefixes } from './field.ts';
import type { Finding } from './finding.ts';
import type { KubernetesObject } from './metadata.ts';
import { checkLabel, checkPhysicalNetwork } from './name-field.ts';
import type { KindRules } from './rule.ts';
import type { Immutable } from './schema.ts';
import { segmentProperties } from './segment.ts';

const lengthLimits = { 4: { shortest: 8, longest: 30 }, 6: { shortest: 8, longest: 126 } };

export const externalNetworkSpecSchema = Type.Object(
  {
    type: Type.String({
      ...labelText('a type of network'),
      description: 'What Projects, EIps and FIps ask for: cloud, public, or a word of your own.',
    }),
    cidr: Type.String({
      ...subnetPrefixText(lengthLimits),
      description:
        'Range of the network, for example 100.65.0.0/16, or one of each family: 100.65.0.0/16,2001:db8:65::/64.',
    }),
    gateway: Type.String({
      ...addressListText,
      description:
        'Address of the next hop out of this network, one of each family that cidr has; must answer ARP, of IPv6 neighbour solicitations.',
    }),
    ...segmentProperties,
    excludeIps: Type.Array(Type.String(excludeText), {
      default: [],
      maxItems: 1024,
      description: 'Addresses never given out: single ones, ranges a..b, or prefixes.',
    }),
    mtu: Type.Integer({
      default: 1400,
      minimum: 576,
      maximum: 65_535,
      description: 'Largest IP packet on this network, in bytes.',
    }),
    default: Type.Boolean({
      default: false,
      description: 'Where several networks have the same type, this one is taken first.',
    }),
  },
  { description: 'Where the network is and which addresses it has.' },
);

export const externalNetworkStatusSchema = Type.Object(
  {
    capacity: Type.Optional(Type.Integer({ description: 'Addresses that can be given out.' })),
    allocated: Type.Optional(Type.Integer({ description: 'Addresses that are given out.' })),
    ready: Type.Boolean({
      default: false,
      description: 'True when the network is programmed and has a gateway chassis.',
    }),
    conditions: conditionsSchema(),
  },
  { default: {}, description: 'How much of the network is in use.' },
);

export type ExternalNetworkSpec = Immutable<Static<typeof externalNetworkSpecSchema>>;
export type ExternalNetworkStatus = Immutable<Static<typeof externalNetworkStatusSchema>>;

export interface ExternalNetwork extends KubernetesObject<'ovn.kube-dc.com/v1alpha1', 'ExternalNetwork'> {
  readonly spec: ExternalNetworkSpec;
  readonly status: ExternalNetworkStatus;
}

export const externalNetworkRules: KindRules<ExternalNetworkSpec> = {
  immutable: [],
  rules: [],
  cel: [gatewayInRange('gateway', 'cidr'), gatewayOfEachFamily('gateway', 'cidr')],
};

/** What is wrong with the values of an ExternalNetwork. */
export function checkExternalNetwork({ spec }: Pick<ExternalNetwork, 'spec'>): Finding[] {
  const { type, cidr, gateway, excludeIps, physicalNetwork } = spec;
  const found = checkLabel('spec.type', type, 'a type of network');
  found.push(...checkPhysicalNetwork('spec.physicalNetwork', physicalNetwork));
  found.push(...checkSubnetPrefixes('spec.cidr', cidr, lengthLimits));
  found.push(...checkGateways('spec.gateway', gateway, cidr, true));
  found.push(...checkExcludes('spec.excludeIps', excludeIps, cidr));
  return found;
}
