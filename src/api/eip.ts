// EIp (kube-dc.com/v1): one address of an external network, held by a project.
import { Type, type Static } from 'typebox';
import { addressListText, labelText } from './cel.ts';
import { conditionsSchema } from './condition.ts';
import { checkAddresses } from './field.ts';
import type { Finding } from './finding.ts';
import type { KubernetesObject } from './metadata.ts';
import { checkLabel } from './name-field.ts';
import type { KindRules } from './rule.ts';
import { word, type Immutable } from './schema.ts';

export const eipSpecSchema = Type.Object(
  {
    externalNetworkType: Type.Optional(
      Type.String({
        ...labelText('a type of network'),
        description:
          'Type of the external network that the address is taken from, for example public or cloud. Absent: the configured default. Immutable.',
      }),
    ),
    childRef: Type.Optional(
      Type.String({
        description:
          'Adopts an address by its name {vpc}-{external network} instead of asking for a new one, for example shalb-demo-ext-cloud. Immutable.',
      }),
    ),
    ipAddress: Type.Optional(
      Type.String({
        ...addressListText,
        description:
          'Asks for this address of the external network, or one of each family: 100.65.0.102,2001:db8:65::102. Absent, as a whole or for a family: any free one. Immutable.',
      }),
    ),
  },
  { default: {}, description: 'Which address is wanted.' },
);

export const eipStatusSchema = Type.Object(
  {
    ipAddress: Type.Optional(Type.String({ description: 'The address held, or one of each family.' })),
    ovnEIpRef: Type.Optional(
      Type.String({
        description: 'Name of the address in OVN: {vpc}-{external network} or {namespace}-{name}.',
      }),
    ),
    ownershipType: word(['Released', 'Exclusive', 'Shared'], {
      default: 'Released',
      description: 'Released: nobody uses it. Shared: SNAT and Services do. Exclusive: one FIp does.',
    }),
    owners: Type.Array(
      Type.Object({ type: Type.Optional(Type.String()), ownerRef: Type.Optional(Type.String()) }),
      { default: [], description: 'Who uses it: type Snat, ServiceLb or FIp, and the name of the object.' },
    ),
    deleteReleased: Type.Optional(
      Type.Boolean({
        description: 'True for an EIp that was made for a Service or FIp: it goes when nobody uses it.',
      }),
    ),
    ready: Type.Boolean({ default: false, description: 'True when the address is held and usable.' }),
    conditions: conditionsSchema(),
  },
  { default: {}, description: 'The address held and who uses it.' },
);

export type EIpSpec = Immutable<Static<typeof eipSpecSchema>>;
export type EIpStatus = Immutable<Static<typeof eipStatusSchema>>;

export interface EIp extends KubernetesObject<'kube-dc.com/v1', 'EIp'> {
  readonly spec: EIpSpec;
  readonly status: EIpStatus;
}

/** Name of the EIp of a project that its traffic leaves through. */
export const defaultGatewayEIpName = 'default-gw';

export const eipRules: KindRules<EIpSpec> = {
  immutable: ['externalNetworkType', 'childRef', 'ipAddress'],
  rules: [
    {
      field: 'childRef',
      rule: '(has(self.externalNetworkType) && self.externalNetworkType != "") ? !has(self.childRef) || self.childRef == "" : true',
      message: 'externalNetworkType and childRef cannot be set at the same time',
      hint: 'remove one of them',
      holds: (spec) => spec.externalNetworkType === undefined || spec.childRef === undefined,
    },
    {
      field: 'ipAddress',
      rule: '(has(self.ipAddress) && self.ipAddress != "") ? !has(self.childRef) || self.childRef == "" : true',
      message: 'ipAddress and childRef cannot be set at the same time',
      hint: 'remove one of them: childRef names an address that is there already',
      holds: (spec) => spec.ipAddress === undefined || spec.childRef === undefined,
    },
  ],
};

/** What is wrong with the values of an EIp, apart from {@link eipRules}. */
export function checkEIp({ spec }: Pick<EIp, 'spec'>): Finding[] {
  const { externalNetworkType, ipAddress } = spec;
  return [
    ...(externalNetworkType === undefined
      ? []
      : checkLabel('spec.externalNetworkType', externalNetworkType, 'a type of network')),
    ...(ipAddress === undefined ? [] : checkAddresses('spec.ipAddress', ipAddress)),
  ];
}
