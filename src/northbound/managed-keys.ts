// Which keys of map columns are ours: the rest of the map belongs to others and is never touched.
import { invariant } from '../base/errors.ts';
import type { ColumnValues } from '../ovsdb/value.ts';
import type { ManagedTable, NewRow } from './managed-columns.ts';
import { mapColumn } from './read-column.ts';

/** Every key of `external_ids` that is ours starts so. */
export const markPrefix = 'ovn-projector/';

/** `all`: the map is ours as a whole. Else the listed keys. */
type KeyRule = 'all' | readonly string[];
type KeyRules = { readonly [T in ManagedTable]?: { readonly [C in keyof NewRow<T>]?: KeyRule } };

/**
 * Maps that are not listed have no key of ours, except `external_ids` (keys with {@link markPrefix}).
 * Maps of rows that nobody but their creator writes are `all`; those that operators, northd or other programs write
 * too are listed key by key, with every key that the compiler can ever set.
 */
const managedKeys: KeyRules = {
  ACL: { options: 'all' },
  DHCP_Options: { options: 'all' },
  DNS: { records: 'all', options: ['ovn-owned'] },
  Load_Balancer: {
    vips: 'all',
    ip_port_mappings: 'all',
    options: [
      'add_route',
      'address-family',
      'affinity_timeout',
      'ct_flush',
      'distributed',
      'event',
      'hairpin_snat_ip',
      'neighbor_responder',
      'reject',
      'skip_snat',
      'template',
    ],
  },
  Load_Balancer_Health_Check: { options: 'all' },
  Logical_Router: {
    options: [
      'always_learn_from_arp_request',
      'chassis',
      'ct-commit-all',
      'dnat_force_snat_ip',
      'dynamic_neigh_routers',
      'lb_force_snat_ip',
      'mac_binding_age_threshold',
      'mcast_relay',
      'snat-ct-zone',
    ],
  },
  Logical_Router_Policy: { options: 'all' },
  Logical_Router_Port: {
    ipv6_ra_configs: 'all',
    options: [
      'enable_router_port_acl',
      'gateway_mtu',
      'gateway_mtu_bypass',
      'redirect-type',
      'reside-on-redirect-chassis',
      'route_table',
    ],
  },
  Logical_Router_Static_Route: { options: 'all' },
  Logical_Switch: {
    other_config: [
      'broadcast-arps-to-all-routers',
      'enable-stateless-acl-with-lb',
      'exclude-router-ips-from-garp',
      'fdb_age_threshold',
      'mcast_eth_src',
      'mcast_flood_unregistered',
      'mcast_ip4_src',
      'mcast_ip6_src',
      'mcast_querier',
      'mcast_snoop',
      'vlan-passthru',
    ],
  },
  Logical_Switch_Port: {
    options: [
      'activation-strategy',
      'arp_proxy',
      'disable_arp_nd_rsp',
      'disable_garp_rarp',
      'exclude-lb-vips-from-garp',
      'hostname',
      'localnet_learn_fdb',
      'mcast_flood',
      'mcast_flood_reports',
      'nat-addresses',
      'network_name',
      'requested-chassis',
      'router-port',
    ],
  },
  NAT: { options: 'all' },
  QoS: { action: 'all', bandwidth: 'all' },
};

/** By table, then column. */
const rules = new Map(
  Object.entries(managedKeys).map(([table, columns]) => {
    const sets = Object.entries(columns).map(
      ([column, rule]) => [column, rule === 'all' ? rule : new Set(rule)] as const,
    );
    return [table, new Map(sets)] as const;
  }),
);

/** Tells whether `key` of the map `column` is ours. */
export function isManagedKey(table: string, column: string, key: string): boolean {
  if (column === 'external_ids') return key.startsWith(markPrefix);
  const rule = rules.get(table)?.get(column);
  return rule === 'all' || (rule?.has(key) ?? false);
}

/** Asserts that a compiled row sets no key that would never be taken back. @throws InvariantError */
export function verifyManagedKeys(table: string, columns: ColumnValues): void {
  for (const column of Object.keys(columns)) {
    for (const key of Object.keys(mapColumn(columns, column))) {
      invariant(isManagedKey(table, column, key), `${table}.${column} key "${key}" is not declared as ours`);
    }
  }
}
