// Subnet (ovn.kube-dc.com/v1alpha1, cluster-scoped): one range of a Vpc, and the switch that it is on.
import { Type, type Static } from 'typebox';
import { conditionsSchema } from './condition.ts';
import { checkExcludes, checkGateway, checkLabel, checkLabels, checkSubnetPrefix } from './field.ts';
import type { Finding } from './finding.ts';
import type { KubernetesObject } from './metadata.ts';
import type { KindRules } from './rule.ts';
import type { Immutable } from './schema.ts';

export const subnetSpecSchema = Type.Object(
  {
    vpc: Type.String({ description: 'Name of the Vpc. Immutable.' }),
    cidr: Type.String({ description: 'Range of the subnet, for example 10.100.0.0/16.' }),
    gateway: Type.Optional(
      Type.String({ description: "The router's address on this subnet. Absent: the first usable address." }),
    ),
    namespaces: Type.Array(Type.String(), {
      default: [],
      description:
        'Namespaces whose Pods are on this subnet, unless a Pod names another one of the Vpc in the annotation network.kube-dc.com/subnet. A namespace is on one subnet only, and that of a Project on none.',
      maxItems: 1024,
      'x-kubernetes-list-type': 'set',
    }),
    excludeIps: Type.Array(Type.String(), {
      default: [],
      description: 'Addresses never given out: single ones, ranges a..b, or prefixes.',
    }),
    snat: Type.Boolean({
      default: true,
      description:
        'Whether connections out of this subnet take the address that the Vpc has on its default external network. Without an external network it has no effect. False: nobody outside can answer, since packets for this range are not let in.',
    }),
    dhcp: Type.Optional(
      Type.Boolean({
        description:
          'Whether workloads of this subnet that ask by DHCP are told their address. Absent: they are.',
      }),
    ),
  },
  { description: 'Which range, and of which Vpc.' },
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

export const subnetRules: KindRules<SubnetSpec> = { immutable: ['vpc'], rules: [] };

const lengthLimits = { shortest: 8, longest: 30 };

/** What is wrong with the values of a Subnet. */
export function checkSubnet({ spec }: Pick<Subnet, 'spec'>): Finding[] {
  const { vpc, cidr, gateway, excludeIps, namespaces } = spec;
  return [
    ...checkLabel('spec.vpc', vpc, 'the name of a Vpc'),
    ...checkLabels('spec.namespaces', namespaces, 'the name of a namespace'),
    ...checkSubnetPrefix('spec.cidr', cidr, lengthLimits),
    ...(gateway === undefined ? [] : checkGateway('spec.gateway', gateway, cidr)),
    ...checkExcludes('spec.excludeIps', excludeIps, cidr),
  ];
}
