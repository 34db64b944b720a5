// Deletes that must wait: what is taken out of a change set, and why.
import { parseLedgerKey } from '../northbound/ledger.ts';
import type { ChangeSet, ColumnChange, RowDelete, RowUpdate } from '../plan/change-set.ts';
import { withoutDeletes } from '../plan/change-set-filter.ts';

/**
 * `rejected-object`: the object that the row serves is there but invalid. `unreadable-input`: some input cannot be read,
 * so nobody knows what is gone. `mass-delete`: too much would go at once. `in-use`: rows of others hang in it.
 */
export type HoldReason = 'rejected-object' | 'unreadable-input' | 'mass-delete' | 'in-use';

/** A row that is to go and stays for now. */
export interface HeldDelete {
  readonly unit: string;
  readonly table: string;
  readonly uuid: string;
  readonly id: string;
  readonly source: string;
  readonly reason: HoldReason;
}

export interface Holding {
  readonly changes: ChangeSet;
  readonly held: readonly HeldDelete[];
}

/** Keeps every row of the unit and every record in its ledger. */
export function holdAll(changes: ChangeSet, reason: HoldReason): Holding {
  const holding = hold(changes, () => true, reason);
  return {
    ...holding,
    changes: { ...holding.changes, updates: holding.changes.updates.flatMap(withLedgerKept) },
  };
}

/** Keeps the rows that serve one of `sources`, and what they refer to. */
export function holdSources(changes: ChangeSet, sources: ReadonlySet<string>): Holding {
  return hold(changes, ({ source }) => sources.has(source), 'rejected-object');
}

function hold(changes: ChangeSet, mustStay: (row: RowDelete) => boolean, reason: HoldReason): Holding {
  const filtered = withoutDeletes(changes, (row) => !mustStay(row));
  if (filtered === changes) return { changes, held: [] };
  const going = new Set(filtered.deletes.map(({ uuid }) => uuid));
  const held = changes.deletes
    .filter(({ uuid }) => !going.has(uuid))
    .map(({ table, uuid, id, source }) => ({ unit: changes.unit, table, uuid, id, source, reason }));
  return { changes: filtered, held };
}

/** An address whose rows stay must stay on record, or it would be given to somebody else. */
function withLedgerKept(update: RowUpdate): RowUpdate[] {
  if (update.table !== 'Address_Set') return [update];
  const columns = update.columns.flatMap(withoutRemoval);
  return columns.length === 0 ? [] : [{ ...update, columns }];
}

function withoutRemoval(change: ColumnChange): ColumnChange[] {
  if (change.kind === 'map-delta') {
    const rest = { ...change, delete: change.delete.filter((key) => parseLedgerKey(key) === undefined) };
    return rest.delete.length + Object.keys(rest.put).length === 0 ? [] : [rest];
  }
  if (change.column !== 'addresses') return [change];
  const insert =
    change.kind === 'set-delta'
      ? change.insert
      : asSet(change.after).filter((item) => !asSet(change.before).includes(item));
  return insert.length === 0 ? [] : [{ kind: 'set-delta', column: change.column, insert, delete: [] }];
}

function asSet(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as readonly string[]) : [];
}
