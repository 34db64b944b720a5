// What the planner must be told about ownership: whose rows, whose keys, which names.
import type { DatabaseSchema } from '../ovsdb/schema.ts';
import type { Row } from '../ovsdb/value.ts';

/** Pure questions about rows; the answers depend on the row alone. */
export interface OwnershipPolicy {
  /** Of the server: which columns are sets, maps and references. */
  readonly schema: DatabaseSchema;
  /** The unit of a row that is ours; undefined for a foreign row. */
  unitOf(table: string, row: Row): string | undefined;
  /** Symbolic identity of a row of ours (see `DesiredRow.id`); empty when it does not say. */
  idOf(table: string, row: Row): string;
  /** Object key that a row of ours serves; empty when it does not say. */
  sourceOf(table: string, row: Row): string;
  /** Whether `key` of the map `column` is ours; the other keys are never touched. */
  ownsKey(table: string, column: string, key: string): boolean;
  /** Column lists whose values together must be unique in the table: the schema's indexes, and names that must be. */
  uniqueColumns(table: string): readonly (readonly string[])[];
}
