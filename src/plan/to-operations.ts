// A change set as the operations of one transaction (RFC 7047 §5.2).
import { columnKind, defaultValue } from '../ovsdb/schema.ts';
import type { DatabaseSchema } from '../ovsdb/schema.ts';
import type { Condition, Mutation, Operation } from '../ovsdb/operation.ts';
import type { Value } from '../ovsdb/value.ts';
import type { ChangeSet, ColumnChange } from './change-set.ts';
import { columnTypeOf } from './column-type.ts';
import { bornChildren, bornColumns, changesByRow, outsideParents, replacedKeys } from './row-changes.ts';
import type { RowChanges } from './row-changes.ts';
import { pairsOf, sameAtoms } from './value-shape.ts';

export interface PlannedOperations {
  readonly operations: readonly Operation[];
  /** Indexes of operations that must match a row: a `count` of 0 means that the plan was made from an old state. */
  readonly expectations: readonly number[];
}

/**
 * Guards first, then inserts, changes and deletes. A guard waits (without waiting) for a parent to be there: a child
 * put beside a parent that is gone would be collected silently. Rows are addressed by `_uuid` only.
 * Rows of non-root tables are deleted like others, although the server would collect them: it does so only after it
 * has checked that nothing refers to a deleted row, and a row that waits for collection still refers to others.
 */
export function toOperations(changes: ChangeSet, schema: DatabaseSchema): PlannedOperations {
  const children = bornChildren(changes);
  const guards = outsideParents(changes).map(({ table, uuid }): Operation => guard(table, uuid));
  const inserts = changes.inserts.map(({ table, uuid, columns }): Operation => {
    const row = bornColumns(columns, children.get(uuid));
    return { op: 'insert', table, uuid, row: withoutDefaults(table, row, schema) };
  });
  const writes = changesByRow(changes).flatMap((row) => rowOperations(row));
  const deletes = changes.deletes.map(({ table, uuid }): Operation => ({
    op: 'delete',
    table,
    where: byUuid(uuid),
  }));
  const operations = [...guards, ...inserts, ...writes, ...deletes];
  const first = guards.length + inserts.length;
  return { operations, expectations: [...operations.keys()].slice(first) };
}

const byUuid = (uuid: string): readonly Condition[] => [['_uuid', '==', uuid]];

function guard(table: string, uuid: string): Operation {
  const rows = [{ _uuid: uuid }];
  return { op: 'wait', table, where: byUuid(uuid), columns: ['_uuid'], until: '==', rows, timeoutMs: 0 };
}

/** The columns that an insert must mention. */
export function withoutDefaults(
  table: string,
  row: Readonly<Record<string, Value>>,
  schema: DatabaseSchema,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(row).filter(([column, value]) => {
      const type = columnTypeOf(schema, table, column);
      if (columnKind(type) === 'map') return Object.keys(pairsOf(value)).length > 0;
      return !sameAtoms(value, defaultValue(type));
    }),
  );
}

function rowOperations({ table, uuid, columns }: RowChanges): Operation[] {
  const where = byUuid(uuid);
  const replaced = columns.flatMap((change) => (change.kind === 'set' ? [change] : []));
  const mutations = columns.flatMap(mutationsOf);
  const row = Object.fromEntries(replaced.map(({ column, after }) => [column, after]));
  return [
    ...(replaced.length === 0 ? [] : [{ op: 'update', table, where, row } as const]),
    ...(mutations.length === 0 ? [] : [{ op: 'mutate', table, where, mutations } as const]),
  ];
}

function mutationsOf(change: ColumnChange): Mutation[] {
  if (change.kind === 'set') return [];
  if (change.kind === 'set-delta') {
    // Insert first: a set that must not be empty must not be so in between either.
    return [
      ...(change.insert.length === 0 ? [] : [[change.column, 'insert', change.insert] as const]),
      ...(change.delete.length === 0 ? [] : [[change.column, 'delete', change.delete] as const]),
    ];
  }
  const gone = [...change.delete, ...replacedKeys(change.put, change.before)];
  return [
    ...(gone.length === 0 ? [] : [[change.column, 'delete', gone] as const]),
    ...(Object.keys(change.put).length === 0 ? [] : [[change.column, 'insert', change.put] as const]),
  ];
}
