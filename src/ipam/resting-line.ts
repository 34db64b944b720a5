// Released values in the order of their release: they are used again only when nothing fresh is left.

interface Place {
  before: bigint | undefined;
  behind: bigint | undefined;
}

/** A queue from whose middle a value can be taken in O(1), for a person who asks for exactly that one. */
export class RestingLine {
  readonly #places = new Map<bigint, Place>();
  #head: bigint | undefined;
  #tail: bigint | undefined;

  /** Puts a value that is not in line at the back. */
  push(value: bigint): void {
    this.#places.set(value, { before: this.#tail, behind: undefined });
    const last = this.#place(this.#tail);
    if (last === undefined) this.#head = value;
    else last.behind = value;
    this.#tail = value;
  }

  /** Takes a value out of the line; nothing happens when it is not there. */
  remove(value: bigint): void {
    const place = this.#places.get(value);
    if (place === undefined) return;
    this.#places.delete(value);
    const before = this.#place(place.before);
    const behind = this.#place(place.behind);
    if (before === undefined) this.#head = place.behind;
    else before.behind = place.behind;
    if (behind === undefined) this.#tail = place.before;
    else behind.before = place.before;
  }

  /** Longest at rest first. */
  *values(): Generator<bigint, void> {
    for (let value = this.#head; value !== undefined; value = this.#place(value)?.behind) yield value;
  }

  #place(value: bigint | undefined): Place | undefined {
    return value === undefined ? undefined : this.#places.get(value);
  }
}
