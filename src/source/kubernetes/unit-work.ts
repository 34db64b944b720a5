// One turn of the writer: what a unit, or a rejected object, has to be written now, and when to come back if it fails.
import { backoffMs } from '../../base/backoff.ts';
import type { Logger } from '../../base/logger.ts';
import type { WorkOutcome } from '../../base/work-queue.ts';
import { nextEvents } from '../../status/events.ts';
import type { UnitOutcome } from '../../status/unit-outcome.ts';
import { KubeError } from './kube-error.ts';
import { platformTask } from './platform-writes.ts';
import { refusedRetryMs } from './refusals.ts';
import type { UnitProgress } from './unit-progress.ts';
import type { WriterParts } from './writer-parts.ts';

export interface UnitWorkOptions {
  readonly parts: WriterParts;
  readonly progress: UnitProgress;
  readonly logger: Logger;
  /** Networks tell how many of their addresses are given out: one of a unit may have got or lost some. */
  readonly addressesChanged: () => void;
}

const backoff = { minDelayMs: 100, maxDelayMs: 10_000 };
/** Before the key of an object that was rejected, in the queue. */
const rejected = 'rejected ';

/** What the queue calls an object that was rejected; units are called by their names. */
export const rejectedTask = (key: string): string => rejected + key;

export class UnitWork {
  readonly #options: UnitWorkOptions;
  #isFailing = false;
  #retries = 0;

  constructor(options: UnitWorkOptions) {
    this.#options = options;
  }

  /** How often something had to be tried again, since the start. */
  get retries(): number {
    return this.#retries;
  }

  /** As the work of a WorkQueue. */
  async run(task: string, attempt: number): Promise<WorkOutcome> {
    const { updates, rejected: rejectedWrites } = this.#options.parts;
    const { refused } = updates;
    try {
      if (task === platformTask) await this.#runPlatform();
      else if (task.startsWith(rejected)) await rejectedWrites.write(task.slice(rejected.length));
      else await this.#runUnit(task);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return this.#retry(error, attempt);
    }
    if (this.#isFailing) this.#options.logger.info({}, 'the API server takes what is written again');
    this.#isFailing = false;
    return updates.refused > refused ? { retryAfterMs: refusedRetryMs } : undefined;
  }

  async #runPlatform(): Promise<void> {
    const { parts, progress } = this.#options;
    const waiting = await parts.platform.write(progress);
    for (const unit of waiting) if (!parts.sampler.isWaiting(unit)) parts.sampler.wait(unit);
  }

  async #runUnit(unit: string): Promise<void> {
    const { parts, progress } = this.#options;
    const claimed = progress.claimed(unit);
    if (claimed === undefined) {
      await this.#writeLook(unit);
      await parts.releases.release(unit);
      return;
    }
    try {
      await parts.writes.claim(claimed);
      progress.settle(claimed);
    } catch (error) {
      progress.settle(claimed, error);
      throw error;
    }
  }

  async #writeLook(unit: string): Promise<void> {
    const { parts, progress, addressesChanged } = this.#options;
    const look = progress.lookAt(unit);
    if (look === undefined) return;
    const { outcome, isRealised } = look;
    this.#tell(outcome);
    const waits = await parts.writes.look(outcome, isRealised);
    const isLatest = progress.lookAt(unit)?.outcome === outcome;
    if (waits && isLatest && !parts.sampler.isWaiting(unit)) parts.sampler.wait(unit);
    if (unit.startsWith('vpc/')) addressesChanged();
    if (outcome.result?.state === 'absent') progress.forget(look);
  }

  #tell(outcome: UnitOutcome): void {
    const { parts, progress } = this.#options;
    const { objects, events } = parts;
    const context = { objects, written: new Map() };
    const { events: fresh, told } = nextEvents(progress.toldOf(outcome.unit), outcome, context);
    progress.tell(outcome.unit, told);
    for (const event of fresh) void events.record(event);
  }

  #retry(error: KubeError, attempt: number): WorkOutcome {
    const { logger } = this.#options;
    const { code, message } = error;
    this.#retries += 1;
    logger.debug({ code, reason: message }, 'what could not be written is tried again');
    if (!this.#isFailing && error.status !== 409) {
      logger.warn({ code, reason: message }, 'the API server does not take what is written; tried again');
      this.#isFailing = true;
    }
    return { retryAfterMs: Math.max(backoffMs(backoff, attempt, Math.random()), error.retryAfterMs ?? 0) };
  }
}
