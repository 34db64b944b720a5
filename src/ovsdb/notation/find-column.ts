// Finds the table and the column that an operation names.
import type { ColumnType } from '../column-type.ts';
import { invalidValue } from './invalid-value.ts';
import type { DatabaseSchema, TableSchema } from '../schema.ts';

const rowUuid: ColumnType = { key: { type: 'uuid' }, min: 1, max: 1 };

/** @throws OVSDB_INVALID_VALUE */
export function findTable(schema: DatabaseSchema, name: string): TableSchema {
  const table = schema.tables.get(name);
  if (table === undefined) throw invalidValue({ table: name }, `database ${schema.name} has no such table`);
  return table;
}

/** A column to select or to compare, `_uuid` included. @throws OVSDB_INVALID_VALUE */
export function columnToRead(table: TableSchema, name: string): ColumnType {
  if (name === '_uuid') return rowUuid;
  const column = table.columns.get(name);
  if (column === undefined) throw invalidValue({ table: table.name, column: name }, 'no such column');
  return column.type;
}

/** A column to write. One that is immutable can be set by an insert only. @throws OVSDB_INVALID_VALUE */
export function columnToWrite(table: TableSchema, name: string, how: 'insert' | 'change'): ColumnType {
  const column = table.columns.get(name);
  const to = { table: table.name, column: name };
  if (column === undefined) throw invalidValue(to, 'no such column');
  if (how === 'change' && !column.mutable) throw invalidValue(to, 'it cannot change after the insert');
  return column.type;
}
