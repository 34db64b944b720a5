// Typed reading of the rows that are ours, straight from a replica.
import type { NorthboundTables } from '../../northbound/generated/northbound-tables.ts';
import { ownerOf } from '../../northbound/ownership.ts';
import type { ReplicaView } from '../../ovsdb/replica-view.ts';
import type { Row } from '../../ovsdb/value.ts';

/** The part of a replica that `show` reads: a plain map of maps will do. */
export type RowReader = Pick<ReplicaView, 'rows'>;

/** A row of table `T`, known both by its columns and as any row. */
export type TypedRow<T extends keyof NorthboundTables> = NorthboundTables[T] & Row;

/** Rows with an owner mark, whoever the owner is or of one owner alone. */
export interface OwnedRows {
  /** All rows of ours of a table, in no particular order. */
  all<T extends keyof NorthboundTables>(table: T): readonly TypedRow<T>[];
  /** The rows of ours among `uuids`, in the same order. */
  some<T extends keyof NorthboundTables>(table: T, uuids: readonly string[]): readonly TypedRow<T>[];
}

export function ownedRows(reader: RowReader, owner: string | undefined): OwnedRows {
  // The replica decodes by the server's schema, of which the row types are generated: being ours is all to check.
  const isOurs = <T extends keyof NorthboundTables>(row: Row | undefined): row is TypedRow<T> => {
    const found = row === undefined ? undefined : ownerOf(row);
    return found !== undefined && (owner === undefined || found === owner);
  };
  return {
    all: <T extends keyof NorthboundTables>(table: T) =>
      [...reader.rows(table).values()].filter((row) => isOurs<T>(row)),
    some: <T extends keyof NorthboundTables>(table: T, uuids: readonly string[]) =>
      uuids.map((uuid) => reader.rows(table).get(uuid)).filter((row) => isOurs<T>(row)),
  };
}

/** The name at the end of a unit: `vpc/shalb-demo` → `shalb-demo`. */
export function unitName(unit: string | undefined): string {
  return unit?.slice(unit.indexOf('/') + 1) ?? '';
}
