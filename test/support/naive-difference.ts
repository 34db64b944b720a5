// What a server writes into `modify`, computed in the plainest way (ovsdb-server(7) "update2").
import type { ColumnType } from '../../src/ovsdb/schema.ts';
import type { Atom, Value } from '../../src/ovsdb/value.ts';
import { atomMap } from './arbitrary-schema.ts';
import { compareAtoms } from '../../src/ovsdb/atom-order.ts';

/** A new value for columns of at most one element; else the elements, or pairs, that are not in both. */
export function differenceOf(type: ColumnType, before: Value, after: Value): Value {
  if (type.max === 1) return after;
  if (Array.isArray(before) && Array.isArray(after)) {
    const inOneOnly = (a: readonly Atom[], b: readonly Atom[]): Atom[] =>
      a.filter((atom) => !b.includes(atom));
    return [...inOneOnly(before, after), ...inOneOnly(after, before)].toSorted(compareAtoms);
  }
  const [old, current] = [entriesOf(before), entriesOf(after)];
  const gone = [...old].filter(([key]) => !current.has(key));
  const changed = [...current].filter(([key, value]) => old.get(key) !== value);
  return atomMap([...gone, ...changed]);
}

function entriesOf(map: Value): ReadonlyMap<string, Atom> {
  return new Map(Object.entries(map as Readonly<Record<string, Atom>>));
}
