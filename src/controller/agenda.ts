// Which unit is looked at when: the queue, what waits for it to open, and how far the first pass over everything is.
import type { Clock } from '../base/clock.ts';
import { WorkQueue } from '../base/work-queue.ts';
import type { WorkOutcome } from '../base/work-queue.ts';

/** How far a pass is: units done of units to do. */
export type ProgressListener = (done: number, total: number) => void;

export interface AgendaOptions {
  readonly clock: Clock;
  readonly work: (unit: string, attempt: number) => Promise<WorkOutcome>;
  /** Told when `work` rejects. */
  readonly onError: (unit: string, error: unknown) => void;
}

/** Units in flight at a time, as many as the connection takes (DESIGN §4). */
const workers = 16;

/** Closed until the first pass: what is named before is looked at in it. */
export class Agenda {
  readonly #queue: WorkQueue;
  /** Units that were named before the queue was open. */
  readonly #early = new Set<string>();
  /** Units to look at when the round of another one is done. */
  readonly #followers = new Map<string, Set<string>>();
  readonly #openUnits = new Set<string>();
  #total = 0;
  #isOpen = false;
  #onProgress: ProgressListener = () => {};

  constructor(options: AgendaOptions) {
    this.#queue = new WorkQueue({ workers, ...options });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Units of the first pass. */
  get total(): number {
    return this.#total;
  }

  add(units: Iterable<string>): void {
    for (const unit of units) {
      if (this.#isOpen) this.#queue.add(unit);
      else this.#early.add(unit);
    }
  }

  /** Looks at `then` when the round of `first` is done. */
  addAfter(first: string, then: string): void {
    if (!this.#isOpen) {
      this.#early.add(then);
      return;
    }
    const units = this.#followers.get(first);
    if (units === undefined) this.#followers.set(first, new Set([then]));
    else units.add(then);
  }

  /** What was named so far will be looked at anyway. */
  forgetEarly(): void {
    this.#early.clear();
  }

  /**
   * Opens, and resolves when all is done. Networks first: nothing of a VPC waits for its external network then.
   */
  async firstPass(units: readonly string[], onProgress: ProgressListener): Promise<void> {
    this.#isOpen = true;
    this.#total = units.length;
    this.#onProgress = onProgress;
    for (const unit of units) this.#openUnits.add(unit);
    onProgress(0, this.#total);
    const isNetwork = (unit: string): boolean => unit.startsWith('network/');
    this.add(units.filter(isNetwork));
    await this.#queue.idle({ ignoreDelayed: true });
    this.add([...units.filter((unit) => !isNetwork(unit)), ...this.#early]);
    this.#early.clear();
    await this.#queue.idle();
  }

  /** The round of a unit is over. Returns the units that waited for that. */
  done(unit: string): Iterable<string> {
    const followers = this.#followers.get(unit) ?? [];
    this.#followers.delete(unit);
    if (this.#openUnits.delete(unit)) this.#onProgress(this.#total - this.#openUnits.size, this.#total);
    return followers;
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}
