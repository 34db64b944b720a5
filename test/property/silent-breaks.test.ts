// What OVN accepts and silently breaks is never made, whatever people write: pairs of rows that cannot both work.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DesiredRow } from '../../src/plan/desired.ts';
import { decodeAll, worldOfChanges } from '../support/model-world.ts';
import { anyName, arbitraryObject, maybe, networkObjects } from '../support/arbitrary-objects.ts';

const namespace = 'shalb-demo';
const anyType = maybe(fc.constantFrom('cloud', 'public'));
/** The gateway, places of edges, workloads, and addresses outside. */
const inside = ['10.0.10.1', '10.0.10.2', '10.0.10.3', '10.0.10.253', '10.0.10.254'];
const anyInside = fc.constantFrom(...inside);
const anyOutside = fc.constantFrom('100.65.0.101', '100.65.0.102', '168.119.17.50', '168.119.17.51');
const anyEip = fc.oneof(fc.constantFrom('default-gw', 'slb-a', 'fip-a'), anyName);

const object = (
  apiVersion: string,
  kind: string,
  spec: fc.Arbitrary<object>,
  annotations: fc.Arbitrary<object> = fc.constant({}),
) =>
  arbitraryObject(apiVersion, kind, {
    namespace: fc.constant(namespace),
    labels: fc.constant({ app: 'x' }),
    spec,
    annotations,
  });

const eip = object(
  'kube-dc.com/v1',
  'EIp',
  fc.oneof(
    fc.constant({ childRef: 'shalb-demo-ext-cloud' }),
    fc.record({ externalNetworkType: anyType, ipAddress: maybe(anyOutside) }),
  ),
);
const fip = object(
  'kube-dc.com/v1',
  'FIp',
  fc.oneof(
    fc.record({ ipAddress: anyInside, eip: anyEip }),
    fc.record({ ipAddress: anyInside, externalNetworkType: anyType }),
  ),
);
const pod = object(
  'v1',
  'Pod',
  fc.constant({}),
  fc.oneof(
    fc.constant({}),
    anyInside.map((address) => ({ 'network.kube-dc.com/ip-address': address })),
  ),
);
const service = object(
  'v1',
  'Service',
  fc.record({
    type: fc.constant('LoadBalancer'),
    selector: fc.constant({ app: 'x' }),
    ports: fc.constantFrom([{ port: 80 }], [{ port: 81 }], [{ port: 80, protocol: 'UDP' }]),
  }),
  fc.oneof(
    anyEip.map((name) => ({ 'service.nlb.kube-dc.com/bind-on-eip': name })),
    anyType.map((type) => (type === undefined ? {} : { 'network.kube-dc.com/external-network-type': type })),
  ),
);
const anyObjects = fc
  .uniqueArray(fc.oneof(eip, fip, pod, service), {
    minLength: 1,
    maxLength: 14,
    selector: ({ kind, metadata }) => `${kind}/${metadata.name}`,
  })
  .map((objects) => objects.map((each): unknown => JSON.parse(JSON.stringify(each))));

const project = {
  apiVersion: 'kube-dc.com/v1',
  kind: 'Project',
  metadata: { name: 'demo', namespace: 'shalb' },
  spec: { cidrBlock: '10.0.10.0/24', egressNetworkType: 'cloud' },
};
const rowsOf = (objects: readonly unknown[]): readonly DesiredRow[] =>
  worldOfChanges(decodeAll([...networkObjects, project, ...objects]).changes).rows;

const inTable = (rows: readonly DesiredRow[], table: string): DesiredRow[] =>
  rows.filter((row) => row.table === table);
const text = (row: DesiredRow, column: string): string => JSON.stringify(row.columns[column] ?? null);
const word = (row: DesiredRow, column: string): string => row.columns[column] as string;
const list = (row: DesiredRow, column: string): string[] =>
  (row.columns[column] as string[] | undefined) ?? [];
const vipsOf = (row: DesiredRow): string[] => Object.keys(row.columns['vips'] as Record<string, string>);
const hostOf = (vip: string): string => vip.slice(0, vip.lastIndexOf(':'));
const twins = (all: readonly string[]): string[] => all.filter((one, index) => all.indexOf(one) !== index);

/** Laws by name: what must hold of the rows of one world. Each returns what breaks it. */
const laws: Readonly<Record<string, (rows: readonly DesiredRow[]) => string[]>> = {
  'a switch or router has an address, port and protocol in one load balancer': (rows) =>
    [...inTable(rows, 'Logical_Switch'), ...inTable(rows, 'Logical_Router')].flatMap((host) => {
      const groups = new Set(list(host, 'load_balancer_group'));
      const attached = new Set([
        ...list(host, 'load_balancer'),
        ...inTable(rows, 'Load_Balancer_Group')
          .filter(({ uuid }) => groups.has(uuid))
          .flatMap((group) => list(group, 'load_balancer')),
      ]);
      return twins(
        inTable(rows, 'Load_Balancer')
          .filter(({ uuid }) => attached.has(uuid))
          .flatMap((lb) => vipsOf(lb).map((vip) => `${text(host, 'name')} ${text(lb, 'protocol')} ${vip}`)),
      );
    }),
  'a VIP has a port, or replies to what SNAT sent would end in it': (rows) =>
    inTable(rows, 'Load_Balancer')
      .flatMap(vipsOf)
      .filter((vip) => !/^[\d.]+:[1-9]\d*$/.test(vip)),
  'a floating IP is no address of a router, of SNAT, of a load balancer or of another floating IP': (
    rows,
  ) => {
    const nat = inTable(rows, 'NAT');
    const floating = nat.filter((row) => word(row, 'type') === 'dnat_and_snat');
    const taken = new Set(
      [
        ...inTable(rows, 'Logical_Router_Port').flatMap((row) => list(row, 'networks')),
        ...nat.filter((row) => word(row, 'type') === 'snat').map((row) => word(row, 'external_ip')),
        ...inTable(rows, 'Load_Balancer').flatMap(vipsOf).map(hostOf),
      ].map((address) => address.split('/', 1)[0]),
    );
    const external = floating.map((row) => word(row, 'external_ip'));
    return [...external.filter((address) => taken.has(address)), ...twins(external)];
  },
  'the target of a floating IP is no router, and has no other translation of its own': (rows) => {
    const routers = new Set(
      inTable(rows, 'Logical_Router_Port').flatMap((row) =>
        list(row, 'networks').map((network) => network.split('/', 1)[0]),
      ),
    );
    const translated = inTable(rows, 'NAT')
      .map((row) => word(row, 'logical_ip'))
      .filter((logical) => !logical.includes('/') || logical.endsWith('/32'));
    return [...translated.filter((logical) => routers.has(logical)), ...twins(translated)];
  },
  'no two rules of one kind and place have the same priority and match': (rows) =>
    twins(
      ['ACL', 'Logical_Router_Policy', 'QoS'].flatMap((table) =>
        inTable(rows, table).map((row) =>
          [
            table,
            row.parents?.[0]?.uuid,
            text(row, 'direction'),
            text(row, 'priority'),
            text(row, 'match'),
          ].join(' '),
        ),
      ),
    ),
};

describe('never made', () => {
  test.each(Object.entries(laws))('%s', (_law, broken) => {
    fc.assert(
      fc.property(anyObjects, (objects) => {
        expect(broken(rowsOf(objects))).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  test('the worlds of these laws have floating IPs, load balancers and edges', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyObjects, (objects) => {
        for (const row of rowsOf(objects)) {
          seen.add(row.table === 'NAT' ? word(row, 'type') : row.table);
          if (row.id === 'shalb-demo.ext-public') seen.add('edge');
        }
      }),
    );
    expect([...seen]).toEqual(expect.arrayContaining(['dnat_and_snat', 'snat', 'Load_Balancer', 'edge']));
  });
});
