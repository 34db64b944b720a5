// The short way to see that nothing is to do: what it must see, case by case.
import { describe, expect, test } from 'vitest';
import type { ColumnValues } from '../../../src/ovsdb/value.ts';
import type { DesiredRow } from '../../../src/plan/desired.ts';
import { isInPlace } from '../../../src/plan/in-place.ts';
import { desiredRow, uuidOf, worldOf, worldPolicy } from '../../support/plan-world.ts';

const itemUuid = uuidOf('Item', 1);
const siteUuid = uuidOf('Site', 1);
const parents = [{ table: 'Site', uuid: siteUuid, column: 'items' }];
const anchor = desiredRow('Anchor', 1, {});
const item = desiredRow('Item', 1, { tags: ['b', 'a'], config: { 'our-x': '1' } }, { parents });
const site = desiredRow('Site', 1, { anchors: [anchor.uuid] });
const wanted = [anchor, item, site];

const holding = { items: [itemUuid] };
const tags = ['a', 'b'];
const row = (of: DesiredRow, columns: ColumnValues = {}): DesiredRow => ({
  ...of,
  columns: { ...of.columns, ...columns },
});
const isSettled = (rows: readonly DesiredRow[], there: readonly DesiredRow[]): boolean =>
  isInPlace({ unit: 'a', rows }, worldOf(there).current, worldPolicy);

test('rows as they should be, in their places, the order of sets aside', () => {
  expect(isSettled(wanted, [anchor, row(item, { tags }), row(site, holding)])).toBe(true);
  expect(isSettled([], [])).toBe(true);
});

describe('is not in place', () => {
  test.each<[string, readonly DesiredRow[]]>([
    ['a row is missing', [anchor, site]],
    ['a column is another', [anchor, row(item, { tags, name: 'x' }), row(site, holding)]],
    ['a set is another', [anchor, row(item, { tags: ['a', 'c'] }), row(site, holding)]],
    ['a map is another', [anchor, row(item, { tags, config: { 'our-x': '2' } }), row(site, holding)]],
    ['a map has more', [anchor, row(item, { tags, config: { 'our-x': '1', x: '' } }), row(site, holding)]],
    ['a map is empty', [anchor, row(item, { tags, config: {} }), row(site, holding)]],
    ['a row hangs nowhere', [anchor, row(item, { tags }), site]],
    ['a row hangs elsewhere', [anchor, row(item, { tags }), row(site, { spare_items: [itemUuid] })]],
    ['a row hangs twice', [anchor, row(item, { tags }), row(site, { ...holding, spare_items: [itemUuid] })]],
    [
      'the unit has more rows',
      [anchor, row(item, { tags }), row(site, holding), desiredRow('Anchor', 2, {})],
    ],
  ])('when %s', (_what, there) => {
    expect(isSettled(wanted, there)).toBe(false);
  });

  test('when a row is wanted twice instead of another that is there', () => {
    const there = [anchor, row(item, { tags }), row(site, holding), desiredRow('Anchor', 2, {})];
    expect(isSettled([...wanted, anchor], there)).toBe(false);
  });

  test('when it refers to a row that another unit is about to delete', () => {
    const other = desiredRow('Anchor', 3, {}, { unit: 'b' });
    const rows = [row(site, { anchors: [other.uuid] })];
    const { current } = worldOf([other, ...rows]);
    expect(isInPlace({ unit: 'a', rows }, current, worldPolicy)).toBe(true);
    const going: typeof current = {
      ...current,
      row: (table, uuid) => (uuid === other.uuid ? undefined : current.row(table, uuid)),
    };
    expect(isInPlace({ unit: 'a', rows }, going, worldPolicy)).toBe(false);
  });
});
