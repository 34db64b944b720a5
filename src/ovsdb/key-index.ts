// Rows of one table under a key that a function computes.
import type { IndexSpec, RowChange } from './replica-view.ts';
import type { Row } from './value.ts';

/** Above this many rows under one key, lists give way to sets, so that every step stays cheap. */
const listLimit = 32;

/** Lists are replaced, not changed: one that grows has room to spare. */
type Entry = string | readonly string[] | Set<string>;

/** Holds uuids, not rows, so that a change that leaves the key alone costs nothing. */
export class KeyIndex {
  readonly table: string;
  readonly #key: IndexSpec['key'];
  readonly #entries = new Map<string, Entry>();

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
    const entry = this.#entries.get(key);
    if (entry === undefined) return [];
    const uuids = typeof entry === 'string' ? [entry] : [...entry];
    return uuids.flatMap((uuid) => rows.get(uuid) ?? []);
  }

  #add(key: string, uuid: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, uuid);
    else if (typeof entry === 'string') this.#entries.set(key, [entry, uuid]);
    else if (entry instanceof Set) entry.add(uuid);
    else if (entry.length < listLimit) this.#entries.set(key, [...entry, uuid]);
    else this.#entries.set(key, new Set(entry).add(uuid));
  }

  #remove(key: string, uuid: string): void {
    const entry = this.#entries.get(key);
    if (entry instanceof Set) {
      entry.delete(uuid);
      if (entry.size === 0) this.#entries.delete(key);
    } else if (typeof entry === 'object' && entry.length > 1) {
      this.#entries.set(
        key,
        entry.filter((each) => each !== uuid),
      );
    } else {
      this.#entries.delete(key);
    }
  }
}
