// Reads columns of replica rows whose kind we know from ovn-nb(5); what is not there reads as empty.
import type { AtomMap, ColumnValues, Value } from '../ovsdb/value.ts';

const emptyMap: AtomMap = {};

function isMap(value: Value): value is AtomMap {
  return typeof value === 'object' && !Array.isArray(value);
}

/** The map in `column`; empty when the server has no such column, or the value is no map. */
export function mapColumn(row: ColumnValues, column: string): AtomMap {
  const value = row[column];
  return isMap(value) ? value : emptyMap;
}

/** The string in `column`; empty when the server has no such column, or the value is no string. */
export function textColumn(row: ColumnValues, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : '';
}
