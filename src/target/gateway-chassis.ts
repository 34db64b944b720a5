// Which chassis the Southbound database offers for gateway ports, which physical networks are reached, and who is who.
import { compareStrings } from '../base/order.ts';
import { mapColumn, textColumn } from '../northbound/read-column.ts';
import type { Row } from '../ovsdb/value.ts';

/** A chassis that may host gateway ports. `physicalNetworks` undefined: assumed to reach them all. */
export interface GatewayChassis {
  readonly name: string;
  readonly physicalNetworks: readonly string[] | undefined;
}

/** What is read of ovn-sb(5) tables Chassis and Encap; `name` is the system-id. */
export const chassisColumns = {
  Chassis: ['name', 'hostname', 'other_config', 'external_ids'],
  Encap: ['chassis_name', 'ip'],
} as const;

/**
 * System-id of the chassis with one of these as its name, else its hostname, else a tunnel address. What several have
 * in common is nobody's.
 */
export function chassisNamed(
  names: readonly string[],
  chassis: Iterable<Row>,
  encaps: Iterable<Row>,
): string | undefined {
  const all = [...chassis];
  const found = [
    idsOf(all, 'name', names, 'name'),
    idsOf(all, 'hostname', names, 'name'),
    idsOf([...encaps], 'ip', names, 'chassis_name'),
  ];
  return [...(found.find(({ size }) => size === 1) ?? [])][0];
}

function idsOf(rows: readonly Row[], column: string, names: readonly string[], id: string): Set<string> {
  return new Set(
    rows.filter((row) => names.includes(textColumn(row, column))).map((row) => textColumn(row, id)),
  );
}

/**
 * Returns the chassis whose `ovn-cms-options` list has `enable-chassis-as-gw`, sorted by name. ovn-controller writes the
 * option to `other_config`, and before 22.12 to `external_ids` as well (ovn-sb(5) Chassis); the former wins.
 */
export function gatewayChassisOf(rows: Iterable<Row>): readonly GatewayChassis[] {
  return [...rows]
    .filter((row) => listOption(row, 'ovn-cms-options').includes('enable-chassis-as-gw'))
    .map((row) => ({ name: textColumn(row, 'name'), physicalNetworks: bridgedNetworks(row) }))
    .toSorted((a, b) => compareStrings(a.name, b.name));
}

/** Physical networks that some chassis reaches, be it a gateway or not. */
export function bridgedNetworksOf(rows: Iterable<Row>): ReadonlySet<string> {
  return new Set([...rows].flatMap(bridgedNetworks));
}

/** `ovn-bridge-mappings` is `physnet1:br-ex,physnet2:br-vlan`. */
function bridgedNetworks(row: Row): readonly string[] {
  return listOption(row, 'ovn-bridge-mappings').map((mapping) => mapping.split(':', 1)[0] ?? '');
}

function listOption(row: Row, key: string): readonly string[] {
  const value = option(row, 'other_config', key) ?? option(row, 'external_ids', key) ?? '';
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function option(row: Row, column: string, key: string): string | undefined {
  const value = mapColumn(row, column)[key];
  return typeof value === 'string' ? value : undefined;
}
