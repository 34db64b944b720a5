// The row builder: identity, marks, defaults, and what it refuses.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { capabilitiesOf } from '../../../src/northbound/capabilities.ts';
import { rowUuid } from '../../../src/northbound/identity.ts';
import { createRowBuilder } from '../../../src/northbound/row-builder.ts';
import type { RowBuilder } from '../../../src/northbound/row-builder.ts';
import { parseDatabaseSchema } from '../../../src/ovsdb/schema.ts';

function builder(version: '7.0.0' | '7.11.0'): RowBuilder {
  const file = new URL(`../../../ovsdb-schema/ovn-nb-${version}.ovsschema`, import.meta.url);
  const capabilities = capabilitiesOf(parseDatabaseSchema(JSON.parse(readFileSync(file, 'utf8'))));
  return createRowBuilder({ owner: 'default', unit: 'vpc/shalb-demo', capabilities });
}

const source = 'Project/shalb/demo';

describe('row', () => {
  test('has uuid, marks and a value for every managed column', () => {
    const rows = builder('7.0.0');
    const row = rows('Logical_Router', 'shalb-demo', { name: 'shalb-demo' }, { source });
    expect(row).toEqual({
      table: 'Logical_Router',
      uuid: rowUuid('default', 'Logical_Router', 'shalb-demo'),
      id: 'shalb-demo',
      source,
      columns: {
        name: 'shalb-demo',
        enabled: undefined,
        load_balancer: [],
        load_balancer_group: [],
        options: {},
        external_ids: {
          'ovn-projector/owner': 'default',
          'ovn-projector/unit': 'vpc/shalb-demo',
          'ovn-projector/id': 'shalb-demo',
          'ovn-projector/source': source,
        },
      },
    });
  });

  test('keeps our own external_ids beside the marks, and passes parents and requires on', () => {
    const context = {
      source,
      parents: [{ table: 'Logical_Router', uuid: 'u', column: 'nat' }],
      requires: ['v'],
    };
    const row = builder('7.0.0')(
      'Address_Set',
      'ledger',
      { name: 'opjx', external_ids: { 'ovn-projector/eip/a': '100.65.0.102' } },
      context,
    );
    expect(row.columns['external_ids']).toMatchObject({
      'ovn-projector/eip/a': '100.65.0.102',
      'ovn-projector/id': 'ledger',
    });
    expect(row).toMatchObject(context);
  });

  test('leaves out columns that the server lacks, and says so only when they had a value', () => {
    const acl = { priority: 1, direction: 'to-lport', match: '1', action: 'drop' } as const;
    const old = builder('7.0.0');
    const plain = old('ACL', 'a', acl, { source });
    expect(plain.columns).not.toHaveProperty('tier');
    expect(old.unsupported()).toEqual([]);
    const tiered = old('ACL', 'b', { ...acl, tier: 2 }, { source });
    expect(tiered.columns).not.toHaveProperty('tier');
    expect(old.unsupported()).toEqual([{ row: tiered, column: 'tier' }]);
    expect(builder('7.11.0')('ACL', 'b', { ...acl, tier: 2 }, { source }).columns['tier']).toBe(2);
  });

  test('a load balancer group has no marks: its id is its name', () => {
    const rows = builder('7.11.0');
    const name = 'vpc/shalb-demo/clusterip';
    expect(rows('Load_Balancer_Group', name, { name }, { source }).columns).toEqual({
      name,
      load_balancer: [],
    });
    expect(() => rows('Load_Balancer_Group', 'other', { name }, { source })).toThrow(/id must be its name/u);
  });
});

describe('row refuses what the planner could not take back', () => {
  const rows = builder('7.11.0');
  test('a key that is not declared as ours', () => {
    expect(() => rows('Logical_Switch', 's', { other_config: { subnet: 'x' } }, { source })).toThrow(
      /Logical_Switch.other_config key "subnet"/u,
    );
    expect(() => rows('Logical_Switch', 's', { external_ids: { vendor: 'x' } }, { source })).toThrow(
      /external_ids key "vendor"/u,
    );
  });

  test('a column that is not managed', () => {
    const columns = { name: 's', ports: [] };
    expect(() => rows('Logical_Switch', 's', columns, { source })).toThrow(/Logical_Switch.ports/u);
  });

  test('an enum without a value', () => {
    expect(() => rows('NAT', 'n', { external_ip: '10.0.0.1' }, { source })).toThrow(
      /NAT.type has no default/u,
    );
  });
});
