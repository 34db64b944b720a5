// The shape of <table-updates2> (ovsdb-server(7) "update2"): what happened to which row.
import { CodedError } from '../base/errors.ts';
import type { WireRow } from './row-reader.ts';
import { isJsonObject } from './value-kind.ts';

export type UpdateKind = 'initial' | 'insert' | 'modify' | 'delete';

/** `row`: for `initial` and `insert` a row without its defaults, for `modify` a difference, for `delete` nothing. */
export type RowVisitor = (uuid: string, kind: UpdateKind, row: WireRow) => void;

export type TableUpdate = Readonly<Record<string, unknown>>;

/** The tables of `{"Bridge": {"<uuid>": {"insert": {"name": "br0"}}}}` with their rows. @throws OVSDB_MALFORMED_UPDATE */
export function tablesOf(json: unknown): ReadonlyMap<string, TableUpdate> {
  const tables = asObject(json);
  return new Map(Object.keys(tables).map((name) => [name, asObject(tables[name])]));
}

/** Calls `visit` for each row, in the message's order. @throws OVSDB_MALFORMED_UPDATE */
export function visitRows(update: TableUpdate, visit: RowVisitor): void {
  for (const uuid of Object.keys(update)) visitRow(uuid, asObject(update[uuid]), visit);
}

const noColumns: WireRow = {};

function visitRow(uuid: string, row: Readonly<Record<string, unknown>>, visit: RowVisitor): void {
  for (const kind in row) {
    if (kind === 'delete') return visit(uuid, kind, noColumns);
    if (kind === 'initial' || kind === 'insert' || kind === 'modify') {
      return visit(uuid, kind, asObject(row[kind]));
    }
  }
  throw malformedUpdate('a row update that is none of initial, insert, modify, delete');
}

function asObject(json: unknown): Readonly<Record<string, unknown>> {
  if (isJsonObject(json)) return json;
  throw malformedUpdate('something else where an object must be');
}

function malformedUpdate(message: string): CodedError {
  return new CodedError('OVSDB_MALFORMED_UPDATE', `table updates: ${message}`, { retryable: true });
}
