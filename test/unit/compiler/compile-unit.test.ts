// What goldens do not show: distributed floating IPs, servers that lack a column, what needs what.
import { describe, expect, test } from 'vitest';
import { compileUnit } from '../../../src/compiler/compile-unit.ts';
import type { CompiledUnit } from '../../../src/compiler/compile-unit.ts';
import { capabilitiesOf } from '../../../src/northbound/capabilities.ts';
import type { DatabaseSchema } from '../../../src/ovsdb/schema.ts';
import { schemaFile, worldOf } from '../../support/model-world.ts';
import type { WorldOptions } from '../../support/model-world.ts';
import { eip, fip, networks, onDefaultGateway, pod, project, service } from '../../support/scenario.ts';

const { schema } = schemaFile('ovn-nb-7.0.0.ovsschema');
const base = networks + project;

function compiled(text: string, options: WorldOptions = {}, against: DatabaseSchema = schema): CompiledUnit {
  const model = worldOf(text, options).vpc('shalb-demo');
  return compileUnit(model, { owner: 'default', capabilities: capabilitiesOf(against) });
}

function withoutColumn(table: string, column: string): DatabaseSchema {
  const tables = new Map(schema.tables);
  const old = tables.get(table);
  if (old === undefined) throw new Error(`no table ${table}`);
  tables.set(table, { ...old, columns: new Map([...old.columns].filter(([name]) => name !== column)) });
  return { ...schema, tables };
}

describe('compileUnit', () => {
  test('translates on the workload’s node while its port is up, else on the gateway', () => {
    const text = base + pod('vm') + fip('f', '{ipAddress: 10.0.10.2}');
    const nat = (options: WorldOptions) =>
      compiled(text, options).rows.find(
        (row) => row.table === 'NAT' && row.columns['type'] === 'dnat_and_snat',
      )?.columns;
    expect(nat({})).toMatchObject({ logical_port: undefined, external_mac: undefined });
    expect(nat({ observations: { isPortUp: () => true } })).toMatchObject({
      logical_port: 'vm.shalb-demo',
      external_mac: '0a:58:64:41:00:66',
    });
  });

  test('moves no identity when a port comes up', () => {
    const text = base + pod('vm') + fip('f', '{ipAddress: 10.0.10.2}');
    const uuids = (options: WorldOptions): string[] => compiled(text, options).rows.map((row) => row.uuid);
    expect(uuids({ observations: { isPortUp: () => true } })).toEqual(uuids({}));
  });

  test('leaves out a column that the server lacks, and says what is off', () => {
    const ports = 'ports: [{port: 80}]';
    const text = base + service('s', onDefaultGateway, ports);
    const { rows, problems } = compiled(text, {}, withoutColumn('Load_Balancer', 'options'));
    expect(rows.find((row) => row.table === 'Load_Balancer')?.columns).not.toHaveProperty('options');
    expect(problems).toMatchObject([
      { code: 'Unsupported', severity: 'warning', object: 'Service/shalb-demo/s' },
    ]);
    expect(compiled(text).problems).toEqual([]);
  });

  test('has no gateway group while no chassis is known', () => {
    const { rows } = compiled(base, { observations: { gatewayChassis: [] } });
    expect(rows.filter((row) => row.table.startsWith('HA_Chassis'))).toEqual([]);
    expect(
      rows.find((row) => row.id === 'shalb-demo/ext-cloud')?.columns['ha_chassis_group'],
    ).toBeUndefined();
  });

  test('answers packets that a smaller external network cannot take', () => {
    const optionsOf = (mtu: number, id: string): unknown =>
      compiled(base + eip('p', '{externalNetworkType: public}'), { config: { mtu } }).rows.find(
        (row) => row.table === 'Logical_Router_Port' && row.id === id,
      )?.columns['options'];
    expect(optionsOf(8900, 'shalb-demo/ext-cloud')).toEqual({ gateway_mtu: '1400' });
    expect(optionsOf(8900, 'shalb-demo.ext-public/ext-public')).toEqual({ gateway_mtu: '1400' });
    expect(optionsOf(8900, 'shalb-demo/shalb-demo-default')).toEqual({});
    expect(optionsOf(1400, 'shalb-demo/ext-cloud')).toEqual({});
  });

  test('ties a project’s router to everything that the project itself means, not to its workloads', () => {
    const { rows } = compiled(base + pod('a') + service('s', onDefaultGateway, 'ports: [{port: 80}]'));
    const router = rows.find((row) => row.table === 'Logical_Router');
    const required = rows.filter((row) => router?.requires?.includes(row.uuid)).map((row) => row.table);
    expect(new Set(required)).toEqual(
      new Set([
        'DHCP_Options',
        'HA_Chassis',
        'HA_Chassis_Group',
        'Logical_Router_Port',
        'Logical_Router_Static_Route',
        'Logical_Switch',
        'Logical_Switch_Port',
      ]),
    );
    expect(
      rows.filter((row) => row.source.startsWith('Pod/')).some((row) => router?.requires?.includes(row.uuid)),
    ).toBe(false);
  });

  test('gives different owners different rows', () => {
    const model = worldOf(base).vpc('shalb-demo');
    const capabilities = capabilitiesOf(schema);
    const uuidsOf = (owner: string) =>
      new Set(compileUnit(model, { owner, capabilities }).rows.map((row) => row.uuid));
    expect(uuidsOf('a').isDisjointFrom(uuidsOf('b'))).toBe(true);
  });
});
