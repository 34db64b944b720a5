// What should be: the rows of one unit, as the compiler hands them over.
import type { ColumnValues } from '../ovsdb/value.ts';
import type { Referrer } from '../ovsdb/replica-view.ts';

/**
 * One row that should exist. Its uuid is known before it is written (DESIGN §4).
 * `columns` lists every column that is managed; columns that are absent are somebody else's and never touched.
 */
export interface DesiredRow {
  readonly table: string;
  readonly uuid: string;
  readonly columns: ColumnValues;
  /** Where a non-root row hangs: the set column of the parent row that must hold a strong reference to it. */
  readonly parents?: readonly Referrer[];
  /** Uuids of rows without which this one must not be written (a router port and its peer); parents are implied. */
  readonly requires?: readonly string[];
  /** Object key of the object that the row serves: `Kind/namespace/name` or `Kind/name`. */
  readonly source: string;
  /** Symbolic identity, unique in table and owner, for example `shalb-demo/snat/10.0.10.0/24`. For people and goldens. */
  readonly id: string;
}

/** All rows of one unit: compiled, compared and committed together. `unit` is for example `vpc/shalb-demo`. */
export interface DesiredUnit {
  readonly unit: string;
  readonly rows: readonly DesiredRow[];
}
