// Which units a change in the database concerns: what of it is ours, or was, or has lost its place.
import { isManagedTable, managedColumns } from '../northbound/managed-columns.ts';
import { ownedUnit } from '../northbound/ownership.ts';
import type { ReplicaView, RowChange } from '../ovsdb/replica-view.ts';
import type { DatabaseSchema } from '../ovsdb/schema.ts';
import type { Atom, Row, Value } from '../ovsdb/value.ts';

interface ChildColumn {
  readonly column: string;
  readonly table: string;
}

/** Tells the units of changed rows. It keeps no state but what follows from the schema. */
export class DriftReader {
  readonly #owner: string;
  readonly #children: ReadonlyMap<string, readonly ChildColumn[]>;

  constructor(owner: string, schema: DatabaseSchema) {
    this.#owner = owner;
    this.#children = childColumns(schema);
  }

  /**
   * Adds to `units` those that must be looked at again: rows of ours that appeared, went or changed in a column that we
   * write, and children of ours that a row, ours or foreign, has let go or taken in.
   */
  collect(change: RowChange, replica: ReplicaView, units: Set<string>, moved: Map<string, string>): void {
    if (concernsOwnColumns(change)) this.#collectRow(change, units, moved);
    for (const { column, table } of this.#children.get(change.table) ?? []) {
      for (const uuid of movedAtoms(change.before?.[column], change.after?.[column])) {
        this.#addUnit(table, replica.row(table, String(uuid)), units);
      }
    }
  }

  #collectRow({ table, before, after }: RowChange, units: Set<string>, moved: Map<string, string>): void {
    const from = this.#unitOf(table, before);
    const to = this.#unitOf(table, after);
    if (from !== undefined) units.add(from);
    if (to === undefined || to === from) return;
    if (from === undefined) units.add(to);
    else moved.set(to, from);
  }

  /** Adds the unit of a workload port that went up or down. ovn-northd's `false` for what was unset is no change. */
  collectObserved({ table, before, after }: RowChange, units: Set<string>): void {
    if (table !== 'Logical_Switch_Port' || after === undefined || after['type'] !== '') return;
    if ((before?.['up'] === true) !== (after['up'] === true)) this.#addUnit(table, after, units);
  }

  #addUnit(table: string, row: Row | undefined, units: Set<string>): void {
    const unit = this.#unitOf(table, row);
    if (unit !== undefined) units.add(unit);
  }

  #unitOf(table: string, row: Row | undefined): string | undefined {
    const unit = row && ownedUnit(this.#owner, table, row);
    return unit === '' ? undefined : unit;
  }
}

/** Unchanged columns keep the identity of their value from row to row. */
function concernsOwnColumns({ table, before, after }: RowChange): boolean {
  if (!isManagedTable(table)) return false;
  if (before === undefined || after === undefined) return true;
  const columns: readonly string[] = managedColumns[table];
  const differs = (column: string): boolean => before[column] !== after[column];
  return columns.some(differs);
}

/** Elements in one of two sets but not in both; what begins and ends both of them alike is not compared twice. */
function movedAtoms(before: Value, after: Value): readonly Atom[] {
  if (before === after) return [];
  const a = asSet(before);
  const b = asSet(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const left = new Set(a.slice(start, a.length - end));
  const right = new Set(b.slice(start, b.length - end));
  return [...left.symmetricDifference(right)];
}

function asSet(value: Value): readonly Atom[] {
  return Array.isArray(value) ? (value as readonly Atom[]) : [];
}

/** Set columns with strong references to rows that vanish when nothing refers to them. */
function childColumns(schema: DatabaseSchema): ReadonlyMap<string, readonly ChildColumn[]> {
  const result = new Map<string, ChildColumn[]>();
  for (const { name, columns } of schema.tables.values()) {
    for (const { name: column, type } of columns.values()) {
      const { refTable, refType } = type.key;
      if (refTable === undefined || refType !== 'strong' || type.max <= 1) continue;
      if (schema.tables.get(refTable)?.isRoot !== false) continue;
      result.set(name, [...(result.get(name) ?? []), { column, table: refTable }]);
    }
  }
  return result;
}
