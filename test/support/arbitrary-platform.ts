// Random clusters with policies of the platform beside those of tenants: few labels, networks and ports, so that rules meet.
import fc from 'fast-check';
import { arbitraryCluster, labels, maybe, namespaceSelector, selector } from './arbitrary-policies.ts';
import type { RandomCluster } from './arbitrary-policies.ts';
import type {
  PlatformCluster,
  RawPlatformPeer,
  RawPlatformPolicy,
  RawPlatformPort,
  RawPlatformRule,
} from './platform-evaluator.ts';

export type PlatformRandomCluster = RandomCluster & Pick<PlatformCluster, 'platform' | 'nodes'>;

const podPeer: fc.Arbitrary<RawPlatformPeer> = fc.oneof(
  fc.record({ namespaces: namespaceSelector }),
  fc.record({ pods: fc.record({ namespaceSelector, podSelector: selector }) }),
);
const network = fc.constantFrom(
  '0.0.0.0/0',
  '::/0',
  '10.7.0.0/24',
  '10.7.0.4/30',
  '203.0.113.0/24',
  '203.0.113.9/32',
  'fd00:7::4/126',
  '2001:db8::/32',
);
const outerPeer: fc.Arbitrary<RawPlatformPeer> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ networks: fc.uniqueArray(network, { minLength: 1, maxLength: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ nodes: selector }) },
  { weight: 1, arbitrary: fc.constantFrom({ domainNames: ['*.example.com'] }, {}) },
);
const anyPeer = fc.oneof({ weight: 3, arbitrary: podPeer }, { weight: 2, arbitrary: outerPeer });

const number = fc.constantFrom(80, 81, 443);
const range = fc.constantFrom({ start: 80, end: 81 }, { start: 80, end: 500 }, { start: 1, end: 65_535 });
const transport = fc.oneof(
  fc.constant({}),
  fc.record({ destinationPort: fc.record({ number }) }),
  fc.record({ destinationPort: fc.record({ range }) }),
);
const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP');
/** Of the newer version, without names: networks have none. */
const newPort: fc.Arbitrary<RawPlatformPort> = fc.oneof(
  fc.record({ tcp: transport }),
  fc.record({ udp: transport }),
  fc.record({ sctp: transport }),
);
const oldPort: fc.Arbitrary<RawPlatformPort> = fc.oneof(
  fc.record({ portNumber: fc.record({ protocol, port: number }) }),
  fc.record({
    portRange: fc.tuple(protocol, range).map(([of, { start, end }]) => ({ protocol: of, start, end })),
  }),
);
const portName = fc.constantFrom('web', 'dns');

interface Parts {
  readonly action: string;
  readonly who: readonly RawPlatformPeer[];
  readonly ports: readonly RawPlatformPort[] | undefined;
}

/** Rules of one direction, as one version of the API writes them. */
function rules(
  peers: 'from' | 'to',
  version: 'old' | 'new',
  actions: readonly string[],
): fc.Arbitrary<readonly RawPlatformRule[]> {
  const isNew = version === 'new';
  const numbered = isNew ? newPort : oldPort;
  const named: fc.Arbitrary<RawPlatformPort> = isNew
    ? fc.record({ destinationNamedPort: portName })
    : fc.record({ namedPort: portName });
  const shaped = ({ action, who, ports }: Parts): RawPlatformRule => {
    const ends = peers === 'from' ? { from: who } : { to: who };
    return isNew ? { action, ...ends, protocols: ports } : { action, ...ends, ports };
  };
  const rule = (peer: fc.Arbitrary<RawPlatformPeer>, port: fc.Arbitrary<RawPlatformPort>) =>
    fc
      .record({
        action: fc.constantFrom(...actions),
        who: fc.array(peer, { minLength: 1, maxLength: 3 }),
        ports: maybe(fc.array(port, { minLength: 1, maxLength: 3 })),
      })
      .map(shaped);
  const ofPods = rule(podPeer, fc.oneof(numbered, named));
  const choice = peers === 'from' ? ofPods : fc.oneof(ofPods, rule(anyPeer, numbered));
  return fc.array(choice, { maxLength: 4 });
}

const subject = podPeer;
const old = ['Allow', 'Deny', 'Pass'];
const policy = fc.oneof(
  fc.record({
    apiVersion: fc.constant('policy.networking.k8s.io/v1alpha2'),
    kind: fc.constant('ClusterNetworkPolicy' as const),
    spec: fc.record({
      tier: fc.constantFrom('Admin', 'Admin', 'Baseline'),
      subject,
      ingress: maybe(rules('from', 'new', ['Accept', 'Deny', 'Pass'])),
      egress: maybe(rules('to', 'new', ['Accept', 'Deny', 'Pass'])),
    }),
  }),
  fc.record({
    apiVersion: fc.constant('policy.networking.k8s.io/v1alpha1'),
    kind: fc.constant('AdminNetworkPolicy' as const),
    spec: fc.record({
      subject,
      ingress: maybe(rules('from', 'old', old)),
      egress: maybe(rules('to', 'old', old)),
    }),
  }),
);
const baseline = fc.record({
  apiVersion: fc.constant('policy.networking.k8s.io/v1alpha1'),
  kind: fc.constant('BaselineAdminNetworkPolicy' as const),
  metadata: fc.constant({ name: 'default' }),
  spec: fc.record({
    subject,
    ingress: maybe(rules('from', 'old', ['Allow', 'Deny'])),
    egress: maybe(rules('to', 'old', ['Allow', 'Deny'])),
  }),
});

const seeds = fc.record({
  cluster: arbitraryCluster,
  policies: fc.array(policy, { minLength: 1, maxLength: 5 }),
  priorities: fc.uniqueArray(fc.nat(1000), { minLength: 5, maxLength: 5 }),
  last: maybe(baseline),
  tenants: fc.nat(3),
  nodeLabels: fc.tuple(labels, labels),
});
type Seeds = typeof seeds extends fc.Arbitrary<infer Value> ? Value : never;

/** Priorities differ: of equal ones the API leaves open which goes first. */
export const arbitraryPlatformCluster: fc.Arbitrary<PlatformRandomCluster> = seeds.map(clusterOf);

function clusterOf({
  cluster,
  policies,
  priorities,
  last,
  tenants,
  nodeLabels,
}: Seeds): PlatformRandomCluster {
  const platform = policies.map((one, index): RawPlatformPolicy => {
    const { kind, apiVersion } = one;
    const spec = plain({ ...one.spec, priority: priorities[index] ?? 0 });
    return { apiVersion, kind, metadata: { name: `policy-${index}` }, spec };
  });
  const nodes = nodeLabels.map((own, index) => ({
    labels: own,
    addresses: [`203.0.113.${index + 9}`, `2001:db8::${index + 9}`],
  }));
  return {
    ...cluster,
    policies: cluster.policies.slice(0, tenants),
    platform: last === undefined ? platform : [...platform, plain(last)],
    nodes,
  };
}

/** Without what is undefined, as it would come from a server. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
