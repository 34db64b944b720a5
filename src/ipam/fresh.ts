// Values that were never handed out, and the next one of them: a union-find over those that were.
import type { Lattice } from './lattice.ts';

/**
 * A value is spent once and for ever (a released one rests in a {@link RestingLine} instead), so a spent value can point
 * past all spent values that follow it. Finding the next fresh one is amortised O(log n), however many are spent.
 */
export class Fresh {
  readonly #lattice: Lattice;
  /** Spent value → a later value to look at; undefined: none is left after it. */
  readonly #later = new Map<bigint, bigint | undefined>();

  constructor(lattice: Lattice) {
    this.#lattice = lattice;
  }

  spend(value: bigint): void {
    if (!this.#later.has(value)) this.#later.set(value, this.#lattice.after(value));
  }

  /** Fresh values in ascending order. */
  *values(): Generator<bigint, void> {
    let value = this.#skipSpent(this.#lattice.first());
    while (value !== undefined) {
      yield value;
      value = this.#skipSpent(this.#lattice.after(value));
    }
  }

  #skipSpent(start: bigint | undefined): bigint | undefined {
    const path: bigint[] = [];
    let value = start;
    while (value !== undefined && this.#later.has(value)) {
      path.push(value);
      value = this.#later.get(value);
    }
    for (const spent of path) this.#later.set(spent, value);
    return value;
  }
}
