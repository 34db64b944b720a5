// The allocatable values of a pool in ascending order: single addresses, or the bases of aligned blocks.
import { invariant } from '../base/errors.ts';
import { addressBits } from '../net/address.ts';
import type { Family } from '../net/address.ts';
import { mergeRanges } from '../net/range.ts';
import type { PoolSpec } from './request.ts';

interface Run {
  readonly first: bigint;
  /** The last value of the run itself: with blocks, the base of the last block. */
  readonly last: bigint;
}

/** An ordered set of values that may be far too large to list. Every question costs O(log ranges). */
export class Lattice {
  /** Undefined for a pool without ranges that does not say. */
  readonly family: Family | undefined;
  readonly size: bigint;
  readonly #step: bigint;
  readonly #runs: readonly Run[];

  constructor(spec: PoolSpec) {
    this.family = spec.family ?? spec.ranges[0]?.family;
    invariant(
      spec.ranges.every((range) => range.family === this.family),
      `pool ${spec.name} mixes address families`,
    );
    const bits = addressBits(this.family ?? 4);
    this.#step = 1n << BigInt(bits - (spec.blockLength ?? bits));
    this.#runs = mergeRanges(spec.ranges).flatMap((range) => wholeBlocks(range, this.#step));
    this.size = this.#runs.reduce((sum, run) => sum + (run.last - run.first) / this.#step + 1n, 0n);
  }

  has(value: bigint): boolean {
    const run = this.#runs[this.#firstRunEndingAt(value)];
    return run !== undefined && run.first <= value && this.isAligned(value);
  }

  /** True for a base of a block wherever it is; always true in a pool of single addresses. */
  isAligned(value: bigint): boolean {
    return value % this.#step === 0n;
  }

  first(): bigint | undefined {
    return this.#runs[0]?.first;
  }

  /** The next greater value; undefined at the end. */
  after(value: bigint): bigint | undefined {
    const next = value + this.#step;
    const run = this.#runs[this.#firstRunEndingAt(next)];
    if (run === undefined) return undefined;
    return next < run.first ? run.first : next;
  }

  /** Index of the first run whose last value is not below `value`, by bisection. */
  #firstRunEndingAt(value: bigint): number {
    let [low, high] = [0, this.#runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const run = this.#runs[middle];
      if (run !== undefined && run.last < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function wholeBlocks(range: Run, step: bigint): Run[] {
  const first = ((range.first + step - 1n) / step) * step;
  const last = ((range.last + 1n) / step) * step - step;
  return first <= last ? [{ first, last }] : [];
}
