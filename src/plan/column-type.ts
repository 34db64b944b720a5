// Looking up what kind of column the planner has before it.
import { invariant } from '../base/errors.ts';
import type { ColumnType, DatabaseSchema, TableSchema } from '../ovsdb/schema.ts';

/** @throws InvariantError when the server has no such column: the compiler must not ask for it */
export function columnTypeOf(schema: DatabaseSchema, table: string, column: string): ColumnType {
  const type = schema.tables.get(table)?.columns.get(column)?.type;
  invariant(type !== undefined, `${table}.${column} is not in schema ${schema.name} ${schema.version}`);
  return type;
}

/** Like {@link columnTypeOf}, for columns that the schema may not have. */
export function findColumnType(
  schema: DatabaseSchema,
  table: string,
  column: string,
): ColumnType | undefined {
  return schema.tables.get(table)?.columns.get(column)?.type;
}

/** A column of references, with the table that it points to. */
export interface ReferenceColumn {
  readonly name: string;
  readonly refTable: string;
}

const referenceColumnsByTable = new WeakMap<TableSchema, readonly ReferenceColumn[]>();

/** The columns of references of a table; none of an unknown table. Worked out once per table. */
export function referenceColumns(schema: DatabaseSchema, table: string): readonly ReferenceColumn[] {
  const tableSchema = schema.tables.get(table);
  if (tableSchema === undefined) return [];
  const known =
    referenceColumnsByTable.get(tableSchema) ??
    [...tableSchema.columns.values()].flatMap(({ name, type }) => {
      const refTable = referenceTable(type);
      return refTable === undefined ? [] : [{ name, refTable }];
    });
  referenceColumnsByTable.set(tableSchema, known);
  return known;
}

/** The table that a column of references points to; undefined for other columns. References are never in maps here. */
export const referenceTable = (type: ColumnType): string | undefined => type.key.refTable;
