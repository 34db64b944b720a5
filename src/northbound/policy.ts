// The planner's ownership policy for NB.
import type { DatabaseSchema } from '../ovsdb/schema.ts';
import type { OwnershipPolicy } from '../plan/ownership-policy.ts';
import { isManagedKey } from './managed-keys.ts';
import { idOf, ownedUnit, sourceOf } from './ownership.ts';

/** Tables whose names must be unique although the schema does not say so: northd and people tell rows apart by name. */
const namedTables: ReadonlySet<string> = new Set(['Load_Balancer', 'Logical_Router', 'Logical_Switch']);

/** Columns of `table` that are unique together, from the schema and from {@link namedTables}. */
function uniqueColumns(schema: DatabaseSchema, table: string): readonly (readonly string[])[] {
  const indexes = schema.tables.get(table)?.indexes ?? [];
  return namedTables.has(table) ? [...indexes, ['name']] : indexes;
}

/** Rows marked with `owner` (DESIGN §4) are ours. `schema` is the server's. */
export function northboundPolicy(owner: string, schema: DatabaseSchema): OwnershipPolicy {
  return {
    schema,
    unitOf: (table, row) => ownedUnit(owner, table, row),
    idOf: (_table, row) => idOf(row) ?? '',
    sourceOf: (_table, row) => sourceOf(row) ?? '',
    ownsKey: isManagedKey,
    uniqueColumns: (table) => uniqueColumns(schema, table),
  };
}
