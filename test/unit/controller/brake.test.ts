// When a plan deletes too much, and what the brake remembers.
import { describe, expect, test } from 'vitest';
import { Brake, DeleteTally } from '../../../src/controller/brake.ts';
import type { ChangeSet } from '../../../src/plan/change-set.ts';

const limits = { fraction: 0.5, minimum: 50 };

function deleting(count: number, source = (index: number) => `Pod/ns/${index}`): DeleteTally {
  const deletes: ChangeSet['deletes'] = Array.from({ length: count }, (_, index) => ({
    table: 'NAT',
    uuid: `${index}`,
    id: `nat-${index}`,
    source: source(index),
    before: { _uuid: `${index}` },
  }));
  const tally = new DeleteTally();
  tally.add({ unit: 'vpc/a', inserts: [], updates: [], deletes, attach: [], detach: [] });
  return tally;
}

describe('DeleteTally', () => {
  test.each([
    [50, 50, false],
    [51, 51, true],
    [51, 101, true],
    [51, 102, false],
    [1000, 1999, true],
    [1000, 2000, false],
  ])('%i deletes of %i rows: refused %o', (deletes, owned, isRefused) => {
    expect(deleting(deletes).verdict(owned, limits) !== undefined).toBe(isRefused);
  });

  test('names objects once, sorted, and rows that serve none', () => {
    const tally = deleting(52, (index) => (index === 0 ? '' : `Pod/ns/${index % 2}`));
    expect(tally.verdict(60, limits)).toEqual({
      deletes: 52,
      owned: 60,
      names: ['NAT nat-0', 'Pod/ns/0', 'Pod/ns/1'],
    });
  });
});

describe('Brake', () => {
  const make = (isOff = false) => new Brake({ limits, isOff });

  test('holds the units until none of them has anything to delete', () => {
    const brake = make();
    brake.consider(['vpc/a', 'vpc/b'], deleting(60), 60);
    expect(brake.massDelete).toMatchObject({ deletes: 60 });
    brake.release('vpc/a');
    expect([...brake.units]).toEqual(['vpc/b']);
    expect(brake.massDelete).toBeDefined();
    brake.release('vpc/b');
    expect(brake.massDelete).toBeUndefined();
  });

  test('lets go when it is considered again and all is well', () => {
    const brake = make();
    brake.consider(['vpc/a'], deleting(60), 60);
    brake.consider(['vpc/a'], deleting(3), 60);
    expect([brake.units.size, brake.massDelete]).toEqual([0, undefined]);
  });

  test('is never pulled when it is off', () => {
    const brake = make(true);
    brake.consider(['vpc/a'], deleting(60), 60);
    expect([brake.units.size, brake.massDelete, brake.concerns(60)]).toEqual([0, undefined, false]);
    expect([make().concerns(50), make().concerns(51)]).toEqual([false, true]);
  });
});
