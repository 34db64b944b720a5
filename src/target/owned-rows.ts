// How many rows of ours the database holds, by unit: kept up to date row by row, never counted anew.
import { countOwnedRows, managedTables } from '../northbound/monitored-columns.ts';
import { ownedUnit } from '../northbound/ownership.ts';
import type { ReplicaView, RowChange } from '../ovsdb/replica-view.ts';

const tables: ReadonlySet<string> = new Set(managedTables);

/** Counts of the rows that carry the owner's mark. The epoch row is not among them. */
export class OwnedRows {
  readonly #owner: string;
  readonly #counts: Map<string, number>;
  #total: number;

  /** Reads the whole replica once. */
  constructor(owner: string, replica: ReplicaView) {
    this.#owner = owner;
    this.#counts = new Map(countOwnedRows(replica, owner));
    this.#total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  get total(): number {
    return this.#total;
  }

  count(unit: string): number {
    return this.#counts.get(unit) ?? 0;
  }

  /** Units that have a row, in no particular order. A live view. */
  units(): Iterable<string> {
    return this.#counts.keys();
  }

  apply(change: RowChange): void {
    if (!tables.has(change.table)) return;
    const before = change.before && ownedUnit(this.#owner, change.table, change.before);
    const after = change.after && ownedUnit(this.#owner, change.table, change.after);
    if (before === after) return;
    this.#add(before, -1);
    this.#add(after, 1);
  }

  #add(unit: string | undefined, delta: 1 | -1): void {
    if (unit === undefined) return;
    this.#total += delta;
    const count = this.count(unit) + delta;
    if (count === 0) this.#counts.delete(unit);
    else this.#counts.set(unit, count);
  }
}
