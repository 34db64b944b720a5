// Typed reading of Northbound rows, ours and others': a trace meets both.
import type { NorthboundTables } from '../northbound/generated/northbound-tables.ts';
import type { ReplicaView } from '../ovsdb/replica-view.ts';
import type { Row } from '../ovsdb/value.ts';

/** The part of a replica that is read: a plain map of maps will do. */
export type RowReader = Pick<ReplicaView, 'rows'>;

export type Table = keyof NorthboundTables;

/** A row of table `T`, known both by its columns and as any row. */
export type TypedRow<T extends Table> = NorthboundTables[T] & Row;

export interface Rows {
  /** All rows of a table, in no particular order. */
  all<T extends Table>(table: T): readonly TypedRow<T>[];
  /** The rows with these uuids, in the same order; those that are not there are left out. */
  some<T extends Table>(table: T, uuids: readonly string[]): readonly TypedRow<T>[];
  /** The row of `table` whose uuid begins with `prefix`: northd gives flows the first eight digits. */
  startingWith<T extends Table>(table: T, prefix: string): TypedRow<T> | undefined;
}

export function rowsOf(reader: RowReader): Rows {
  // The replica decodes by the server's schema, of which the row types are generated.
  const isRow = <T extends Table>(row: Row | undefined): row is TypedRow<T> => row !== undefined;
  return {
    all: <T extends Table>(table: T) => [...reader.rows(table).values()].filter((row) => isRow<T>(row)),
    some: <T extends Table>(table: T, uuids: readonly string[]) =>
      uuids.map((uuid) => reader.rows(table).get(uuid)).filter((row) => isRow<T>(row)),
    startingWith: <T extends Table>(table: T, prefix: string) => {
      const found = [...reader.rows(table).values()].find((row) => row._uuid.startsWith(prefix));
      return isRow<T>(found) ? found : undefined;
    },
  };
}
