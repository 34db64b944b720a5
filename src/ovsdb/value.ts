// The in-memory form of OVSDB data (RFC 7047 §3.2, §5.1): what decode yields and encode takes.

/** A uuid atom is its lower-case text. Integers beyond ±2^53 are `bigint`, all others `number`. */
export type Atom = string | number | bigint | boolean;

/** A map column. Inherits nothing, so that keys such as `__proto__` are only keys. Integer keys appear as decimal text. */
export type AtomMap = Readonly<Record<string, Atom>>;

/**
 * The value of a column, by its type in the schema:
 * scalar (min 1, max 1) → `Atom`; optional (min 0, max 1) → `Atom | undefined`;
 * set (max > 1) → array sorted as the server sends it, no duplicates; map → {@link AtomMap}.
 * Values taken from a replica are shared and must not be mutated.
 */
export type Value = Atom | undefined | readonly Atom[] | AtomMap;

/** A row as the replica holds it: `_uuid` and every monitored column, defaults filled in. */
export interface Row {
  readonly _uuid: string;
  readonly [column: string]: Value;
}

/** Columns to write. A column that is absent is not written; `undefined` as a value empties an optional column. */
export type ColumnValues = Readonly<Record<string, Value>>;
