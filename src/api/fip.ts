// FIp (kube-dc.com/v1): 1:1 NAT between an external address and one internal address.
import { Type, type Static } from 'typebox';
import { addressListText } from './cel.ts';
import { conditionsSchema } from './condition.ts';
import { checkAddresses } from './field.ts';
import type { Finding } from './finding.ts';
import type { KubernetesObject } from './metadata.ts';
import type { KindRules } from './rule.ts';
import { word, type Immutable } from './schema.ts';

export const fipSpecSchema = Type.Object(
  {
    ipAddress: Type.Optional(
      Type.String({
        ...addressListText,
        description:
          'The internal address, for example 10.0.10.171, or one of each family: 10.0.10.171,fd00:10::171.',
      }),
    ),
    vmTarget: Type.Optional(
      Type.Object(
        {
          vmName: Type.String({
            description: 'Name of a VirtualMachine or VirtualMachineInstance in the same namespace.',
          }),
          interfaceName: Type.Optional(
            Type.String({
              description:
                'Name of one of its interfaces, or what the guest calls it. Absent: the one in the network of the project.',
            }),
          ),
        },
        { description: 'The internal address is that of a virtual machine.' },
      ),
    ),
    eip: Type.Optional(
      Type.String({
        description: 'Name of an EIp in the same namespace that nobody else uses. Absent: one is made.',
      }),
    ),
    externalNetworkType: Type.Optional(
      word(['public', 'cloud'], {
        description:
          'Type of the external network that the address is taken from when no eip is named. Absent: the configured default. Immutable.',
      }),
    ),
  },
  { default: {}, description: 'Which external address stands for which internal one.' },
);

export const fipStatusSchema = Type.Object(
  {
    eip: Type.Optional(Type.String({ description: 'Name of the EIp in use.' })),
    externalIP: Type.Optional(Type.String({ description: 'The external address, or one of each family.' })),
    ovnFip: Type.Optional(Type.String({ description: 'Name of the NAT in OVN: {namespace}-{name}.' })),
    resolvedTargetIP: Type.Optional(
      Type.String({ description: 'The internal address, or one of each family.' }),
    ),
    targetVMInterface: Type.Optional(
      Type.Object(
        {
          vmName: Type.String(),
          interfaceName: Type.String(),
          ipAddress: Type.String(),
          mac: Type.Optional(Type.String()),
        },
        { description: 'The interface that spec.vmTarget stands for.' },
      ),
    ),
    ready: Type.Boolean({
      default: false,
      description: 'True when the translation is programmed and realised.',
    }),
    conditions: conditionsSchema(),
  },
  { default: {}, description: 'The addresses in use.' },
);

export type FIpSpec = Immutable<Static<typeof fipSpecSchema>>;
export type FIpStatus = Immutable<Static<typeof fipStatusSchema>>;

export interface FIp extends KubernetesObject<'kube-dc.com/v1', 'FIp'> {
  readonly spec: FIpSpec;
  readonly status: FIpStatus;
}

export const fipRules: KindRules<FIpSpec> = {
  immutable: ['externalNetworkType'],
  rules: [
    {
      field: 'eip',
      rule: '(has(self.eip) && self.eip != "") ? !has(self.externalNetworkType) || self.externalNetworkType == "" : true',
      message: 'eip and externalNetworkType cannot be set at the same time',
      hint: 'remove one of them: an EIp has its type already',
      holds: (spec) => spec.eip === undefined || spec.externalNetworkType === undefined,
    },
    {
      field: 'ipAddress',
      rule: '(has(self.ipAddress) && self.ipAddress != "") ? !has(self.vmTarget) : true',
      message: 'ipAddress and vmTarget cannot be set at the same time',
      hint: 'remove one of them',
      holds: (spec) => spec.ipAddress === undefined || spec.vmTarget === undefined,
    },
    {
      field: '',
      rule: 'has(self.ipAddress) || has(self.vmTarget)',
      message: 'either ipAddress or vmTarget must be specified',
      hint: 'name the internal address, or the virtual machine that has it',
      holds: (spec) => spec.ipAddress !== undefined || spec.vmTarget !== undefined,
    },
  ],
};

/** What is wrong with the values of a FIp, apart from {@link fipRules}. */
export function checkFIp({ spec }: Pick<FIp, 'spec'>): Finding[] {
  return spec.ipAddress === undefined ? [] : checkAddresses('spec.ipAddress', spec.ipAddress);
}
