// What policies of the platform and NetworkPolicies allow together, from the documentation of the API alone.
import { inBlock, selects, tenantVerdict } from './policy-evaluator.ts';
import type { Cluster, Connection, End, RawSelector } from './policy-evaluator.ts';

type Type = 'Ingress' | 'Egress';

export interface RawPlatformPeer {
  readonly namespaces?: RawSelector;
  readonly pods?: { readonly namespaceSelector: RawSelector; readonly podSelector: RawSelector };
  readonly nodes?: RawSelector;
  readonly networks?: readonly string[];
  readonly domainNames?: readonly string[];
}
interface RawTransport {
  readonly destinationPort?: {
    readonly number?: number;
    readonly range?: { readonly start: number; readonly end: number };
  };
}
/** A port of either version of the API. */
export interface RawPlatformPort {
  readonly tcp?: RawTransport;
  readonly udp?: RawTransport;
  readonly sctp?: RawTransport;
  readonly destinationNamedPort?: string;
  readonly portNumber?: { readonly protocol?: string; readonly port: number };
  readonly portRange?: { readonly protocol?: string; readonly start: number; readonly end: number };
  readonly namedPort?: string;
}
export interface RawPlatformRule {
  readonly name?: string | undefined;
  readonly action: string;
  readonly from?: readonly RawPlatformPeer[];
  readonly to?: readonly RawPlatformPeer[];
  readonly protocols?: readonly RawPlatformPort[] | undefined;
  readonly ports?: readonly RawPlatformPort[] | undefined;
}
export interface RawPlatformPolicy {
  readonly apiVersion: string;
  readonly kind: 'ClusterNetworkPolicy' | 'AdminNetworkPolicy' | 'BaselineAdminNetworkPolicy';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly tier?: string;
    readonly priority?: number;
    readonly subject: Pick<RawPlatformPeer, 'namespaces' | 'pods'>;
    readonly ingress?: readonly RawPlatformRule[] | undefined;
    readonly egress?: readonly RawPlatformRule[] | undefined;
  };
}

export interface PlatformCluster extends Cluster {
  readonly platform: readonly RawPlatformPolicy[];
  readonly nodes: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly addresses: readonly string[];
  }[];
}

/** "Accept ensures traffic is accepted … but any ingress rules at the destination do apply." */
export function isAllowedByAll(connection: Connection, cluster: PlatformCluster): boolean {
  return passes('Egress', connection, cluster) && passes('Ingress', connection, cluster);
}

/** "Policy tiers are evaluated in the following order: Admin tier, NetworkPolicy tier, Baseline tier." */
function passes(type: Type, connection: Connection, cluster: PlatformCluster): boolean {
  return (
    tierVerdict('Admin', type, connection, cluster) ??
    tenantVerdict(type, connection, cluster) ??
    tierVerdict('Baseline', type, connection, cluster) ??
    // "the default kubernetes policy is applied, which says that all pods can communicate with each other"
    true
  );
}

/** Undefined: "skips all further rules in the current tier", or no rule matches. */
function tierVerdict(
  tier: 'Admin' | 'Baseline',
  type: Type,
  connection: Connection,
  cluster: PlatformCluster,
): boolean | undefined {
  const { pod } = type === 'Ingress' ? connection.to : connection.from;
  if (pod === undefined) return undefined;
  const policies = cluster.platform
    .filter((policy) => tierOf(policy) === tier && isPods(policy.spec.subject, { address: '', pod }, cluster))
    // "Policies with lower priority values have higher precedence"; a baseline without any comes last.
    .toSorted((a, b) => (a.spec.priority ?? 1001) - (b.spec.priority ?? 1001));
  for (const { spec } of policies)
    for (const rule of (type === 'Ingress' ? spec.ingress : spec.egress) ?? []) {
      const { action } = rule;
      const isAllow = action === 'Allow' || action === 'Accept';
      // "For Accept rules fail closed means: treat the rule as matching no traffic", else "as a Deny all rule".
      if (isUnreadable(rule)) {
        if (isAllow) continue;
        return false;
      }
      if (!matches(rule, type, connection, cluster)) continue;
      if (action === 'Pass') return undefined;
      return isAllow;
    }
  return undefined;
}

function tierOf({ kind, spec }: RawPlatformPolicy): string | undefined {
  if (kind === 'ClusterNetworkPolicy') return spec.tier;
  return kind === 'AdminNetworkPolicy' ? 'Admin' : 'Baseline';
}

const peersOf = ({ from, to }: RawPlatformRule): readonly RawPlatformPeer[] => from ?? to ?? [];

function isUnreadable(rule: RawPlatformRule): boolean {
  return peersOf(rule).some((peer) => Object.keys(peer).length !== 1 || peer.domainNames !== undefined);
}

function matches(
  rule: RawPlatformRule,
  type: Type,
  connection: Connection,
  cluster: PlatformCluster,
): boolean {
  const other = type === 'Ingress' ? connection.from : connection.to;
  const ports = rule.protocols ?? rule.ports;
  return (
    peersOf(rule).some((peer) => isPeer(peer, other, cluster)) &&
    (ports === undefined || ports.some((port) => isPort(port, connection)))
  );
}

function isPeer(peer: RawPlatformPeer, end: End, cluster: PlatformCluster): boolean {
  if (peer.networks !== undefined) return peer.networks.some((network) => inBlock(end.address, network));
  const { nodes } = peer;
  if (nodes !== undefined)
    return cluster.nodes.some(
      ({ labels, addresses }) => selects(nodes, labels) && addresses.includes(end.address),
    );
  return isPods(peer, end, cluster);
}

function isPods(
  { namespaces, pods }: Pick<RawPlatformPeer, 'namespaces' | 'pods'>,
  { pod }: End,
  cluster: PlatformCluster,
): boolean {
  if (pod === undefined) return false;
  const labels = cluster.namespaces.get(pod.namespace) ?? {};
  if (namespaces !== undefined) return selects(namespaces, labels);
  return (
    pods !== undefined && selects(pods.namespaceSelector, labels) && selects(pods.podSelector, pod.labels)
  );
}

function isPort(port: RawPlatformPort, { protocol, port: number, to }: Connection): boolean {
  const name = port.destinationNamedPort ?? port.namedPort;
  if (name !== undefined)
    return (to.pod?.ports ?? []).some(
      (one) => one.name === name && one.protocol === protocol && one.containerPort === number,
    );
  if (port.portNumber !== undefined)
    return (port.portNumber.protocol ?? 'TCP') === protocol && port.portNumber.port === number;
  if (port.portRange !== undefined) {
    const { protocol: of = 'TCP', start, end } = port.portRange;
    return of === protocol && start <= number && number <= end;
  }
  const transport = { TCP: port.tcp, UDP: port.udp, SCTP: port.sctp, ICMP: undefined }[protocol];
  if (transport === undefined) return false;
  const { destinationPort: at } = transport;
  if (at === undefined) return true;
  if (at.range !== undefined) return at.range.start <= number && number <= at.range.end;
  return at.number === number;
}
