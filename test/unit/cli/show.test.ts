// What `show` tells: compiled rows of two projects go in, the text of the terminal comes out.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatNetworkView } from '../../../src/cli/show/format-view.ts';
import { readNetworkView } from '../../../src/cli/show/read-view.ts';
import { compileUnit } from '../../../src/compiler/compile-unit.ts';
import type { UnitModel, VpcModel } from '../../../src/model/network-model.ts';
import { parseAddress } from '../../../src/net/address.ts';
import { parsePrefix } from '../../../src/net/prefix.ts';
import { capabilitiesOf } from '../../../src/northbound/capabilities.ts';
import { parseDatabaseSchema } from '../../../src/ovsdb/schema.ts';
import type { Row, Value } from '../../../src/ovsdb/value.ts';

const schemaFile = new URL('../../../ovsdb-schema/ovn-nb-7.0.0.ovsschema', import.meta.url);
const schema = parseDatabaseSchema(JSON.parse(readFileSync(schemaFile, 'utf8')));
const capabilities = capabilitiesOf(schema);
const address = (text: string) => parseAddress(text)!;
const prefix = (text: string) => parsePrefix(text)!;

/** The database that the models make, as a map of maps. */
function database(models: readonly UnitModel[], owner = 'default') {
  const tables = new Map<string, Map<string, Row>>();
  const compiled = models.flatMap((model) => compileUnit(model, { owner, capabilities }).rows);
  for (const { table, uuid, columns } of compiled) {
    const defaults = [...schema.tables.get(table)!.columns.values()].map(
      ({ name, type }): [string, Value] => [name, type.max === 1 ? undefined : type.value ? {} : []],
    );
    const rows = tables.get(table) ?? new Map<string, Row>();
    tables.set(table, rows.set(uuid, { ...Object.fromEntries(defaults), ...columns, _uuid: uuid }));
  }
  for (const { uuid, parents } of compiled)
    for (const { table, uuid: parent, column } of parents ?? []) {
      const row = tables.get(table)?.get(parent);
      if (row !== undefined)
        tables.get(table)!.set(parent, { ...row, [column]: [...(row[column] as string[]), uuid] });
    }
  return { rows: (table: string) => tables.get(table) ?? new Map<string, Row>() };
}

const cloud: UnitModel = {
  kind: 'network',
  unit: 'network/ext-cloud',
  name: 'ext-cloud',
  source: 'ExternalNetwork/ext-cloud',
  physicalNetwork: 'ext-cloud',
  vlan: 4013,
  prefixes: [prefix('100.65.0.0/16')],
  pool: [],
};
const unused: UnitModel = {
  ...cloud,
  unit: 'network/ext-public',
  name: 'ext-public',
  source: 'ExternalNetwork/ext-public',
  vlan: undefined,
};
const demo: VpcModel = {
  kind: 'vpc',
  unit: 'vpc/shalb-demo',
  name: 'shalb-demo',
  source: 'Project/shalb/demo',
  isolations: [],
  walls: [],
  peerings: [],
  subnets: [
    {
      name: 'shalb-demo-default',
      source: 'Project/shalb/demo',
      ranges: [{ prefix: prefix('10.0.10.0/24'), gateway: address('10.0.10.1') }],
      egress: { network: 'ext-cloud', addresses: [address('100.65.0.102')] },
      dhcp: undefined,
      ports: ['nginx-0', 'nginx-1', 'fedora'].map((name, index) => ({
        workload: { name, namespace: 'shalb-demo' },
        pods: [{ name, namespace: 'shalb-demo' }],
        chassis: [],
        source: `Pod/shalb-demo/${name}`,
        mac: `0a:58:0a:00:0a:0${index + 2}`,
        addresses: [address(`10.0.10.${index + 2}`)],
        hostname: name,
      })),
      rules: [],
    },
  ],
  policies: { families: [4], policies: [], platform: [], peerSets: [] },
  gateway: {
    network: 'ext-cloud',
    source: 'Project/shalb/demo',
    ranges: [{ address: address('100.65.0.102'), prefixLength: 16, nextHop: address('100.65.0.1') }],
    mtuBytes: undefined,
    chassis: ['node-2', 'node-1'],
  },
  staticRoutes: [
    { prefix: prefix('10.9.0.0/16'), nextHop: address('10.0.10.9'), policy: 'dst-ip', source: 'Vpc/x' },
  ],
  policyRoutes: [],
  edges: [],
  floatingIps: [
    {
      source: 'FIp/shalb-demo/fedora-arti',
      external: address('100.65.0.103'),
      internal: address('10.0.10.4'),
      distributed: undefined,
      targetInterface: undefined,
    },
  ],
  loadBalancers: [
    {
      service: { name: 'nginx', namespace: 'shalb-demo' },
      source: 'Service/shalb-demo/nginx',
      protocol: 'tcp',
      vips: [
        {
          address: address('100.65.0.102'),
          port: 80,
          backends: ['10.0.10.2', '10.0.10.3', '10.0.10.4'].map((text) => ({
            address: address(text),
            port: 8080,
          })),
        },
        { address: address('100.65.0.102'), port: 443, backends: [] },
      ],
      affinityTimeoutSeconds: undefined,
      allowedSources: [],
    },
  ],
  clusterIps: [
    {
      service: { name: 'db', namespace: 'shalb-demo' },
      source: 'Service/shalb-demo/db',
      protocol: 'tcp',
      vips: [
        {
          address: address('10.101.0.10'),
          port: 5432,
          backends: [{ address: address('10.0.10.4'), port: 5432 }],
        },
      ],
      affinityTimeoutSeconds: undefined,
      allowedSources: [],
    },
  ],
  names: new Map(),
  ledger: [
    { holder: 'EIp/shalb-demo/default-gw', kind: 'eip', value: '100.65.0.102' },
    { holder: 'EIp/shalb-demo/ssh-arti', kind: 'eip', value: '100.65.0.103' },
    { holder: 'EIp/shalb-demo/spare', kind: 'eip', value: '100.65.0.104' },
    { holder: 'Project/shalb/demo', kind: 'block', value: '10.0.10.0/24' },
  ],
};
const closed: VpcModel = {
  ...demo,
  unit: 'vpc/closed',
  name: 'closed',
  source: 'Vpc/closed',
  subnets: [],
  gateway: undefined,
  staticRoutes: [],
  floatingIps: [],
  loadBalancers: [],
  clusterIps: undefined,
  ledger: [],
};

const text = (names: readonly string[] = [], workloadLimit = 20): string =>
  formatNetworkView(readNetworkView(database([cloud, unused, demo, closed]), { names }), { workloadLimit });

describe('show', () => {
  test('tells networks as a person thinks of them', () => {
    expect(text()).toMatchInlineSnapshot(`
      "external network ext-cloud   100.65.0.0/16   VLAN 4013 on ext-cloud   3 addresses held
        100.65.0.102  shalb-demo  router, SNAT, tcp 80, tcp 443
        100.65.0.103  shalb-demo  floating IP of 10.0.10.4
        100.65.0.104  shalb-demo  unused, held by EIp/shalb-demo/spare

      external network ext-public   no router on it yet   untagged on ext-cloud   0 addresses held

      VPC closed
        way out         none

      project shalb-demo   Project/shalb/demo
        way out         100.65.0.102 on ext-cloud, next hop 100.65.0.1
                        chassis node-2, node-1
        subnets         shalb-demo-default  10.0.10.0/24  gateway 10.0.10.1  3 workloads
        workloads       fedora.shalb-demo   10.0.10.4  0a:58:0a:00:0a:04  not plugged in
                        nginx-0.shalb-demo  10.0.10.2  0a:58:0a:00:0a:02  not plugged in
                        nginx-1.shalb-demo  10.0.10.3  0a:58:0a:00:0a:03  not plugged in
        SNAT            10.0.10.0/24  → 100.65.0.102
        floating IPs    100.65.0.103  → 10.0.10.4  FIp/shalb-demo/fedora-arti  on the gateway chassis
        load balancers  Service/shalb-demo/nginx  tcp
                          100.65.0.102:80   → 10.0.10.2:8080, 10.0.10.3:8080
                                              10.0.10.4:8080
                          100.65.0.102:443  → no backend: refused
        cluster IPs     Service/shalb-demo/db  tcp
                          10.101.0.10:5432  → 10.0.10.4:5432
        held addresses  100.65.0.102  EIp/shalb-demo/default-gw
                        100.65.0.104  EIp/shalb-demo/spare       unused
                        100.65.0.103  EIp/shalb-demo/ssh-arti
        routes          to 10.9.0.0/16 via 10.0.10.9
      "
    `);
  });

  test('tells both families of a network', () => {
    const range = (text: string, gateway: string) => ({ prefix: prefix(text), gateway: address(gateway) });
    const wide: VpcModel = {
      ...demo,
      subnets: demo.subnets.map((subnet) => ({
        ...subnet,
        ranges: [range('10.0.10.0/24', '10.0.10.1'), range('fd00:10::/64', 'fd00:10::1')],
        egress: { network: 'ext-cloud', addresses: [address('100.65.0.102'), address('2001:db8:65::2')] },
        ports: subnet.ports
          .slice(0, 1)
          .map((port) =>
            Object.assign({}, port, { addresses: [address('10.0.10.2'), address('fd00:10::2')] }),
          ),
      })),
      gateway: demo.gateway && {
        ...demo.gateway,
        ranges: [
          ...demo.gateway.ranges,
          { address: address('2001:db8:65::2'), prefixLength: 64, nextHop: address('2001:db8:65::1') },
        ],
      },
      staticRoutes: [],
      floatingIps: [],
      loadBalancers: [],
      clusterIps: undefined,
      ledger: [
        { holder: 'EIp/shalb-demo/default-gw', kind: 'eip', value: '100.65.0.102,2001:db8:65::2' },
        { holder: 'EIp/shalb-demo/spare', kind: 'eip', value: '2001:db8:65::3' },
      ],
    };
    const view = readNetworkView(database([cloud, wide]), { names: [] });
    expect(formatNetworkView(view, { workloadLimit: 20 })).toMatchInlineSnapshot(`
      "external network ext-cloud   100.65.0.0/16,2001:db8:65::/64   VLAN 4013 on ext-cloud   3 addresses held
        100.65.0.102    shalb-demo  router, SNAT
        2001:db8:65::2  shalb-demo  router, SNAT
        2001:db8:65::3  shalb-demo  unused, held by EIp/shalb-demo/spare

      project shalb-demo   Project/shalb/demo
        way out         100.65.0.102,2001:db8:65::2 on ext-cloud, next hop 100.65.0.1,2001:db8:65::1
                        chassis node-2, node-1
        subnets         shalb-demo-default  10.0.10.0/24,fd00:10::/64  gateway 10.0.10.1,fd00:10::1  1 workload
        workloads       nginx-0.shalb-demo  10.0.10.2,fd00:10::2  0a:58:0a:00:0a:02  not plugged in
        SNAT            10.0.10.0/24  → 100.65.0.102
                        fd00:10::/64  → 2001:db8:65::2
        held addresses  100.65.0.102,2001:db8:65::2  EIp/shalb-demo/default-gw
                        2001:db8:65::3               EIp/shalb-demo/spare       unused
      "
    `);
  });

  test('fits a terminal of 100 columns', () => {
    expect(
      text()
        .split('\n')
        .filter((line) => line.length > 100),
    ).toEqual([]);
  });

  test('counts the workloads that it does not list', () => {
    expect(text(['shalb-demo'], 1)).toContain('and 2 more: ovn-projector show shalb-demo');
  });

  test.each([
    ['shalb-demo', ['shalb-demo'], []],
    ['Project/shalb/demo', ['shalb-demo'], []],
    ['ext-cloud', [], ['ext-cloud']],
    ['nothing-of-that-name', [], []],
  ])('%s selects by name', (name, vpcs, networks) => {
    const view = readNetworkView(database([cloud, unused, demo, closed]), { names: [name] });
    expect(view.vpcs.map((vpc) => vpc.name)).toEqual(vpcs);
    expect(view.externalNetworks.map((network) => network.name)).toEqual(networks);
  });

  test('shows rows of ours only, of every owner or of one', () => {
    const rows = database([cloud, demo], 'lab');
    expect(formatNetworkView(readNetworkView(rows), { workloadLimit: 1 })).toContain(
      'Project/shalb/demo   owner lab',
    );
    expect(readNetworkView(rows, { owner: 'default' })).toEqual({
      externalNetworks: [],
      underlays: [],
      vpcs: [],
    });
    const foreign = { rows: (table: string) => withoutMarks(rows.rows(table)) };
    expect(formatNetworkView(readNetworkView(foreign), { workloadLimit: 1 })).toBe(
      'No network of ovn-projector in this database.\n',
    );
  });

  test('tells an underlay with its VLAN and workloads, and finds it by name', () => {
    const [{ ports }] = demo.subnets as [VpcModel['subnets'][number]];
    const racks: UnitModel = {
      kind: 'underlay',
      unit: 'underlay/racks',
      name: 'racks',
      source: 'Subnet/racks',
      physicalNetwork: 'ext-cloud',
      vlan: 120,
      ranges: [{ prefix: prefix('10.0.10.0/24'), gateway: address('10.0.10.1') }],
      dhcp: undefined,
      ports: ports.slice(0, 2),
      rules: [],
      policies: { families: [4], policies: [], platform: [], peerSets: [] },
      ledger: [],
    };
    const view = readNetworkView(database([cloud, racks]), { names: ['racks'] });
    expect(formatNetworkView(view, { workloadLimit: 1 })).toMatchInlineSnapshot(`
      "underlay racks   VLAN 120 on ext-cloud   2 workloads
        nginx-0.shalb-demo  10.0.10.2  0a:58:0a:00:0a:02  not plugged in
        and 1 more: ovn-projector show racks
      "
    `);
  });

  test('says when no gateway chassis is known', () => {
    const lonely = { ...demo, gateway: { ...demo.gateway!, chassis: [] } };
    const view = readNetworkView(database([cloud, lonely]));
    expect(formatNetworkView(view, { workloadLimit: 1 })).toContain('no gateway chassis');
  });
});

function withoutMarks(rows: ReadonlyMap<string, Row>): Map<string, Row> {
  return new Map([...rows].map(([uuid, row]) => [uuid, { ...row, external_ids: {} }]));
}
