// Fills in the managed columns that a compiled row leaves out, so that a value set by hand goes back.
import { invariant } from '../base/errors.ts';
import type { ColumnValues, Value } from '../ovsdb/value.ts';
import type { Capabilities } from './capabilities.ts';
import { isManagedTable, managedColumns } from './managed-columns.ts';

export interface CompletedColumns {
  /** In the order of {@link managedColumns}. */
  readonly columns: ColumnValues;
  /** Columns of the input, other than empty ones, that the server's schema lacks. */
  readonly unsupported: readonly string[];
}

/** @throws InvariantError for a column that is not managed, or an enum without a value */
export function completeColumns(
  table: string,
  columns: ColumnValues,
  capabilities: Capabilities,
): CompletedColumns {
  invariant(isManagedTable(table), `table ${table} is not one that we write`);
  const managed: readonly string[] = managedColumns[table];
  for (const column of Object.keys(columns)) {
    invariant(managed.includes(column), `${table}.${column} is not a managed column`);
  }
  const completed: Record<string, Value> = {};
  const unsupported: string[] = [];
  for (const column of managed) {
    const given = columns[column];
    if (!capabilities.hasColumn(table, column)) {
      if (!isEmpty(given)) unsupported.push(column);
    } else if (given !== undefined || capabilities.columnKind(table, column) === 'optional') {
      completed[column] = given;
    } else {
      completed[column] = defaultOf(table, column, capabilities);
    }
  }
  return { columns: completed, unsupported };
}

function defaultOf(table: string, column: string, capabilities: Capabilities): Value {
  const value = capabilities.defaultValue(table, column);
  const fits = typeof value !== 'string' || capabilities.allows(table, column, value);
  invariant(fits, `${table}.${column} has no default: the row must say it`);
  return value;
}

function isEmpty(value: Value): boolean {
  if (value === undefined) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
