// Kubernetes' own conformance cases of NetworkPolicy and the recipes of its documentation, by name, as data.
import type { Connection, End, RawPeer, RawPolicy, RawPort, RawSelector } from './policy-evaluator.ts';

type Labels = Readonly<Record<string, string>>;

/** One state of the cluster of {@link casePods}. */
export interface PolicyStep {
  readonly policies: readonly RawPolicy[];
  /** Labels beside `ns`, by namespace. */
  readonly namespaceLabels?: Readonly<Record<string, Labels>>;
  /** Labels beside `pod`, by `namespace/pod`. */
  readonly podLabels?: Readonly<Record<string, Labels>>;
}

export interface PolicyCase {
  /** As in kubernetes/test/e2e/network/netpol, or the title in the documentation. */
  readonly name: string;
  /** One after the other; nothing is removed between them but what the next one lacks. */
  readonly steps: readonly PolicyStep[];
}

const caseNamespaces = ['x', 'y', 'z'] as const;
const caseNames = ['a', 'b', 'c'] as const;

/** As in the conformance tests: pods a, b and c in namespaces x, y and z, each with ports 80 and 81. */
export const casePods = caseNamespaces.flatMap((namespace) => caseNames.map((name) => ({ namespace, name })));

const addressOf = (index: number): string => `10.7.0.${index + 2}`;
const containerPorts = [80, 81].flatMap((containerPort) =>
  ['TCP', 'UDP'].map((protocol) => ({
    name: `serve-${containerPort}-${protocol.toLowerCase()}`,
    protocol,
    containerPort,
  })),
);

const namespaceLabels = ({ namespaceLabels: more = {} }: PolicyStep, name: string): Labels => ({
  ns: name,
  ...more[name],
});
const podLabels = ({ podLabels: more = {} }: PolicyStep, namespace: string, name: string): Labels => ({
  pod: name,
  ...more[`${namespace}/${name}`],
});

/** A raw object that the program reads. */
export interface CaseObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [key: string]: unknown;
}

/** The network: a Vpc with one Subnet for all three namespaces. */
export const caseNetwork: readonly CaseObject[] = [
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
    spec: { vpc: 'v', cidr: '10.7.0.0/24', namespaces: [...caseNamespaces] },
  },
];

/** Everything of one step but its policies. */
export function stepObjects(step: PolicyStep): readonly CaseObject[] {
  return [
    ...caseNamespaces.map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: namespaceLabels(step, name) },
    })),
    ...casePods.map(({ namespace, name }, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace,
        name,
        labels: podLabels(step, namespace, name),
        annotations: { 'network.kube-dc.com/ip-address': addressOf(index) },
      },
      spec: { containers: [{ name: 'app', ports: containerPorts }] },
    })),
  ];
}

export const policyObjects = ({ policies }: PolicyStep): readonly CaseObject[] =>
  policies.map((one) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', ...one }));

/** The same for the evaluator. */
export function clusterOf(step: PolicyStep) {
  const namespaces = new Map<string, Labels>(
    caseNamespaces.map((name) => [
      name,
      { ...namespaceLabels(step, name), 'kubernetes.io/metadata.name': name },
    ]),
  );
  return { policies: step.policies, namespaces };
}

/** Connections of each pod with each other one. */
export function caseConnections(
  step: PolicyStep,
  probes: readonly { readonly protocol: Connection['protocol']; readonly port: number }[],
): Connection[] {
  const ends = casePods.map(({ namespace, name }, index): End => ({
    address: addressOf(index),
    pod: { namespace, name, labels: podLabels(step, namespace, name), ports: containerPorts },
  }));
  return ends.flatMap((from) =>
    ends
      .filter((to) => to !== from)
      .flatMap((to) => probes.map(({ protocol, port }): Connection => ({ from, to, protocol, port }))),
  );
}

const policy = (namespace: string, name: string, spec: RawPolicy['spec']): RawPolicy => ({
  metadata: { namespace, name },
  spec,
});
const inX = (spec: RawPolicy['spec'], name = 'policy'): RawPolicy => policy('x', name, spec);
const pod = (name: string): RawSelector => ({ matchLabels: { pod: name } });
const ns = (name: string): RawSelector => ({ matchLabels: { ns: name } });
const among = (key: string, ...values: readonly string[]): RawSelector => ({
  matchExpressions: [{ key, operator: 'In', values }],
});
const not = (key: string, ...values: readonly string[]): RawSelector => ({
  matchExpressions: [{ key, operator: 'NotIn', values }],
});
const a = { podSelector: pod('a') };
const from = (peers: readonly RawPeer[], ports?: readonly RawPort[]): RawPolicy['spec'] => ({
  ...a,
  ingress: [{ from: peers, ports }],
  policyTypes: ['Ingress'],
});
const to = (peers: readonly RawPeer[], ports?: readonly RawPort[]): RawPolicy['spec'] => ({
  ...a,
  egress: [{ to: peers, ports }],
  policyTypes: ['Egress'],
});
const one = (name: string, ...policies: readonly RawPolicy[]): PolicyCase => ({
  name,
  steps: [{ policies }],
});
const denyIngress = inX({ podSelector: {}, policyTypes: ['Ingress'] }, 'deny-ingress');
const denyEgress = inX({ podSelector: {}, policyTypes: ['Egress'] }, 'deny-egress');
const cidrOf = (path: string, length = 32): string => {
  const index = casePods.findIndex(({ namespace, name }) => `${namespace}/${name}` === path);
  return `${addressOf(index)}/${length}`;
};

/** Source: kubernetes/test/e2e/network/netpol/network_policy.go. */
const conformance: readonly PolicyCase[] = [
  one("should support a 'default-deny-ingress' policy", denyIngress),
  one(
    "should support a 'default-deny-all' policy",
    inX({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
  ),
  one(
    'should enforce policy to allow traffic from pods within server namespace based on PodSelector',
    inX(from([{ podSelector: pod('b') }])),
  ),
  one(
    'should enforce policy to allow ingress traffic for a target',
    denyIngress,
    inX({ ...a, ingress: [{}] }),
  ),
  one(
    'should enforce policy to allow ingress traffic from pods in all namespaces',
    inX(from([{ namespaceSelector: {} }])),
  ),
  one(
    'should enforce policy to allow traffic only from a different namespace, based on NamespaceSelector',
    inX(from([{ namespaceSelector: ns('y') }])),
  ),
  one(
    'should enforce policy based on PodSelector with MatchExpressions',
    inX(from([{ podSelector: among('pod', 'b') }])),
  ),
  one(
    'should enforce policy based on NamespaceSelector with MatchExpressions',
    inX(from([{ namespaceSelector: among('ns', 'y') }])),
  ),
  one(
    'should enforce policy based on NamespaceSelector with MatchExpressions using default ns label',
    inX(from([{ namespaceSelector: among('kubernetes.io/metadata.name', 'y') }])),
  ),
  one(
    'should enforce policy based on PodSelector or NamespaceSelector',
    inX(from([{ namespaceSelector: not('ns', 'x') }, { podSelector: pod('b') }])),
  ),
  one(
    'should deny ingress from pods on other namespaces',
    inX({ podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }),
  ),
  one(
    'should enforce policy based on PodSelector and NamespaceSelector',
    inX(from([{ namespaceSelector: not('ns', 'x'), podSelector: pod('b') }])),
  ),
  one(
    'should enforce policy based on Multiple PodSelectors and NamespaceSelectors',
    inX(from([{ namespaceSelector: not('ns', 'x'), podSelector: among('pod', 'b', 'c') }])),
  ),
  one(
    'should enforce policy based on any PodSelectors',
    inX(from([{ podSelector: pod('b') }, { podSelector: pod('c') }])),
  ),
  one(
    'should enforce policy to allow traffic only from a pod in a different namespace based on PodSelector and NamespaceSelector',
    inX(from([{ namespaceSelector: ns('y'), podSelector: pod('a') }])),
  ),
  one('should enforce policy based on Ports', inX(from([{ namespaceSelector: ns('y') }], [{ port: 81 }]))),
  one(
    'should enforce multiple, stacked policies with overlapping podSelectors',
    inX(from([{ namespaceSelector: ns('y') }], [{ port: 81 }]), 'allow-81'),
    inX(from([{ namespaceSelector: ns('y') }], [{ port: 80 }]), 'allow-80'),
  ),
  {
    name: 'should support allow-all policy',
    steps: [{ policies: [inX({ podSelector: {}, ingress: [{}] })] }],
  },
  one(
    'should allow ingress access on one named port',
    inX({ podSelector: {}, ingress: [{ ports: [{ port: 'serve-81-tcp' }] }] }),
  ),
  one(
    'should allow ingress access from namespace on one named port',
    inX({
      podSelector: {},
      ingress: [{ from: [{ namespaceSelector: ns('y') }], ports: [{ port: 'serve-80-tcp' }] }],
    }),
  ),
  one('should allow egress access on one named port', inX(to([], [{ port: 'serve-80-tcp' }]))),
  {
    name: 'should enforce updated policy',
    steps: [
      { policies: [inX({ podSelector: {}, ingress: [{}] })] },
      { policies: [inX({ podSelector: {}, ingress: [{ ports: [{ port: 81 }] }] })] },
    ],
  },
  {
    name: 'should allow ingress access from updated namespace',
    steps: [
      { policies: [inX(from([{ namespaceSelector: { matchLabels: { ns2: 'updated' } } }]))] },
      {
        policies: [inX(from([{ namespaceSelector: { matchLabels: { ns2: 'updated' } } }]))],
        namespaceLabels: { y: { ns2: 'updated' } },
      },
    ],
  },
  {
    name: 'should allow ingress access from updated pod',
    steps: [
      { policies: [inX(from([{ podSelector: { matchLabels: { pod2: 'updated' } } }]))] },
      {
        policies: [inX(from([{ podSelector: { matchLabels: { pod2: 'updated' } } }]))],
        podLabels: { 'x/b': { pod2: 'updated' } },
      },
    ],
  },
  {
    name: 'should deny ingress access to updated pod',
    steps: [
      { policies: [inX({ podSelector: { matchLabels: { target: 'isolated' } }, policyTypes: ['Ingress'] })] },
      {
        policies: [inX({ podSelector: { matchLabels: { target: 'isolated' } }, policyTypes: ['Ingress'] })],
        podLabels: { 'x/a': { target: 'isolated' } },
      },
    ],
  },
  one('should deny egress from pods based on PodSelector', inX({ ...a, policyTypes: ['Egress'] })),
  one('should deny egress from all pods in a namespace', denyEgress),
  one(
    'should work with Ingress, Egress specified together',
    inX({
      ...a,
      ingress: [{ from: [{ podSelector: pod('b') }] }],
      egress: [{ ports: [{ port: 80 }] }],
      policyTypes: ['Ingress', 'Egress'],
    }),
  ),
  one(
    'should support denying of egress traffic on the client side (even if the server explicitly allows this traffic)',
    inX({
      ...a,
      policyTypes: ['Egress'],
      egress: [{ to: [{ namespaceSelector: among('ns', 'y'), podSelector: among('pod', 'a', 'b') }] }],
    }),
    policy('y', 'allow-a', from([{ namespaceSelector: ns('x'), podSelector: pod('a') }])),
    policy('y', 'deny-b', { podSelector: pod('b'), policyTypes: ['Ingress'] }),
  ),
  {
    name: 'should stop enforcing policies after they are deleted',
    steps: [{ policies: [inX({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })] }, { policies: [] }],
  },
  one('should allow egress access to server in CIDR block', inX(to([{ ipBlock: { cidr: cidrOf('y/b') } }]))),
  one(
    'should enforce except clause while egress access to server in CIDR block',
    inX(to([{ ipBlock: { cidr: '10.7.0.0/24', except: [cidrOf('x/b')] } }])),
  ),
  one(
    'should ensure an IP overlapping both IPBlock.CIDR and IPBlock.Except is allowed',
    inX(to([{ ipBlock: { cidr: '10.7.0.0/24', except: [cidrOf('x/b')] } }]), 'except'),
    inX(to([{ ipBlock: { cidr: cidrOf('x/b') } }]), 'allowed'),
  ),
  one(
    'should enforce policies to check ingress and egress policies can be controlled independently based on PodSelector',
    inX(to([{ podSelector: pod('b') }]), 'egress'),
    inX({ ...a, ingress: [{}], policyTypes: ['Ingress'] }, 'ingress'),
  ),
  one(
    "should not mistakenly treat 'protocol: SCTP' as 'protocol: TCP', even if the plugin doesn't support SCTP",
    inX(from([], [{ protocol: 'SCTP', port: 81 }])),
  ),
  one(
    "should properly isolate pods that are selected by a policy allowing SCTP, even if the plugin doesn't support SCTP",
    inX(from([{ podSelector: pod('b') }], [{ protocol: 'SCTP', port: 80 }])),
  ),
  one(
    'should not allow access by TCP when a policy specifies only UDP',
    inX(
      from(
        [],
        [
          { protocol: 'UDP', port: 81 },
          { protocol: 'UDP', port: 80 },
        ],
      ),
    ),
  ),
];

/** Source: Kubernetes documentation, "Network Policies". */
const recipes: readonly PolicyCase[] = [
  one(
    'documentation: test-network-policy',
    inX({
      podSelector: pod('a'),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [
            { ipBlock: { cidr: '10.7.0.0/28', except: ['10.7.0.4/30'] } },
            { namespaceSelector: ns('y') },
            { podSelector: pod('c') },
          ],
          ports: [{ protocol: 'TCP', port: 80 }],
        },
      ],
      egress: [{ to: [{ ipBlock: { cidr: '10.7.0.8/29' } }], ports: [{ protocol: 'TCP', port: 81 }] }],
    }),
  ),
  one('documentation: Default deny all ingress traffic', denyIngress),
  one(
    'documentation: Allow all ingress traffic',
    denyIngress,
    inX({ podSelector: {}, ingress: [{}], policyTypes: ['Ingress'] }, 'allow-all'),
  ),
  one('documentation: Default deny all egress traffic', denyEgress),
  one(
    'documentation: Allow all egress traffic',
    denyEgress,
    inX({ podSelector: {}, egress: [{}], policyTypes: ['Egress'] }, 'allow-all'),
  ),
  one(
    'documentation: Default deny all ingress and all egress traffic',
    inX({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
  ),
  one(
    'documentation: Targeting a range of ports',
    inX({
      ...a,
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr: '10.7.0.0/24' } }], ports: [{ port: 81, endPort: 90 }] }],
    }),
  ),
  one(
    'documentation: Targeting multiple namespaces by label',
    inX({ ...a, policyTypes: ['Egress'], egress: [{ to: [{ namespaceSelector: among('ns', 'y', 'z') }] }] }),
  ),
  one(
    'documentation: Targeting a Namespace by its name',
    inX(from([{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'z' } } }])),
  ),
];

export const policyCases: readonly PolicyCase[] = [...conformance, ...recipes];
