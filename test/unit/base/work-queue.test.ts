// The work queue: one run of a key at a time, none lost, none twice without need.
import { describe, expect, test } from 'vitest';
import { WorkQueue } from '../../../src/base/work-queue.ts';
import type { WorkOutcome } from '../../../src/base/work-queue.ts';
import { FakeClock, settled } from '../../support/fake-clock.ts';

interface Run {
  readonly key: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly finish: (outcome?: WorkOutcome) => void;
  readonly fail: (error: unknown) => void;
}

/** A queue whose runs end only when the test says so. */
function rig(workers: number) {
  const clock = new FakeClock();
  const runs: Run[] = [];
  const errors: [string, unknown][] = [];
  const queue = new WorkQueue({
    workers,
    clock,
    work: (key, attempt, signal) =>
      new Promise((resolve, reject) => runs.push({ key, attempt, signal, finish: resolve, fail: reject })),
    onError: (key, error) => errors.push([key, error]),
  });
  const started = async (): Promise<string[]> => {
    await settled();
    return runs.map((run) => run.key);
  };
  const finish = async (index: number, outcome?: WorkOutcome): Promise<void> => {
    runs[index]!.finish(outcome);
    await settled();
  };
  return { clock, runs, errors, queue, started, finish };
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await settled();
  return done;
}

describe('order and duplicates', () => {
  test('a key that waits is not queued twice', async () => {
    const { queue, started } = rig(4);
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect(await started()).toEqual(['a', 'b']);
  });
  test('no more run than there are workers, and the first added goes first', async () => {
    const { queue, started, finish } = rig(2);
    for (const key of ['c', 'a', 'b', 'd']) queue.add(key);
    expect(await started()).toEqual(['c', 'a']);
    expect(queue.state()).toEqual({ waiting: 2, running: 2, delayed: 0 });
    await finish(1);
    expect(await started()).toEqual(['c', 'a', 'b']);
  });
  test('urgent keys go before all others, in their own order, and stay urgent when they are added again', async () => {
    const { queue, started, finish } = rig(1);
    queue.add('a');
    expect(await started()).toEqual(['a']);
    queue.add('b');
    queue.add('c', { isUrgent: true });
    queue.add('d', { isUrgent: true });
    queue.add('d');
    for (const index of [0, 1, 2, 3]) await finish(index);
    expect(await started()).toEqual(['a', 'c', 'd', 'b']);
    expect(queue.state()).toEqual({ waiting: 0, running: 0, delayed: 0 });
  });
  test('a key added while it runs runs once more, after its run and not beside it', async () => {
    const { queue, started, finish } = rig(4);
    queue.add('a');
    await started();
    queue.add('a');
    queue.add('a');
    queue.add('b');
    expect(await started()).toEqual(['a', 'b']);
    await finish(0);
    expect(await started()).toEqual(['a', 'b', 'a']);
    await finish(2);
    expect(await started()).toEqual(['a', 'b', 'a']);
  });
  test('work never begins inside the call that asks for it', () => {
    const { queue, runs } = rig(1);
    queue.add('a');
    expect(runs).toEqual([]);
  });
});

describe('retry', () => {
  test('runs again after its time with the count of attempts, which success clears', async () => {
    const { queue, runs, started, finish, clock } = rig(1);
    queue.add('a');
    await started();
    await finish(0, { retryAfterMs: 100 });
    expect(queue.state()).toEqual({ waiting: 0, running: 0, delayed: 1 });
    await clock.advance(99);
    expect(runs).toHaveLength(1);
    await clock.advance(1);
    await finish(1, { retryAfterMs: 100 });
    await clock.advance(100);
    await finish(2);
    queue.add('a');
    await started();
    expect(runs.map((run) => run.attempt)).toEqual([0, 1, 2, 0]);
  });
  test('a delayed key that is added runs at once, and once only', async () => {
    const { queue, runs, started, finish, clock } = rig(1);
    queue.add('a');
    await started();
    await finish(0, { retryAfterMs: 100 });
    queue.add('a');
    expect(await started()).toEqual(['a', 'a']);
    await finish(1);
    await clock.advance(1000);
    expect(runs).toHaveLength(2);
  });
  test('a key added while it runs does not wait for the retry that the run asks for', async () => {
    const { queue, started, finish, clock } = rig(1);
    queue.add('a');
    await started();
    queue.add('a');
    await finish(0, { retryAfterMs: 1000 });
    expect(await started()).toEqual(['a', 'a']);
    expect(clock.sleeping).toBe(0);
  });
  test('an error is told once and not retried; other keys go on', async () => {
    const { queue, runs, errors, started, clock } = rig(1);
    queue.add('a');
    queue.add('b');
    await started();
    const bug = new Error('bug');
    runs[0]!.fail(bug);
    expect(await started()).toEqual(['a', 'b']);
    await clock.advance(1e6);
    expect(runs).toHaveLength(2);
    expect(errors).toEqual([['a', bug]]);
  });
});

describe('idle and close', () => {
  test('idle waits for what waits, runs and is delayed', async () => {
    const { queue, started, finish, clock } = rig(1);
    expect(await isSettled(queue.idle())).toBe(true);
    queue.add('a');
    const idle = queue.idle();
    const idleButForRetries = queue.idle({ ignoreDelayed: true });
    await started();
    await finish(0, { retryAfterMs: 10 });
    expect([await isSettled(idle), await isSettled(idleButForRetries)]).toEqual([false, true]);
    await clock.advance(10);
    expect(await isSettled(idle)).toBe(false);
    await finish(1);
    expect(await isSettled(idle)).toBe(true);
  });
  test('close forgets what waits, aborts what runs, and resolves when it has ended', async () => {
    const { queue, runs, started, finish, clock } = rig(1);
    queue.add('a');
    await started();
    await finish(0, { retryAfterMs: 10 });
    queue.add('b');
    queue.add('c');
    await started();
    const closed = queue.close();
    expect(await isSettled(closed)).toBe(false);
    expect(runs[1]!.signal.aborted).toBe(true);
    queue.add('d');
    await finish(1, { retryAfterMs: 10 });
    expect(await isSettled(closed)).toBe(true);
    await clock.advance(1000);
    expect(await started()).toEqual(['a', 'b']);
    expect(queue.state()).toEqual({ waiting: 0, running: 0, delayed: 0 });
  });
});
