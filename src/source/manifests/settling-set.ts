// Paths that changed, given out when they have been quiet for a moment.
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Collects names as they come and hands them over once none has come for a while: an editor writes a file in several
 * steps, and a checkout many files at once.
 */
export class SettlingSet {
  readonly #settleMs: number;
  #names = new Set<string>();
  #wake: () => void = () => {};

  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  add(name: string): void {
    this.#names.add(name);
    this.#wake();
  }

  /**
   * Waits for the first name, then until it is quiet, at most ten times as long as quiet is. Resolves with an empty
   * set when `signal` is aborted. One caller at a time.
   */
  async take(signal: AbortSignal): Promise<ReadonlySet<string>> {
    await this.#nonEmpty(signal);
    for (let round = 0, seen = -1; round < 10 && seen !== this.#names.size && !signal.aborted; round++) {
      seen = this.#names.size;
      await delay(this.#settleMs, undefined, { signal }).catch(() => {});
    }
    const taken = signal.aborted ? new Set<string>() : this.#names;
    this.#names = new Set();
    return taken;
  }

  async #nonEmpty(signal: AbortSignal): Promise<void> {
    if (this.#names.size > 0 || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    this.#wake = () => {};
  }
}
