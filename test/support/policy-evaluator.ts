// What NetworkPolicies allow, from the API documentation alone: slow, obvious, and without a line of the program's.
import { BlockList, isIPv4 } from 'node:net';

type Labels = Readonly<Record<string, string>>;

export interface RawSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}
export interface RawPeer {
  readonly podSelector?: RawSelector;
  readonly namespaceSelector?: RawSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}
export interface RawPort {
  readonly protocol?: string | undefined;
  readonly port?: number | string | undefined;
  readonly endPort?: number | undefined;
}
type RawRule<Peers extends string> = { readonly [Field in Peers]?: readonly RawPeer[] | undefined } & {
  readonly ports?: readonly RawPort[] | undefined;
};
export interface RawPolicy {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly podSelector?: RawSelector | undefined;
    readonly policyTypes?: readonly string[] | undefined;
    readonly ingress?: readonly RawRule<'from'>[] | undefined;
    readonly egress?: readonly RawRule<'to'>[] | undefined;
  };
}

/** One end of a connection. `pod` undefined: somebody outside. */
export interface End {
  readonly address: string;
  readonly pod?: {
    readonly namespace: string;
    readonly name: string;
    readonly labels: Labels;
    readonly ports: readonly {
      readonly name: string;
      readonly protocol: string;
      readonly containerPort: number;
    }[];
  };
}

export interface Connection {
  readonly from: End;
  readonly to: End;
  /** `ICMP` stands for all that has no ports. */
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'ICMP';
  readonly port: number;
}

export interface Cluster {
  readonly policies: readonly RawPolicy[];
  /** Labels of each namespace, its name among them. */
  readonly namespaces: ReadonlyMap<string, Labels>;
}

/** "For a connection from a source pod to a destination pod to be allowed, both the egress policy on the source pod and
 * the ingress policy on the destination pod need to allow the connection." */
export function isAllowed(connection: Connection, cluster: Cluster): boolean {
  return passes('Egress', connection, cluster) && passes('Ingress', connection, cluster);
}

const passes = (type: 'Ingress' | 'Egress', connection: Connection, cluster: Cluster): boolean =>
  tenantVerdict(type, connection, cluster) ?? true;

/** Undefined: no NetworkPolicy isolates the pod in that direction, "by default, a pod is non-isolated". */
export function tenantVerdict(
  type: 'Ingress' | 'Egress',
  connection: Connection,
  cluster: Pick<Cluster, 'policies' | 'namespaces'>,
): boolean | undefined {
  const [subject, other] =
    type === 'Ingress' ? [connection.to, connection.from] : [connection.from, connection.to];
  const { pod } = subject;
  if (pod === undefined) return undefined;
  const applying = cluster.policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace &&
      selects(spec.podSelector ?? {}, pod.labels) &&
      typesOf(spec).includes(type),
  );
  // "Network policies do not conflict; they are additive."
  if (applying.length === 0) return undefined;
  return applying.some(({ metadata, spec }) =>
    (type === 'Ingress' ? (spec.ingress ?? []) : (spec.egress ?? [])).some((rule) => {
      const peers = ('from' in rule ? rule.from : 'to' in rule ? rule.to : undefined) ?? [];
      const ports = rule.ports ?? [];
      return (
        (peers.length === 0 || peers.some((peer) => isPeer(peer, other, metadata.namespace, cluster))) &&
        (ports.length === 0 || ports.some((port) => isPort(port, connection)))
      );
    }),
  );
}

/** "If no policyTypes are specified … then by default Ingress will always be set and Egress will be set if the
 * NetworkPolicy has any egress rules." */
function typesOf({ policyTypes, egress }: RawPolicy['spec']): readonly string[] {
  if (policyTypes !== undefined && policyTypes.length > 0) return policyTypes;
  return egress !== undefined && egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
}

function isPeer(
  peer: RawPeer,
  { address, pod }: End,
  namespace: string,
  { namespaces }: Pick<Cluster, 'namespaces'>,
): boolean {
  if (peer.ipBlock !== undefined) {
    const { cidr, except = [] } = peer.ipBlock;
    return inBlock(address, cidr) && !except.some((hole) => inBlock(address, hole));
  }
  if (pod === undefined) return false;
  const isNamespace =
    peer.namespaceSelector === undefined
      ? pod.namespace === namespace
      : selects(peer.namespaceSelector, namespaces.get(pod.namespace) ?? {});
  return isNamespace && (peer.podSelector === undefined || selects(peer.podSelector, pod.labels));
}

export function inBlock(address: string, cidr: string): boolean {
  const [base = '', length = ''] = cidr.split('/');
  const family = isIPv4(base) ? 'ipv4' : 'ipv6';
  if (isIPv4(address) !== isIPv4(base)) return false;
  const list = blocks.get(cidr) ?? new BlockList();
  if (!blocks.has(cidr)) list.addSubnet(base, Number(length), family);
  blocks.set(cidr, list);
  return list.check(address, family);
}

const blocks = new Map<string, BlockList>();

/** A name is that of a port of the pod that is connected to. */
function isPort({ protocol = 'TCP', port, endPort }: RawPort, connection: Connection): boolean {
  if (protocol !== connection.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === 'string')
    return (connection.to.pod?.ports ?? []).some(
      (one) => one.name === port && one.protocol === protocol && one.containerPort === connection.port,
    );
  return connection.port >= port && connection.port <= (endPort ?? port);
}

export function selects({ matchLabels = {}, matchExpressions = [] }: RawSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      if (operator === 'In') return value !== undefined && values.includes(value);
      if (operator === 'NotIn') return value === undefined || !values.includes(value);
      return (value !== undefined) === (operator === 'Exists');
    })
  );
}
