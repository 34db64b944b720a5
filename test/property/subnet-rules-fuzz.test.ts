// Whatever is written into the rules of a subnet: no word of it gets into an expression, a name or a log, nor elsewhere.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evilText, groupMatch } from '../support/evil-texts.ts';
import { decodeAll, worldOfChanges } from '../support/model-world.ts';
import { networkObjects } from '../support/arbitrary-objects.ts';

/** Mostly right, so that rules come about at all. */
const mostly = <T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: right, weight: 300 }, evilText, fc.integer(), fc.constant(null), fc.constant({}));
const words = (...all: readonly string[]) => mostly(fc.constantFrom(...all));
const list = <T>(of: fc.Arbitrary<T>) => mostly(fc.array(of, { maxLength: 3 }));
const range = words('10.0.0.0/8', '0.0.0.0/0', '192.0.2.7/32', 'fd00::/8', '::/0');
const label = mostly(fc.stringMatching(/^[a-z]([a-z-]{0,61}[a-z])?$/));
const fields = {
  name: label,
  direction: words('ingress', 'egress'),
  action: words('allow', 'allow-stateless', 'drop', 'reject'),
  priority: mostly(fc.nat(1000)),
  protocol: words('any', 'icmp', 'tcp', 'udp', 'tcp', 'sctp'),
  ports: list(fc.record({ port: mostly(fc.integer({ min: 1, max: 9 })), endPort: mostly(fc.constant(9)) })),
  from: list(range),
  to: list(range),
  log: mostly(fc.boolean()),
  logSeverity: words('alert', 'debug'),
  logRate: mostly(fc.integer({ min: 1, max: 1000 })),
};
const requiredKeys = ['name', 'direction', 'action', 'priority'] as const;
const rules = fc.array(
  fc.oneof(
    { arbitrary: fc.record(fields, { requiredKeys: [...requiredKeys] }), weight: 20 },
    fc.record({ ...fields, match: evilText }, { requiredKeys: [...requiredKeys, 'match'] }),
  ),
  { maxLength: 3 },
);

const project = (name: string, subnetAcls: unknown) => ({
  apiVersion: 'kube-dc.com/v1',
  kind: 'Project',
  // The address outside of one does not depend on whether the other one is refused.
  metadata: { name, namespace: 'org', creationTimestamp: `2026-0${name === 'b' ? 1 : 2}-01T00:00:00Z` },
  spec: { cidrBlock: '10.0.10.0/24,fd00:10::/64', egressNetworkType: 'cloud', subnetAcls },
});
const pods = ['a', 'b'].map((name) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: `org-${name}` },
  spec: {},
}));

const plain = /^[a-z0-9-]+\/[a-z0-9-]+(?:~[0-9a-f]{8})?$/;

test('no word of a rule gets into a match or a name, and no row into another network', () => {
  const worldWith = (acls: unknown) =>
    worldOfChanges(decodeAll([...networkObjects, project('b', []), ...pods, project('a', acls)]).changes);
  const unitOf = (columns: Readonly<Record<string, unknown>>): string =>
    (columns['external_ids'] as Readonly<Record<string, string>> | undefined)?.['ovn-projector/unit'] ?? '';
  const elsewhere = (acls: unknown) =>
    worldWith(acls).rows.filter(({ id, columns }) => !(unitOf(columns) || id).startsWith('vpc/org-a'));
  const untouched = elsewhere([]);
  let judged = 0;
  fc.assert(
    fc.property(rules, (acls) => {
      const world = worldWith(acls);
      const rows = world.rows.filter(({ id }) => /^subnet\/org-a-default\/(?:acls|log|ports)/.test(id));
      for (const { table, columns } of rows) {
        if (table === 'ACL') {
          judged += 1;
          expect(columns['match']).toMatch(groupMatch);
          expect(columns['name']).toMatch(plain);
          expect(columns['name']).toMatch(/^.{1,63}$/);
          if (columns['log'] === true) expect(columns['meter']).toMatch(/^org-a-default\/log\/\d{1,4}$/);
        }
        if (table === 'Meter_Band') expect(columns['rate']).toBeLessThanOrEqual(1000);
      }
      expect(elsewhere(acls)).toEqual(untouched);
    }),
    { numRuns: 300 },
  );
  expect(judged).toBeGreaterThan(40);
});
