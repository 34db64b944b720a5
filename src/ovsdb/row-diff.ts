// The `modify` of a monitor update as a difference between two values (ovsdb-server(7) "update2").
import { createAtomMap } from './atom-map.ts';
import { compareAtoms } from './atom-order.ts';
import { columnKind } from './column-type.ts';
import type { ColumnType } from './column-type.ts';
import type { Atom, AtomMap, Value } from './value.ts';

/**
 * Applies one column of a `modify`. Columns of at most one element: `difference` is the new value. Sets: the
 * elements that are in one of both only. Maps: a key that is not there is added, one with the same value is removed,
 * one with another value is replaced.
 * Never changes `before`, and returns sets sorted.
 *
 * Real numbers are printed with 15 digits, so a real in a map that changes less than that looks removed: the protocol
 * cannot say it.
 */
export function applyDifference(type: ColumnType, before: Value, difference: Value): Value {
  if (type.max === 1) return difference;
  if (columnKind(type) === 'map') return toggleKeys(before as AtomMap, difference as AtomMap);
  return symmetricDifference(before as readonly Atom[], difference as readonly Atom[]);
}

function toggleKeys(before: AtomMap, difference: AtomMap): AtomMap {
  const after = createAtomMap();
  for (const key in before) {
    const atom = difference[key] ?? before[key];
    if (atom !== undefined && difference[key] !== before[key]) after[key] = atom;
  }
  for (const key in difference) {
    const atom = difference[key];
    if (atom !== undefined && before[key] === undefined) after[key] = atom;
  }
  return after;
}

/**
 * Of two sorted sets. Searches `a` for each element of `b`: a switch with ten thousand ports that gets one more is common,
 * the opposite is not.
 */
export function symmetricDifference(a: readonly Atom[], b: readonly Atom[]): readonly Atom[] {
  const result: Atom[] = [];
  let next = 0;
  for (const atom of b) {
    const found = lowerBound(a, atom, next);
    for (; next < found; next++) result.push(a[next] as Atom);
    if (a[found] === atom) next++;
    else result.push(atom);
  }
  for (; next < a.length; next++) result.push(a[next] as Atom);
  return result;
}

/** The first index from `start` on whose element is not below `atom`. */
function lowerBound(atoms: readonly Atom[], atom: Atom, start: number): number {
  let low = start;
  let high = atoms.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAtoms(atoms[middle] as Atom, atom) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
