// Policies of the platform (policy.networking.k8s.io): ClusterNetworkPolicy, and the two kinds that it replaces.
import { Type, type Static } from 'typebox';
import { conditionsSchema } from './condition.ts';
import { labelSelectorSchema } from './label-selector.ts';
import type { LabelSelector } from './label-selector.ts';
import type { KubernetesObject } from './metadata.ts';
import type { PolicyDirection, PolicyPort } from './network-policy.ts';
import type { Immutable } from './schema.ts';

const selector = () => Type.Optional(labelSelectorSchema);
const everything = () => Type.Object(labelSelectorSchema.properties, { default: {} });
const text = () => Type.String({ default: '' });

const selectionSchema = {
  namespaces: selector(),
  pods: Type.Optional(Type.Object({ namespaceSelector: everything(), podSelector: everything() })),
};
const peerSchema = Type.Object({
  ...selectionSchema,
  nodes: selector(),
  networks: Type.Optional(Type.Array(Type.String())),
  domainNames: Type.Optional(Type.Array(Type.String())),
});

/** What stands under `tcp`, `udp` or `sctp`; without a port every port is meant. */
const transportSchema = Type.Object({
  destinationPort: Type.Optional(
    Type.Object({
      number: Type.Optional(Type.Integer()),
      range: Type.Optional(Type.Object({ start: Type.Integer(), end: Type.Integer() })),
    }),
  ),
});
const protocolSchema = Type.Object({
  tcp: Type.Optional(transportSchema),
  udp: Type.Optional(transportSchema),
  sctp: Type.Optional(transportSchema),
  destinationNamedPort: Type.Optional(Type.String()),
});
const portSchema = Type.Object({
  portNumber: Type.Optional(Type.Object({ protocol: Type.String({ default: 'TCP' }), port: Type.Integer() })),
  namedPort: Type.Optional(Type.String()),
  portRange: Type.Optional(
    Type.Object({ protocol: Type.String({ default: 'TCP' }), start: Type.Integer(), end: Type.Integer() }),
  ),
});

const peers = () => Type.Array(peerSchema, { default: [] });
const protocols = () => Type.Array(protocolSchema, { default: [] });
const ports = () => Type.Array(portSchema, { default: [] });
const words = () => ({ name: text(), action: text() });

const subject = () => Type.Object(selectionSchema, { default: {} });

const withPorts = () => ({
  ingress: Type.Array(Type.Object({ ...words(), from: peers(), ports: ports() }), { default: [] }),
  egress: Type.Array(Type.Object({ ...words(), to: peers(), ports: ports() }), { default: [] }),
});

/** Values are checked where they are used (`platform-findings.ts`): a rule with a mistake in it is still a rule. */
export const clusterNetworkPolicySpecSchema = Type.Object(
  {
    tier: text(),
    priority: Type.Integer({ default: 0 }),
    subject: subject(),
    ingress: Type.Array(Type.Object({ ...words(), from: peers(), protocols: protocols() }), { default: [] }),
    egress: Type.Array(Type.Object({ ...words(), to: peers(), protocols: protocols() }), { default: [] }),
  },
  { default: {} },
);
export const adminNetworkPolicySpecSchema = Type.Object(
  { priority: Type.Integer({ default: 0 }), subject: subject(), ...withPorts() },
  { default: {} },
);
export const baselineAdminNetworkPolicySpecSchema = Type.Object(
  { subject: subject(), ...withPorts() },
  { default: {} },
);
export const platformPolicyStatusSchema = Type.Object({ conditions: conditionsSchema() }, { default: {} });

type Status = Immutable<Static<typeof platformPolicyStatusSchema>>;
type Protocol = Immutable<Static<typeof protocolSchema>>;
type Port = Immutable<Static<typeof portSchema>>;
export type PlatformPeer = Immutable<Static<typeof peerSchema>>;

export interface ClusterNetworkPolicy extends KubernetesObject<
  'policy.networking.k8s.io/v1alpha2',
  'ClusterNetworkPolicy'
> {
  readonly spec: Immutable<Static<typeof clusterNetworkPolicySpecSchema>>;
  readonly status: Status;
}
export interface AdminNetworkPolicy extends KubernetesObject<
  'policy.networking.k8s.io/v1alpha1',
  'AdminNetworkPolicy'
> {
  readonly spec: Immutable<Static<typeof adminNetworkPolicySpecSchema>>;
  readonly status: Status;
}
export interface BaselineAdminNetworkPolicy extends KubernetesObject<
  'policy.networking.k8s.io/v1alpha1',
  'BaselineAdminNetworkPolicy'
> {
  readonly spec: Immutable<Static<typeof baselineAdminNetworkPolicySpecSchema>>;
  readonly status: Status;
}
export type PlatformPolicy = ClusterNetworkPolicy | AdminNetworkPolicy | BaselineAdminNetworkPolicy;

export const platformKinds = [
  'ClusterNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
] as const satisfies readonly PlatformPolicy['kind'][];

export function isPlatformPolicy<T extends { readonly kind: string }>(
  object: T,
): object is Extract<T, PlatformPolicy> {
  return platformKinds.some((kind) => kind === object.kind);
}

/** `admin` goes before the policies of tenants, `baseline` is for whom none of those is. */
export type PlatformTier = 'admin' | 'baseline';

/** A rule of any of the kinds, in one form. */
export interface PlatformRule {
  readonly direction: PolicyDirection;
  /** Where it is written: `ingress[0]`. */
  readonly rule: string;
  /** Empty: it has none. */
  readonly name: string;
  /** Undefined: a word that none of these is. */
  readonly action: 'allow' | 'deny' | 'pass' | undefined;
  readonly peers: readonly PlatformPeer[];
  /** Empty: everything. A part that names no port, or several, is undefined. */
  readonly ports: readonly (readonly PolicyPort[] | undefined)[];
}

/** Undefined: a word that is none. */
export function tierOf(policy: PlatformPolicy): PlatformTier | undefined {
  if (policy.kind === 'AdminNetworkPolicy') return 'admin';
  if (policy.kind === 'BaselineAdminNetworkPolicy') return 'baseline';
  const { tier } = policy.spec;
  return tier === 'Admin' ? 'admin' : tier === 'Baseline' ? 'baseline' : undefined;
}

/** The lower one goes first. A BaselineAdminNetworkPolicy, which has none, comes after all others: 1001. */
export function priorityOf(policy: PlatformPolicy): number {
  return policy.kind === 'BaselineAdminNetworkPolicy' ? 1001 : policy.spec.priority;
}

/** Words for what a rule does. Source: network-policy-api v1alpha1, v1alpha2. */
export function actionsOf({ kind }: PlatformPolicy): readonly string[] {
  if (kind === 'ClusterNetworkPolicy') return ['Accept', 'Deny', 'Pass'];
  return kind === 'AdminNetworkPolicy' ? ['Allow', 'Deny', 'Pass'] : ['Allow', 'Deny'];
}

/** Rules of both directions, those of one in their order. */
export function platformRules(policy: PlatformPolicy): readonly PlatformRule[] {
  const known = actionsOf(policy);
  const rule = (
    direction: PolicyDirection,
    index: number,
    written: { readonly name: string; readonly action: string },
    to: readonly PlatformPeer[],
    portList: PlatformRule['ports'],
  ): PlatformRule => {
    const action = known.includes(written.action) ? meant[written.action] : undefined;
    return {
      direction,
      rule: `${direction}[${index}]`,
      name: written.name,
      action,
      peers: to,
      ports: portList,
    };
  };
  if (policy.kind === 'ClusterNetworkPolicy') {
    const { ingress, egress } = policy.spec;
    return [
      ...ingress.map((one, index) => rule('ingress', index, one, one.from, one.protocols.map(protocolPorts))),
      ...egress.map((one, index) => rule('egress', index, one, one.to, one.protocols.map(protocolPorts))),
    ];
  }
  const { ingress, egress } = policy.spec;
  return [
    ...ingress.map((one, index) => rule('ingress', index, one, one.from, one.ports.map(plainPorts))),
    ...egress.map((one, index) => rule('egress', index, one, one.to, one.ports.map(plainPorts))),
  ];
}

const meant: Readonly<Record<string, PlatformRule['action']>> = {
  Accept: 'allow',
  Allow: 'allow',
  Deny: 'deny',
  Pass: 'pass',
};

/** A name goes without a protocol: whatever the container says. */
const anyProtocol = (port: string): readonly PolicyPort[] =>
  ['TCP', 'UDP', 'SCTP'].map((protocol) => ({ protocol, port }));

function protocolPorts({
  destinationNamedPort: name,
  ...transports
}: Protocol): readonly PolicyPort[] | undefined {
  const forms = Object.entries(transports).map(([protocol, { destinationPort }]) => ({
    protocol: protocol.toUpperCase(),
    destinationPort,
  }));
  const [form, ...more] = forms;
  if (form === undefined) return name === undefined ? undefined : anyProtocol(name);
  if (more.length > 0 || name !== undefined) return undefined;
  const { protocol, destinationPort } = form;
  if (destinationPort === undefined) return [{ protocol }];
  const { number, range } = destinationPort;
  if (range === undefined) return number === undefined ? undefined : [{ protocol, port: number }];
  return number === undefined ? [{ protocol, port: range.start, endPort: range.end }] : undefined;
}

function plainPorts({ portNumber, namedPort, portRange }: Port): readonly PolicyPort[] | undefined {
  const forms = [
    ...(portNumber === undefined ? [] : [[portNumber]]),
    ...(namedPort === undefined ? [] : [anyProtocol(namedPort)]),
    ...(portRange === undefined
      ? []
      : [[{ protocol: portRange.protocol, port: portRange.start, endPort: portRange.end }]]),
  ];
  return forms.length === 1 ? forms[0] : undefined;
}

/** The selectors of a subject, or of a peer that is pods; undefined: it has none, or both. */
export function selectorsOf({
  namespaces,
  pods,
}: Pick<PlatformPeer, 'namespaces' | 'pods'>):
  { readonly namespaces: LabelSelector; readonly pods: LabelSelector | undefined } | undefined {
  if (namespaces !== undefined) return pods === undefined ? { namespaces, pods: undefined } : undefined;
  return pods && { namespaces: pods.namespaceSelector, pods: pods.podSelector };
}
