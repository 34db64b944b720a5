// Service (v1): the fields that decide about load balancing.
import { Type, type Static } from 'typebox';
import type { KubernetesObject } from './metadata.ts';
import { stringMap, word, type Immutable } from './schema.ts';

const portNumber = Type.Integer({ minimum: 1, maximum: 65_535 });

const servicePortSchema = Type.Object({
  name: Type.Optional(Type.String()),
  protocol: word(['TCP', 'UDP', 'SCTP'], { default: 'TCP' }),
  port: portNumber,
  /** Absent: the same as `port`. A string is the name of a port of the pod. */
  targetPort: Type.Optional(Type.Union([portNumber, Type.String({ minLength: 1 })])),
  nodePort: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  appProtocol: Type.Optional(Type.String()),
});

export const serviceSpecSchema = Type.Object(
  {
    type: word(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'], { default: 'ClusterIP' }),
    /** Empty: no selector, so somebody else keeps the EndpointSlices. */
    selector: stringMap(),
    ports: Type.Array(servicePortSchema, { default: [] }),
    clusterIP: Type.Optional(Type.String()),
    clusterIPs: Type.Array(Type.String(), { default: [] }),
    externalIPs: Type.Array(Type.String(), { default: [] }),
    loadBalancerIP: Type.Optional(Type.String()),
    loadBalancerClass: Type.Optional(Type.String()),
    loadBalancerSourceRanges: Type.Array(Type.String(), { default: [] }),
    sessionAffinity: word(['None', 'ClientIP'], { default: 'None' }),
    sessionAffinityConfig: Type.Optional(
      Type.Object({
        clientIP: Type.Optional(
          Type.Object({ timeoutSeconds: Type.Integer({ default: 10_800, minimum: 1, maximum: 86_400 }) }),
        ),
      }),
    ),
    externalTrafficPolicy: word(['Cluster', 'Local'], { default: 'Cluster' }),
    internalTrafficPolicy: word(['Cluster', 'Local'], { default: 'Cluster' }),
    publishNotReadyAddresses: Type.Boolean({ default: false }),
  },
  { default: {} },
);

export const serviceStatusSchema = Type.Object(
  {
    loadBalancer: Type.Object(
      {
        ingress: Type.Array(
          Type.Object({ ip: Type.Optional(Type.String()), hostname: Type.Optional(Type.String()) }),
          { default: [] },
        ),
      },
      { default: {} },
    ),
  },
  { default: {} },
);

export type ServicePort = Immutable<Static<typeof servicePortSchema>>;
export type ServiceSpec = Immutable<Static<typeof serviceSpecSchema>>;
export type ServiceStatus = Immutable<Static<typeof serviceStatusSchema>>;

export interface Service extends KubernetesObject<'v1', 'Service'> {
  readonly spec: ServiceSpec;
  readonly status: ServiceStatus;
}
