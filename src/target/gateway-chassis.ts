// Which chassis the Southbound database offers for gateway ports, and which physical networks are reached.
import { compareStrings } from '../base/order.ts';
import { mapColumn, textColumn } from '../northbound/read-column.ts';
import type { Row } from '../ovsdb/value.ts';

/** A chassis that may host gateway ports. `physicalNetworks` undefined: assumed to reach them all. */
export interface GatewayChassis {
  readonly name: string;
  readonly physicalNetworks: readonly string[] | undefined;
}

/** What is read of ovn-sb(5) table Chassis; `name` is the system-id. */
export const chassisColumns = { Chassis: ['name', 'other_config', 'external_ids'] } as const;

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
