// How many rows of ours the database holds, by unit, table and kind of rule: kept up to date row by row, never counted anew.
import { managedTables } from '../northbound/monitored-columns.ts';
import { ownedUnit, sourceOf } from '../northbound/ownership.ts';
import type { ReplicaView, RowChange } from '../ovsdb/replica-view.ts';
import type { Row } from '../ovsdb/value.ts';

const tables: ReadonlySet<string> = new Set(managedTables);

/** Counts of the rows that carry the owner's mark. The epoch row is not among them. */
export class OwnedRows {
  readonly #owner: string;
  readonly #byUnit = new Map<string, number>();
  readonly #byTable = new Map<string, number>();
  readonly #rules = new Map<string, number>();
  #total = 0;

  /** Reads the whole replica once. */
  constructor(owner: string, replica: ReplicaView) {
    this.#owner = owner;
    for (const table of managedTables)
      for (const row of replica.rows(table).values()) this.#add(table, row, 1);
  }

  get total(): number {
    return this.#total;
  }

  /** By table: `{'Address_Set' → 3}`. Tables without a row of ours are not in it. A live view. */
  get tables(): ReadonlyMap<string, number> {
    return this.#byTable;
  }

  /** Rows of table ACL by the kind of the object that they serve: `{'NetworkPolicy' → 12}`. A live view. */
  get rules(): ReadonlyMap<string, number> {
    return this.#rules;
  }

  count(unit: string): number {
    return this.#byUnit.get(unit) ?? 0;
  }

  /** Units that have a row, in no particular order. A live view. */
  units(): Iterable<string> {
    return this.#byUnit.keys();
  }

  apply({ table, before, after }: RowChange): void {
    if (!tables.has(table)) return;
    if (before !== undefined) this.#add(table, before, -1);
    if (after !== undefined) this.#add(table, after, 1);
  }

  #add(table: string, row: Row, delta: 1 | -1): void {
    const unit = ownedUnit(this.#owner, table, row);
    if (unit === undefined) return;
    this.#total += delta;
    tally(this.#byUnit, unit, delta);
    tally(this.#byTable, table, delta);
    if (table === 'ACL') tally(this.#rules, kindOf(sourceOf(row) ?? ''), delta);
  }
}

/** `NetworkPolicy` of `NetworkPolicy/shop/web`. */
const kindOf = (source: string): string => source.slice(0, Math.max(0, source.indexOf('/')));

function tally(counts: Map<string, number>, key: string, delta: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + delta;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
