// What is read back from the databases row by row: records, counts, drift, gateway chassis.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ledgerKey } from '../../../src/northbound/ledger.ts';
import { marks } from '../../../src/northbound/ownership.ts';
import { parseDatabaseSchema } from '../../../src/ovsdb/schema.ts';
import type { ReplicaView, RowChange } from '../../../src/ovsdb/replica-view.ts';
import type { Row, Value } from '../../../src/ovsdb/value.ts';
import { northboundPolicy } from '../../../src/northbound/policy.ts';
import { addressUses } from '../../../src/target/address-uses.ts';
import { DriftReader } from '../../../src/target/drift.ts';
import { chassisNamed, gatewayChassisOf } from '../../../src/target/gateway-chassis.ts';
import { OwnedRows } from '../../../src/target/owned-rows.ts';
import { Records } from '../../../src/target/records.ts';

type Columns = Readonly<Record<string, Value>>;
const ours = (unit: string, source = '', more: Record<string, string> = {}) => ({
  external_ids: { ...marks('default', unit, 'id', source), ...more },
});
const row = (uuid: string, columns: Columns): Row => ({ ...columns, _uuid: uuid });
const change = (
  table: string,
  uuid: string,
  before: Columns | undefined,
  after: Columns | undefined,
): RowChange => ({
  table,
  uuid,
  before: before && row(uuid, before),
  after: after && row(uuid, after),
});
const replica = (tables: Readonly<Record<string, readonly Row[]>> = {}): ReplicaView => ({
  rows: (table) => new Map((tables[table] ?? []).map((each) => [each._uuid, each])),
  row: (table, uuid) => tables[table]?.find(({ _uuid }) => _uuid === uuid),
  find: () => [],
  referrers: () => [],
});

const schema = parseDatabaseSchema(
  JSON.parse(readFileSync(new URL('../../../ovsdb-schema/ovn-nb-7.0.0.ovsschema', import.meta.url), 'utf8')),
);

describe('Records', () => {
  const ledger = (lines: Record<string, string>) => ({
    name: 'opj1',
    ...ours(
      'vpc/a',
      'Project/o/a',
      Object.fromEntries(Object.entries(lines).map(([holder, value]) => [ledgerKey('eip', holder), value])),
    ),
  });
  const port = (addresses: readonly string[], source = 'Pod/a/x', type = '') => ({
    type,
    addresses,
    ...ours('vpc/a', source),
  });

  test('reads ledger lines and workload ports of this owner', () => {
    const foreign = { external_ids: { [ledgerKey('eip', 'EIp/b/x')]: '192.0.2.9' } };
    const records = new Records(
      'default',
      replica({
        Address_Set: [row('1', ledger({ 'EIp/a/x': '192.0.2.1' })), row('2', foreign)],
        Logical_Switch_Port: [
          row('3', port(['0a:58:0a:00:00:02 10.0.0.2 fd00::2'])),
          row('4', port(['router'], 'Project/o/a', 'router')),
          row('5', port(['unknown'], 'Pod/a/y')),
          row('6', { type: '', addresses: ['0a:58:0a:00:00:07 10.0.0.7'], external_ids: {} }),
        ],
      }),
    );
    expect(records.recorded('EIp/a/x')).toBe('192.0.2.1');
    expect(records.recorded('EIp/b/x')).toBeUndefined();
    expect(records.recorded('Pod/a/x')).toBe('10.0.0.2,fd00::2');
    expect(records.portOf('Pod/a/x')).toBe('3');
    expect(['Project/o/a', 'Pod/a/y'].map((holder) => records.recorded(holder))).toEqual([
      undefined,
      undefined,
    ]);
    expect([...records.ledger()]).toMatchObject([{ holder: 'EIp/a/x', kind: 'eip', value: '192.0.2.1' }]);
  });

  test('tells of whose record something went, not whose moved to another row', () => {
    const records = new Records('default', replica());
    const one = ledger({ 'EIp/a/x': '192.0.2.1', 'EIp/a/y': '192.0.2.2' });
    expect(records.apply(change('Address_Set', '1', undefined, one))).toEqual([]);
    const two = ledger({ 'EIp/a/x': '192.0.2.3' });
    expect(records.apply(change('Address_Set', '1', one, two))).toEqual(['EIp/a/x', 'EIp/a/y']);
    expect(records.recorded('EIp/a/x')).toBe('192.0.2.3');
    records.apply(change('Address_Set', '2', undefined, two));
    expect(records.apply(change('Address_Set', '1', two, undefined))).toEqual([]);
    expect(records.recorded('EIp/a/x')).toBe('192.0.2.3');
    expect(records.apply(change('Address_Set', '2', two, undefined))).toEqual(['EIp/a/x']);
    const x = port(['0a:58:0a:00:00:02 10.0.0.2']);
    records.apply(change('Logical_Switch_Port', '3', undefined, x));
    const both = port(['0a:58:0a:00:00:02 10.0.0.2 fd00::2']);
    expect(records.apply(change('Logical_Switch_Port', '3', x, both))).toEqual([]);
    expect(records.apply(change('Logical_Switch_Port', '3', both, x))).toEqual(['Pod/a/x']);
    expect(records.recorded('Pod/a/x')).toBe('10.0.0.2');
    expect(records.apply(change('Logical_Switch_Port', '3', x, { ...x, external_ids: {} }))).toEqual([
      'Pod/a/x',
    ]);
    expect(records.apply(change('NAT', '4', x, undefined))).toEqual([]);
  });
});

describe('OwnedRows', () => {
  test('counts by unit as rows come, change hands and go', () => {
    const owned = new OwnedRows(
      'default',
      replica({ NAT: [row('1', ours('vpc/a')), row('2', { external_ids: {} })] }),
    );
    owned.apply(change('NAT', '2', { external_ids: {} }, ours('vpc/b')));
    owned.apply(change('ACL', '3', undefined, ours('vpc/b')));
    owned.apply(change('Copp', '4', undefined, ours('')));
    expect([owned.total, owned.count('vpc/a'), owned.count('vpc/b')]).toEqual([3, 1, 2]);
    owned.apply(change('NAT', '1', ours('vpc/a'), ours('vpc/b')));
    expect([[...owned.units()], owned.total]).toEqual([['vpc/b'], 3]);
    owned.apply(change('NAT', '2', ours('vpc/b'), { external_ids: {} }));
    owned.apply(change('NAT', '1', ours('vpc/b'), undefined));
    owned.apply(change('ACL', '3', ours('vpc/b'), undefined));
    expect([[...owned.units()], owned.total]).toEqual([[], 0]);
  });
});

describe('DriftReader', () => {
  const drift = new DriftReader('default', schema);
  const children = replica({
    Logical_Switch_Port: [
      row('p1', ours('vpc/a')),
      row('p2', ours('vpc/b')),
      row('p3', { external_ids: {} }),
    ],
  });
  const collect = (each: RowChange) => {
    const units = new Set<string>();
    const moved = new Map<string, string>();
    drift.collect(each, children, units, moved);
    return { units: [...units].toSorted(), moved: [...moved] };
  };
  const a = ours('vpc/a');

  test.each<[string, RowChange, string[]]>([
    ['a row of ours that is deleted', change('NAT', '1', a, undefined), ['vpc/a']],
    ['a row of ours that appears', change('NAT', '1', undefined, a), ['vpc/a']],
    ['a foreign row', change('NAT', '1', undefined, { external_ids: {} }), []],
    ['a column that we write', change('NAT', '1', { ...a, type: 'snat' }, { ...a, type: 'dnat' }), ['vpc/a']],
    [
      'a column that northd writes',
      change('Logical_Switch_Port', '1', { ...a, up: true }, { ...a, up: false }),
      [],
    ],
    ['an owner mark that is taken off', change('NAT', '1', a, { external_ids: {} }), ['vpc/a']],
    ['a table that we do not write', change('NB_Global', '1', a, undefined), []],
    [
      'children that are let go and taken in',
      change('Logical_Switch', '1', { ports: ['p1', 'p3', 'p9'] }, { ports: ['p2', 'p3'] }),
      ['vpc/a', 'vpc/b'],
    ],
    [
      'children that stay',
      change('Logical_Switch', '1', { ports: ['p1', 'p2'] }, { ports: ['p1', 'p2', 'p9'] }),
      [],
    ],
    [
      'a switch that vanishes under its children',
      change('Logical_Switch', '1', { ports: ['p1'] }, undefined),
      ['vpc/a'],
    ],
  ])('%s', (_name, each, units) => {
    expect(collect(each)).toEqual({ units, moved: [] });
  });

  test('a row that is marked over to another unit', () => {
    expect(collect(change('NAT', '1', a, ours('vpc/b')))).toEqual({
      units: ['vpc/a'],
      moved: [['vpc/b', 'vpc/a']],
    });
  });

  test.each([
    [undefined, false, '', []],
    [false, true, '', ['vpc/a']],
    [true, undefined, '', ['vpc/a']],
    [false, true, 'router', []],
  ])('a port whose up goes from %o to %o, type %o', (before, after, type, expected) => {
    const units = new Set<string>();
    drift.collectObserved(
      change('Logical_Switch_Port', '1', { ...a, type, up: before }, { ...a, type, up: after }),
      units,
    );
    expect([...units]).toEqual(expected);
  });
});

describe('gatewayChassisOf', () => {
  const chassis = (name: string, other: Record<string, string>, ids: Record<string, string> = {}) =>
    row(name, { name, other_config: other, external_ids: ids });

  test('takes those that offer it, in either column, with the networks that they reach', () => {
    expect(
      gatewayChassisOf([
        chassis('b', {
          'ovn-cms-options': 'x, enable-chassis-as-gw',
          'ovn-bridge-mappings': 'phys:br-ex, lab:br-lab',
        }),
        chassis('a', {}, { 'ovn-cms-options': 'enable-chassis-as-gw' }),
        chassis(
          'c',
          { 'ovn-cms-options': 'enable-chassis-as-gw-not' },
          { 'ovn-cms-options': 'enable-chassis-as-gw' },
        ),
        chassis('d', {}),
      ]),
    ).toEqual([
      { name: 'a', physicalNetworks: [] },
      { name: 'b', physicalNetworks: ['phys', 'lab'] },
    ]);
  });
});

describe('chassisNamed', () => {
  const chassis = [
    row('1', { name: 'system-1', hostname: 'node-1' }),
    row('2', { name: 'system-2', hostname: 'node-2.example.org' }),
    row('3', { name: 'system-3', hostname: 'twin' }),
    row('4', { name: 'system-4', hostname: 'twin' }),
  ];
  const encaps = [
    row('5', { chassis_name: 'system-2', ip: '10.1.0.2' }),
    row('6', { chassis_name: 'system-2', ip: '10.1.0.2' }),
    row('7', { chassis_name: 'system-3', ip: '10.1.0.3' }),
  ];

  test.each([
    [['system-1'], 'system-1'],
    [['node-1', '10.1.0.2'], 'system-1'],
    [['node-2', '10.1.0.2'], 'system-2'],
    [['node-2', 'node-2.example.org'], 'system-2'],
    [['twin', '10.1.0.3'], 'system-3'],
    [['twin'], undefined],
    [['nobody'], undefined],
  ])('%o is %s', (names, expected) => {
    expect(chassisNamed(names, chassis, encaps)).toBe(expected);
  });
});

describe('addressUses', () => {
  test('tells VIPs by protocol and port, and NAT whole, with the objects they are for', () => {
    const rows = [
      {
        table: 'NAT',
        row: row('1', { type: 'dnat_and_snat', external_ip: '192.0.2.1', ...ours('vpc/a', 'FIp/a/f') }),
      },
      {
        table: 'NAT',
        row: row('2', { type: 'snat', external_ip: '192.0.2.2', ...ours('vpc/a', 'Project/o/a') }),
      },
      {
        table: 'Load_Balancer',
        row: row('3', {
          protocol: undefined,
          vips: { '192.0.2.3:80': '', '[2001:db8::3]:80': '' },
          ...ours('vpc/a', 'Service/a/s'),
        }),
      },
    ];
    const source = 'Service/a/s';
    expect(addressUses(rows, northboundPolicy('default', schema))).toEqual([
      { source: 'FIp/a/f', address: '192.0.2.1' },
      { source: 'Project/o/a', address: '192.0.2.2' },
      { source, address: '192.0.2.3', protocol: 'tcp', port: 80 },
      { source, address: '2001:db8::3', protocol: 'tcp', port: 80 },
    ]);
  });

  test('tells whose address it is, where the ledger says so', () => {
    const nat = { type: 'dnat_and_snat', external_ip: '2001:db8::1', ...ours('vpc/a', 'FIp/a/f') };
    const { external_ids } = ours('vpc/a', 'Project/o/a');
    const ledger = { ...external_ids, 'ovn-projector/eip:EIp/a/one': '192.0.2.1,2001:db8::1' };
    const rows = [
      { table: 'NAT', row: row('1', nat) },
      { table: 'Address_Set', row: row('2', { external_ids: ledger }) },
    ];
    expect(addressUses(rows, northboundPolicy('default', schema))).toEqual([
      { source: 'FIp/a/f', address: '2001:db8::1', holder: 'EIp/a/one' },
    ]);
  });
});
