// The right to write: claimed when writing begins, given back when nothing of ours is left.
import { backoffMs } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { EpochMode } from '../target/epoch.ts';
import type { Target } from '../target/target.ts';

export interface EpochClaimOptions {
  readonly target: Target;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends the waiting for a database that is away. */
  readonly signal: AbortSignal;
}

const backoff = { minDelayMs: 50, maxDelayMs: 2000 };

export class EpochClaim {
  readonly #options: EpochClaimOptions;

  constructor(options: EpochClaimOptions) {
    this.#options = options;
  }

  /**
   * A connection that is lost just now is waited for, `maximumAttempts` times.
   * @throws TARGET_FENCED, the last failure, or the reason of the signal
   */
  async claim(mode: EpochMode, maximumAttempts: number): Promise<void> {
    const { target, clock, signal } = this.#options;
    for (let attempt = 0; ; attempt++) {
      try {
        await target.claimEpoch(mode);
        return;
      } catch (error) {
        const isHopeless = !(error instanceof CodedError) || !error.retryable;
        if (isHopeless || attempt + 1 >= maximumAttempts) throw error;
        await clock.sleep(backoffMs(backoff, attempt, Math.random()), signal);
      }
    }
  }

  /** Leaves a database without rows of ours as it was before the first one. */
  async retire(): Promise<void> {
    const { target, logger } = this.#options;
    if (target.owned.total > 0) return;
    await target.retireEpoch().catch((error: unknown) => logger.debug({ err: error }, 'the epoch row stays'));
  }
}
