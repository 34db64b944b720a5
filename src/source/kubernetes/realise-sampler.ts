// When the hypervisors are asked how far they are: only while somebody waits, one question at a time, at most one a second.
import type { Clock } from '../../base/clock.ts';

const periodMs = 1000;

export interface RealiseSamplerOptions {
  /** Resolves when everything that was committed before the call is on every hypervisor. */
  readonly realise: (signal: AbortSignal) => Promise<void>;
  /** These have waited since before the question was asked. */
  readonly realised: (units: ReadonlySet<string>) => void;
  /** The question cannot be asked any more. */
  readonly failed: (error: unknown) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export class RealiseSampler {
  readonly #options: RealiseSamplerOptions;
  #waiting = new Set<string>();
  #asked: ReadonlySet<string> = new Set();
  #isRunning = false;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(options: RealiseSamplerOptions) {
    this.#options = options;
  }

  /** The unit was committed; it is told of when a question that is asked from now on is answered. */
  wait(unit: string): void {
    this.#waiting.add(unit);
    if (!this.#isRunning) void this.#run();
  }

  /** The unit was committed anew, or waits no more: an answer that is under way is not about it. */
  forget(unit: string): void {
    this.#waiting.delete(unit);
    if (!this.#asked.has(unit)) return;
    this.#asked = new Set([...this.#asked].filter((other) => other !== unit));
  }

  /** Whether the question that the unit waits for was asked or is about to be. */
  isWaiting(unit: string): boolean {
    return this.#waiting.has(unit) || this.#asked.has(unit);
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { clock, realise, realised, failed, signal } = this.#options;
    this.#isRunning = true;
    try {
      while (this.#waiting.size > 0 && !signal.aborted) {
        await clock.sleep(Math.max(0, this.#lastMs + periodMs - clock.now()), signal);
        this.#lastMs = clock.now();
        this.#asked = this.#waiting;
        this.#waiting = new Set();
        await realise(signal);
        const done = this.#asked;
        this.#asked = new Set();
        realised(done);
      }
    } catch (error) {
      if (!signal.aborted) failed(error);
    } finally {
      this.#isRunning = false;
    }
  }
}
