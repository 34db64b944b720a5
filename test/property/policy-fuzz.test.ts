// Whatever a tenant writes into a NetworkPolicy: no word of it gets into an expression of OVN, and no row into another unit.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeAll, worldOfChanges } from '../support/model-world.ts';
import type { World } from '../support/model-world.ts';

const evil = fc.oneof(
  fc.constantFrom(
    '" || 1 || "',
    'a && ip4',
    '$opj0',
    '@pg',
    '} || {',
    '0.0.0.0/0 || 1',
    '10.0.0.0/8',
    'fd00::/8',
    'web',
    '../../b',
    'x\u0000y',
    '\ud800',
    'app',
    '',
  ),
  fc.string(),
);
const selector = fc.record(
  {
    matchLabels: fc.dictionary(evil, evil, { maxKeys: 2 }),
    matchExpressions: fc.array(
      fc.record({
        key: evil,
        operator: fc.oneof(evil, fc.constantFrom('In', 'NotIn', 'Exists')),
        values: fc.array(evil, { maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const peer = fc.record(
  {
    podSelector: selector,
    namespaceSelector: selector,
    ipBlock: fc.record({ cidr: evil, except: fc.array(evil, { maxLength: 2 }) }),
  },
  { requiredKeys: [] },
);
const port = fc.record(
  {
    protocol: fc.oneof(evil, fc.constantFrom('TCP', 'UDP')),
    port: fc.oneof(evil, fc.integer(), fc.nat(65_535)),
    endPort: fc.oneof(fc.integer(), fc.nat(65_535)),
  },
  { requiredKeys: [] },
);
const policy = fc.record({
  apiVersion: fc.constant('networking.k8s.io/v1'),
  kind: fc.constant('NetworkPolicy'),
  metadata: fc.record({ name: fc.oneof(evil, fc.constantFrom('p', 'q')), namespace: fc.constant('a') }),
  spec: fc.record(
    {
      podSelector: selector,
      policyTypes: fc.array(fc.oneof(evil, fc.constantFrom('Ingress', 'Egress')), { maxLength: 2 }),
      ingress: fc.array(
        fc.record({ from: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) }),
      ),
      egress: fc.array(
        fc.record({ to: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) }),
      ),
    },
    { requiredKeys: [] },
  ),
});

/** Two VPCs with one range, whose namespaces and pods are called alike. */
const networks = ['a', 'b'].flatMap((name) => [
  { apiVersion: 'ovn.kube-dc.com/v1alpha1', kind: 'Vpc', metadata: { name }, spec: { externalNetworks: [] } },
  {
    apiVersion: 'ovn.kube-dc.com/v1alpha1',
    kind: 'Subnet',
    metadata: { name: `${name}-pods` },
    spec: { vpc: name, cidr: '10.0.0.0/24,fd00::/64', namespaces: [name] },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: name, labels: { app: 'web', web: '' } },
    spec: { containers: [{ ports: [{ name: 'web', containerPort: 80 }] }] },
  },
]);

const name = 'opj[0-9a-f]{32}';
const address = String.raw`[0-9a-f.:]+(?:/\d+)?`;
const terms = [
  'ip[46]?',
  `ip[46]\\.(?:src|dst) == (?:\\$${name}|${address}|\\{${address}(?:, ${address})*\\})`,
  String.raw`(?:tcp|udp|sctp)`,
  String.raw`(?:tcp|udp|sctp)\.dst (?:==|>=|<=) (?:\d+|\{\d+(?:, \d+)*\})`,
].join('|');
const grammar = new RegExp(`^(?:in|out)port == @${name}(?: && (?:${terms}))+$`);

const rowsIn = (world: World, unit: string) =>
  world.rows.filter(({ columns }) => {
    const marks = columns['external_ids'] as Readonly<Record<string, string>> | undefined;
    return marks?.['ovn-projector/unit'] === unit;
  });

test('no word of a policy gets into a match, and no row of it into another network', () => {
  let judged = 0;
  const untouched = rowsIn(worldOfChanges(decodeAll(networks).changes), 'vpc/b');
  fc.assert(
    fc.property(fc.array(policy, { minLength: 1, maxLength: 3 }), (policies) => {
      const world = worldOfChanges(decodeAll([...networks, ...policies]).changes);
      const rules = world.rows.filter(
        ({ table, source }) => table === 'ACL' && source.startsWith('NetworkPolicy/'),
      );
      judged += rules.length;
      for (const { columns } of rules) expect(columns['match']).toMatch(grammar);
      for (const { source } of rules) expect(source).toMatch(/^NetworkPolicy\/a\//);
      expect(rowsIn(world, 'vpc/b')).toEqual(untouched);
    }),
    { numRuns: 400 },
  );
  expect(judged).toBeGreaterThan(400);
});
