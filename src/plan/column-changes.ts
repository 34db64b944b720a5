// The difference of one row, column by column, under the rules of ownership.
import { compareAtoms } from '../ovsdb/atom-order.ts';
import type { ColumnType } from '../ovsdb/schema.ts';
import { columnKind } from '../ovsdb/schema.ts';
import type { Atom, AtomMap, ColumnValues, Row, Value } from '../ovsdb/value.ts';
import type { ColumnChange } from './change-set.ts';
import { columnTypeOf, referenceTable } from './column-type.ts';
import type { OwnershipPolicy } from './ownership-policy.ts';
import { atomKey, atomsOf, pairsOf, sameAtoms, without } from './value-shape.ts';

/** What the differ asks about references: `isOurs` for rows that are ours or will be gone. */
export interface ReferenceOwners {
  isOurs(table: string, uuid: string): boolean;
}

/**
 * Compares `wanted` with the row as it is. Columns that `wanted` does not name are somebody else's.
 *
 * | column | written |
 * |---|---|
 * | scalar, optional | as a whole, when different |
 * | set of references | the delta; references to rows that are not ours stay |
 * | other set | the delta when that is shorter, else as a whole |
 * | map | our keys only |
 *
 * Sorted by column.
 */
export function diffColumns(
  table: string,
  wanted: ColumnValues,
  current: Row,
  policy: OwnershipPolicy,
  owners: ReferenceOwners,
): readonly ColumnChange[] {
  const changes = Object.keys(wanted).flatMap((column) => {
    const before = current[column];
    const after = wanted[column];
    const type = columnTypeOf(policy.schema, table, column);
    if (columnKind(type) === 'map') {
      return diffMap(column, before, after, (key) => policy.ownsKey(table, column, key));
    }
    if (sameAtoms(before, after)) return [];
    const refTable = referenceTable(type);
    if (columnKind(type) === 'set' && refTable !== undefined) {
      return diffReferences(column, before, after, (uuid) => owners.isOurs(refTable, uuid));
    }
    return [diffAtoms(column, type, before, after)];
  });
  return changes.toSorted((a, b) => (a.column < b.column ? -1 : 1));
}

function diffMap(
  column: string,
  before: Value,
  after: Value,
  ownsKey: (key: string) => boolean,
): ColumnChange[] {
  const old = pairsOf(before);
  const wanted = pairsOf(after);
  if (hasOwnPairs(old, wanted, ownsKey)) return [];
  const put = Object.entries(wanted).filter(([key, value]) => !sameAtom(old[key], value));
  const stale = Object.keys(old).filter((key) => !Object.hasOwn(wanted, key) && ownsKey(key));
  const touched = new Set([...put.map(([key]) => key), ...stale]);
  const change: ColumnChange = {
    kind: 'map-delta',
    column,
    put: sortedMap(put),
    delete: stale.toSorted(),
    before: sortedMap(Object.entries(old).filter(([key]) => touched.has(key))),
  };
  return [change];
}

/** Whether the map has exactly the wanted pairs, somebody else's keys aside: what most maps of most plans are. */
function hasOwnPairs(old: AtomMap, wanted: AtomMap, ownsKey: (key: string) => boolean): boolean {
  for (const key of Object.keys(wanted)) if (!sameAtom(old[key], wanted[key])) return false;
  return Object.keys(old).every((key) => Object.hasOwn(wanted, key) || !ownsKey(key));
}

function sortedMap(pairs: readonly (readonly [string, Atom])[]): AtomMap {
  return Object.fromEntries(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function sameAtom(a: Atom | undefined, b: Atom | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && atomKey(a) === atomKey(b));
}

function diffReferences(
  column: string,
  before: Value,
  after: Value,
  isOurs: (uuid: string) => boolean,
): ColumnChange[] {
  const insert = without(atomsOf(after), atomsOf(before));
  const stale = without(atomsOf(before), atomsOf(after)).filter((uuid) => isOurs(String(uuid)));
  if (insert.length === 0 && stale.length === 0) return [];
  return [
    {
      kind: 'set-delta',
      column,
      insert: insert.toSorted(compareAtoms),
      delete: stale.toSorted(compareAtoms),
    },
  ];
}

function diffAtoms(column: string, type: ColumnType, before: Value, after: Value): ColumnChange {
  const insert = without(atomsOf(after), atomsOf(before));
  const stale = without(atomsOf(before), atomsOf(after));
  const isShorter = insert.length + stale.length < atomsOf(after).length;
  // With a bound, an insert before the delete could exceed it, and the other order could fall below the minimum.
  return type.max === Infinity && isShorter
    ? { kind: 'set-delta', column, insert, delete: stale }
    : { kind: 'set', column, before, after };
}
