// Random units of NB rows, with the awkward text that people and programs put into them.
import fc from 'fast-check';
import type { Capabilities } from '../../src/northbound/capabilities.ts';
import { rowUuid } from '../../src/northbound/identity.ts';
import type { ManagedTable } from '../../src/northbound/managed-columns.ts';
import { createRowBuilder } from '../../src/northbound/row-builder.ts';
import type { Referrer } from '../../src/ovsdb/replica-view.ts';
import type { DesiredRow, DesiredUnit } from '../../src/plan/desired.ts';

const owner = 'default';
const source = 'Project/shalb/demo';

/** Text that shells, OVSDB's notation and JSON each have a word for. */
const awkward = fc.constantFrom(
  '',
  'plain',
  '-dash',
  'two words',
  `it's`,
  'say "x"',
  String.raw`back\slash`,
  '$HOME `id`',
  'a,b=c:{d}[e]',
  'line\nbreak\ttab',
  'žluťoučký 🐎',
  '#no comment',
  '00000000-0000-4000-8000-000000000000',
  'true',
  '[]',
  '7',
);
const number = fc.integer({ min: 0, max: 3 });
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.uniqueArray(value, { maxLength: 6 });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const address = fc.nat({ max: 200 }).map((n) => `10.0.0.${n}`);
const mac = fc.nat({ max: 9 }).map((n) => `0a:58:0a:00:00:0${n}`);
const notes = awkward.map((note) => ({ 'ovn-projector/note': note }));
const numbers = fc.uniqueArray(number, { maxLength: 4 }).map((list) => list.toSorted((a, b) => a - b));

const uuidOf = (table: ManagedTable, id: string | number): string => rowUuid(owner, table, `${table}-${id}`);
const place = (table: ManagedTable, id: number, column: string): Referrer => ({
  table,
  uuid: uuidOf(table, id),
  column,
});

type Build = (rows: ReturnType<typeof createRowBuilder>) => DesiredRow;
const at = <T>(n: fc.Arbitrary<T>, build: (value: T) => Build): fc.Arbitrary<Build> => n.map(build);

const rowBuilds: readonly fc.Arbitrary<Build>[] = [
  at(
    fc.tuple(number, numbers, notes, maybe(fc.boolean())),
    ([n, lbs, external_ids, broadcast]) =>
      (row) =>
        row(
          'Logical_Switch',
          `Logical_Switch-${n}`,
          {
            name: `switch ${n}`,
            load_balancer: lbs.map((lb) => uuidOf('Load_Balancer', lb)),
            other_config:
              broadcast === undefined ? {} : { 'broadcast-arps-to-all-routers': String(broadcast) },
            external_ids,
          },
          { source },
        ),
  ),
  at(
    fc.tuple(number, numbers, maybe(fc.boolean()), awkward),
    ([n, lbs, enabled, chassis]) =>
      (row) =>
        row(
          'Logical_Router',
          `Logical_Router-${n}`,
          {
            name: `router-${n}`,
            enabled,
            load_balancer: lbs.map((lb) => uuidOf('Load_Balancer', lb)),
            options: { chassis },
          },
          { source },
        ),
  ),
  at(
    fc.tuple(number, number, some(awkward), maybe(fc.integer({ min: 1, max: 4095 })), awkward),
    ([n, parent, addresses, tag, chassis]) =>
      (row) =>
        row(
          'Logical_Switch_Port',
          `Logical_Switch_Port-${n}`,
          { name: `port'${n}`, addresses, tag, options: { 'requested-chassis': chassis } },
          { source, parents: [place('Logical_Switch', parent, 'ports')] },
        ),
  ),
  at(
    fc.tuple(number, number, mac, maybe(number)),
    ([n, parent, mac, group]) =>
      (row) =>
        row(
          'Logical_Router_Port',
          `Logical_Router_Port-${n}`,
          {
            name: `lrp-${n}`,
            mac,
            networks: [`10.0.${n}.1/24`, `fd00::${n}/64`],
            ha_chassis_group: group === undefined ? undefined : uuidOf('HA_Chassis_Group', group),
          },
          { source, parents: [place('Logical_Router', parent, 'ports')] },
        ),
  ),
  at(
    fc.tuple(number, number, address, maybe(awkward), maybe(number)),
    ([n, parent, ip, port, gateway]) =>
      (row) =>
        row(
          'NAT',
          `NAT-${n}`,
          {
            type: 'dnat_and_snat',
            external_ip: ip,
            logical_ip: ip,
            logical_port: port,
            gateway_port: gateway === undefined ? undefined : uuidOf('Logical_Router_Port', gateway),
          },
          { source, parents: [place('Logical_Router', parent, 'nat')] },
        ),
  ),
  at(
    fc.tuple(
      number,
      fc.dictionary(
        address.map((a) => `${a}:80`),
        awkward,
      ),
      maybe(fc.constantFrom('tcp', 'udp')),
    ),
    ([n, vips, protocol]) =>
      (row) =>
        row(
          'Load_Balancer',
          `Load_Balancer-${n}`,
          { name: `lb-${n}`, vips, protocol, options: { reject: 'true' } },
          { source },
        ),
  ),
  at(
    fc.tuple(number, some(address)),
    ([n, addresses]) =>
      (row) =>
        row('Address_Set', `Address_Set-${n}`, { name: `as${n}`, addresses }, { source }),
  ),
  at(
    fc.tuple(number, fc.dictionary(awkward, awkward)),
    ([n, records]) =>
      (row) =>
        row('DNS', `DNS-${n}`, { records }, { source }),
  ),
  at(
    number,
    (n) => (row) => row('HA_Chassis_Group', `HA_Chassis_Group-${n}`, { name: `hcg-${n}` }, { source }),
  ),
  at(
    fc.tuple(number, number, fc.nat({ max: 99 })),
    ([n, group, priority]) =>
      (row) =>
        row(
          'HA_Chassis',
          `HA_Chassis-${n}`,
          { chassis_name: `node-${n}`, priority },
          { source, parents: [place('HA_Chassis_Group', group, 'ha_chassis')] },
        ),
  ),
  at(
    fc.tuple(number, number, awkward, fc.boolean()),
    ([n, parent, match, log]) =>
      (row) =>
        row(
          'ACL',
          `ACL-${n}`,
          { priority: n, direction: 'to-lport', match, action: 'drop', log },
          { source, parents: [place('Logical_Switch', parent, 'acls')] },
        ),
  ),
  at(
    fc.tuple(number, fc.dictionary(fc.constantFrom('rate', 'burst'), fc.integer({ min: 1, max: 9 }))),
    ([n, bandwidth]) =>
      (row) =>
        row(
          'QoS',
          `QoS-${n}`,
          { priority: n, direction: 'from-lport', match: '1', bandwidth },
          { source, parents: [place('Logical_Switch', n, 'qos_rules')] },
        ),
  ),
  at(
    fc.tuple(number, numbers),
    ([n, lbs]) =>
      (row) =>
        row(
          'Load_Balancer_Group',
          `vpc/random/Load_Balancer_Group-${n}`,
          {
            name: `vpc/random/Load_Balancer_Group-${n}`,
            load_balancer: lbs.map((lb) => uuidOf('Load_Balancer', lb)),
          },
          { source },
        ),
  ),
];

/** Units `vpc/random` of up to 40 rows that meet one another often. */
export function randomUnit(capabilities: Capabilities): fc.Arbitrary<DesiredUnit> {
  return fc.array(fc.oneof(...rowBuilds), { minLength: 20, maxLength: 60 }).map((builds) => {
    const rows = createRowBuilder({ owner, unit: 'vpc/random', capabilities });
    const built = new Map(builds.map((build) => build(rows)).map((row) => [row.uuid, row]));
    return { unit: 'vpc/random', rows: [...built.values()] };
  });
}
