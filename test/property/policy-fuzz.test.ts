// Whatever a tenant writes into a NetworkPolicy: no word of it gets into an expression of OVN, and no row into another unit.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evilText, groupMatch } from '../support/evil-texts.ts';
import { decodeAll, worldOfChanges } from '../support/model-world.ts';
import type { World } from '../support/model-world.ts';

const selector = fc.record(
  {
    matchLabels: fc.dictionary(evilText, evilText, { maxKeys: 2 }),
    matchExpressions: fc.array(
      fc.record({
        key: evilText,
        operator: fc.oneof(evilText, fc.constantFrom('In', 'NotIn', 'Exists')),
        values: fc.array(evilText, { maxLength: 2 }),
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
    ipBlock: fc.record({ cidr: evilText, except: fc.array(evilText, { maxLength: 2 }) }),
  },
  { requiredKeys: [] },
);
const port = fc.record(
  {
    protocol: fc.oneof(evilText, fc.constantFrom('TCP', 'UDP')),
    port: fc.oneof(evilText, fc.integer(), fc.nat(65_535)),
    endPort: fc.oneof(fc.integer(), fc.nat(65_535)),
  },
  { requiredKeys: [] },
);
const policy = fc.record({
  apiVersion: fc.constant('networking.k8s.io/v1'),
  kind: fc.constant('NetworkPolicy'),
  metadata: fc.record({ name: fc.oneof(evilText, fc.constantFrom('p', 'q')), namespace: fc.constant('a') }),
  spec: fc.record(
    {
      podSelector: selector,
      policyTypes: fc.array(fc.oneof(evilText, fc.constantFrom('Ingress', 'Egress')), { maxLength: 2 }),
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
      for (const { columns } of rules) expect(columns['match']).toMatch(groupMatch);
      for (const { source } of rules) expect(source).toMatch(/^NetworkPolicy\/a\//);
      expect(rowsIn(world, 'vpc/b')).toEqual(untouched);
    }),
    { numRuns: 400 },
  );
  expect(judged).toBeGreaterThan(400);
});
