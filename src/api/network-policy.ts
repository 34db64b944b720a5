// NetworkPolicy (networking.k8s.io/v1): which connections the pods of a namespace may have.
import { Type, type Static } from 'typebox';
import { labelSelectorSchema } from './label-selector.ts';
import type { KubernetesObject } from './metadata.ts';
import type { Immutable } from './schema.ts';

const policyPortSchema = Type.Object({
  protocol: Type.String({ default: 'TCP' }),
  /** A number, or the name of a port of the pod that is connected to. Absent: every port of the protocol. */
  port: Type.Optional(Type.Union([Type.Integer(), Type.String()])),
  endPort: Type.Optional(Type.Integer()),
});

const ipBlockSchema = Type.Object({
  cidr: Type.String({ default: '' }),
  except: Type.Array(Type.String(), { default: [] }),
});

const peerSchema = Type.Object({
  podSelector: Type.Optional(labelSelectorSchema),
  namespaceSelector: Type.Optional(labelSelectorSchema),
  ipBlock: Type.Optional(ipBlockSchema),
});

const peers = () => Type.Array(peerSchema, { default: [] });
const ports = () => Type.Array(policyPortSchema, { default: [] });

/** Values are checked where they are used (`policy-findings.ts`): what cannot be read of a wall is no gap in it. */
export const networkPolicySpecSchema = Type.Object(
  {
    /** Empty: every pod of the namespace. */
    podSelector: Type.Object(labelSelectorSchema.properties, { default: {} }),
    /** Empty: `Ingress`, and `Egress` where there are rules for it. */
    policyTypes: Type.Array(Type.String(), { default: [] }),
    ingress: Type.Array(Type.Object({ from: peers(), ports: ports() }), { default: [] }),
    egress: Type.Array(Type.Object({ to: peers(), ports: ports() }), { default: [] }),
  },
  { default: {} },
);

export type NetworkPolicySpec = Immutable<Static<typeof networkPolicySpecSchema>>;
export type PolicyPeer = Immutable<Static<typeof peerSchema>>;
export type PolicyPort = Immutable<Static<typeof policyPortSchema>>;
export type IpBlock = Immutable<Static<typeof ipBlockSchema>>;

export interface NetworkPolicy extends KubernetesObject<'networking.k8s.io/v1', 'NetworkPolicy'> {
  readonly spec: NetworkPolicySpec;
}

/** As seen from the pods that a policy is for. */
export type PolicyDirection = 'ingress' | 'egress';

/**
 * Directions in which its pods have only the connections that some policy allows. A word that is none may have been
 * meant for either. Source: Kubernetes API, NetworkPolicySpec.policyTypes.
 */
export function isolatedDirections({ policyTypes, egress }: NetworkPolicySpec): readonly PolicyDirection[] {
  if (policyTypes.length === 0) return egress.length > 0 ? ['ingress', 'egress'] : ['ingress'];
  const isClear = policyTypes.every((type) => type === 'Ingress' || type === 'Egress');
  return (['ingress', 'egress'] as const).filter(
    (direction) => !isClear || policyTypes.includes(direction === 'ingress' ? 'Ingress' : 'Egress'),
  );
}

/** The rules of one direction in one form. `peers` empty: everybody; `ports` empty: everything. */
export function rulesOf(
  { ingress, egress }: NetworkPolicySpec,
  direction: PolicyDirection,
): readonly { readonly peers: readonly PolicyPeer[]; readonly ports: readonly PolicyPort[] }[] {
  return direction === 'ingress'
    ? ingress.map(({ from, ports: allowed }) => ({ peers: from, ports: allowed }))
    : egress.map(({ to, ports: allowed }) => ({ peers: to, ports: allowed }));
}
