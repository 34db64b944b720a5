// An index from a group name to its members by key.

const nothing: ReadonlyMap<string, never> = new Map<string, never>();

/** Groups vanish with their last member, so that memory follows what is stored. */
export class GroupIndex<T> {
  readonly #groups = new Map<string, Map<string, T>>();

  /** Members by key, in no particular order. Only valid until the next {@link put}. */
  get(group: string): ReadonlyMap<string, T> {
    return this.#groups.get(group) ?? nothing;
  }

  /** Adds or replaces the member (`present`), or takes it out. */
  put(group: string, key: string, value: T, present: boolean): void {
    const members = this.#groups.get(group) ?? new Map<string, T>();
    if (present) members.set(key, value);
    else members.delete(key);
    if (members.size > 0) this.#groups.set(group, members);
    else this.#groups.delete(group);
  }
}
