// The kinds of others that routes are made of: what serves them, and in which versions.

export type ForeignKind =
  | 'Gateway'
  | 'ListenerSet'
  | 'XListenerSet'
  | 'HTTPRoute'
  | 'GRPCRoute'
  | 'TLSRoute'
  | 'ReferenceGrant'
  | 'Certificate'
  | 'Issuer'
  | 'ClusterIssuer'
  | 'Backend';

export interface ForeignKindDefinition {
  /** As it stands in the paths of the API server. */
  readonly plural: string;
  readonly group: string;
  /** Those that can be written and read here, best first. */
  readonly versions: readonly string[];
  readonly isNamespaced: boolean;
  /** Whose definitions bring the kind. */
  readonly project: string;
}

export const gatewayGroup = 'gateway.networking.k8s.io';
export const backendGroup = 'gateway.envoyproxy.io';
export const certificateGroup = 'cert-manager.io';

const gatewayApi = { group: gatewayGroup, isNamespaced: true, project: 'Gateway API' };
const certManager = {
  group: certificateGroup,
  isNamespaced: true,
  project: 'cert-manager',
  versions: ['v1'],
};

/** Source: the CustomResourceDefinitions of Gateway API 1.0 to 1.5, cert-manager 1.x and Envoy Gateway 1.x. */
export const foreignKinds: Readonly<Record<ForeignKind, ForeignKindDefinition>> = {
  Gateway: { ...gatewayApi, plural: 'gateways', versions: ['v1', 'v1beta1'] },
  ListenerSet: { ...gatewayApi, plural: 'listenersets', versions: ['v1'] },
  XListenerSet: {
    ...gatewayApi,
    group: 'gateway.networking.x-k8s.io',
    plural: 'xlistenersets',
    versions: ['v1alpha1'],
  },
  HTTPRoute: { ...gatewayApi, plural: 'httproutes', versions: ['v1', 'v1beta1'] },
  GRPCRoute: { ...gatewayApi, plural: 'grpcroutes', versions: ['v1', 'v1alpha2'] },
  TLSRoute: { ...gatewayApi, plural: 'tlsroutes', versions: ['v1', 'v1alpha3', 'v1alpha2'] },
  ReferenceGrant: { ...gatewayApi, plural: 'referencegrants', versions: ['v1', 'v1beta1'] },
  Certificate: { ...certManager, plural: 'certificates' },
  Issuer: { ...certManager, plural: 'issuers' },
  ClusterIssuer: { ...certManager, plural: 'clusterissuers', isNamespaced: false },
  Backend: {
    group: backendGroup,
    isNamespaced: true,
    project: 'Envoy Gateway',
    plural: 'backends',
    versions: ['v1alpha1'],
  },
};

export function isForeignKind(kind: string): kind is ForeignKind {
  return Object.hasOwn(foreignKinds, kind);
}

export const foreignKindNames: readonly ForeignKind[] = Object.keys(foreignKinds).filter(isForeignKind);

/** The best version of a kind among those that a server has, as an apiVersion; undefined: it has none. */
export function bestApiVersion(kind: ForeignKind, served: ReadonlySet<string>): string | undefined {
  const { group, versions } = foreignKinds[kind];
  return versions.map((version) => `${group}/${version}`).find((apiVersion) => served.has(apiVersion));
}
