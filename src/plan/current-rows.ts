// What is now: the rows that the planner compares with, over a replica and the indexes it needs.
import { sortBy } from '../base/order.ts';
import type { IndexSpec, Referrer, ReplicaView } from '../ovsdb/replica-view.ts';
import type { ColumnValues, Row, Value } from '../ovsdb/value.ts';
import type { OwnershipPolicy } from './ownership-policy.ts';
import { atomKey } from './value-shape.ts';

export interface CurrentRow {
  readonly table: string;
  readonly row: Row;
}

/** The state that a plan starts from. Reads of one plan must see one state. */
export interface CurrentRows {
  row(table: string, uuid: string): Row | undefined;
  /** Every row of ours in the unit, sorted by table then uuid. */
  unitRows(unit: string): readonly CurrentRow[];
  /** Every place that refers to the row, strong and weak, in no particular order. */
  referrers(uuid: string): readonly Referrer[];
  /** Rows of `table` that have the same values as `values` in all of `columns`, which are scalars. */
  byUnique(table: string, columns: readonly string[], values: ColumnValues): readonly Row[];
}

const unitIndex = (table: string): string => `unit:${table}`;
const uniqueIndex = (table: string, columns: readonly string[]): string =>
  `unique:${table}:${columns.join()}`;

/** Text that is equal exactly when the values of the scalar `columns` are. One column's text is shared with the row. */
export function uniqueKey(columns: readonly string[], values: ColumnValues): string {
  const [only = ''] = columns;
  const first = values[only];
  if (columns.length === 1 && typeof first === 'string') return first;
  // No string of a database has a NUL in it.
  return `\u0000${JSON.stringify(columns.map((column) => scalarKey(values[column])))}`;
}

function scalarKey(value: Value): string {
  return value === undefined || typeof value === 'object' ? '' : atomKey(value);
}

/** The indexes that {@link currentFromReplica} reads, for the tables that we write and the server has. */
export function planIndexes(tables: Iterable<string>, policy: OwnershipPolicy): readonly IndexSpec[] {
  return knownTables(tables, policy).flatMap((table) => tableIndexes(table, policy));
}

function knownTables(tables: Iterable<string>, policy: OwnershipPolicy): readonly string[] {
  return sortBy(tables, (table) => table).filter((table) => policy.schema.tables.has(table));
}

function tableIndexes(table: string, policy: OwnershipPolicy): readonly IndexSpec[] {
  const byUnit: IndexSpec = { name: unitIndex(table), table, key: (row) => policy.unitOf(table, row) };
  const unique = policy.uniqueColumns(table).map((columns): IndexSpec => ({
    name: uniqueIndex(table, columns),
    table,
    key: (row) => uniqueKey(columns, row),
  }));
  return [byUnit, ...unique];
}

/** `replica` was made with {@link planIndexes} of the same tables and policy. */
export function currentFromReplica(
  replica: ReplicaView,
  tables: Iterable<string>,
  policy: OwnershipPolicy,
): CurrentRows {
  const known = knownTables(tables, policy);
  return {
    row: (table, uuid) => replica.row(table, uuid),
    unitRows: (unit) =>
      known.flatMap((table) =>
        sortBy(replica.find(unitIndex(table), unit), (row) => row._uuid).map((row) => ({ table, row })),
      ),
    referrers: (uuid) => replica.referrers(uuid),
    byUnique: (table, columns, values) =>
      replica.find(uniqueIndex(table, columns), uniqueKey(columns, values)),
  };
}
