// Telling apart the shapes of a column value, and comparing atoms whatever JavaScript type holds an integer.
import type { Atom, AtomMap, Value } from '../ovsdb/value.ts';

/** An atom as a map key: equal text means equal atoms of one column. `5` and `5n` are the same integer. */
export function atomKey(atom: Atom): string {
  return typeof atom === 'string' ? `"${atom}` : String(atom);
}

function isAtom(value: Value): value is Atom {
  return value !== undefined && typeof value !== 'object';
}

export function isSet(value: Value): value is readonly Atom[] {
  return Array.isArray(value);
}

/** The atoms of a set or optional column; none for an empty one. */
export function atomsOf(value: Value): readonly Atom[] {
  if (value === undefined) return [];
  if (isSet(value)) return value;
  return typeof value === 'object' ? [] : [value];
}

/** The pairs of a map column; none for anything else. */
export function pairsOf(value: Value): AtomMap {
  return typeof value === 'object' && !isSet(value) ? value : {};
}

/** Elements of `items` that are not in `others`, in order. */
export function without(items: readonly Atom[], others: readonly Atom[]): readonly Atom[] {
  const keys = new Set(others.map(atomKey));
  return items.filter((item) => !keys.has(atomKey(item)));
}

/** Equality of scalar, optional and set values; the order and repetition of set elements do not matter. */
export function sameAtoms(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (isAtom(a) && isAtom(b)) return atomKey(a) === atomKey(b);
  const [left, right] = [atomsOf(a), atomsOf(b)];
  if (left.length === 0 || right.length === 0) return left.length === right.length;
  // Mostly they are alike, order included.
  if (left.length === right.length && left.every((atom, index) => atom === right[index])) return true;
  return without(left, right).length === 0 && without(right, left).length === 0;
}
