// The shape of <table-updates2> (ovsdb-server(7) "update2"): what happened to which row.
import { CodedError } from '../base/errors.ts';
import type { WireRow } from './row-reader.ts';

/** `initial` and `insert` carry a row without its defaults, `modify` a difference, `delete` nothing. */
export type RowUpdate =
  { readonly kind: 'initial' | 'insert' | 'modify'; readonly row: WireRow } | { readonly kind: 'delete' };

/**
 * Calls `visit` for each row of `{"Bridge": {"<uuid>": {"insert": {"name": "br0"}}}}`, in the message's order.
 * @throws OVSDB_MALFORMED_UPDATE
 */
export function visitTableUpdates(
  json: unknown,
  visit: (table: string, uuid: string, update: RowUpdate) => void,
): void {
  const tables = asObject(json, 'table updates');
  for (const table of Object.keys(tables)) {
    const rows = asObject(tables[table], table);
    for (const uuid of Object.keys(rows))
      visit(table, uuid, parseRowUpdate(asObject(rows[uuid], table), table));
  }
}

function parseRowUpdate(update: Readonly<Record<string, unknown>>, table: string): RowUpdate {
  for (const kind in update) {
    if (kind === 'delete') return { kind };
    if (kind === 'initial' || kind === 'insert' || kind === 'modify') {
      return { kind, row: asObject(update[kind], table) };
    }
  }
  throw malformedUpdate(`${table}: a row update that is none of initial, insert, modify, delete`);
}

function asObject(json: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>;
  throw malformedUpdate(`${what}: not an object`);
}

function malformedUpdate(message: string): CodedError {
  return new CodedError('OVSDB_MALFORMED_UPDATE', message, { retryable: true });
}
