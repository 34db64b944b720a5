// The order in which the server sorts sets, and equality of values.
import type { Atom, AtomMap, Value } from './value.ts';
import { isSet } from './value-kind.ts';

/**
 * Orders two atoms of one type as ovsdb-server does: numbers by value, false before true, strings (and uuids) by their
 * UTF-8 bytes, which is by code point.
 */
export function compareAtoms(a: Atom, b: Atom): number {
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string') return compareCodePoints(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return surrogatesLast(x) - surrogatesLast(y);
  }
  return a.length - b.length;
}

/** UTF-16 puts U+10000 and above (surrogates) below U+E000; code points do not. */
function surrogatesLast(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Whether two values of one column are the same. Sets must be sorted alike; the order of map keys does not matter. */
export function equalValues(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (isSet(a)) return isSet(b) && a.length === b.length && a.every((atom, i) => atom === b[i]);
  return !isSet(b) && equalMaps(a, b);
}

function equalMaps(a: AtomMap, b: AtomMap): boolean {
  let size = 0;
  for (const key in a) {
    if (a[key] !== b[key]) return false;
    size++;
  }
  for (const _ in b) size--;
  return size === 0;
}
