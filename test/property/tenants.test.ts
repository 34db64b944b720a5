// Whatever a tenant writes into its own namespace: no row of another tenant's network changes, and none serves its objects.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { annotation } from '../../src/api/annotations.ts';
import { networkObjects } from '../support/arbitrary-objects.ts';
import { evilText } from '../support/evil-texts.ts';
import { decodeAll, worldOfChanges } from '../support/model-world.ts';
import type { World, WorldOptions } from '../support/model-world.ts';

/** Names that the other tenant's objects have as well, and some that try to be somebody else's. */
const anyName = fc.oneof(
  { arbitrary: fc.constantFrom('web', 'db', 'default-gw', 'slb-web', 'fip-db', 'org-b-default'), weight: 6 },
  evilText,
);
const namespaced = (apiVersion: string, kind: string, spec: fc.Arbitrary<unknown>, more = {}) =>
  fc.record({
    apiVersion: fc.constant(apiVersion),
    kind: fc.constant(kind),
    metadata: fc.record({
      name: anyName,
      namespace: fc.constant('org-a'),
      labels: fc.dictionary(fc.constantFrom('app', 'team'), fc.constantFrom('web', 'b'), { maxKeys: 2 }),
      annotations: fc.dictionary(fc.constantFrom(...Object.values(annotation)), anyValue, { maxKeys: 3 }),
      creationTimestamp: fc.constantFrom('2025-01-01T00:00:00Z', '2027-01-01T00:00:00Z'),
      ownerReferences: fc.constantFrom([], [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid: 'u' }]),
    }),
    spec,
    ...more,
  });
const addressText = fc.constantFrom(
  '10.0.10.9',
  '10.0.10.3',
  'fd00:10::9',
  '100.65.0.200',
  '100.65.0.201',
  '2001:db8:65::c8',
);
const anyValue = fc.oneof(
  addressText,
  anyName,
  fc.constantFrom('true', 'cloud', 'org-b-default', 'sub', '0.0.0.0/0'),
);
const selector = fc.constantFrom({}, { matchLabels: { app: 'web' } }, { matchLabels: { team: 'b' } });
const peers = fc.array(
  fc.oneof(
    fc.record({ namespaceSelector: selector }),
    fc.record({ namespaceSelector: selector, podSelector: selector }),
    fc.record({ ipBlock: fc.record({ cidr: fc.constantFrom('0.0.0.0/0', '10.0.10.0/24', 'x') }) }),
  ),
  { maxLength: 2 },
);
const objects = fc.array(
  fc.oneof(
    namespaced('v1', 'Pod', fc.record({ hostNetwork: fc.boolean(), hostname: anyName, subdomain: anyName })),
    namespaced(
      'v1',
      'Service',
      fc.record({
        type: fc.constantFrom('LoadBalancer', 'ClusterIP'),
        clusterIP: fc.constantFrom('10.101.0.1', '10.101.0.2', 'None'),
        selector: fc.constantFrom({ app: 'web' }, { team: 'b' }),
        ports: fc.constantFrom([{ port: 80 }], [{ port: 81, protocol: 'UDP', name: 'x' }]),
        externalIPs: fc.constant(['100.65.0.200']),
        externalName: evilText,
        loadBalancerSourceRanges: fc.array(fc.oneof(addressText, evilText), { maxLength: 2 }),
      }),
    ),
    namespaced('discovery.k8s.io/v1', 'EndpointSlice', fc.constant({}), {
      addressType: fc.constant('IPv4'),
      endpoints: fc.constant([
        { addresses: ['10.0.10.9'], targetRef: { kind: 'Pod', namespace: 'org-b', name: 'web' } },
      ]),
      ports: fc.constant([{ port: 80, protocol: 'TCP' }]),
    }),
    namespaced('kube-dc.com/v1', 'EIp', fc.record({ ipAddress: fc.option(addressText, { nil: undefined }) })),
    namespaced(
      'kube-dc.com/v1',
      'FIp',
      fc.record({ ipAddress: addressText, eip: fc.option(anyName, { nil: undefined }) }),
    ),
    namespaced(
      'networking.k8s.io/v1',
      'NetworkPolicy',
      fc.record({
        podSelector: selector,
        ingress: fc.array(fc.record({ from: peers }), { maxLength: 2 }),
        egress: fc.array(fc.record({ to: peers }), { maxLength: 2 }),
      }),
    ),
  ),
  { minLength: 1, maxLength: 8 },
);

const project = (name: string) => ({
  apiVersion: 'kube-dc.com/v1',
  kind: 'Project',
  metadata: { name, namespace: 'org', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { cidrBlock: '10.0.10.0/24,fd00:10::/64', egressNetworkType: 'cloud' },
});
const own = (apiVersion: string, kind: string, name: string, spec: object, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: {
    name,
    namespace: 'org-b',
    labels: { app: name, team: 'b' },
    creationTimestamp: '2026-02-01T00:00:00Z',
  },
  spec,
  ...more,
});
/** What the other tenant has: one of everything, with an address of each kind. */
const other = [
  project('a'),
  project('b'),
  own('v1', 'Pod', 'web', { containers: [{ ports: [{ name: 'http', containerPort: 80 }] }] }),
  own('v1', 'Pod', 'db', {}),
  own('kube-dc.com/v1', 'EIp', 'web', { ipAddress: '100.65.0.200' }),
  own('kube-dc.com/v1', 'FIp', 'db', { ipAddress: '10.0.10.9' }),
  own('v1', 'Service', 'web', {
    type: 'LoadBalancer',
    clusterIP: '10.101.0.1',
    selector: { app: 'web' },
    ports: [{ port: 80 }],
  }),
  own('networking.k8s.io/v1', 'NetworkPolicy', 'web', {
    podSelector: {},
    ingress: [{ from: [{ namespaceSelector: {} }] }],
    egress: [{ to: [{ podSelector: { matchLabels: { app: 'db' } } }] }],
  }),
];

const marksOf = ({ columns }: World['rows'][number]): Readonly<Record<string, string>> =>
  (columns['external_ids'] as Readonly<Record<string, string>> | undefined) ?? {};
const rowsOfOther = (world: World) =>
  world.rows.filter((row) => (marksOf(row)['ovn-projector/unit'] ?? row.id).startsWith('vpc/org-b'));

/** Who holds which address: it was given out before the first tenant wrote anything. */
function recordedOf(world: World): Pick<WorldOptions, 'recorded' | 'ledger'> {
  const entries = [...world.results.values()].flatMap(({ model }) =>
    model?.kind === 'vpc' ? model.ledger : [],
  );
  const ledger = entries.flatMap(({ holder, kind, value }) =>
    kind === 'port' ? [] : [{ holder, kind, value }],
  );
  const ports = world.rows.flatMap(({ table, source, columns }): [string, string][] => {
    const [addresses] = (columns['addresses'] as string[] | undefined) ?? [];
    return table === 'Logical_Switch_Port' && source.startsWith('Pod/') && addresses !== undefined
      ? [[source, addresses.split(' ').slice(1).join(',')]]
      : [];
  });
  const holders = ledger.map(({ holder, value }): [string, string] => [holder, value]);
  return { recorded: Object.fromEntries([...holders, ...ports]), ledger };
}

/** An expression with what names and numbers it has taken out: what is left is none of the tenant's. */
const shapeOf = (match: string): string =>
  match
    .replaceAll(/[$@]opj[0-9a-f]{32}/g, 'S')
    .replaceAll(/"[a-z0-9.-]+"/g, 'S')
    .replaceAll(/(?<=[=!<>]= )(?:[0-9a-f.:]+(?:\/\d+)?|\{[0-9a-f.:/, ]+\})/g, 'S')
    .replaceAll(/\b(?:tcp|udp|sctp)\b/g, 'tcp')
    .replaceAll(/\bip[46]\b/g, 'ip');

const address = String.raw`ip\.(?:src|dst) == S`;
const term = [
  address,
  `\\(${address} \\|\\| ${address}\\)`,
  `!\\(${address}\\)`,
  String.raw`(?:inport|outport|eth\.src|tcp\.src|tcp\.dst|ct_label\.label|pkt\.mark) == S`,
  String.raw`tcp\.dst (?:>=|<=) S`,
  String.raw`(?:ip|tcp|ct\.rpl|flags\.loopback)`,
].join('|');
/** A conjunction of what we write ourselves; empty for a NAT without one. */
const knownShape = new RegExp(`^(?:(?:${term})(?: && (?:${term}))*)?$`);

test('no object of a tenant makes or changes a row of another one', () => {
  const before = worldOfChanges(decodeAll([...networkObjects, ...other]).changes);
  const recorded = recordedOf(before);
  const untouched = rowsOfOther(before);
  expect(untouched.length).toBeGreaterThan(40);
  let made = 0;
  const shapes = new Set<string>();
  fc.assert(
    fc.property(objects, (written) => {
      const all = [...networkObjects, ...other, ...(JSON.parse(JSON.stringify(written)) as unknown[])];
      const after = worldOfChanges(decodeAll(all).changes, recorded);
      expect(rowsOfOther(after)).toEqual(untouched);
      // Wherever its own rows are, they are of its own unit.
      const its = after.rows.filter(({ source }) => /^\w+\/org-a\//.test(source));
      made += its.length;
      for (const { columns } of after.rows)
        if (typeof columns['match'] === 'string') shapes.add(shapeOf(columns['match']));
      for (const row of its)
        if (row.table !== 'Load_Balancer_Group') expect(marksOf(row)['ovn-projector/unit']).toBe('vpc/org-a');
    }),
    { numRuns: 250 },
  );
  expect(made).toBeGreaterThan(100);
  expect(shapes.size).toBeGreaterThan(5);
  for (const shape of shapes) expect(shape).toMatch(knownShape);
});
