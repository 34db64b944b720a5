// The in-memory copy of a database: applies dumps and updates, and answers reads from its indexes.
import { CodedError } from '../base/errors.ts';
import { KeyIndex } from './key-index.ts';
import { ReferenceIndex } from './reference-index.ts';
import { ReplicaTable } from './replica-table.ts';
import type { IndexSpec, Referrer, ReplicaView, RowChange } from './replica-view.ts';
import type { DatabaseSchema } from './schema.ts';
import { SharedTexts } from './shared-texts.ts';
import { tablesOf } from './table-updates.ts';
import type { TableUpdate } from './table-updates.ts';
import type { Row } from './value.ts';

const noRows: ReadonlyMap<string, Row> = new Map();
const noIndexes: readonly KeyIndex[] = [];

/**
 * One notification is applied whole: rows first, then indexes; when it throws, nothing has changed.
 * After OVSDB_DESYNC the owner asks for a full dump and gives it to {@link Replica.load}.
 */
export class Replica implements ReplicaView {
  readonly #tables: ReadonlyMap<string, ReplicaTable>;
  readonly #indexes: ReadonlyMap<string, KeyIndex>;
  readonly #indexesOfTable: Partial<Record<string, readonly KeyIndex[]>>;
  readonly #references = new ReferenceIndex();
  readonly #texts = new SharedTexts();

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
    this.#indexesOfTable = Object.groupBy(this.#indexes.values(), (index) => index.table);
    this.#tables = new Map(
      Object.entries(monitored).map(([name, columns]) => {
        const table = schema.tables.get(name);
        if (table === undefined) throw unknownTable(name);
        return [name, new ReplicaTable(table, columns, this.#texts)];
      }),
    );
  }

  /**
   * Takes a full dump and returns how it differs from what was held. Rows that did not change stay the same objects.
   * @throws OVSDB_DESYNC, OVSDB_MALFORMED_VALUE, OVSDB_MALFORMED_UPDATE
   */
  load(tableUpdates: unknown): readonly RowChange[] {
    const dumps = tablesOf(tableUpdates);
    return this.#change(dumps, (changes) => {
      for (const name of dumps.keys()) this.#table(name);
      for (const table of this.#tables.values()) table.readDump(dumps.get(table.name) ?? {}, changes);
    });
  }

  /**
   * Takes one notification, or the reply of a monitor that was resumed. Rows that it leaves as they were are not in the answer.
   * @throws OVSDB_DESYNC, OVSDB_MALFORMED_VALUE, OVSDB_MALFORMED_UPDATE
   */
  apply(tableUpdates: unknown): readonly RowChange[] {
    const updates = tablesOf(tableUpdates);
    return this.#change(updates, (changes) => {
      for (const [name, update] of updates) this.#table(name).readUpdate(update, changes);
    });
  }

  rows(table: string): ReadonlyMap<string, Row> {
    return this.#tables.get(table)?.rows ?? noRows;
  }

  row(table: string, uuid: string): Row | undefined {
    return this.rows(table).get(uuid);
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

  #table(name: string): ReplicaTable {
    const table = this.#tables.get(name);
    if (table === undefined) throw unknownTable(name);
    return table;
  }

  /** `read` must not change anything but the list, so that nothing has happened if it throws. */
  #change(
    updates: ReadonlyMap<string, TableUpdate>,
    read: (changes: RowChange[]) => void,
  ): readonly RowChange[] {
    const changes: RowChange[] = [];
    for (const update of updates.values()) this.#texts.rememberUuids(Object.keys(update));
    try {
      read(changes);
    } finally {
      this.#texts.forgetUuids();
    }
    for (const change of changes) this.#table(change.table).put(change);
    for (const change of changes) this.#updateIndexes(change);
    return changes;
  }

  #updateIndexes(change: RowChange): void {
    for (const index of this.#indexesOfTable[change.table] ?? noIndexes) index.update(change);
    for (const column of this.#table(change.table).references) this.#references.update(column, change);
  }
}

function unknownTable(name: string): CodedError {
  return new CodedError('OVSDB_UNKNOWN_TABLE', `table ${name} is not monitored`, { retryable: false });
}
