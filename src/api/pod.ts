// Pod (v1): where a workload runs, the names of its ports, and whether it is ready.
import { Type, type Static } from 'typebox';
import type { KubernetesObject } from './metadata.ts';
import { word, type Immutable } from './schema.ts';

const containerSchema = Type.Object({
  name: Type.String({ default: '' }),
  ports: Type.Array(
    Type.Object({
      name: Type.Optional(Type.String()),
      containerPort: Type.Integer({ minimum: 1, maximum: 65_535 }),
      protocol: word(['TCP', 'UDP', 'SCTP'], { default: 'TCP' }),
    }),
    { default: [] },
  ),
});

export const podSpecSchema = Type.Object(
  {
    nodeName: Type.Optional(Type.String()),
    hostNetwork: Type.Boolean({ default: false }),
    containers: Type.Array(containerSchema, { default: [] }),
  },
  { default: {} },
);

export const podStatusSchema = Type.Object(
  {
    /** `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`; absent in a manifest. */
    phase: Type.Optional(Type.String()),
    podIP: Type.Optional(Type.String()),
    podIPs: Type.Array(Type.Object({ ip: Type.String() }), { default: [] }),
    conditions: Type.Array(Type.Object({ type: Type.String(), status: word(['True', 'False', 'Unknown']) }), {
      default: [],
    }),
  },
  { default: {} },
);

export type PodSpec = Immutable<Static<typeof podSpecSchema>>;
export type PodStatus = Immutable<Static<typeof podStatusSchema>>;

export interface Pod extends KubernetesObject<'v1', 'Pod'> {
  readonly spec: PodSpec;
  readonly status: PodStatus;
}
