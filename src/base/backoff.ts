// How long to wait before the next attempt: exponential with full jitter, so that many who failed do not come in step.

export interface BackoffPolicy {
  /** Bound of the first wait, in milliseconds. */
  readonly minDelayMs: number;
  /** No wait is longer. */
  readonly maxDelayMs: number;
}

/**
 * The wait after a failed attempt, in milliseconds: anything from 0 to a bound that doubles from attempt to attempt.
 *
 * @param attempt 0 after the first failure
 * @param random one number from 0 to 1
 */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: number): number {
  return Math.round(Math.min(policy.maxDelayMs, policy.minDelayMs * 2 ** attempt) * random);
}
