// Waits between attempts, and the two clocks that measure them.
import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../../src/base/backoff.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('backoffMs', () => {
  const policy = { minDelayMs: 100, maxDelayMs: 5000 };
  test.each([
    [0, 1, 100],
    [1, 1, 200],
    [5, 1, 3200],
    [6, 1, 5000],
    [5000, 1, 5000],
    [6, 0, 0],
    [6, 0.5, 2500],
  ])('attempt %d, random %d: %d ms', (attempt, random, expected) => {
    expect(backoffMs(policy, attempt, random)).toBe(expected);
  });
});

describe.each([
  ['system', systemClock],
  ['fake', new FakeClock()],
])('%s clock', (_, clock) => {
  test('a sleep that is aborted rejects with the reason', async () => {
    const controller = new AbortController();
    const sleep = clock.sleep(60_000, controller.signal);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(sleep).rejects.toBe(reason);
  });
  test('a sleep that was aborted before does not begin', async () => {
    const reason = new Error('enough');
    await expect(clock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

test('the system clock sleeps', async () => {
  const before = systemClock.now();
  await systemClock.sleep(20);
  expect(systemClock.now() - before).toBeGreaterThanOrEqual(19);
});

test('the fake clock wakes sleepers in the order of their times', async () => {
  const clock = new FakeClock(1000);
  const woken: [string, number][] = [];
  const sleep = async (name: string, ms: number): Promise<void> => {
    await clock.sleep(ms);
    woken.push([name, clock.now()]);
  };
  void Promise.all([sleep('late', 50), sleep('early', 10), sleep('never', 51)]);
  await clock.advance(50);
  expect(woken).toEqual([
    ['early', 1010],
    ['late', 1050],
  ]);
  expect(clock.now()).toBe(1050);
});
