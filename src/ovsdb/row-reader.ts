// Wire rows of one table → immutable rows in memory.
import { CodedError } from '../base/errors.ts';
import { equalValues } from './atom-order.ts';
import { defaultValue } from './column-type.ts';
import type { ColumnType } from './column-type.ts';
import { valueDecoder } from './notation/decode.ts';
import type { ValueDecoder } from './notation/decode.ts';
import { applyDifference } from './row-diff.ts';
import { rowFactory } from './row-factory.ts';
import type { MutableRow, RowFactory } from './row-factory.ts';
import type { TableSchema } from './schema.ts';
import type { SharedTexts } from './shared-texts.ts';
import type { Row, Value } from './value.ts';

interface ReadColumn {
  readonly type: ColumnType;
  readonly decode: ValueDecoder;
}

export type WireRow = Readonly<Record<string, unknown>>;

/** Reads rows of the given columns of a table. All rows have the same columns in the same order, defaults filled in. */
export class RowReader {
  readonly #table: string;
  readonly #columns: ReadonlyMap<string, ReadColumn>;
  readonly #create: RowFactory;

  /**
   * @param texts where to take strings from, for rows that are kept
   * @throws OVSDB_UNKNOWN_COLUMN when `columns` names one that the table does not have
   */
  constructor(table: TableSchema, columns: readonly string[], texts?: SharedTexts) {
    this.#table = table.name;
    const defaults = new Map<string, Value>();
    const read = new Map<string, ReadColumn>();
    for (const name of columns) {
      const column = table.columns.get(name);
      if (column === undefined) throw unknownColumn(table.name, name);
      read.set(name, { type: column.type, decode: valueDecoder(column.type, texts) });
      defaults.set(name, defaultValue(column.type));
    }
    this.#columns = read;
    this.#create = rowFactory(defaults);
  }

  /** A full row; columns that `wire` leaves out have their default. `_uuid` in it is ignored. @throws OVSDB_MALFORMED_VALUE */
  read(uuid: string, wire: WireRow): Row {
    const row = this.#create(uuid);
    for (const name in wire) {
      if (name === '_uuid') continue;
      row[name] = this.#decode(this.#column(name), name, wire[name]);
    }
    return row;
  }

  /** The row after a `modify`; `before` itself when nothing is different. @throws OVSDB_MALFORMED_VALUE */
  modify(before: Row, wire: WireRow): Row {
    const row = this.#copy(before);
    let isChanged = false;
    for (const name in wire) {
      if (name === '_uuid') continue;
      const column = this.#column(name);
      const value = applyDifference(column.type, before[name], this.#decode(column, name, wire[name]));
      if (equalValues(before[name], value)) continue;
      row[name] = value;
      isChanged = true;
    }
    return isChanged ? row : before;
  }

  #copy(before: Row): MutableRow {
    const row = this.#create(before._uuid);
    for (const name in before) row[name] = before[name];
    return row;
  }

  #column(name: string): ReadColumn {
    const column = this.#columns.get(name);
    if (column === undefined) throw unknownColumn(this.#table, name);
    return column;
  }

  #decode(column: ReadColumn, name: string, wire: unknown): Value {
    try {
      return column.decode(wire);
    } catch (cause) {
      if (!(cause instanceof CodedError)) throw cause;
      const message = `${this.#table}.${name}: ${cause.message}`;
      throw new CodedError(cause.code, message, { retryable: cause.retryable, cause });
    }
  }
}

function unknownColumn(table: string, column: string): CodedError {
  return new CodedError('OVSDB_UNKNOWN_COLUMN', `${table} has no column ${column} here`, {
    retryable: false,
  });
}
