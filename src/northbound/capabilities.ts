// What the server can do, read from its schema and northd's version, not assumed.
import { invariant } from '../base/errors.ts';
import { columnKind, defaultValue } from '../ovsdb/schema.ts';
import type { ColumnKind, ColumnType, DatabaseSchema } from '../ovsdb/schema.ts';
import type { Row, Value } from '../ovsdb/value.ts';
import { mapColumn } from './read-column.ts';

/** An OVN release: 23.03.1 is `{major: 23, minor: 3}`. */
export interface OvnRelease {
  readonly major: number;
  readonly minor: number;
}

export interface Capabilities {
  readonly schema: DatabaseSchema;
  /** Of the northd that last compiled; undefined when none has run yet. */
  readonly northd: OvnRelease | undefined;
  hasTable(table: string): boolean;
  hasColumn(table: string, column: string): boolean;
  /** @throws InvariantError when the server has no such column */
  columnKind(table: string, column: string): ColumnKind;
  /** What an insert without the column gives. @throws InvariantError when the server has no such column */
  defaultValue(table: string, column: string): Value;
  /** Whether the enum of a column (of its keys, for a map) has `value`: `('QoS', 'action', 'mark')`. */
  allows(table: string, column: string, value: string): boolean;
  /** False when northd's version is unknown: a feature that is not known to be there is off. */
  northdAtLeast(major: number, minor: number): boolean;
}

/** `global` is the NB_Global row, absent in a fresh database; northd writes its version to `options`. */
export function capabilitiesOf(schema: DatabaseSchema, global?: Row): Capabilities {
  const northd = parseNorthdVersion(global);
  const find = (table: string, column: string): ColumnType | undefined =>
    schema.tables.get(table)?.columns.get(column)?.type;
  const need = (table: string, column: string): ColumnType => {
    const type = find(table, column);
    invariant(type !== undefined, `${table}.${column} is not in schema ${schema.version}`);
    return type;
  };
  return {
    schema,
    northd,
    hasTable: (table) => schema.tables.has(table),
    hasColumn: (table, column) => find(table, column) !== undefined,
    columnKind: (table, column) => columnKind(need(table, column)),
    defaultValue: (table, column) => defaultValue(need(table, column)),
    allows: (table, column, value) => {
      const type = find(table, column);
      return type !== undefined && (type.key.enum?.includes(value) ?? true);
    },
    northdAtLeast: (major, minor) =>
      northd !== undefined && (northd.major > major || (northd.major === major && northd.minor >= minor)),
  };
}

/** `northd_internal_version` looks like `23.03.1-20.27.0-70.6`: release, SB schema, counter. */
function parseNorthdVersion(global: Row | undefined): OvnRelease | undefined {
  const version = global === undefined ? '' : mapColumn(global, 'options')['northd_internal_version'];
  const match = /^(\d+)\.(\d+)/.exec(String(version ?? ''));
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}
