// One table of the replica: its rows, and what a dump or an update makes of them.
import { CodedError } from '../base/errors.ts';
import { equalValues } from './atom-order.ts';
import { referenceColumns } from './references.ts';
import type { ReferenceColumn } from './references.ts';
import type { RowChange } from './replica-view.ts';
import { RowReader } from './row-reader.ts';
import type { WireRow } from './row-reader.ts';
import type { TableSchema } from './schema.ts';
import type { SharedTexts } from './shared-texts.ts';
import { visitRows } from './table-updates.ts';
import type { TableUpdate, UpdateKind } from './table-updates.ts';
import type { Row } from './value.ts';

/** Reading gives changes and leaves the rows as they are, until {@link ReplicaTable.put}. */
export class ReplicaTable {
  readonly name: string;
  readonly references: readonly ReferenceColumn[];
  readonly #rows = new Map<string, Row>();
  readonly #reader: RowReader;

  /** @throws OVSDB_UNKNOWN_COLUMN */
  constructor(schema: TableSchema, columns: readonly string[], texts: SharedTexts) {
    this.name = schema.name;
    this.references = referenceColumns(schema, columns);
    this.#reader = new RowReader(schema, columns, texts);
  }

  get rows(): ReadonlyMap<string, Row> {
    return this.#rows;
  }

  /** Adds to `changes` what differs from the dump: rows that are new, that are not in it any more, or not the same. */
  readDump(dump: TableUpdate, changes: RowChange[]): void {
    const table = this.name;
    visitRows(dump, (uuid, kind, wire) => {
      if (kind !== 'initial' && kind !== 'insert') throw this.#desync(uuid, `${kind} in a full dump`);
      const before = this.#rows.get(uuid);
      const after = this.#reader.read(uuid, wire);
      if (before === undefined || !equalRows(before, after)) changes.push({ table, uuid, before, after });
    });
    for (const [uuid, before] of this.#rows) {
      if (!Object.hasOwn(dump, uuid)) changes.push({ table, uuid, before, after: undefined });
    }
  }

  /** Adds to `changes` the rows that are not the same after the update. */
  readUpdate(update: TableUpdate, changes: RowChange[]): void {
    const table = this.name;
    visitRows(update, (uuid, kind, wire) => {
      const before = this.#rows.get(uuid);
      const after = this.#rowAfter(uuid, before, kind, wire);
      if (after !== before) changes.push({ table, uuid, before, after });
    });
  }

  put({ uuid, after }: RowChange): void {
    if (after === undefined) this.#rows.delete(uuid);
    else this.#rows.set(uuid, after);
  }

  #rowAfter(uuid: string, before: Row | undefined, kind: UpdateKind, wire: WireRow): Row | undefined {
    if (kind === 'initial' || kind === 'insert') {
      if (before !== undefined) throw this.#desync(uuid, `${kind} of a row that is known`);
      return this.#reader.read(uuid, wire);
    }
    if (before === undefined) throw this.#desync(uuid, `${kind} of a row that is not known`);
    return kind === 'delete' ? undefined : this.#reader.modify(before, wire);
  }

  #desync(uuid: string, what: string): CodedError {
    return new CodedError('OVSDB_DESYNC', `${this.name} ${uuid}: ${what}`, { retryable: true });
  }
}

function equalRows(a: Row, b: Row): boolean {
  for (const column in a) if (!equalValues(a[column], b[column])) return false;
  return true;
}
