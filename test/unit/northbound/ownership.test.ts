// Whose a row is, which of its columns and keys are ours, and what the server can do.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { rowUuid } from '../../../src/northbound/identity.ts';
import { managedColumns } from '../../../src/northbound/managed-columns.ts';
import { isManagedKey } from '../../../src/northbound/managed-keys.ts';
import {
  managedTables,
  monitoredColumns,
  northboundIndexes,
} from '../../../src/northbound/monitored-columns.ts';
import { idOf, marks, ownedUnit, ownerOf, sourceOf, unitOf } from '../../../src/northbound/ownership.ts';
import { northboundPolicy } from '../../../src/northbound/policy.ts';
import { intersectColumns, parseDatabaseSchema } from '../../../src/ovsdb/schema.ts';
import type { DatabaseSchema } from '../../../src/ovsdb/schema.ts';
import type { Row } from '../../../src/ovsdb/value.ts';

function schemaOf(version: '7.0.0' | '7.11.0'): DatabaseSchema {
  const file = new URL(`../../../ovsdb-schema/ovn-nb-${version}.ovsschema`, import.meta.url);
  return parseDatabaseSchema(JSON.parse(readFileSync(file, 'utf8')));
}

const marked: Row = { _uuid: 'u', external_ids: marks('default', 'vpc/a', 'a/snat', 'Project/x/a') };
const groupName = 'vpc/a/clusterip';

describe('ownership', () => {
  test('marks are read back', () => {
    expect([ownerOf(marked), unitOf(marked), idOf(marked), sourceOf(marked)]).toEqual([
      'default',
      'vpc/a',
      'a/snat',
      'Project/x/a',
    ]);
    expect(ownerOf({ _uuid: 'u', external_ids: {} })).toBeUndefined();
    expect(ownerOf({ _uuid: 'u' })).toBeUndefined();
  });

  test.each<[string, string, string, Row, string | undefined]>([
    ['a marked row', 'default', 'NAT', marked, 'vpc/a'],
    ['a row of another instance', 'other', 'NAT', marked, undefined],
    ['a row without marks', 'default', 'NAT', { _uuid: 'u', external_ids: { vendor: 'x' } }, undefined],
    [
      'a load balancer group whose uuid follows from its name',
      'default',
      'Load_Balancer_Group',
      { _uuid: rowUuid('default', 'Load_Balancer_Group', groupName), name: groupName },
      'vpc/a',
    ],
    [
      'a load balancer group of somebody else',
      'default',
      'Load_Balancer_Group',
      { _uuid: 'u', name: groupName },
      undefined,
    ],
  ])('the unit of %s', (_, owner, table, row, unit) => {
    expect(ownedUnit(owner, table, row)).toBe(unit);
  });

  test.each([
    ['Logical_Switch', 'external_ids', 'ovn-projector/eip:x', true],
    ['Logical_Switch', 'external_ids', 'vendor', false],
    ['Logical_Switch', 'other_config', 'broadcast-arps-to-all-routers', true],
    ['Logical_Switch', 'other_config', 'requested-tnl-key', false],
    ['Load_Balancer', 'vips', '10.0.0.1:80', true],
    ['Load_Balancer', 'options', 'hairpin_snat_ip', true],
    ['Copp', 'meters', 'arp', false],
  ])('%s.%s key %s', (table, column, key, expected) => {
    expect(isManagedKey(table, column, key)).toBe(expected);
  });

  test('names are unique by schema or by policy', () => {
    const policy = northboundPolicy('default', schemaOf('7.0.0'));
    expect(policy.uniqueColumns('Logical_Switch_Port')).toEqual([['name']]);
    expect(policy.uniqueColumns('Logical_Router')).toEqual([['name']]);
    expect(policy.uniqueColumns('NAT')).toEqual([]);
  });
});

describe('what is monitored', () => {
  test('the newest schema has all of it, and only newer things are missing from the oldest', () => {
    expect(intersectColumns(monitoredColumns, schemaOf('7.11.0')).missing).toEqual([]);
    const missing = intersectColumns(monitoredColumns, schemaOf('7.0.0')).missing;
    expect(missing.map(({ table, column }) => `${table}.${column ?? ''}`)).toEqual([
      'ACL.tier',
      'DNS.options',
      'Logical_Router_Policy.chain',
      'Logical_Router_Policy.jump_chain',
      'Logical_Router_Policy.bfd_sessions',
      'Logical_Router_Port.status',
      'Logical_Router_Static_Route.selection_fields',
      'Logical_Switch_Port.peer',
      'NAT.priority',
      'NAT.match',
    ]);
  });

  test('every place that holds a row of ours strongly is seen, or the planner could not let go of it', () => {
    const unseen = [...schemaOf('7.11.0').tables.values()].flatMap((table) =>
      [...table.columns.values()]
        .filter(
          ({ type }) =>
            type.key.refType === 'strong' && Object.hasOwn(managedColumns, type.key.refTable ?? ''),
        )
        .filter(({ name }) => !(monitoredColumns[table.name] ?? []).includes(name))
        .map(({ name }) => `${table.name}.${name}`),
    );
    expect(unseen).toEqual([]);
  });

  test('there is an index by unit for every table, and by each unique name', () => {
    const names = northboundIndexes(northboundPolicy('default', schemaOf('7.0.0'))).map(({ name }) => name);
    for (const table of managedTables) expect(names).toContain(`unit:${table}`);
    expect(names).toContain('unique:Logical_Switch:name');
    expect(new Set(names).size).toBe(names.length);
  });
});
