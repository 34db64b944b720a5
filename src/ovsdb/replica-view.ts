// What consumers see of the replica: immutable reads and change notices.
import type { Row } from './value.ts';

export interface RowReference {
  readonly table: string;
  readonly uuid: string;
}

/** A place that refers to a row: `column` of row `uuid` in `table`. */
export interface Referrer extends RowReference {
  readonly column: string;
}

/** One row of one applied notification. `before` undefined: inserted; `after` undefined: deleted. */
export interface RowChange extends RowReference {
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

/** An extra index: rows of `table` under the key that `key` returns (undefined: not indexed). */
export interface IndexSpec {
  readonly name: string;
  readonly table: string;
  readonly key: (row: Row) => string | undefined;
}

/**
 * The in-memory copy of one database, current up to the last applied notification. Rows are frozen by contract:
 * a change makes a new row object, so `===` tells whether a row changed.
 * References to rows that do not exist are possible (the server leaves them dangling in one known case).
 */
export interface ReplicaView {
  /** Rows of a monitored table by uuid; an empty map for a table that is not monitored. */
  rows(table: string): ReadonlyMap<string, Row>;
  row(table: string, uuid: string): Row | undefined;
  /** Rows under `key` of the index `name`, in no particular order. @throws OVSDB_UNKNOWN_INDEX */
  find(index: string, key: string): readonly Row[];
  /** Every place that refers to the row, strong and weak, in no particular order. O(answer). */
  referrers(uuid: string): readonly Referrer[];
}
