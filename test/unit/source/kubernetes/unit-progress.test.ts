// Claims, looks, and which of them counts when both come.
import { expect, test } from 'vitest';
import { UnitProgress } from '../../../../src/source/kubernetes/unit-progress.ts';
import type { UnitOutcome } from '../../../../src/status/unit-outcome.ts';

const unit = 'vpc/shalb-demo';
const outcome = (isCommitted = true): UnitOutcome => ({
  unit,
  result: undefined,
  problems: [],
  isCommitted,
  pending: new Set(),
  failure: undefined,
  revision: 1,
});

test('a look counts until something is claimed; the first one after that tells of what was claimed', async () => {
  const progress = new UnitProgress();
  const [first, claim, second] = [outcome(), outcome(false), outcome()];
  expect(progress.looked(first)).toBe('other');
  expect(progress.looked(second)).toBe('same');
  progress.realised(unit);
  expect(progress.lookAt(unit)).toEqual({ outcome: second, isRealised: true });
  const done = progress.claim(claim);
  expect(progress.lookAt(unit)).toBeUndefined();
  expect(progress.claimed(unit)).toBe(claim);
  progress.settle(claim);
  await done;
  expect(progress.claimed(unit)).toBeUndefined();
  expect(progress.lookAt(unit)).toBeUndefined();
  expect(progress.looked(outcome(false))).toBe('claimed');
  expect(progress.lookAt(unit)?.isRealised).toBe(false);
});

test('a look while a claim is written loses neither', async () => {
  const progress = new UnitProgress();
  const claim = outcome(false);
  const done = progress.claim(claim);
  progress.looked(outcome());
  expect(progress.claimed(unit)).toBe(claim);
  progress.settle(claim, new Error('away'));
  await expect(done).rejects.toThrow('away');
});

test('a later claim ends the one before, and its end is not taken for the later one', async () => {
  const progress = new UnitProgress();
  const [first, second] = [outcome(false), outcome(false)];
  const superseded = progress.claim(first);
  const latest = progress.claim(second);
  await expect(superseded).rejects.toThrow('later');
  progress.settle(first);
  expect(progress.claimed(unit)).toBe(second);
  progress.close(new Error('closed'));
  await expect(latest).rejects.toThrow('closed');
});

test('what events have said of a unit outlives its looks and claims, and ends with the unit', () => {
  const progress = new UnitProgress();
  const last = outcome();
  progress.looked(outcome());
  progress.tell(unit, new Set(['Conflict']));
  progress.claim(outcome(false)).catch(() => undefined);
  progress.looked(last);
  expect(progress.toldOf(unit)).toEqual(new Set(['Conflict']));
  progress.forget({ outcome: last, isRealised: false });
  expect(progress.claimed(unit)).toBeDefined();
  progress.settle(progress.claimed(unit)!);
  progress.looked(last);
  progress.forget({ outcome: outcome(), isRealised: false });
  expect([...progress.units()]).toEqual([unit]);
  progress.forget({ outcome: last, isRealised: false });
  expect([...progress.units()]).toEqual([]);
});
