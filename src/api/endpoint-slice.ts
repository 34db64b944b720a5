// EndpointSlice (discovery.k8s.io/v1): who answers for a Service. It names its Service in a label.
import { Type, type Static } from 'typebox';
import { parseAddress } from '../net/address.ts';
import { fieldPath, finding, type Finding } from './finding.ts';
import type { KubernetesObject } from './metadata.ts';
import { word, type Immutable } from './schema.ts';

/** Label of an EndpointSlice that holds the name of its Service. */
export const serviceNameLabel = 'kubernetes.io/service-name';

const endpointSchema = Type.Object({
  addresses: Type.Array(Type.String(), { default: [] }),
  conditions: Type.Object(
    {
      /** Kubernetes: absent means "unknown, treat as ready". */
      ready: Type.Boolean({ default: true }),
      /** Absent: the same as `ready`. */
      serving: Type.Optional(Type.Boolean()),
      terminating: Type.Boolean({ default: false }),
    },
    { default: {} },
  ),
  hostname: Type.Optional(Type.String()),
  nodeName: Type.Optional(Type.String()),
  targetRef: Type.Optional(
    Type.Object({
      kind: Type.Optional(Type.String()),
      namespace: Type.Optional(Type.String()),
      name: Type.Optional(Type.String()),
      uid: Type.Optional(Type.String()),
    }),
  ),
});

const endpointPortSchema = Type.Object({
  /** Absent or empty: the Service's only, unnamed port. */
  name: Type.String({ default: '' }),
  protocol: word(['TCP', 'UDP', 'SCTP'], { default: 'TCP' }),
  port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  appProtocol: Type.Optional(Type.String()),
});

/** The body of the object: an EndpointSlice has no `spec`. */
export const endpointSliceBodySchema = Type.Object({
  addressType: word(['IPv4', 'IPv6', 'FQDN']),
  endpoints: Type.Array(endpointSchema, { default: [] }),
  ports: Type.Array(endpointPortSchema, { default: [] }),
});

export interface EndpointSlice
  extends
    KubernetesObject<'discovery.k8s.io/v1', 'EndpointSlice'>,
    Immutable<Static<typeof endpointSliceBodySchema>> {}

/** What is wrong with the addresses of an EndpointSlice. */
export function checkEndpointSlice({
  addressType,
  endpoints,
}: Pick<EndpointSlice, 'addressType' | 'endpoints'>): Finding[] {
  if (addressType === 'FQDN') return [];
  const family = addressType === 'IPv4' ? 4 : 6;
  return endpoints.flatMap(({ addresses }, index) =>
    addresses.flatMap((text, at) => {
      if (parseAddress(text)?.family === family) return [];
      const path = fieldPath(`${fieldPath('endpoints', index)}.addresses`, at);
      const message = `${JSON.stringify(text)} is not an ${addressType} address`;
      return [finding('Invalid', path, message, 'write addresses of the type that addressType names')];
    }),
  );
}
