// Which units wait for which rows: for a parent to come, for a name to come free, for a switch to empty.
import type { RowChange } from '../ovsdb/replica-view.ts';

/** Every step costs what it names, not what is stored. */
export class RowWaits {
  readonly #unitsByRow = new Map<string, Set<string>>();
  readonly #rowsByUnit = new Map<string, readonly string[]>();

  /** Replaces what the unit waits for. */
  set(unit: string, rows: readonly string[]): void {
    for (const row of this.#rowsByUnit.get(unit) ?? []) this.#remove(row, unit);
    if (rows.length === 0) this.#rowsByUnit.delete(unit);
    else this.#rowsByUnit.set(unit, rows);
    for (const row of rows) {
      const units = this.#unitsByRow.get(row);
      if (units === undefined) this.#unitsByRow.set(row, new Set([unit]));
      else units.add(unit);
    }
  }

  /** Units that wait for one of the changed rows. */
  unitsFor(changes: readonly RowChange[]): ReadonlySet<string> {
    const units = new Set<string>();
    if (this.#unitsByRow.size === 0) return units;
    for (const { uuid } of changes) for (const unit of this.#unitsByRow.get(uuid) ?? []) units.add(unit);
    return units;
  }

  #remove(row: string, unit: string): void {
    const units = this.#unitsByRow.get(row);
    units?.delete(unit);
    if (units?.size === 0) this.#unitsByRow.delete(row);
  }
}
