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
  const { managed, present, absent } = knownTable(table, capabilities);
  for (const column of Object.keys(columns)) {
    invariant(managed.includes(column), `${table}.${column} is not a managed column`);
  }
  const completed: Record<string, Value> = {};
  for (const { name, fallback, mustBeGiven } of present) {
    const given = columns[name];
    invariant(given !== undefined || !mustBeGiven, `${table}.${name} has no default: the row must say it`);
    completed[name] = given ?? fallback;
  }
  return { columns: completed, unsupported: absent.filter((column) => !isEmpty(columns[column])) };
}

/** The managed columns of a table as one server has them. */
interface KnownTable {
  readonly managed: readonly string[];
  readonly present: readonly KnownColumn[];
  readonly absent: readonly string[];
}
interface KnownColumn {
  readonly name: string;
  readonly fallback: Value;
  /** The default is no word of the column's enum. */
  readonly mustBeGiven: boolean;
}

/** Asked for every row, and the same for all rows of a table. */
const knownTables = new WeakMap<Capabilities, Map<string, KnownTable>>();

function knownTable(table: string, capabilities: Capabilities): KnownTable {
  const tables = knownTables.get(capabilities) ?? new Map<string, KnownTable>();
  knownTables.set(capabilities, tables);
  const known = tables.get(table) ?? lookAtTable(table, capabilities);
  tables.set(table, known);
  return known;
}

function lookAtTable(table: string, capabilities: Capabilities): KnownTable {
  invariant(isManagedTable(table), `table ${table} is not one that we write`);
  const managed: readonly string[] = managedColumns[table];
  const isPresent = (name: string): boolean => capabilities.hasColumn(table, name);
  const present = managed.filter(isPresent).map((name): KnownColumn => {
    const fallback = capabilities.defaultValue(table, name);
    const fits = typeof fallback !== 'string' || capabilities.allows(table, name, fallback);
    return { name, fallback, mustBeGiven: !fits };
  });
  return { managed, present, absent: managed.filter((name) => !isPresent(name)) };
}

function isEmpty(value: Value): boolean {
  if (value === undefined) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
