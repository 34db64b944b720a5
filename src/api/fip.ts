// FIp (kube-dc.com/v1): 1:1 NAT between an external address and one internal address.
import { Type, type Static } from 'typebox';
import { conditionsSchema } from './condition.ts';
import type { KubernetesObject } from './metadata.ts';
import { word, type Immutable } from './schema.ts';

export const fipSpecSchema = Type.Object(
  {
    ipAddress: Type.Optional(Type.String({ description: 'The internal address, for example 10.0.10.171.' })),
    vmTarget: Type.Optional(
      Type.Object(
        {
          vmName: Type.String({
            description: 'Name of a VirtualMachine or VirtualMachineInstance in the same namespace.',
          }),
          interfaceName: Type.Optional(
            Type.String({ description: 'Name of one of its interfaces. Absent: the first.' }),
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
    externalIP: Type.Optional(Type.String({ description: 'The external address.' })),
    ovnFip: Type.Optional(Type.String({ description: 'Name of the NAT in OVN: {namespace}-{name}.' })),
    resolvedTargetIP: Type.Optional(Type.String({ description: 'The internal address.' })),
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
