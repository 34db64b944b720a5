// Project (kube-dc.com/v1): a tenant's network. It lives in the namespace of its organization.
import { Type, type Static } from 'typebox';
import { checkIsolation } from './allowlist.ts';
import { addressListText, gatewayInRange, labelText, subnetPrefixText } from './cel.ts';
import { conditionsSchema } from './condition.ts';
import { checkGateways, checkSubnetPrefixes } from './field.ts';
import { finding, type Finding } from './finding.ts';
import { checkLabel } from './name-field.ts';
import type { KubernetesObject } from './metadata.ts';
import type { KindRules } from './rule.ts';
import { word, type Immutable } from './schema.ts';
import { checkSubnetAcls, subnetAclsSchema } from './subnet-acl.ts';

/** Network, broadcast, gateway, one workload and one further router fit into a /29 or a /125. */
const lengthLimits = { 4: { shortest: 8, longest: 29 }, 6: { shortest: 8, longest: 125 } };

export const projectSpecSchema = Type.Object(
  {
    cidrBlock: Type.Optional(
      Type.String({
        ...subnetPrefixText(lengthLimits),
        description:
          'Range of the project, for example 10.0.10.0/24, or one of each family: 10.0.10.0/24,fd00:10::/64. Absent: the next free block of the configured project range.',
      }),
    ),
    vpc: Type.Optional(
      Type.String({
        ...labelText('the name of a Vpc'),
        description:
          'Name of a Vpc of the platform in which the project has its subnet, behind walls that spec.openings of the Vpc opens. The Vpc has to list the organization in spec.organizations. Absent: the project has a VPC of its own. Immutable.',
      }),
    ),
    egressNetworkType: Type.Optional(
      word(['public', 'cloud'], {
        description:
          'Type of the external network that the project leaves by, in a Vpc that of one of its externalNetworks. Absent: the configured default, in a Vpc the first of them. Immutable.',
      }),
    ),
    gwLanIp: Type.Optional(
      Type.String({
        ...addressListText,
        description:
          'Address of the gateway inside cidrBlock, or one of each family. Absent, as a whole or for a family: the first usable address.',
      }),
    ),
    subnetAcls: subnetAclsSchema(),
  },
  { default: {}, description: 'What the network of the project should be.' },
);

export const projectStatusSchema = Type.Object(
  {
    namespace: Type.Optional(Type.String({ description: 'Backing namespace: {organization}-{project}.' })),
    cidrBlock: Type.Optional(
      Type.String({ description: 'The range in use, also where spec.cidrBlock is absent.' }),
    ),
    ready: Type.Boolean({ default: false, description: 'True when the network is programmed and realised.' }),
    conditions: conditionsSchema(),
  },
  { default: {}, description: 'What the network of the project is.' },
);

export type ProjectSpec = Immutable<Static<typeof projectSpecSchema>>;
export type ProjectStatus = Immutable<Static<typeof projectStatusSchema>>;

export interface Project extends KubernetesObject<'kube-dc.com/v1', 'Project'> {
  readonly spec: ProjectSpec;
  readonly status: ProjectStatus;
}

/**
 * Namespace in which the project's workloads, EIps, FIps and Services live, and the name of its VPC:
 * `{organization}-{project}`, for example `shalb-demo`. Not injective: `shalb-a`/`b` and `shalb`/`a-b` share one.
 */
export function backingNamespace(project: {
  readonly metadata: { readonly namespace: string; readonly name: string };
}): string {
  return `${project.metadata.namespace}-${project.metadata.name}`;
}

export const projectRules: KindRules<ProjectSpec> = {
  immutable: ['egressNetworkType', 'vpc'],
  rules: [
    {
      field: 'gwLanIp',
      rule: '!has(self.gwLanIp) || self.gwLanIp == "" || (has(self.cidrBlock) && self.cidrBlock != "")',
      message: 'gwLanIp needs cidrBlock',
      hint: 'name the range that it is an address of, or leave gwLanIp out',
      holds: (spec) => spec.gwLanIp === undefined || spec.cidrBlock !== undefined,
    },
  ],
  cel: [gatewayInRange('gwLanIp', 'cidrBlock')],
};

/** What is wrong with the values of a Project, apart from {@link projectRules}. */
export function checkProject({ metadata, spec }: Pick<Project, 'metadata' | 'spec'>): Finding[] {
  const { cidrBlock, gwLanIp, subnetAcls, vpc } = spec;
  const found = [
    ...checkBackingNamespace(backingNamespace({ metadata })),
    ...checkIsolation({ metadata }),
    ...checkSubnetAcls('spec.subnetAcls', subnetAcls),
  ];
  if (vpc !== undefined) found.push(...checkLabel('spec.vpc', vpc, 'the name of a Vpc'));
  if (cidrBlock === undefined) return found;
  found.push(...checkSubnetPrefixes('spec.cidrBlock', cidrBlock, lengthLimits));
  if (gwLanIp !== undefined) found.push(...checkGateways('spec.gwLanIp', gwLanIp, cidrBlock));
  return found;
}

/** Both names are DNS labels; together they must still be one. */
function checkBackingNamespace(name: string): Finding[] {
  if (name.length <= 63) return [];
  const message = `the backing namespace ${name} has ${name.length} characters, and a namespace has at most 63`;
  return [
    finding('Invalid', 'metadata.name', message, 'shorten the name of the project or of its organization'),
  ];
}
