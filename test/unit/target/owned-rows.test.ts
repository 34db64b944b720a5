// Rows of ours, counted as they come, change and go.
import { expect, test } from 'vitest';
import { OwnedRows } from '../../../src/target/owned-rows.ts';
import type { Row } from '../../../src/ovsdb/value.ts';

const row = (uuid: string, unit: string, source: string, owner = 'default'): Row => ({
  _uuid: uuid,
  external_ids: {
    'ovn-projector/owner': owner,
    'ovn-projector/unit': unit,
    'ovn-projector/source': source,
  },
});
const policy = row('1', 'vpc/a', 'NetworkPolicy/a/web');
const wall = row('2', 'network/ext', 'ExternalNetwork/ext');
const foreign = row('3', 'vpc/b', 'Project/x/b', 'somebody');
const set = row('4', 'vpc/a', 'NetworkPolicy/*');

const counts = (owned: OwnedRows) => ({
  total: owned.total,
  a: owned.count('vpc/a'),
  units: [...owned.units()].toSorted(),
  tables: Object.fromEntries(owned.tables),
  rules: Object.fromEntries(owned.rules),
});

test('counts by unit, table and kind of rule', () => {
  const tables: Readonly<Record<string, readonly Row[]>> = { ACL: [policy, foreign], Address_Set: [set] };
  const replica = {
    rows: (table: string) => new Map((tables[table] ?? []).map((each) => [each._uuid, each])),
  };
  const owned = new OwnedRows('default', replica as never);
  const start = {
    total: 2,
    a: 2,
    units: ['vpc/a'],
    tables: { ACL: 1, Address_Set: 1 },
    rules: { NetworkPolicy: 1 },
  };
  expect(counts(owned)).toEqual(start);
  const change = (table: string, before: Row | undefined, after: Row | undefined) =>
    owned.apply({ table, uuid: (before ?? after)?._uuid ?? '', before, after });
  change('ACL', undefined, wall);
  change('ACL', policy, { ...policy, priority: 7 });
  change('ACL', foreign, undefined);
  change('Copp', undefined, wall);
  expect(counts(owned)).toEqual({
    total: 3,
    a: 2,
    units: ['network/ext', 'vpc/a'],
    tables: { ACL: 2, Address_Set: 1 },
    rules: { NetworkPolicy: 1, ExternalNetwork: 1 },
  });
  change('ACL', wall, undefined);
  expect(counts(owned)).toEqual(start);
  // Somebody takes our mark away.
  change('Address_Set', set, { ...set, external_ids: {} });
  expect(counts(owned)).toMatchObject({ total: 1, tables: { ACL: 1 } });
});
