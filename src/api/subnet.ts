// Subnet (ovn.kube-dc.com/v1alpha1, cluster-scoped): one range of a Vpc or of a physical VLAN, and the switch for it.
import { Type, type Static } from 'typebox';
import { addressListText, excludeText, gatewayInRange, labelText, subnetPrefixText } from './cel.ts';
import { conditionsSchema } from './condition.ts';
import { checkAddresses, checkExcludes, checkGateways, checkSubnetPrefixes } from './field.ts';
import { checkLabel, checkLabels, checkPhysicalNetwork } from './name-field.ts';
import { segmentProperties } from './segment.ts';
import { checkSubnetAcls, subnetAclsSchema } from './subnet-acl.ts';
import type { Finding } from './finding.ts';
import type { KubernetesObject } from './metadata.ts';
import type { KindRules } from './rule.ts';
import type { Immutable } from './schema.ts';

const lengthLimits = { 4: { shortest: 8, longest: 30 }, 6: { shortest: 8, longest: 126 } };

const underlaySchema = Type.Object(segmentProperties, {
  description:
    'The VLAN that this subnet is. Its workloads are hosts on it: the gateway is the physical router, and no router, NAT, Service or name of ours reaches them.',
});

export const subnetSpecSchema = Type.Object(
  {
    vpc: Type.Optional(
      Type.String({
        ...labelText('the name of a Vpc'),
        description: 'Name of the Vpc; a subnet has either this or underlay. Immutable.',
      }),
    ),
    underlay: Type.Optional(underlaySchema),
    cidr: Type.String({
      ...subnetPrefixText(lengthLimits),
      description:
        'Range of the subnet, for example 10.100.0.0/16, or one of each family: 10.100.0.0/16,fd00:100::/64.',
    }),
    gateway: Type.Optional(
      Type.String({
        ...addressListText,
        description:
          "The router's address on this subnet, or one of each family. Absent, as a whole or for a family: the first usable address; an underlay has to name it.",
      }),
    ),
    namespaces: Type.Array(Type.String(labelText('the name of a namespace')), {
      default: [],
      description:
        'Namespaces whose Pods are on this subnet, unless a Pod names another one of the Vpc in the annotation network.kube-dc.com/subnet. A namespace is on one subnet only, and that of a Project on none. Of an underlay: namespaces, those of Projects too, whose Pods may name it there; no other Pod is on it.',
      maxItems: 1024,
      'x-kubernetes-list-type': 'set',
    }),
    excludeIps: Type.Array(Type.String(excludeText), {
      default: [],
      maxItems: 1024,
      description:
        'Addresses never given out: single ones, ranges a..b, or prefixes. Of an underlay: whatever is not ours on the VLAN.',
    }),
    snat: Type.Boolean({
      default: true,
      description:
        'Whether connections out of this subnet take an address of an external network: that of egress, else that of the Vpc on its default one. Without an external network, and on an underlay, it has no effect. False: nobody outside can answer, since packets for this range are not let in.',
    }),
    egress: Type.Optional(
      Type.Object(
        {
          network: Type.String({
            ...labelText('the name of an ExternalNetwork'),
            description: "Name of one of the Vpc's externalNetworks.",
          }),
          address: Type.Optional(
            Type.String({
              ...addressListText,
              description:
                'Address that connections take there, or one of each family; no other subnet can have it. Absent, as a whole or for a family: any free one of the network.',
            }),
          ),
        },
        {
          description:
            "Where connections out of this subnet leave, and under an address of its own. Absent: by the Vpc's default external network, under the Vpc's address there.",
        },
      ),
    ),
    dhcp: Type.Optional(
      Type.Boolean({
        description:
          'Whether workloads of this subnet are told their address and gateway: by DHCP, of IPv6 by DHCPv6 and router advertisements. Absent: they are, but on an underlay.',
      }),
    ),
    acls: subnetAclsSchema(),
  },
  { description: 'Which range, and of which Vpc or VLAN.' },
);

export const subnetStatusSchema = Type.Object(
  {
    ready: Type.Boolean({ default: false, description: 'True when the subnet is programmed and realised.' }),
    conditions: conditionsSchema(),
  },
  { default: {}, description: 'Whether the subnet is in place.' },
);

export type SubnetSpec = Immutable<Static<typeof subnetSpecSchema>>;
export type SubnetStatus = Immutable<Static<typeof subnetStatusSchema>>;

export interface Subnet extends KubernetesObject<'ovn.kube-dc.com/v1alpha1', 'Subnet'> {
  readonly spec: SubnetSpec;
  readonly status: SubnetStatus;
}

/** A Subnet that hangs in a Vpc's router. */
export type RoutedSubnet = Subnet & { readonly spec: { readonly vpc: string } };
/** A Subnet that is a physical VLAN. */
export type UnderlaySubnet = Subnet & { readonly spec: Required<Pick<SubnetSpec, 'underlay' | 'gateway'>> };

export const isRouted = (subnet: Subnet): subnet is RoutedSubnet => subnet.spec.vpc !== undefined;
export const isUnderlay = (subnet: Subnet): subnet is UnderlaySubnet => subnet.spec.underlay !== undefined;

export const subnetRules: KindRules<SubnetSpec> = {
  immutable: ['vpc'],
  rules: [
    {
      field: '',
      rule: '(has(self.vpc) && self.vpc != "") != has(self.underlay)',
      message: 'a Subnet has either a vpc or an underlay',
      hint: 'name the Vpc whose router it hangs in, or the VLAN that it is; the two cannot be joined',
      holds: ({ vpc, underlay }) => (vpc === undefined) !== (underlay === undefined),
    },
    {
      field: 'gateway',
      rule: '!has(self.underlay) || (has(self.gateway) && self.gateway != "")',
      message: 'an underlay needs a gateway',
      hint: 'write the address of the physical router on that VLAN',
      holds: ({ underlay, gateway }) => underlay === undefined || gateway !== undefined,
    },
    {
      field: 'egress',
      rule: '!has(self.egress) || !has(self.underlay)',
      message: 'an underlay has no egress',
      hint: 'remove it: what leaves an underlay leaves by the physical router',
      holds: ({ underlay, egress }) => underlay === undefined || egress === undefined,
    },
    {
      field: 'egress',
      rule: '!has(self.egress) || !has(self.snat) || self.snat',
      message: 'a Subnet without snat has no egress',
      hint: 'remove egress, or snat: false',
      holds: ({ snat, egress }) => snat || egress === undefined,
    },
  ],
  cel: [gatewayInRange('gateway', 'cidr')],
};

/** What is wrong with the values of a Subnet, apart from {@link subnetRules}. */
export function checkSubnet({ spec }: Pick<Subnet, 'spec'>): Finding[] {
  const { vpc, underlay, cidr, gateway, excludeIps, namespaces, acls, egress } = spec;
  return [
    ...(vpc === undefined ? [] : checkLabel('spec.vpc', vpc, 'the name of a Vpc')),
    ...(underlay === undefined
      ? []
      : checkPhysicalNetwork('spec.underlay.physicalNetwork', underlay.physicalNetwork)),
    ...checkLabels('spec.namespaces', namespaces, 'the name of a namespace'),
    ...checkSubnetPrefixes('spec.cidr', cidr, lengthLimits),
    ...(gateway === undefined ? [] : checkGateways('spec.gateway', gateway, cidr, underlay !== undefined)),
    ...checkExcludes('spec.excludeIps', excludeIps, cidr),
    ...checkSubnetAcls('spec.acls', acls),
    ...(egress === undefined
      ? []
      : checkLabel('spec.egress.network', egress.network, 'the name of an ExternalNetwork')),
    ...(egress?.address === undefined ? [] : checkAddresses('spec.egress.address', egress.address)),
  ];
}
