// Questions to a change set, and filters over it.
import type { Value } from '../ovsdb/value.ts';
import type { ChangeSet, ColumnChange, RowDelete, RowUpdate } from './change-set.ts';
import { atomsOf } from './value-shape.ts';

/** Rows to insert, change and delete. A row that is only moved or attached again counts as changed. */
export interface ChangeCounts {
  readonly insert: number;
  readonly update: number;
  readonly delete: number;
}

export function isEmpty(changes: ChangeSet): boolean {
  const { inserts, updates, deletes, attach, detach } = changes;
  return [inserts, updates, deletes, attach, detach].every((list) => list.length === 0);
}

export function countChanges(changes: ChangeSet): ChangeCounts {
  const whole = new Set([...changes.inserts, ...changes.deletes].map(({ uuid }) => uuid));
  const moved = [...changes.attach, ...changes.detach].map(({ child }) => child);
  const updated = [...changes.updates.map(({ uuid }) => uuid), ...moved];
  return {
    insert: changes.inserts.length,
    update: new Set(updated.filter((uuid) => !whole.has(uuid))).size,
    delete: changes.deletes.length,
  };
}

/**
 * Returns the change set without the deletes that `keep` does not allow. What a held row refers to is held too, since
 * its reference stays, and references to held rows stay where they are. A held row keeps its name: an insert that
 * needs that name fails at the server.
 */
export function withoutDeletes(changes: ChangeSet, keep: (row: RowDelete) => boolean): ChangeSet {
  const held = heldRows(changes.deletes, keep);
  if (held.size === 0) return changes;
  return {
    ...changes,
    updates: changes.updates.flatMap((update) => withoutHeldReferences(update, held)),
    deletes: changes.deletes.filter(({ uuid }) => !held.has(uuid)),
    detach: changes.detach.filter(({ child }) => !held.has(child)),
  };
}

function heldRows(deletes: readonly RowDelete[], keep: (row: RowDelete) => boolean): ReadonlySet<string> {
  const rest = new Map(deletes.map((row) => [row.uuid, row]));
  const held = new Set<string>();
  const hold = (row: RowDelete): void => {
    if (!rest.delete(row.uuid)) return;
    held.add(row.uuid);
    for (const value of Object.values(row.before)) {
      for (const uuid of referencesIn(value)) {
        const target = rest.get(uuid);
        if (target !== undefined) hold(target);
      }
    }
  };
  for (const row of deletes) if (!keep(row)) hold(row);
  return held;
}

/** Any text may be a uuid: only those that are keys of deleted rows count. */
function referencesIn(value: Value): readonly string[] {
  return atomsOf(value).filter((atom) => typeof atom === 'string');
}

function withoutHeldReferences(update: RowUpdate, held: ReadonlySet<string>): RowUpdate[] {
  const columns = update.columns.flatMap((change) => withoutHeldIn(change, held));
  return columns.length === 0 ? [] : [{ ...update, columns }];
}

function withoutHeldIn(change: ColumnChange, held: ReadonlySet<string>): ColumnChange[] {
  if (change.kind !== 'set-delta') return [change];
  const rest = change.delete.filter((atom) => !held.has(String(atom)));
  return rest.length + change.insert.length === 0 ? [] : [{ ...change, delete: rest }];
}
