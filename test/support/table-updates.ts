// Database contents as plain maps, and what a server would send about them ("update2", ovsdb-server(7)).
import { equalValues } from '../../src/ovsdb/atom-order.ts';
import { parseExactJson } from '../../src/ovsdb/exact-json.ts';
import { encodeValue } from '../../src/ovsdb/notation/encode-value.ts';
import { defaultValue } from '../../src/ovsdb/schema.ts';
import type { ColumnType, DatabaseSchema, TableSchema } from '../../src/ovsdb/schema.ts';
import type { Value } from '../../src/ovsdb/value.ts';
import { differenceOf } from './naive-difference.ts';

/** By column. */
export type PlainRow = Readonly<Record<string, Value>>;
/** By table, by uuid. */
export type Contents = Readonly<Record<string, Readonly<Record<string, PlainRow>>>>;

/** The full dump: every row as `initial`, without the columns that have their default. */
export function dumpOf(schema: DatabaseSchema, contents: Contents): object {
  return eachTable(schema, (table) =>
    mapValues(contents[table.name] ?? {}, (row) => ({ initial: encodeNewRow(table, row) })),
  );
}

/** What a monitor sends when `before` becomes `after` in one go. */
export function updateOf(schema: DatabaseSchema, before: Contents, after: Contents): object {
  return eachTable(schema, (table) => {
    const [old, current] = [before[table.name] ?? {}, after[table.name] ?? {}];
    const uuids = [...new Set([...Object.keys(old), ...Object.keys(current)])];
    const updates = uuids.map((uuid) => [uuid, rowUpdate(table, old[uuid], current[uuid])] as const);
    return Object.fromEntries(updates.filter(([, update]) => update !== undefined));
  });
}

function rowUpdate(table: TableSchema, before: PlainRow | undefined, after: PlainRow | undefined): unknown {
  if (after === undefined) return before && { delete: null };
  if (before === undefined) return { insert: encodeNewRow(table, after) };
  const columns = [...table.columns.values()].filter(({ name }) => !equalValues(before[name], after[name]));
  if (columns.length === 0) return undefined;
  const modify = columns.map(({ name, type }) => {
    const difference = differenceOf(type, before[name], after[name]);
    // A difference may have more elements than the column.
    const wide = { ...type, min: 0, max: type.max === 1 ? 1 : Infinity };
    return [name, wireValue(wide, difference)];
  });
  return { modify: Object.fromEntries(modify) };
}

function encodeNewRow(table: TableSchema, row: PlainRow): object {
  const columns = [...table.columns.values()].filter(
    ({ name, type }) => !equalValues(row[name], defaultValue(type)),
  );
  return Object.fromEntries(columns.map(({ name, type }) => [name, wireValue(type, row[name])]));
}

/** As it comes out of the parser. */
function wireValue(type: ColumnType, value: Value): unknown {
  return parseExactJson(encodeValue(type, value, { table: 'T' }));
}

function eachTable(schema: DatabaseSchema, make: (table: TableSchema) => object): object {
  const tables = [...schema.tables.values()].map((table) => [table.name, make(table)] as const);
  return Object.fromEntries(tables.filter(([, rows]) => Object.keys(rows).length > 0));
}

function mapValues<A, B>(object: Readonly<Record<string, A>>, make: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, make(value)]));
}
