// Rows of one table under a key that a function computes.
import type { IndexSpec, RowChange } from './replica-view.ts';
import type { Row } from './value.ts';

/** Holds uuids, not rows, so that a change that leaves the key alone costs nothing. */
export class KeyIndex {
  readonly table: string;
  readonly #key: IndexSpec['key'];
  readonly #uuids = new Map<string, string | Set<string>>();

  constructor(spec: IndexSpec) {
    this.table = spec.table;
    this.#key = spec.key;
  }

  update(change: RowChange): void {
    const before = change.before && this.#key(change.before);
    const after = change.after && this.#key(change.after);
    if (before === after) return;
    if (before !== undefined) this.#remove(before, change.uuid);
    if (after !== undefined) this.#add(after, change.uuid);
  }

  find(key: string, rows: ReadonlyMap<string, Row>): readonly Row[] {
    const entry = this.#uuids.get(key);
    if (entry === undefined) return [];
    const uuids = typeof entry === 'string' ? [entry] : [...entry];
    return uuids.flatMap((uuid) => rows.get(uuid) ?? []);
  }

  #add(key: string, uuid: string): void {
    const entry = this.#uuids.get(key);
    if (entry === undefined) this.#uuids.set(key, uuid);
    else if (typeof entry === 'string') this.#uuids.set(key, new Set([entry, uuid]));
    else entry.add(uuid);
  }

  #remove(key: string, uuid: string): void {
    const entry = this.#uuids.get(key);
    if (entry === uuid) this.#uuids.delete(key);
    if (!(entry instanceof Set)) return;
    entry.delete(uuid);
    if (entry.size === 0) this.#uuids.delete(key);
  }
}
