// Project (kube-dc.com/v1): a tenant's network. It lives in the namespace of its organization.
import { Type, type Static } from 'typebox';
import { conditionsSchema } from './condition.ts';
import type { KubernetesObject } from './metadata.ts';
import { word, type Immutable } from './schema.ts';

export const projectSpecSchema = Type.Object(
  {
    cidrBlock: Type.Optional(
      Type.String({
        description:
          'IPv4 range of the project, for example 10.0.10.0/24. Absent: the next free block of the configured project range.',
      }),
    ),
    egressNetworkType: Type.Optional(
      word(['public', 'cloud'], {
        description:
          'Type of the external network that the project leaves by. Absent: the configured default. Immutable.',
      }),
    ),
    gwLanIp: Type.Optional(
      Type.String({
        description: 'Address of the gateway inside cidrBlock. Absent: the first usable address.',
      }),
    ),
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
