// The `modify` of a monitor update as a difference between two values (ovsdb-server(7) "update2").
import { createAtomMap } from './atom-map.ts';
import { compareAtoms } from './atom-order.ts';
import type { ColumnType } from './column-type.ts';
import type { Atom, AtomMap, Value } from './value.ts';
import { isMap, isSet } from './value-kind.ts';

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
  if (isMap(before) && isMap(difference)) return toggleKeys(before, difference);
  return isSet(before) && isSet(difference) ? symmetricDifference(before, difference) : difference;
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
    for (const kept of a.slice(next, found)) result.push(kept);
    const isInBoth = a[found] === atom;
    if (!isInBoth) result.push(atom);
    next = isInBoth ? found + 1 : found;
  }
  for (const kept of a.slice(next)) result.push(kept);
  return result;
}

/** The first index from `start` on whose element is not below `atom`. */
function lowerBound(atoms: readonly Atom[], atom: Atom, start: number): number {
  let low = start;
  let high = atoms.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = atoms[middle];
    if (other !== undefined && compareAtoms(other, atom) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
