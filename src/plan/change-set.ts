// The difference between desired and current rows of one unit, as a value: committed, printed or filtered.
import type { Atom, AtomMap, Row, Value } from '../ovsdb/value.ts';
import type { Referrer } from '../ovsdb/replica-view.ts';
import type { DesiredRow } from './desired.ts';

/** A column that is replaced as a whole. */
export interface ColumnSet {
  readonly kind: 'set';
  readonly column: string;
  readonly before: Value;
  readonly after: Value;
}
/** A set column of which only the difference is written. Never empty. */
export interface ColumnSetDelta {
  readonly kind: 'set-delta';
  readonly column: string;
  readonly insert: readonly Atom[];
  readonly delete: readonly Atom[];
}
/** A map column of which only our keys are written: `put` adds or replaces, `delete` removes keys. */
export interface ColumnMapDelta {
  readonly kind: 'map-delta';
  readonly column: string;
  readonly put: AtomMap;
  readonly delete: readonly string[];
  /** Old values of the keys in `put` and `delete` that existed. */
  readonly before: AtomMap;
}
export type ColumnChange = ColumnSet | ColumnSetDelta | ColumnMapDelta;

export interface RowUpdate {
  readonly table: string;
  readonly uuid: string;
  /** Symbolic identity, as in {@link DesiredRow}. */
  readonly id: string;
  readonly source: string;
  readonly before: Row;
  readonly columns: readonly ColumnChange[];
}
export interface RowDelete {
  readonly table: string;
  readonly uuid: string;
  /** Symbolic identity as the row's marks say it; empty when they do not. */
  readonly id: string;
  readonly source: string;
  readonly before: Row;
}
/** A reference from a parent's set column to a child row that is put in or taken out. */
export interface ParentLink {
  readonly parent: Referrer;
  readonly child: string;
  readonly source: string;
}

/**
 * What one transaction will do, sorted by table then uuid. Rows that are not ours never appear,
 * except as the parent of a {@link ParentLink}.
 */
export interface ChangeSet {
  readonly unit: string;
  readonly inserts: readonly DesiredRow[];
  readonly updates: readonly RowUpdate[];
  readonly deletes: readonly RowDelete[];
  readonly attach: readonly ParentLink[];
  readonly detach: readonly ParentLink[];
}

/** A name that a desired row needs and a foreign row, or a row of another unit, holds. */
export interface NameConflict {
  readonly row: DesiredRow;
  readonly column: string;
  readonly holder: Row;
  readonly holderTable: string;
}
