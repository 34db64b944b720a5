// Rows that units wait for, rows that are about to come and go, rows that others hang in.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PlannedRows } from '../../../src/controller/planned-rows.ts';
import { RowWaits } from '../../../src/controller/row-waits.ts';
import { occupantsOf } from '../../../src/controller/rows-in-use.ts';
import { marks } from '../../../src/northbound/ownership.ts';
import { northboundPolicy } from '../../../src/northbound/policy.ts';
import { parseDatabaseSchema } from '../../../src/ovsdb/schema.ts';
import type { Row } from '../../../src/ovsdb/value.ts';
import type { ChangeSet } from '../../../src/plan/change-set.ts';
import type { CurrentRows } from '../../../src/plan/current-rows.ts';

const schema = parseDatabaseSchema(
  JSON.parse(readFileSync(new URL('../../../ovsdb-schema/ovn-nb-7.0.0.ovsschema', import.meta.url), 'utf8')),
);
const policy = northboundPolicy('default', schema);

const changes = (parts: Partial<ChangeSet>): ChangeSet => ({
  unit: 'network/ext',
  inserts: [],
  updates: [],
  deletes: [],
  attach: [],
  detach: [],
  ...parts,
});
const row = (uuid: string, unit?: string, columns: Record<string, Row[string]> = {}): Row => ({
  ...columns,
  _uuid: uuid,
  external_ids: unit === undefined ? {} : marks('default', unit, uuid, ''),
});
const rowDelete = (table: string, before: Row): ChangeSet['deletes'][number] => ({
  table,
  uuid: before._uuid,
  id: before._uuid,
  source: '',
  before,
});
const current = (rows: readonly Row[]): CurrentRows => ({
  row: (_table, uuid) => rows.find(({ _uuid }) => _uuid === uuid),
  unitRows: () => [],
  referrers: () => [{ table: 'Logical_Switch', uuid: 'ls', column: 'ports' }],
  byUnique: (_table, [column = ''], values) => rows.filter((each) => each[column] === values[column]),
});

describe('RowWaits', () => {
  const change = (uuid: string) => ({ table: 'NAT', uuid, before: undefined, after: undefined });

  test('finds the units of a changed row, each once, until they wait for something else', () => {
    const waits = new RowWaits();
    waits.set('vpc/a', ['1', '2']);
    waits.set('vpc/b', ['2']);
    expect([...waits.unitsFor([change('1'), change('2')])]).toEqual(['vpc/a', 'vpc/b']);
    waits.set('vpc/a', ['3']);
    expect([...waits.unitsFor([change('1'), change('2')])]).toEqual(['vpc/b']);
    waits.set('vpc/a', []);
    waits.set('vpc/b', []);
    expect([...waits.unitsFor([change('1'), change('2'), change('3')])]).toEqual([]);
  });
});

describe('PlannedRows', () => {
  const there = row('there', undefined, { name: 'n' });
  const rows = new PlannedRows(current([there, row('ls')]));

  test('shows what will come and hides what will go', () => {
    expect(rows.row('Logical_Switch', 'new')).toBeUndefined();
    expect(rows.byUnique('Logical_Switch', ['name'], { name: 'n' })).toEqual([there]);
    const insert = { table: 'Logical_Switch', uuid: 'new', columns: { name: 'x' }, source: '', id: '' };
    rows.add(changes({ inserts: [insert], deletes: [rowDelete('Logical_Switch', there)] }));
    expect(rows.row('Logical_Switch', 'new')).toEqual({ _uuid: 'new', name: 'x' });
    expect(rows.row('Logical_Router', 'new')).toBeUndefined();
    expect(rows.row('Logical_Switch', 'there')).toBeUndefined();
    expect(rows.byUnique('Logical_Switch', ['name'], { name: 'n' })).toEqual([]);
    expect(rows.referrers('x')).toHaveLength(1);
    rows.add(changes({ deletes: [rowDelete('Logical_Switch', row('ls'))] }));
    expect(rows.referrers('x')).toEqual([]);
  });
});

describe('occupantsOf', () => {
  const host = rowDelete(
    'Logical_Switch',
    row('ls', 'network/ext', { ports: ['own', 'vpc', 'foreign', 'gone'] }),
  );
  const own = row('own', 'network/ext');
  const rows = current([own, row('vpc', 'vpc/a'), row('foreign')]);

  test('names children that stay, whosever they are', () => {
    const found = occupantsOf(
      changes({ deletes: [host, rowDelete('Logical_Switch_Port', own)] }),
      rows,
      policy,
    );
    expect(found.map(({ row: child, table, unit }) => [child._uuid, table, unit])).toEqual([
      ['vpc', 'Logical_Switch_Port', 'vpc/a'],
      ['foreign', 'Logical_Switch_Port', undefined],
    ]);
  });

  test('children that move to another parent do not count', () => {
    const attach = ['own', 'vpc', 'foreign'].map((child) => ({
      parent: { table: 'Logical_Switch', uuid: 'other', column: 'ports' },
      child,
      source: '',
    }));
    expect(occupantsOf(changes({ deletes: [host], attach }), rows, policy)).toEqual([]);
  });

  test('a weak reference holds nothing, nor does a reference to a root row', () => {
    const group = rowDelete('Port_Group', row('pg', 'network/ext', { ports: ['vpc'], acls: [] }));
    const router = rowDelete('Logical_Router', row('lr', 'network/ext', { load_balancer: ['foreign'] }));
    expect(occupantsOf(changes({ deletes: [group, router] }), rows, policy)).toEqual([]);
  });
});
