// Random clusters with policies: few labels and ports, so that rules and connections meet.
import fc from 'fast-check';
import type { PlatformCluster, RawPlatformPolicy } from './platform-evaluator.ts';
import type { Connection, End, RawPeer, RawPolicy, RawPort, RawSelector } from './policy-evaluator.ts';

const namespaceNames = ['red', 'blue', 'green'] as const;

export const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const labelValue = fc.constantFrom('a', 'b', 'c');
const labelKey = fc.constantFrom('app', 'tier');
export const labels = fc.dictionary(labelKey, labelValue, { maxKeys: 2 });

const expression = fc.oneof(
  fc.record({
    key: labelKey,
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.uniqueArray(labelValue, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ key: labelKey, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
);
export const selector: fc.Arbitrary<RawSelector> = fc.oneof(
  fc.constant({}),
  fc.record({ matchLabels: labels }),
  fc.record({ matchExpressions: fc.array(expression, { minLength: 1, maxLength: 2 }) }),
  fc.record({ matchLabels: labels, matchExpressions: fc.array(expression, { maxLength: 1 }) }),
);
export const namespaceSelector: fc.Arbitrary<RawSelector> = fc.oneof(
  selector,
  fc
    .constantFrom(...namespaceNames)
    .map((name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })),
);

const ipBlock = fc.constantFrom(
  { cidr: '0.0.0.0/0' },
  { cidr: '::/0' },
  { cidr: '10.7.0.0/24' },
  { cidr: '10.7.0.0/24', except: ['10.7.0.4/30'] },
  { cidr: '10.7.0.4/30', except: ['10.7.0.5/32'] },
  { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '203.0.113.0/24'] },
  { cidr: '203.0.113.0/24', except: ['203.0.113.9/32'] },
  { cidr: 'fd00:7::/64', except: ['fd00:7::4/126'] },
  { cidr: '2001:db8::/32' },
);
const peer: fc.Arbitrary<RawPeer> = fc.oneof(
  fc.record({ podSelector: selector }),
  fc.record({ namespaceSelector }),
  fc.record({ podSelector: selector, namespaceSelector }),
  fc.record({ ipBlock }),
);
const protocol = fc.constantFrom('TCP' as const, 'UDP' as const, 'SCTP' as const);
const port: fc.Arbitrary<RawPort> = fc.oneof(
  fc.record({ protocol: maybe(protocol), port: maybe(fc.constantFrom(80, 81, 443)) }),
  fc.record({ protocol: maybe(protocol), port: fc.constantFrom('web', 'dns') }),
  fc.record({ protocol: maybe(protocol), port: fc.constant(80), endPort: fc.constantFrom(80, 81, 500) }),
);
const peers = maybe(fc.array(peer, { maxLength: 3 }));
const ports = maybe(fc.array(port, { maxLength: 3 }));

const policySpec = fc.record({
  podSelector: selector,
  policyTypes: maybe(fc.subarray(['Ingress', 'Egress'])),
  ingress: maybe(fc.array(fc.record({ from: peers, ports }), { maxLength: 2 })),
  egress: maybe(fc.array(fc.record({ to: peers, ports }), { maxLength: 2 })),
});
const policy: fc.Arbitrary<RawPolicy> = fc
  .record({
    namespace: fc.constantFrom(...namespaceNames),
    name: fc.constantFrom('p', 'q', 'r'),
    spec: policySpec,
  })
  .map(({ namespace, name, spec }) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name },
    spec,
  }));

const containerPorts = fc.constantFrom(
  [],
  [{ name: 'web', protocol: 'TCP', containerPort: 80 }],
  [{ name: 'web', protocol: 'TCP', containerPort: 81 }],
  [
    { name: 'web', protocol: 'UDP', containerPort: 443 },
    { name: 'dns', protocol: 'TCP', containerPort: 80 },
  ],
);

/** Pods at 10.7.0.2, 10.7.0.3 … and fd00:7::2 …, in their order. */
export interface RandomCluster {
  readonly platform?: readonly RawPlatformPolicy[];
  readonly nodes?: PlatformCluster['nodes'];
  readonly policies: readonly RawPolicy[];
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly pods: readonly NonNullable<End['pod']>[];
}

export const arbitraryCluster: fc.Arbitrary<RandomCluster> = fc
  .record({
    policies: fc.uniqueArray(policy, {
      minLength: 1,
      maxLength: 5,
      selector: ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
    }),
    namespaceLabels: fc.tuple(labels, labels, labels),
    pods: fc.array(
      fc.record({ namespace: fc.constantFrom(...namespaceNames), labels, ports: containerPorts }),
      { minLength: 2, maxLength: 7 },
    ),
  })
  .map(({ policies, namespaceLabels, pods }) => ({
    policies: policies.map((one) => JSON.parse(JSON.stringify(one)) as RawPolicy),
    namespaces: new Map(
      namespaceNames.map((name, index) => [
        name,
        { ...namespaceLabels[index], 'kubernetes.io/metadata.name': name },
      ]),
    ),
    pods: pods.map((one, index) => ({ ...one, name: `pod-${index}` })),
  }));

const addressOf = (index: number, family: 4 | 6): string =>
  family === 4 ? `10.7.0.${index + 2}` : `fd00:7::${(index + 2).toString(16)}`;

/** Everything that the program reads of a cluster: one Vpc with all of its namespaces. */
export function clusterObjects({
  policies,
  namespaces,
  pods,
  platform = [],
  nodes = [],
}: RandomCluster): readonly unknown[] {
  return [
    {
      apiVersion: 'ovn.kube-dc.com/v1alpha1',
      kind: 'Vpc',
      metadata: { name: 'v' },
      spec: { externalNetworks: [] },
    },
    {
      apiVersion: 'ovn.kube-dc.com/v1alpha1',
      kind: 'Subnet',
      metadata: { name: 's' },
      spec: { vpc: 'v', cidr: '10.7.0.0/24,fd00:7::/64', namespaces: [...namespaceNames] },
    },
    // As written: that every namespace has its name for a label goes without saying.
    ...[...namespaces].map(([name, own]) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: written(own) },
    })),
    ...pods.map(({ namespace, name, labels: own, ports: named }, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace,
        name,
        labels: own,
        annotations: { 'network.kube-dc.com/ip-address': `${addressOf(index, 4)},${addressOf(index, 6)}` },
      },
      spec: { containers: [{ name: 'app', ports: named }] },
    })),
    ...policies,
    ...platform,
    ...nodes.map(({ labels: own, addresses }, index) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: `node-${index}`, labels: own },
      status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
    })),
  ];
}

const written = (own: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(own).filter(([key]) => key !== 'kubernetes.io/metadata.name'));

const outsiders = {
  4: ['203.0.113.9', '203.0.113.10', '10.7.0.200'],
  6: ['2001:db8::9', '2a00::1'],
} as const;

/** Connections between all pods, and with some outsiders, on ports around those of the rules. */
export function* connectionsOf({ pods }: RandomCluster): Generator<Connection> {
  for (const family of [4, 6] as const) {
    const inside: End[] = pods.map((pod, index) => ({ address: addressOf(index, family), pod }));
    const outside: End[] = outsiders[family].map((address) => ({ address }));
    for (const from of [...inside, ...outside])
      for (const to of [...inside, ...outside]) {
        if (from === to || (from.pod === undefined && to.pod === undefined)) continue;
        for (const each of ['TCP', 'UDP', 'SCTP'] as const)
          for (const number of [79, 80, 81, 443, 500, 501]) yield { from, to, protocol: each, port: number };
      }
  }
}
