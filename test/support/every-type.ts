// The schema that has a column of every type, for the notation's tests; `every-type.ovsschema` is for a server.
import { readFileSync } from 'node:fs';
import { parseDatabaseSchema } from '../../src/ovsdb/schema.ts';
import type { ColumnType, TableSchema } from '../../src/ovsdb/schema.ts';

export const everyTypeFile = new URL('every-type.ovsschema', import.meta.url).pathname;

export const everyType = parseDatabaseSchema(JSON.parse(readFileSync(everyTypeFile, 'utf8')));

export const thing: TableSchema = everyType.tables.get('Thing')!;

/** The type of a column of `Thing`. */
export function typeOf(column: string): ColumnType {
  return thing.columns.get(column)!.type;
}

/** `uuid(3)` is 00000000-0000-4000-8000-000000000003. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}
