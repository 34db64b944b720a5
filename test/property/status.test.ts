// Laws of statuses: what is written once is not written again, conditions do not flap, order of input means nothing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isApplied } from '../../src/status/is-applied.ts';
import { arbitraryObjects, networkObjects } from '../support/arbitrary-objects.ts';
import { StatusStage } from '../support/status-world.ts';
import type { RawObject } from '../support/status-world.ts';

const stageOf = (objects: readonly unknown[]): StatusStage =>
  new StatusStage([...networkObjects, ...objects].filter((object) => object !== null) as RawObject[]);
const later = '2027-01-01T00:00:00Z';

describe('status', () => {
  test('settles: a look at what was written writes nothing, whenever that is', () => {
    fc.assert(
      fc.property(arbitraryObjects, (objects) => {
        const stage = stageOf(objects);
        stage.settle();
        expect(stage.settleOnce({ now: later })).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('does not flap while something is on its way: nothing that is written then takes Ready away', () => {
    fc.assert(
      fc.property(arbitraryObjects, (objects) => {
        const stage = stageOf(objects);
        stage.settle();
        expect(stage.settleOnce({ outcome: { isCommitted: false }, isRealised: false, now: later })).toEqual(
          [],
        );
        expect(stage.settleOnce({ isRealised: false, now: later })).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('of the same objects is the same in whatever order they come', () => {
    const shuffled = arbitraryObjects.chain((objects) =>
      fc.tuple(fc.constant(objects), fc.shuffledSubarray(objects, { minLength: objects.length })),
    );
    fc.assert(
      fc.property(shuffled, ([objects, others]) => {
        expect(stageOf(others).statuses()).toEqual(stageOf(objects).statuses());
      }),
      { numRuns: 100 },
    );
  });

  test('has the three conditions on every object, each with a reason that the API takes and a message', () => {
    fc.assert(
      fc.property(arbitraryObjects, (objects) => {
        for (const { status } of stageOf(objects).statuses())
          for (const condition of status['conditions'] as Readonly<Record<string, string>>[]) {
            expect(condition['reason']).toMatch(/^[A-Z][A-Za-z]*$/);
            expect(condition['message']).not.toBe('');
          }
      }),
      { numRuns: 100 },
    );
  });

  test('what is applied is applied', () => {
    fc.assert(
      fc.property(fc.object({ values: [fc.string(), fc.integer(), fc.boolean()] }), (object) => {
        const value = JSON.parse(JSON.stringify(object)) as never;
        expect(isApplied(value, value)).toBe(true);
        expect(isApplied({ wrapped: [1], value }, { value })).toBe(false);
      }),
    );
  });
});
