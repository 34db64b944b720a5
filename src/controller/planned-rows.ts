// The rows as they will be once change sets that are not committed are: what a plan over many units starts from.
import type { Referrer } from '../ovsdb/replica-view.ts';
import type { ColumnValues, Row } from '../ovsdb/value.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import type { CurrentRow, CurrentRows } from '../plan/current-rows.ts';

/** Rows of other units that come and go; columns that change are as they were. */
export class PlannedRows implements CurrentRows {
  readonly #base: CurrentRows;
  readonly #inserted = new Map<string, Row>();
  readonly #deleted = new Set<string>();

  constructor(base: CurrentRows) {
    this.#base = base;
  }

  /** Takes in what a unit's change set will do. */
  add(changes: ChangeSet): void {
    for (const { table, uuid, columns } of changes.inserts) {
      this.#inserted.set(`${table} ${uuid}`, { ...columns, _uuid: uuid });
    }
    for (const { uuid } of changes.deletes) this.#deleted.add(uuid);
  }

  row(table: string, uuid: string): Row | undefined {
    if (this.#deleted.has(uuid)) return undefined;
    return this.#base.row(table, uuid) ?? this.#inserted.get(`${table} ${uuid}`);
  }

  unitRows(unit: string): readonly CurrentRow[] {
    return this.#base.unitRows(unit);
  }

  referrers(uuid: string): readonly Referrer[] {
    return this.#base.referrers(uuid).filter((place) => !this.#deleted.has(place.uuid));
  }

  byUnique(table: string, columns: readonly string[], values: ColumnValues): readonly Row[] {
    return this.#base.byUnique(table, columns, values).filter(({ _uuid }) => !this.#deleted.has(_uuid));
  }
}
