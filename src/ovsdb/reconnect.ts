// Reconnecting and probing as pure state: time and randomness are handed in, nothing is waited for here.

export interface ReconnectPolicy {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** So many remotes are tried once, in turn, before the first delay. */
  readonly remotes: number;
  /** A connection that was up for so long clears the record of failures. */
  readonly stableAfterMs: number;
}

export interface ReconnectState {
  /** Since the last stable connection. */
  readonly failures: number;
  /** Index of the remote to try next. */
  readonly remote: number;
  /** When the current connection became useful; undefined while there is none. */
  readonly upSinceMs: number | undefined;
}

export const initialReconnectState: ReconnectState = { failures: 0, remote: 0, upSinceMs: undefined };

/** The connection is useful: the replica is loaded. A mere TCP connection proves nothing. */
export function markUp(state: ReconnectState, nowMs: number): ReconnectState {
  return { ...state, upSinceMs: nowMs };
}

/**
 * The connection ended or the attempt failed. Returns how long to wait before the next attempt: full jitter, that is
 * anything between zero and an exponentially growing bound, so that many clients of one server do not come in step.
 *
 * @param random one number from 0 to 1
 */
export function markDown(
  state: ReconnectState,
  policy: ReconnectPolicy,
  nowMs: number,
  random: number,
): { readonly state: ReconnectState; readonly delayMs: number } {
  const wasStable = state.upSinceMs !== undefined && nowMs - state.upSinceMs >= policy.stableAfterMs;
  const failures = wasStable ? 1 : state.failures + 1;
  const remote = (state.remote + 1) % policy.remotes;
  const exponent = failures - policy.remotes;
  const bound = exponent <= 0 ? 0 : Math.min(policy.maxDelayMs, policy.minDelayMs * 2 ** (exponent - 1));
  return { state: { failures, remote, upSinceMs: undefined }, delayMs: Math.round(bound * random) };
}

/** What to do about a silent peer, and when to look again. */
export interface ProbeStep {
  readonly action: 'wait' | 'probe' | 'drop';
  readonly lookAgainMs: number;
}

/**
 * After `intervalMs` of silence a probe is sent; after as much again the peer counts as dead. Any byte is a sign of
 * life.
 */
export function probeStep(
  nowMs: number,
  lastHeardMs: number,
  probedMs: number | undefined,
  intervalMs: number,
): ProbeStep {
  const outstanding = probedMs !== undefined && probedMs >= lastHeardMs;
  const dueMs = (outstanding ? probedMs : lastHeardMs) + intervalMs;
  if (nowMs < dueMs) return { action: 'wait', lookAgainMs: dueMs - nowMs };
  return { action: outstanding ? 'drop' : 'probe', lookAgainMs: intervalMs };
}
