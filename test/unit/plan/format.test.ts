// A change set as text, as JSON and as commands.
import { describe, expect, test } from 'vitest';
import type { ChangeSet } from '../../../src/plan/change-set.ts';
import { formatNbctl } from '../../../src/plan/format-nbctl.ts';
import { formatText } from '../../../src/plan/format-text.ts';
import { toJson } from '../../../src/plan/json.ts';
import { plan } from '../../../src/plan/plan.ts';
import { desiredRow, uuidOf, worldOf, worldPolicy, worldSchema } from '../../support/plan-world.ts';

const place = (number: number): { table: string; uuid: string; column: string } => ({
  table: 'Site',
  uuid: uuidOf('Site', number),
  column: 'items',
});

/** One of everything: an insert, every kind of column change, a move, a delete. */
function everything(): ChangeSet {
  const moved = desiredRow('Item', 2, { config: { 'our-old': '1' }, tags: ['a', 'b', 'c'] });
  const site = desiredRow('Site', 1, { note: 'it is' });
  const before = [
    { ...site, columns: { ...site.columns, spare_items: [moved.uuid] } },
    moved,
    desiredRow('Anchor', 4, {}),
  ];
  const desired = [
    desiredRow('Site', 1, { note: "it's", friends: [uuidOf('Item', 1)] }),
    desiredRow('Item', 1, { tags: ['a b', '"q"', '\u001B[31m'] }, { parents: [place(1)] }),
    desiredRow(
      'Item',
      2,
      { config: { 'our-new': 'x y' }, tags: ['b', 'c', 'd', 'e'] },
      { parents: [place(1)] },
    ),
  ];
  return plan({ unit: 'a', rows: desired }, worldOf(before).current, worldPolicy).changes;
}

const [item1, item2, site1, anchor4] = [
  uuidOf('Item', 1),
  uuidOf('Item', 2),
  uuidOf('Site', 1),
  uuidOf('Anchor', 4),
];

test('formatText groups by object, names rows and escapes control characters', () => {
  expect(formatText([everything()])).toBe(
    String.raw`Thing/anchor-4
  - Anchor anchor-4
Thing/item-1
  + Item item-1
      tags: [a b, "q", "\u001b[31m"]
      marks: {owner=us, unit=a, id=item-1, source=Thing/item-1}
Thing/item-2
  ~ Item item-2
      config:our-new: (none) → x y
      config:our-old: 1 → (none)
      tags: + d
      tags: + e
      tags: - a
  ~ Site site-1
      items: + item-2
      spare_items: - item-2
Thing/site-1
  ~ Site site-1
      friends: + item-1
      note: it is → it's
`,
  );
});

test('formatText asks for names that it cannot know, and colours on demand', () => {
  const { current } = worldOf([
    desiredRow('Site', 8, {}, { unit: 'b' }),
    desiredRow('Item', 5, {}),
    { table: 'Site', uuid: uuidOf('Site', 7), columns: { spare_items: [uuidOf('Item', 5)] } },
  ]);
  const rows = [desiredRow('Item', 5, {}, { parents: [place(8)] })];
  const { changes } = plan({ unit: 'a', rows }, current, worldPolicy);
  const label = (table: string, uuid: string): string | undefined =>
    uuid === place(8).uuid ? `a ${table}` : undefined;
  const text = formatText([changes], { color: true, label });
  expect(text).toContain('\u001B[33m~ Site a Site\u001B[0m\n      items: + ');
  expect(text).toContain(`~ Site ${uuidOf('Site', 7)}`);
});

test('formatNbctl prints one command that a shell understands', () => {
  expect(formatNbctl(everything(), worldSchema, 'ctl')).toBe(
    [
      'ctl',
      String.raw`  --id=${item1} create Item 'tags=["a b","\"q\"","\u001b[31m"]' name=item-1 'marks={owner=us,unit=a,id=item-1,source=Thing/item-1}'`,
      `  -- set Item ${item2} 'config:our-new="x y"'`,
      `  -- remove Item ${item2} config our-old`,
      `  -- add Item ${item2} tags d e`,
      `  -- remove Item ${item2} tags a`,
      String.raw`  -- set Site ${site1} 'note="it'\''s"'`,
      `  -- add Site ${site1} friends ${item1}`,
      `  -- add Site ${site1} items ${item1} ${item2}`,
      `  -- remove Site ${site1} spare_items ${item2}`,
      `  -- destroy Anchor ${anchor4}\n`,
    ].join(' \\\n'),
  );
});

test('formatNbctl makes a row of a non-root table let go of what is destroyed: it is collected too late', () => {
  const child = desiredRow('Item', 1, { anchor: anchor4 });
  const site = desiredRow('Site', 1, {});
  const before = [
    { ...site, columns: { ...site.columns, items: [item1] } },
    child,
    desiredRow('Anchor', 4, {}),
  ];
  const { changes } = plan({ unit: 'a', rows: [] }, worldOf(before).current, worldPolicy);
  expect(formatNbctl(changes, worldSchema, 'ctl').split(' \\\n')).toEqual([
    'ctl',
    `  remove Item ${item1} anchor ${anchor4}`,
    `  -- destroy Anchor ${anchor4}`,
    `  -- destroy Site ${site1}\n`,
  ]);
});

test('toJson says everything, and survives a round trip', () => {
  const json = toJson(everything());
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
  expect(json.unit).toBe('a');
  expect(json.rows.map(({ op, label, source }) => [op, label, source])).toEqual([
    ['insert', 'item-1', 'Thing/item-1'],
    ['update', 'item-2', 'Thing/item-2'],
    ['update', 'site-1', 'Thing/site-1'],
    ['delete', 'anchor-4', 'Thing/anchor-4'],
  ]);
  expect(json.rows[1]?.columns).toEqual({
    config: { put: { 'our-new': 'x y' }, delete: ['our-old'], before: { 'our-old': '1' } },
    tags: { insert: ['d', 'e'], delete: ['a'] },
  });
  expect(json.rows[2]?.columns['note']).toEqual({ before: 'it is', after: "it's" });
  expect(json.links.map(({ op, column, child }) => [op, column, child])).toEqual([
    ['attach', 'items', item1],
    ['attach', 'items', item2],
    ['detach', 'spare_items', item2],
  ]);
});

describe('nothing to change', () => {
  const nothing: ChangeSet = { unit: 'a', inserts: [], updates: [], deletes: [], attach: [], detach: [] };
  test('is no text and no command', () => {
    expect(formatText([nothing])).toBe('');
    expect(formatNbctl(nothing, worldSchema, 'ctl')).toBe('');
  });
});
