// Which tables and columns of NB the replica holds, and under which indexes.
import type { IndexSpec } from '../ovsdb/replica-view.ts';
import type { WantedColumns } from '../ovsdb/schema.ts';
import { planIndexes } from '../plan/current-rows.ts';
import type { OwnershipPolicy } from '../plan/ownership-policy.ts';
import type { NorthboundTables } from './generated/northbound-tables.ts';
import { managedColumns } from './managed-columns.ts';

/** The tables that we write, sorted. */
export const managedTables: readonly string[] = Object.keys(managedColumns).toSorted();

/** Read but not written as columns: the places where children hang, and what northd reports. */
const observedColumns = {
  HA_Chassis_Group: ['ha_chassis'],
  Load_Balancer: ['health_check'],
  Logical_Router: ['ports', 'static_routes', 'policies', 'nat'],
  Logical_Router_Port: ['status'],
  Logical_Switch: ['ports', 'acls', 'qos_rules'],
  Logical_Switch_Port: ['up'],
  Meter: ['bands'],
  NB_Global: [
    'nb_cfg',
    'nb_cfg_timestamp',
    'sb_cfg',
    'sb_cfg_timestamp',
    'hv_cfg',
    'hv_cfg_timestamp',
    'options',
  ],
  Port_Group: ['acls'],
} as const satisfies { readonly [T in keyof NorthboundTables]?: readonly (keyof NorthboundTables[T])[] };

/** What to monitor. A server may lack some of it: intersect with its schema (`intersectColumns`). */
export const monitoredColumns: WantedColumns = mergeColumns(managedColumns, observedColumns);

function mergeColumns(...parts: readonly Readonly<Record<string, readonly string[]>>[]): WantedColumns {
  const merged: Record<string, readonly string[]> = {};
  for (const part of parts)
    for (const [table, columns] of Object.entries(part))
      merged[table] = [...(merged[table] ?? []), ...columns];
  return merged;
}

/** The indexes that planning needs on the replica: rows by unit, and by what must be unique. */
export function northboundIndexes(policy: OwnershipPolicy): readonly IndexSpec[] {
  return planIndexes(managedTables, policy);
}
