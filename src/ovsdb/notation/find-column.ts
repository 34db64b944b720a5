// Finds the table and the column that an operation names.
import type { ColumnType } from '../column-type.ts';
import { invalidValue } from './invalid-value.ts';
import type { Destination } from './invalid-value.ts';
import type { DatabaseSchema, TableSchema } from '../schema.ts';

/** What is needed of a column over and over to write its values. */
export interface FoundColumn {
  readonly type: ColumnType;
  readonly isMutable: boolean;
  /** The name as JSON. */
  readonly quoted: string;
  readonly to: Destination;
}

const rowUuid: ColumnType = { key: { type: 'uuid' }, min: 1, max: 1 };
const found = new WeakMap<TableSchema, ReadonlyMap<string, FoundColumn>>();

/** @throws OVSDB_INVALID_VALUE */
export function findTable(schema: DatabaseSchema, name: string): TableSchema {
  const table = schema.tables.get(name);
  if (table === undefined) throw invalidValue({ table: name }, `database ${schema.name} has no such table`);
  return table;
}

/** A column to select or to compare, `_uuid` included. @throws OVSDB_INVALID_VALUE */
export function columnToRead(table: TableSchema, name: string): FoundColumn {
  const column = columnsOf(table).get(name);
  if (column === undefined) throw invalidValue({ table: table.name, column: name }, 'no such column');
  return column;
}

/** A column to write. One that is immutable can be set by an insert only. @throws OVSDB_INVALID_VALUE */
export function columnToWrite(table: TableSchema, name: string, how: 'insert' | 'change'): FoundColumn {
  const column = columnToRead(table, name);
  if (name === '_uuid') throw invalidValue(column.to, 'no such column');
  if (how === 'change' && !column.isMutable)
    throw invalidValue(column.to, 'it cannot change after the insert');
  return column;
}

function columnsOf(table: TableSchema): ReadonlyMap<string, FoundColumn> {
  let columns = found.get(table);
  if (columns === undefined) found.set(table, (columns = describeColumns(table)));
  return columns;
}

function describeColumns(table: TableSchema): ReadonlyMap<string, FoundColumn> {
  const columns = [...table.columns.values(), { name: '_uuid', type: rowUuid, mutable: false }];
  return new Map(
    columns.map(({ name, type, mutable }) => [
      name,
      { type, isMutable: mutable, quoted: JSON.stringify(name), to: { table: table.name, column: name } },
    ]),
  );
}
