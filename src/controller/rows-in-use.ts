// Rows that cannot go yet because rows that stay hang in them: the server would silently take those along.
import type { ChangeSet, RowDelete } from '../plan/change-set.ts';
import type { CurrentRows } from '../plan/current-rows.ts';
import type { OwnershipPolicy } from '../plan/ownership-policy.ts';
import type { Row } from '../ovsdb/value.ts';

/** A child, of another unit or foreign, in a row that is to be deleted. */
export interface Occupant {
  readonly host: RowDelete;
  readonly table: string;
  readonly row: Row;
  /** Undefined: not ours. */
  readonly unit: string | undefined;
}

/** Children of deleted rows that the change set itself neither deletes nor moves away. O(children of deleted rows). */
export function occupantsOf(
  changes: ChangeSet,
  current: CurrentRows,
  policy: OwnershipPolicy,
): readonly Occupant[] {
  if (changes.deletes.length === 0) return [];
  const leaving = new Set([
    ...changes.deletes.map(({ uuid }) => uuid),
    ...changes.attach.map(({ child }) => child),
  ]);
  return changes.deletes.flatMap((host) =>
    childrenOf(host, policy).flatMap(({ table, uuid }) => {
      const row = leaving.has(uuid) ? undefined : current.row(table, uuid);
      return row === undefined ? [] : [{ host, table, row, unit: policy.unitOf(table, row) }];
    }),
  );
}

/** Rows that `host` holds by a strong reference and that vanish with it. */
function childrenOf(
  { table, before }: RowDelete,
  { schema }: OwnershipPolicy,
): { readonly table: string; readonly uuid: string }[] {
  return [...(schema.tables.get(table)?.columns.values() ?? [])].flatMap(({ name, type }) => {
    const { refTable, refType } = type.key;
    const value = before[name];
    if (refTable === undefined || refType !== 'strong' || !Array.isArray(value)) return [];
    if (schema.tables.get(refTable)?.isRoot !== false) return [];
    return (value as readonly string[]).map((uuid) => ({ table: refTable, uuid }));
  });
}
