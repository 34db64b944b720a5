// A change set by row: what is written to each row that exists, links of children included.
import type { Referrer } from '../ovsdb/replica-view.ts';
import type { AtomMap, Value } from '../ovsdb/value.ts';
import type { ChangeSet, ColumnChange, ParentLink } from './change-set.ts';
import { compareRows } from './feasible-rows.ts';

/** Everything that one row gets. At most one change per column. */
export interface RowChanges {
  readonly table: string;
  readonly uuid: string;
  readonly columns: readonly ColumnChange[];
}

/** Children that a row to be inserted is born with: by uuid of the row, then column. */
export type BornChildren = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** Links to parents that are inserted by the same change set. */
export function bornChildren(changes: ChangeSet): BornChildren {
  const inserted = new Set(changes.inserts.map(({ uuid }) => uuid));
  const born = new Map<string, Map<string, string[]>>();
  for (const { parent, child } of changes.attach) {
    if (!inserted.has(parent.uuid)) continue;
    const columns = getOrSet(born, parent.uuid, () => new Map<string, string[]>());
    getOrSet(columns, parent.column, () => []).push(child);
  }
  return born;
}

/** Parents that must exist already, once each, sorted. */
export function outsideParents(changes: ChangeSet): readonly Referrer[] {
  const inserted = new Set(changes.inserts.map(({ uuid }) => uuid));
  const parents = changes.attach.map(({ parent }) => parent).filter(({ uuid }) => !inserted.has(uuid));
  return [...new Map(parents.map((parent) => [parent.uuid, parent])).values()].toSorted(compareRows);
}

/** Updates and links merged by row, sorted by table then uuid. Rows that the change set deletes are left out. */
export function changesByRow(changes: ChangeSet): readonly RowChanges[] {
  const skipped = new Set([...changes.inserts, ...changes.deletes].map(({ uuid }) => uuid));
  const rows = new Map<string, { table: string; uuid: string; columns: Map<string, ColumnChange> }>();
  const columnsOf = (table: string, uuid: string): Map<string, ColumnChange> =>
    getOrSet(rows, uuid, () => ({ table, uuid, columns: new Map<string, ColumnChange>() })).columns;

  for (const { table, uuid, columns } of changes.updates)
    for (const change of columns) columnsOf(table, uuid).set(change.column, change);
  const link = ({ parent, child }: ParentLink, side: 'insert' | 'delete'): void => {
    if (skipped.has(parent.uuid)) return;
    const columns = columnsOf(parent.table, parent.uuid);
    columns.set(parent.column, withLink(columns.get(parent.column), parent.column, child, side));
  };
  for (const attach of changes.attach) link(attach, 'insert');
  for (const detach of changes.detach) link(detach, 'delete');
  return [...rows.values()]
    .map(({ table, uuid, columns }) => ({ table, uuid, columns: [...columns.values()] }))
    .toSorted(compareRows);
}

function withLink(
  change: ColumnChange | undefined,
  column: string,
  child: string,
  side: 'insert' | 'delete',
): ColumnChange {
  const base =
    change?.kind === 'set-delta' ? change : { kind: 'set-delta' as const, column, insert: [], delete: [] };
  return { ...base, [side]: [...base[side], child] };
}

/** Columns of an insert that differ from what the server fills in, children included. */
export function bornColumns(
  columns: Readonly<Record<string, Value>>,
  children: ReadonlyMap<string, readonly string[]> | undefined,
): Readonly<Record<string, Value>> {
  return children === undefined ? columns : { ...columns, ...Object.fromEntries(children) };
}

/** Old pairs that must go before new ones are put: a map `insert` keeps the value of a key that is there. */
export function replacedKeys(put: AtomMap, before: AtomMap): readonly string[] {
  return Object.keys(put).filter((key) => Object.hasOwn(before, key));
}

function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
