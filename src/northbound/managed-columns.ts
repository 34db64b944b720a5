// Which columns of which tables we write. What is not listed here is somebody else's.
import type { NorthboundTables } from './generated/northbound-tables.ts';

type ColumnTable = { readonly [T in keyof NorthboundTables]?: readonly (keyof NorthboundTables[T])[] };

/**
 * Every table that the compiler writes, with every column that it manages: one that a compiled row leaves out gets its
 * default, so that a value set by hand goes back.
 *
 * Not listed on purpose: sets of child rows (`ports`, `acls`, `nat`, `ha_chassis` …), which are written through
 * `parents`; what northd fills (`up`, `dynamic_addresses`, `ipv6_prefix`, `status`); what operators may add to our rows
 * (`copp`, `mirror_rules`, `forwarding_groups`, `dhcp_relay`, `gateway_chassis`, ACL samples).
 */
export const managedColumns = {
  ACL: [
    'name',
    'priority',
    'direction',
    'match',
    'action',
    'log',
    'severity',
    'meter',
    'label',
    'tier',
    'options',
    'external_ids',
  ],
  Address_Set: ['name', 'addresses', 'external_ids'],
  DHCP_Options: ['cidr', 'options', 'external_ids'],
  DNS: ['records', 'options', 'external_ids'],
  HA_Chassis: ['chassis_name', 'priority', 'external_ids'],
  HA_Chassis_Group: ['name', 'external_ids'],
  Load_Balancer: [
    'name',
    'vips',
    'protocol',
    'ip_port_mappings',
    'selection_fields',
    'options',
    'external_ids',
  ],
  Load_Balancer_Group: ['name', 'load_balancer'],
  Load_Balancer_Health_Check: ['vip', 'options', 'external_ids'],
  Logical_Router: ['name', 'enabled', 'load_balancer', 'load_balancer_group', 'options', 'external_ids'],
  Logical_Router_Policy: [
    'priority',
    'chain',
    'match',
    'action',
    'jump_chain',
    'nexthop',
    'nexthops',
    'bfd_sessions',
    'options',
    'external_ids',
  ],
  Logical_Router_Port: [
    'name',
    'ha_chassis_group',
    'options',
    'networks',
    'mac',
    'peer',
    'enabled',
    'ipv6_ra_configs',
    'external_ids',
  ],
  Logical_Router_Static_Route: [
    'route_table',
    'ip_prefix',
    'policy',
    'nexthop',
    'output_port',
    'bfd',
    'selection_fields',
    'options',
    'external_ids',
  ],
  Logical_Switch: [
    'name',
    'load_balancer',
    'load_balancer_group',
    'dns_records',
    'other_config',
    'external_ids',
  ],
  Logical_Switch_Port: [
    'name',
    'type',
    'options',
    'parent_name',
    'tag_request',
    'tag',
    'addresses',
    'port_security',
    'peer',
    'enabled',
    'dhcpv4_options',
    'dhcpv6_options',
    'ha_chassis_group',
    'external_ids',
  ],
  Meter: ['name', 'unit', 'fair', 'external_ids'],
  Meter_Band: ['action', 'rate', 'burst_size', 'external_ids'],
  NAT: [
    'external_ip',
    'external_mac',
    'external_port_range',
    'logical_ip',
    'logical_port',
    'type',
    'allowed_ext_ips',
    'exempted_ext_ips',
    'gateway_port',
    'priority',
    'match',
    'options',
    'external_ids',
  ],
  Port_Group: ['name', 'ports', 'external_ids'],
  QoS: ['priority', 'direction', 'match', 'action', 'bandwidth', 'external_ids'],
} as const satisfies ColumnTable;

/** A table that we write. */
export type ManagedTable = keyof typeof managedColumns;

/** What the compiler says about a row of table `T`: the columns whose values are not the default. */
export type NewRow<T extends ManagedTable> = Partial<
  Pick<NorthboundTables[T], (typeof managedColumns)[T][number] & keyof NorthboundTables[T]>
>;

/** Narrows a table name of the schema to one that we write. */
export function isManagedTable(table: string): table is ManagedTable {
  return Object.hasOwn(managedColumns, table);
}
