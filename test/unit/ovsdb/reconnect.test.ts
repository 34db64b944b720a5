// When to try again, where, and when a silent server is dead.
import { describe, expect, test } from 'vitest';
import { initialReconnectState, markDown, markUp, probeStep } from '../../../src/ovsdb/reconnect.ts';
import type { ReconnectState } from '../../../src/ovsdb/reconnect.ts';

const policy = { minDelayMs: 200, maxDelayMs: 8000, remotes: 1, stableAfterMs: 10_000 };

function delays(count: number, remotes: number, random: number): number[] {
  let state: ReconnectState = initialReconnectState;
  return Array.from({ length: count }, () => {
    const next = markDown(state, { ...policy, remotes }, 0, random);
    state = next.state;
    return next.delayMs;
  });
}

describe('reconnecting', () => {
  test('the bound doubles up to the maximum', () => {
    expect(delays(9, 1, 1)).toEqual([0, 200, 400, 800, 1600, 3200, 6400, 8000, 8000]);
  });

  test('the delay is anything from zero to the bound', () => {
    expect(delays(4, 1, 0)).toEqual([0, 0, 0, 0]);
    expect(delays(4, 1, 0.5)).toEqual([0, 100, 200, 400]);
  });

  test('every remote is tried once before the first delay', () => {
    expect(delays(5, 3, 1)).toEqual([0, 0, 0, 200, 400]);
  });

  test('remotes take turns', () => {
    let state: ReconnectState = initialReconnectState;
    const tried = Array.from({ length: 5 }, () => {
      const { remote } = state;
      state = markDown(state, { ...policy, remotes: 2 }, 0, 0).state;
      return remote;
    });
    expect(tried).toEqual([0, 1, 0, 1, 0]);
  });

  test('a connection that lasted clears the record, one that did not does not', () => {
    const failed: ReconnectState = { failures: 5, remote: 0, upSinceMs: undefined };
    const up = markUp(failed, 1000);
    expect(markDown(up, policy, 11_000, 1)).toMatchObject({ state: { failures: 1 }, delayMs: 0 });
    expect(markDown(up, policy, 10_999, 1)).toMatchObject({ state: { failures: 6 }, delayMs: 3200 });
  });
});

describe('probing', () => {
  test.each([
    // now, last heard, probed, action, look again
    [4000, 0, undefined, 'wait', 1000],
    [5000, 0, undefined, 'probe', 5000],
    [9000, 0, 5000, 'wait', 1000],
    [10_000, 0, 5000, 'drop', 5000],
    [10_000, 5001, 5000, 'wait', 1],
    [10_001, 5001, 5000, 'probe', 5000],
  ] as const)('at %i, heard at %i, probed at %s: %s', (now, heard, probed, action, lookAgainMs) => {
    expect(probeStep(now, heard, probed, 5000)).toEqual({ action, lookAgainMs });
  });
});
