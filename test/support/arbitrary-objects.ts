// Random worlds: few names, so that objects meet, conflict, refer to each other and to nothing.
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { dualNetworks } from './dual-stack-scenario.ts';

const names = ['a', 'b', 'c'];
export const anyName = fc.constantFrom(...names);
const orgs = ['org', 'org-a'];
const namespaces = [...orgs.flatMap((org) => names.map((name) => `${org}-${name}`)), 'sys'];
const subnets = ['s', 't', 'u'];
const anyNamespace = fc.constantFrom(...namespaces);
const anyAddress = fc
  .tuple(fc.constantFrom('10.0.10.', '10.0.20.', '100.65.0.'), fc.nat(255))
  .map(([net, host]) => `${net}${host}`);
/** Of IPv6, or both with a comma between. */
const anyAddresses = fc.oneof(
  anyAddress,
  fc
    .tuple(fc.constantFrom('fd00:10::', 'fd00:20::', '2001:db8:65::'), fc.nat(255))
    .map(([net, host]) => `${net}${host.toString(16)}`),
  fc.nat(255).map((host) => `fd00:10::${host.toString(16)},10.0.10.${host}`),
);
/** Or at a time that is not known. */
const anyCreated = fc.option(fc.constantFrom('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'), {
  nil: undefined,
});
export const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const anyPort = fc.record({
  port: fc.constantFrom(80, 81),
  protocol: fc.constantFrom('TCP', 'UDP'),
  name: fc.constantFrom('x', 'y'),
});

const anyAcls = fc.uniqueArray(
  fc.record({
    name: anyName,
    direction: fc.constantFrom('ingress', 'egress'),
    action: fc.constantFrom('allow', 'allow-stateless', 'drop', 'reject'),
    priority: fc.constantFrom(0, 1, 1000),
    protocol: fc.constantFrom('any', 'tcp', 'icmp'),
    from: fc.subarray(['10.0.0.0/8', 'fd00::/8', '10.0.10.9/32']),
    log: fc.boolean(),
    logRate: fc.constantFrom(1, 10),
  }),
  { maxLength: 2, selector: ({ name }) => name },
);
const project = fc.record({
  apiVersion: fc.constant('kube-dc.com/v1'),
  kind: fc.constant('Project'),
  metadata: fc.record({ name: anyName, namespace: fc.constantFrom(...orgs), creationTimestamp: anyCreated }),
  spec: fc.record({
    cidrBlock: maybe(
      fc.constantFrom(
        '10.0.10.0/24',
        '10.0.20.0/24',
        '100.65.0.0/24',
        'fd00:10::/64',
        'fd00:20::/64,10.0.20.0/24',
        '10.0.10.0/24,fd00:10::/64',
      ),
    ),
    egressNetworkType: fc.constantFrom('cloud', 'public'),
    subnetAcls: anyAcls,
  }),
});

export interface ArbitraryParts {
  readonly namespace: fc.Arbitrary<string>;
  readonly labels: fc.Arbitrary<object>;
  readonly spec: fc.Arbitrary<object>;
  readonly annotations?: fc.Arbitrary<object>;
}

/** One object of a kind with any name and age. */
export const arbitraryObject = (
  apiVersion: string,
  kind: string,
  { namespace, labels, spec, annotations = fc.constant({}) }: ArbitraryParts,
) =>
  fc.record({
    apiVersion: fc.constant(apiVersion),
    kind: fc.constant(kind),
    metadata: fc.record({ name: anyName, namespace, creationTimestamp: anyCreated, labels, annotations }),
    spec,
  });

const namespaced = (
  apiVersion: string,
  kind: string,
  spec: fc.Arbitrary<object>,
  annotations?: fc.Arbitrary<object>,
) => {
  const labels = fc.record({ app: anyName });
  const more = annotations === undefined ? {} : { annotations };
  return arbitraryObject(apiVersion, kind, { namespace: anyNamespace, labels, spec, ...more });
};
const eip = namespaced('kube-dc.com/v1', 'EIp', fc.record({ ipAddress: maybe(anyAddresses) }));
const fip = namespaced('kube-dc.com/v1', 'FIp', fc.record({ ipAddress: anyAddresses, eip: maybe(anyName) }));
const pod = namespaced(
  'v1',
  'Pod',
  fc.record({ hostNetwork: fc.boolean() }),
  fc.oneof(
    fc.constant({}),
    anyAddresses.map((address) => ({ 'network.kube-dc.com/ip-address': address })),
    fc.constantFrom(...subnets, 'org-a-default').map((name) => ({ 'network.kube-dc.com/subnet': name })),
  ),
);
const service = namespaced(
  'v1',
  'Service',
  fc.record({
    type: fc.constantFrom('LoadBalancer', 'LoadBalancer', 'ClusterIP'),
    clusterIP: maybe(fc.constantFrom('None', '10.101.0.1', '10.101.0.2', '10.0.10.9')),
    ipFamilies: maybe(fc.constantFrom(['IPv4'], ['IPv6'], ['IPv6', 'IPv4'])),
    selector: fc.record({ app: anyName }),
    ports: fc.uniqueArray(anyPort, { minLength: 1, maxLength: 2, selector: (port) => port.name }),
  }),
  fc.oneof(
    fc.constant({}),
    fc.constant({ 'service.nlb.kube-dc.com/bind-on-default-gw-eip': 'true' }),
    anyName.map((name) => ({ 'service.nlb.kube-dc.com/bind-on-eip': name })),
  ),
);

const clusterScoped = (kind: string, anyOfThese: readonly string[], spec: fc.Arbitrary<object>) =>
  fc.record({
    apiVersion: fc.constant('ovn.kube-dc.com/v1alpha1'),
    kind: fc.constant(kind),
    metadata: fc.record({
      name: fc.constantFrom(...anyOfThese),
      namespace: fc.constant(''),
      creationTimestamp: anyCreated,
    }),
    spec,
  });
const vpc = clusterScoped('Vpc', ['v'], fc.constant({}));
const subnetBase = {
  acls: anyAcls,
  cidr: fc.constantFrom('10.1.0.0/24', '10.2.0.0/24', '10.0.10.0/24'),
  namespaces: fc.subarray(namespaces, { minLength: 2 }),
};
const subnet = clusterScoped(
  'Subnet',
  subnets,
  fc.oneof(
    fc.record({ ...subnetBase, vpc: fc.constantFrom('v', 'v', 'v', 'org-a') }),
    fc
      .record({ ...subnetBase, vlan: fc.constantFrom(0, 120, 4013) })
      .map(({ cidr, vlan, namespaces: open }) => ({
        cidr,
        namespaces: open,
        gateway: cidr.replace('.0/24', '.254'),
        underlay: { physicalNetwork: 'phys', vlan },
      })),
  ),
);

const keyOf = ({ kind, metadata }: { kind: string; metadata: { namespace: string; name: string } }): string =>
  `${kind}/${metadata.namespace}/${metadata.name}`;

/** Undefined members, which YAML cannot say, are dropped. */
const plain = (raw: unknown): unknown => JSON.parse(JSON.stringify(raw));

/** Objects of every kind but external networks, each key once. */
export const arbitraryObjects: fc.Arbitrary<unknown[]> = fc
  .uniqueArray(
    fc.oneof(
      { arbitrary: project, weight: 3 },
      eip,
      fip,
      { arbitrary: pod, weight: 4 },
      { arbitrary: service, weight: 2 },
      { arbitrary: vpc, weight: 2 },
      { arbitrary: subnet, weight: 2 },
    ),
    {
      minLength: 1,
      maxLength: 25,
      selector: keyOf,
    },
  )
  .map((objects) => objects.map(plain));

/** The external networks that the objects of {@link arbitraryObjects} use. */
export const networkObjects: readonly unknown[] = parseAllDocuments(dualNetworks).map((document): unknown =>
  document.toJS(),
);
