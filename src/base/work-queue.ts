// Keyed work: a key waits at most once, never runs twice at a time, and runs again when it was added while it ran.
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';

/** What one run of a key ends with: nothing more to do, or the time after which it should run again. */
export type WorkOutcome = undefined | { readonly retryAfterMs: number };

export interface WorkQueueOptions {
  /**
   * Does the work of a key as things are when it is called.
   * @param attempt how many runs in a row have asked for a retry before this one
   */
  readonly work: (key: string, attempt: number, signal: AbortSignal) => Promise<WorkOutcome>;
  /** Told when `work` rejects. The key is not run again until somebody adds it: a bug is not retried away. */
  readonly onError: (key: string, error: unknown) => void;
  /** How many keys may run at a time. */
  readonly workers: number;
  readonly clock?: Clock;
}

/** How many keys are in which state. Every key is in at most one. */
export interface WorkQueueState {
  readonly waiting: number;
  readonly running: number;
  /** Waiting for the time of their retry. */
  readonly delayed: number;
}

/**
 * Runs keys in the order in which they were added, urgent ones before all others. All methods may be called at any time, also from within `work`;
 * no work begins before the call that asked for it has returned.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #clock: Clock;
  readonly #waiting = new Set<string>();
  /** Those of the waiting that go first. */
  readonly #urgent = new Set<string>();
  readonly #running = new Set<string>();
  readonly #delayed = new Map<string, AbortController>();
  readonly #attempts = new Map<string, number>();
  readonly #closed = new AbortController();
  #watchers: (() => void)[] = [];

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Asks for a run that begins after this call. A key that waits for its retry runs at once instead.
   * @param isUrgent it stays so until it runs
   */
  add(key: string, { isUrgent = false }: { readonly isUrgent?: boolean } = {}): void {
    if (this.#closed.signal.aborted) return;
    this.#endDelay(key);
    this.#waiting.add(key);
    if (isUrgent) this.#urgent.add(key);
    queueMicrotask(() => this.#fill());
  }

  state(): WorkQueueState {
    return { waiting: this.#waiting.size, running: this.#running.size, delayed: this.#delayed.size };
  }

  /** Resolves when nothing waits and nothing runs. Keys that wait for their retry count unless `ignoreDelayed`. */
  async idle(options: { readonly ignoreDelayed?: boolean } = {}): Promise<void> {
    while (!this.#isIdle(options.ignoreDelayed ?? false)) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Forgets what waits, aborts the signal of what runs, and resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#waiting.clear();
    this.#urgent.clear();
    for (const key of this.#delayed.keys()) this.#endDelay(key);
    this.#changed();
    await this.idle();
  }

  #fill(): void {
    for (const keys of [this.#urgent, this.#waiting]) this.#fillFrom(keys);
  }

  #fillFrom(keys: ReadonlySet<string>): void {
    for (const key of keys) {
      if (this.#running.size >= this.#options.workers) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#urgent.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  /** Never rejects, unless `onError` throws. */
  async #run(key: string): Promise<void> {
    const attempt = this.#attempts.get(key) ?? 0;
    this.#attempts.delete(key);
    try {
      const outcome = await this.#options.work(key, attempt, this.#closed.signal);
      if (outcome !== undefined) this.#retryLater(key, attempt + 1, outcome.retryAfterMs);
    } catch (error) {
      this.#options.onError(key, error);
    } finally {
      this.#running.delete(key);
      this.#fill();
      this.#changed();
    }
  }

  #retryLater(key: string, attempt: number, delayMs: number): void {
    if (this.#closed.signal.aborted) return;
    this.#attempts.set(key, attempt);
    if (this.#waiting.has(key)) return;
    const delay = new AbortController();
    this.#delayed.set(key, delay);
    this.#clock.sleep(delayMs, delay.signal).then(
      () => this.add(key),
      () => undefined, // added or closed meanwhile
    );
  }

  #endDelay(key: string): void {
    this.#delayed.get(key)?.abort();
    this.#delayed.delete(key);
  }

  #isIdle(ignoreDelayed: boolean): boolean {
    return this.#waiting.size + this.#running.size + (ignoreDelayed ? 0 : this.#delayed.size) === 0;
  }

  #changed(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const tell of watchers) tell();
  }
}
