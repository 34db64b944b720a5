// An index from a group name to its objects in the order of their age.
import type { ApiObject } from '../api/api-object.ts';
import { compareStrings } from '../base/order.ts';
import { GroupIndex } from './group-index.ts';

/** Sorted when somebody asks, and again only after the group has changed: one unit asks many times for the same. */
export class AgedIndex<T extends ApiObject> {
  readonly #groups = new GroupIndex<T>();
  readonly #sorted = new Map<string, readonly T[]>();

  /** Older objects first; what was made at the same time, or without a time, by key. The same list until a change. */
  get(group: string): readonly T[] {
    const known = this.#sorted.get(group);
    if (known !== undefined) return known;
    const sorted = byAge(this.#groups.get(group));
    if (sorted.length > 0) this.#sorted.set(group, sorted);
    return sorted;
  }

  /** Adds or replaces the member (`present`), or takes it out. */
  put(group: string, key: string, object: T, present: boolean): void {
    this.#groups.put(group, key, object, present);
    this.#sorted.delete(group);
  }
}

/** Older objects first; what was made at the same time, or without a time, by key. */
export function byAge<T extends ApiObject>(objects: Iterable<readonly [string, T]>): readonly T[] {
  return [...objects]
    .map(([key, object]) => [`${object.metadata.creationTimestamp ?? ''} ${key}`, object] as const)
    .toSorted((a, b) => compareStrings(a[0], b[0]))
    .map(([, object]) => object);
}
