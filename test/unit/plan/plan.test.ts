// The planner's rules, one by one.
import { describe, expect, test } from 'vitest';
import type { ColumnValues } from '../../../src/ovsdb/value.ts';
import { countChanges, isEmpty, withoutDeletes } from '../../../src/plan/change-set-filter.ts';
import type { ChangeSet } from '../../../src/plan/change-set.ts';
import type { DesiredRow } from '../../../src/plan/desired.ts';
import { plan } from '../../../src/plan/plan.ts';
import type { PlanResult } from '../../../src/plan/plan.ts';
import { toOperations } from '../../../src/plan/to-operations.ts';
import { desiredRow, uuidOf, worldOf, worldPolicy, worldSchema } from '../../support/plan-world.ts';

interface Seed {
  readonly table: string;
  readonly uuid: string;
  readonly columns: ColumnValues;
}

const site = (number: number, columns: ColumnValues = {}, unit = 'a'): DesiredRow =>
  desiredRow('Site', number, columns, { unit });
const inSite = (number: number, column = 'items'): NonNullable<DesiredRow['parents']>[number] => ({
  table: 'Site',
  uuid: uuidOf('Site', number),
  column,
});
const item = (
  number: number,
  parent: number,
  columns: ColumnValues = {},
  extra: Partial<DesiredRow> = {},
): DesiredRow => desiredRow('Item', number, columns, { parents: [inSite(parent)], ...extra });
const anchor = (number: number, columns: ColumnValues = {}): DesiredRow =>
  desiredRow('Anchor', number, columns);
const foreign = (row: DesiredRow): Seed => ({
  ...row,
  columns: { ...row.columns, marks: { owner: 'them' } },
});
const withItems = (row: Seed, ...numbers: number[]): Seed => ({
  ...row,
  columns: { ...row.columns, items: numbers.map((number) => uuidOf('Item', number)) },
});

const planFrom = (before: readonly Seed[], rows: readonly DesiredRow[]): PlanResult =>
  plan({ unit: 'a', rows }, worldOf(before).current, worldPolicy);
const operationsOf = (changes: ChangeSet): ReturnType<typeof toOperations> =>
  toOperations(changes, worldSchema);

describe('rows', () => {
  test('a row that is missing is inserted with its place in a parent that is inserted too', () => {
    const { changes } = planFrom([], [item(1, 1, { config: { 'our-x': '1' } }), site(1)]);
    expect(operationsOf(changes)).toEqual({
      operations: [
        {
          op: 'insert',
          table: 'Item',
          uuid: uuidOf('Item', 1),
          row: { name: 'item-1', tags: ['t'], config: { 'our-x': '1' }, marks: item(1, 1).columns['marks'] },
        },
        {
          op: 'insert',
          table: 'Site',
          uuid: uuidOf('Site', 1),
          row: { name: 'site-1', items: [uuidOf('Item', 1)], marks: site(1).columns['marks'] },
        },
      ],
      expectations: [],
    });
  });

  test('a parent that is there already is guarded, and must be matched', () => {
    const { changes } = planFrom([foreign(site(8))], [item(1, 8)]);
    const where = [['_uuid', '==', uuidOf('Site', 8)]];
    expect(operationsOf(changes)).toMatchObject({
      operations: [
        { op: 'wait', table: 'Site', where, until: '==', rows: [{ _uuid: uuidOf('Site', 8) }], timeoutMs: 0 },
        { op: 'insert', table: 'Item' },
        { op: 'mutate', table: 'Site', where, mutations: [['items', 'insert', [uuidOf('Item', 1)]]] },
      ],
      expectations: [2],
    });
  });

  test('a row of ours that lost its mark is repaired, not made again', () => {
    const { changes } = planFrom([{ ...site(1), columns: { name: 'x' } }], [site(1)]);
    expect(countChanges(changes)).toEqual({ insert: 0, update: 1, delete: 0 });
    expect(changes.updates[0]?.columns).toMatchObject([
      { kind: 'map-delta', column: 'marks', put: { owner: 'us' } },
      { kind: 'set', column: 'name', before: 'x', after: 'site-1' },
    ]);
  });

  test('a row that nobody wants is deleted; rows of other units and foreign rows stay', () => {
    const { changes } = planFrom([site(1), site(5, {}, 'b'), foreign(site(8))], []);
    expect(operationsOf(changes).operations).toEqual([
      { op: 'delete', table: 'Site', where: [['_uuid', '==', uuidOf('Site', 1)]] },
    ]);
  });

  test('a stale child is taken out of a parent that stays; with a parent that goes, it just goes', () => {
    const { changes } = planFrom(
      [withItems(site(1), 1), withItems(site(2), 2), item(1, 1), item(2, 2)],
      [site(1)],
    );
    expect(changes.detach).toEqual([{ parent: inSite(1), child: uuidOf('Item', 1), source: 'Thing/item-1' }]);
    expect(changes.deletes.map(({ id }) => id)).toEqual(['item-1', 'item-2', 'site-2']);
  });

  test('a row in the wrong parent is moved', () => {
    const { changes } = planFrom(
      [withItems(foreign(site(8)), 1), site(1), item(1, 8)],
      [site(1), item(1, 1)],
    );
    expect(changes).toMatchObject({
      inserts: [],
      updates: [],
      deletes: [],
      attach: [{ parent: inSite(1) }],
      detach: [{ parent: inSite(8) }],
    });
    expect(countChanges(changes)).toEqual({ insert: 0, update: 1, delete: 0 });
  });

  test('a foreign row that refers strongly to a stale row lets go of it', () => {
    const before = [anchor(1), foreign(site(8, { anchors: [uuidOf('Anchor', 1)] }))];
    const { changes } = planFrom(before, []);
    expect(changes.detach).toMatchObject([{ parent: inSite(8, 'anchors'), child: uuidOf('Anchor', 1) }]);
  });

  test('a row that is twice in a unit is a bug', () => {
    expect(() => planFrom([], [site(1), site(1)])).toThrow(/Site site-1 is twice/u);
  });
});

describe('columns', () => {
  const change = (before: ColumnValues, after: ColumnValues): unknown =>
    planFrom([withItems(site(1), 1), item(1, 1, before)], [site(1), item(1, 1, after)]).changes.updates[0]
      ?.columns;

  test('our keys of a map are put and deleted, foreign ones stay', () => {
    expect(
      change(
        { config: { 'our-a': '1', 'our-b': '1', 'our-c': '1', theirs: '1' } },
        { config: { 'our-a': '1', 'our-b': '2', 'our-d': '1' } },
      ),
    ).toEqual([
      {
        kind: 'map-delta',
        column: 'config',
        put: { 'our-b': '2', 'our-d': '1' },
        delete: ['our-c'],
        before: { 'our-b': '1', 'our-c': '1' },
      },
    ]);
  });

  test('a replaced key is deleted before it is put: the server keeps old values', () => {
    const { changes } = planFrom(
      [site(1, { config: { 'our-a': '1' } })],
      [site(1, { config: { 'our-a': '2' } })],
    );
    expect(operationsOf(changes).operations).toMatchObject([
      {
        op: 'mutate',
        mutations: [
          ['config', 'delete', ['our-a']],
          ['config', 'insert', { 'our-a': '2' }],
        ],
      },
    ]);
  });

  test.each([
    [
      'a small change of a large set is a delta',
      ['a', 'b', 'c', 'd'],
      ['b', 'c', 'd', 'e'],
      { kind: 'set-delta', insert: ['e'], delete: ['a'] },
    ],
    ['a large change replaces the set', ['a', 'b'], ['c'], { kind: 'set', before: ['a', 'b'], after: ['c'] }],
  ])('%s', (_, before, after, expected) => {
    expect(change({ tags: before }, { tags: after })).toEqual([{ column: 'tags', ...expected }]);
  });

  test('the order of a set is no change', () => {
    expect(change({ tags: ['a', 'b'] }, { tags: ['b', 'a'] })).toBeUndefined();
  });

  test('references to our rows follow the wish, references to foreign rows stay', () => {
    const rows = [item(1, 1), item(2, 1)];
    const before = [
      withItems(site(1, { friends: [1, 8].map((n) => uuidOf('Item', n)) }), 1, 2, 8),
      ...rows,
      foreign(item(8, 1)),
    ];
    const { changes } = planFrom(before, [site(1, { friends: [uuidOf('Item', 2)] }), ...rows]);
    expect(changes.updates[0]?.columns).toEqual([
      { kind: 'set-delta', column: 'friends', insert: [uuidOf('Item', 2)], delete: [uuidOf('Item', 1)] },
    ]);
  });

  test('references to rows that will not be there are left out', () => {
    const wanted = { friends: [uuidOf('Item', 3)], anchors: [uuidOf('Anchor', 3)] };
    const { changes } = planFrom([], [site(1, wanted), item(1, 1, { anchor: uuidOf('Anchor', 3) })]);
    expect(
      changes.inserts.map(({ columns }) => [columns['friends'], columns['anchors'], columns['anchor']]),
    ).toEqual([
      [undefined, undefined, undefined],
      [[], [], undefined],
    ]);
  });
});

describe('what cannot be written', () => {
  const holder = { ...foreign(item(8, 8)), columns: { ...foreign(item(8, 8)).columns, name: 'item-1' } };
  const taken = [withItems(foreign(site(8)), 8), holder];

  test('a name that a foreign row holds, and what requires it; the rest goes on', () => {
    const peer = item(2, 1, {}, { requires: [uuidOf('Item', 1)] });
    const { changes, conflicts } = planFrom(taken, [
      site(1, { friends: [1, 2, 3].map((n) => uuidOf('Item', n)) }),
      item(1, 1),
      peer,
      item(3, 1),
    ]);
    expect(conflicts).toMatchObject([
      { row: { id: 'item-1' }, column: 'name', holder: { _uuid: uuidOf('Item', 8) }, holderTable: 'Item' },
    ]);
    expect(changes.inserts.map(({ id }) => id)).toEqual(['item-3', 'site-1']);
    expect(changes.inserts[1]?.columns['friends']).toEqual([uuidOf('Item', 3)]);
    expect(changes.attach).toHaveLength(1);
  });

  test('rows that require each other are left out together', () => {
    const pair = [
      item(1, 1, {}, { requires: [uuidOf('Item', 2)] }),
      item(2, 1, {}, { requires: [uuidOf('Item', 1)] }),
    ];
    const { changes, conflicts } = planFrom(taken, [site(1), ...pair]);
    expect(conflicts.map(({ row }) => row.id)).toEqual(['item-1']);
    expect(changes.inserts.map(({ id }) => id)).toEqual(['site-1']);
  });

  test('a name that is unique by policy alone', () => {
    const { conflicts, changes } = planFrom([foreign(site(8, { name: 'site-1' }))], [site(1)]);
    expect(conflicts).toMatchObject([{ column: 'name', holder: { _uuid: uuidOf('Site', 8) } }]);
    expect(isEmpty(changes)).toBe(true);
  });

  test('a name that a stale row of the unit gives up is free; one of another unit is not', () => {
    expect(planFrom([anchor(2, { name: 'anchor-1' })], [anchor(1)]).conflicts).toEqual([]);
    const other = desiredRow('Anchor', 5, { name: 'anchor-1' }, { unit: 'b' });
    expect(planFrom([other], [anchor(1)]).conflicts).toHaveLength(1);
  });

  test('two rows may swap names', () => {
    const before = [anchor(1, { name: 'x' }), anchor(2, { name: 'y' })];
    const { changes, conflicts } = planFrom(before, [anchor(1, { name: 'y' }), anchor(2, { name: 'x' })]);
    expect(conflicts).toEqual([]);
    expect(changes.updates).toHaveLength(2);
  });

  test('of two rows with one name the first is written', () => {
    const { changes, conflicts } = planFrom([], [anchor(2, { name: 'x' }), anchor(1, { name: 'x' })]);
    expect(changes.inserts.map(({ id }) => id)).toEqual(['anchor-1']);
    expect(conflicts).toMatchObject([{ row: { id: 'anchor-2' }, holder: { _uuid: uuidOf('Anchor', 1) } }]);
  });

  test('a row that exists and cannot be renamed stays as it is, and what needs it goes on', () => {
    const before = [
      withItems(foreign(site(8)), 8),
      holder,
      withItems(site(1), 1),
      item(1, 1, { name: 'old' }),
    ];
    const { changes, conflicts } = planFrom(before, [
      site(1),
      item(1, 1),
      item(2, 1, {}, { requires: [uuidOf('Item', 1)] }),
    ]);
    expect(conflicts).toHaveLength(1);
    expect(changes).toMatchObject({ inserts: [{ id: 'item-2' }], updates: [], deletes: [], detach: [] });
  });

  test('a parent that is nowhere, or about to go, is reported', () => {
    const { changes, missingParents } = planFrom([site(2)], [item(1, 1), item(2, 2)]);
    expect(missingParents).toMatchObject([
      { ...inSite(1), row: { id: 'item-1' } },
      { ...inSite(2), row: { id: 'item-2' } },
    ]);
    expect(changes.inserts).toEqual([]);
  });
});

describe('withoutDeletes', () => {
  test('holds what a held row refers to, and references to held rows', () => {
    const before = [
      withItems(site(1), 1),
      item(1, 1),
      anchor(1),
      site(2, { anchors: [uuidOf('Anchor', 1)] }),
    ];
    const { changes } = planFrom(before, [site(2)]);
    expect(changes.deletes).toHaveLength(3);
    const held = withoutDeletes(changes, ({ table }) => table === 'Item');
    expect(isEmpty(held)).toBe(true);
    const kept = withoutDeletes(changes, ({ table }) => table !== 'Anchor');
    expect(kept.deletes.map(({ id }) => id)).toEqual(['item-1', 'site-1']);
    expect(kept.updates).toEqual([]);
  });
});
