// The short way to see that a unit is done: all its rows were inserted just now, and are there as they were written.
import type { Atom, AtomMap, Value } from '../ovsdb/value.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import type { Target } from '../target/target.ts';

/**
 * True: a plan made now would be empty. False says nothing, as for every change set that does more than insert.
 * A tenth of the work of a plan, for the case that decides how long a first convergence takes.
 */
export function isAsInserted(
  changes: ChangeSet,
  { current, owned }: Pick<Target, 'current' | 'owned'>,
): boolean {
  const { unit, inserts, updates, deletes, attach, detach } = changes;
  if (updates.length + deletes.length + detach.length > 0) return false;
  // The unit has no other rows that may have drifted meanwhile.
  if (owned.count(unit) !== inserts.length) return false;
  const isThere = inserts.every(({ table, uuid, columns }) => {
    const row = current.row(table, uuid);
    return (
      row !== undefined && Object.entries(columns).every(([column, value]) => isSame(value, row[column]))
    );
  });
  return (
    isThere &&
    attach.every(({ parent, child }) => {
      const children = current.row(parent.table, parent.uuid)?.[parent.column];
      return Array.isArray(children) && children.includes(child);
    })
  );
}

function isSame(wanted: Value, now: Value): boolean {
  if (wanted === now) return true;
  if (typeof wanted !== 'object' || typeof now !== 'object') return false;
  if (isSet(wanted))
    return isSet(now) && wanted.length === now.length && wanted.every((atom) => now.includes(atom));
  return !isSet(now) && isSameMap(wanted, now);
}

function isSameMap(wanted: AtomMap, now: AtomMap): boolean {
  const keys = Object.keys(wanted);
  return keys.length === Object.keys(now).length && keys.every((key) => wanted[key] === now[key]);
}

function isSet(value: readonly Atom[] | AtomMap): value is readonly Atom[] {
  return Array.isArray(value);
}
