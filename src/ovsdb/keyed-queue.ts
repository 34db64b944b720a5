// A queue with an order per key: items that share a key are handed out one at a time, first come, first served.

interface Ticket {
  readonly keys: readonly string[];
  /** Keys under which another item stands before this one. */
  blockers: number;
}

/**
 * An item is ready when it is first under each of its keys, and stays first until it is released. Every step costs
 * the number of its keys, however long the queue is.
 */
export class KeyedQueue<T> {
  readonly #lines = new Map<string, T[]>();
  readonly #tickets = new Map<T, Ticket>();
  /** In the order in which they became ready. */
  readonly #ready = new Set<T>();

  /** Items added and not released. */
  get size(): number {
    return this.#tickets.size;
  }

  /** All items that are not released, in the order in which they were added. */
  items(): IterableIterator<T> {
    return this.#tickets.keys();
  }

  add(item: T, keys: readonly string[]): void {
    const ticket: Ticket = { keys: [...new Set(keys)], blockers: 0 };
    this.#tickets.set(item, ticket);
    for (const key of ticket.keys) {
      const line = this.#lines.get(key);
      if (line === undefined) this.#lines.set(key, [item]);
      else {
        line.push(item);
        ticket.blockers += 1;
      }
    }
    if (ticket.blockers === 0) this.#ready.add(item);
  }

  /** The next ready item, which keeps its place until `release`; undefined when none is ready. */
  take(): T | undefined {
    for (const item of this.#ready) {
      this.#ready.delete(item);
      return item;
    }
    return undefined;
  }

  /** Done with the item, taken or not: those behind it move up. */
  release(item: T): void {
    const ticket = this.#tickets.get(item);
    if (ticket === undefined) return;
    this.#tickets.delete(item);
    this.#ready.delete(item);
    for (const key of ticket.keys) this.#leaveLine(key, item);
  }

  #leaveLine(key: string, item: T): void {
    const line = this.#lines.get(key) ?? [];
    const place = line.indexOf(item);
    line.splice(place, 1);
    const [first] = line;
    if (first === undefined) this.#lines.delete(key);
    else if (place === 0) this.#moveUp(first);
  }

  #moveUp(item: T): void {
    const ticket = this.#tickets.get(item);
    if (ticket === undefined) return;
    ticket.blockers -= 1;
    if (ticket.blockers === 0) this.#ready.add(item);
  }
}
