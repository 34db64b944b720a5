// Who refers to a row: the reverse of every uuid column that has a refTable.
import { changedReferences } from './references.ts';
import type { ReferenceColumn } from './references.ts';
import type { Referrer, RowChange } from './replica-view.ts';

/** Above this many referrers of one row, lists give way to sets, so that taking one out stays cheap. */
const listLimit = 8;

type Place = string;
type Entry = Referrer | Referrer[] | Map<Place, { readonly sample: Referrer; readonly uuids: Set<string> }>;

/**
 * Built for memory: most rows have one referrer, and the many targets of one set column share one {@link Referrer}.
 * Adding and removing are O(1), `find` is O(answer).
 */
export class ReferenceIndex {
  readonly #entries = new Map<string, Entry>();

  /** Follows the change in one column of a row. */
  update(reference: ReferenceColumn, { table, uuid, before, after }: RowChange): void {
    const { removed, added } = changedReferences(reference, before, after);
    if (removed.length === 0 && added.length === 0) return;
    const referrer: Referrer = { table, uuid, column: reference.column };
    for (const target of removed) this.#remove(target, referrer);
    for (const target of added) this.#add(target, referrer);
  }

  #add(target: string, referrer: Referrer): void {
    const entry = this.#entries.get(target);
    if (entry === undefined) {
      this.#entries.set(target, referrer);
    } else if (entry instanceof Map) {
      addToSets(entry, referrer);
    } else if (!Array.isArray(entry)) {
      this.#entries.set(target, [entry, referrer]);
    } else if (entry.length < listLimit) {
      entry.push(referrer);
    } else {
      const sets: Extract<Entry, Map<Place, unknown>> = new Map();
      for (const each of [...entry, referrer]) addToSets(sets, each);
      this.#entries.set(target, sets);
    }
  }

  #remove(target: string, referrer: Referrer): void {
    const entry = this.#entries.get(target);
    if (entry === undefined) return;
    if (entry instanceof Map) {
      const place = placeOf(referrer);
      const set = entry.get(place);
      set?.uuids.delete(referrer.uuid);
      if (set?.uuids.size === 0) entry.delete(place);
      if (entry.size === 0) this.#entries.delete(target);
    } else if (Array.isArray(entry)) {
      const rest = entry.filter((each) => !isSame(each, referrer));
      if (rest.length === 0) this.#entries.delete(target);
      else this.#entries.set(target, rest);
    } else if (isSame(entry, referrer)) {
      this.#entries.delete(target);
    }
  }

  find(target: string): readonly Referrer[] {
    const entry = this.#entries.get(target);
    if (entry === undefined) return [];
    if (Array.isArray(entry)) return [...entry];
    if (!(entry instanceof Map)) return [entry];
    return [...entry.values()].flatMap(({ sample, uuids }) =>
      [...uuids].map((uuid) => ({ table: sample.table, column: sample.column, uuid })),
    );
  }
}

function addToSets(sets: Extract<Entry, Map<Place, unknown>>, referrer: Referrer): void {
  const place = placeOf(referrer);
  const set = sets.get(place);
  if (set === undefined) sets.set(place, { sample: referrer, uuids: new Set([referrer.uuid]) });
  else set.uuids.add(referrer.uuid);
}

function placeOf(referrer: Referrer): Place {
  return `${referrer.table}.${referrer.column}`;
}

function isSame(a: Referrer, b: Referrer): boolean {
  return a.uuid === b.uuid && a.column === b.column && a.table === b.table;
}
