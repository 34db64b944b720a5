// The in-memory copy of a database: applies dumps and updates, and answers reads from its indexes.
import { CodedError } from '../base/errors.ts';
import { equalValues } from './atom-order.ts';
import { KeyIndex } from './key-index.ts';
import { ReferenceIndex } from './reference-index.ts';
import { changedReferences, referenceColumns } from './references.ts';
import type { ReferenceColumn } from './references.ts';
import type { IndexSpec, Referrer, ReplicaView, RowChange } from './replica-view.ts';
import { RowReader } from './row-reader.ts';
import type { DatabaseSchema } from './schema.ts';
import { visitTableUpdates } from './table-updates.ts';
import type { RowUpdate } from './table-updates.ts';
import type { Row } from './value.ts';

interface Table {
  readonly name: string;
  readonly rows: Map<string, Row>;
  readonly reader: RowReader;
  readonly references: readonly ReferenceColumn[];
  readonly indexes: readonly KeyIndex[];
}

const noRows: ReadonlyMap<string, Row> = new Map();

/**
 * One notification is applied whole: rows first, then indexes; when it throws, nothing has changed.
 * After OVSDB_DESYNC the owner asks for a full dump and gives it to {@link Replica.load}.
 */
export class Replica implements ReplicaView {
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #indexes: ReadonlyMap<string, KeyIndex>;
  readonly #references = new ReferenceIndex();

  /**
   * @param monitored what the server was asked for, as `intersectColumns` gives it
   * @param indexes those of tables that are not monitored stay empty
   * @throws OVSDB_UNKNOWN_TABLE, OVSDB_UNKNOWN_COLUMN
   */
  constructor(
    schema: DatabaseSchema,
    monitored: Readonly<Record<string, readonly string[]>>,
    indexes: readonly IndexSpec[],
  ) {
    this.#indexes = new Map(indexes.map((spec) => [spec.name, new KeyIndex(spec)]));
    const all = [...this.#indexes.values()];
    this.#tables = new Map(
      Object.entries(monitored).map(([name, columns]) => {
        const table = schema.tables.get(name);
        if (table === undefined) throw unknownTable(name);
        const references = referenceColumns(table, columns);
        const own = all.filter((index) => index.table === name);
        const reader = new RowReader(table, columns);
        return [name, { name, rows: new Map(), reader, references, indexes: own }];
      }),
    );
  }

  /**
   * Takes a full dump and returns how it differs from what was held. Rows that did not change stay the same objects.
   * @throws OVSDB_DESYNC, OVSDB_MALFORMED_VALUE, OVSDB_MALFORMED_UPDATE
   */
  load(tableUpdates: unknown): readonly RowChange[] {
    const changes: RowChange[] = [];
    const seen = new Map([...this.#tables.values()].map((table) => [table, new Set<string>()]));
    visitTableUpdates(tableUpdates, (name, uuid, update) => {
      const table = this.#table(name);
      if (update.kind !== 'initial' && update.kind !== 'insert')
        throw desync(name, uuid, `${update.kind} in a full dump`);
      const before = table.rows.get(uuid);
      const after = table.reader.read(uuid, update.row);
      seen.get(table)?.add(uuid);
      if (before === undefined || !equalRows(before, after))
        changes.push({ table: name, uuid, before, after });
    });
    for (const [table, uuids] of seen) {
      for (const [uuid, before] of table.rows) {
        if (!uuids.has(uuid)) changes.push({ table: table.name, uuid, before, after: undefined });
      }
    }
    return this.#commit(changes);
  }

  /**
   * Takes one notification (or the reply of a monitor that was resumed). Rows that it leaves as they were are not in the answer.
   * @throws OVSDB_DESYNC, OVSDB_MALFORMED_VALUE, OVSDB_MALFORMED_UPDATE
   */
  apply(tableUpdates: unknown): readonly RowChange[] {
    const changes: RowChange[] = [];
    visitTableUpdates(tableUpdates, (name, uuid, update) => {
      const table = this.#table(name);
      const before = table.rows.get(uuid);
      const after = rowAfter(table, uuid, before, update);
      if (after !== before) changes.push({ table: name, uuid, before, after });
    });
    return this.#commit(changes);
  }

  rows(table: string): ReadonlyMap<string, Row> {
    return this.#tables.get(table)?.rows ?? noRows;
  }

  row(table: string, uuid: string): Row | undefined {
    return this.#tables.get(table)?.rows.get(uuid);
  }

  find(index: string, key: string): readonly Row[] {
    const found = this.#indexes.get(index);
    if (found === undefined) {
      throw new CodedError('OVSDB_UNKNOWN_INDEX', `there is no index ${index}`, { retryable: false });
    }
    return found.find(key, this.rows(found.table));
  }

  referrers(uuid: string): readonly Referrer[] {
    return this.#references.find(uuid);
  }

  #table(name: string): Table {
    const table = this.#tables.get(name);
    if (table === undefined) throw unknownTable(name);
    return table;
  }

  #commit(changes: readonly RowChange[]): readonly RowChange[] {
    for (const { table, uuid, after } of changes) {
      const { rows } = this.#table(table);
      if (after === undefined) rows.delete(uuid);
      else rows.set(uuid, after);
    }
    for (const change of changes) this.#updateIndexes(change);
    return changes;
  }

  #updateIndexes(change: RowChange): void {
    const { references, indexes } = this.#table(change.table);
    for (const index of indexes) index.update(change);
    const { before, after, table, uuid } = change;
    for (const reference of references) {
      const { column } = reference;
      if (before !== undefined && after !== undefined && before[column] === after[column]) continue;
      const referrer: Referrer = { table, uuid, column };
      const { removed, added } = changedReferences(reference, before, after);
      for (const target of removed) this.#references.remove(target, referrer);
      for (const target of added) this.#references.add(target, referrer);
    }
  }
}

function rowAfter(table: Table, uuid: string, before: Row | undefined, update: RowUpdate): Row | undefined {
  const isNew = update.kind === 'initial' || update.kind === 'insert';
  if (isNew !== (before === undefined)) {
    throw desync(table.name, uuid, `${update.kind} of a row that is ${isNew ? 'known' : 'not known'}`);
  }
  if (update.kind === 'delete') return undefined;
  return before === undefined ? table.reader.read(uuid, update.row) : table.reader.modify(before, update.row);
}

function equalRows(a: Row, b: Row): boolean {
  for (const column in a) if (!equalValues(a[column], b[column])) return false;
  return true;
}

function desync(table: string, uuid: string, what: string): CodedError {
  return new CodedError('OVSDB_DESYNC', `${table} ${uuid}: ${what}`, { retryable: true });
}

function unknownTable(name: string): CodedError {
  return new CodedError('OVSDB_UNKNOWN_TABLE', `table ${name} is not monitored`, { retryable: false });
}
