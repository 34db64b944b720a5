// How many requests are under way at a time, and the pauses that a server asks for.
import type { Clock } from '../../base/clock.ts';

export class RequestGate {
  readonly #clock: Clock;
  #free: number;
  #waiting: (() => void)[] = [];
  #closedUntilMs = 0;

  /** @param parallel at most so many at a time */
  constructor(parallel: number, clock: Clock) {
    this.#free = parallel;
    this.#clock = clock;
  }

  /** Runs when it is its turn; first come, first served. @throws what `send` throws, and the signal's reason */
  async pass<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter();
    try {
      for (let left = this.#pauseMs(); left > 0; left = this.#pauseMs())
        await this.#clock.sleep(left, signal);
      signal.throwIfAborted();
      return await send();
    } finally {
      this.#leave();
    }
  }

  /** Nobody passes for a while. */
  pause(ms: number): void {
    this.#closedUntilMs = Math.max(this.#closedUntilMs, this.#clock.now() + ms);
  }

  /** It may have been asked for more while it was waited for. */
  #pauseMs(): number {
    return this.#closedUntilMs - this.#clock.now();
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
