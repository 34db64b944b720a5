// Random databases and random wishes for the planner, over the schema of plan-world.ts.
import fc from 'fast-check';
import type { Atom, ColumnValues, Value } from '../../src/ovsdb/value.ts';
import type { Referrer } from '../../src/ovsdb/replica-view.ts';
import type { DesiredRow } from '../../src/plan/desired.ts';
import type { MemoryDatabase } from './memory-database.ts';
import { desiredRow, isUuid, uuidOf, worldOf } from './plan-world.ts';
import type { WorldTable } from './plan-world.ts';

type Seed = {
  readonly table: WorldTable;
  readonly number: number;
  readonly columns: ColumnValues;
  readonly parents: readonly Referrer[];
};

// Numbers 0-4 are rows of unit a, 5-6 of unit b, 7-8 foreign: small enough that wishes and rows meet often.
const ownerOf = (number: number): 'a' | 'b' | 'foreign' => (number < 5 ? 'a' : number < 7 ? 'b' : 'foreign');
const number = fc.integer({ min: 0, max: 8 });
const itemUuid = number.map((n) => uuidOf('Item', n));
const anchorUuid = number.map((n) => uuidOf('Anchor', n));
const uuidSet = (uuid: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc.uniqueArray(uuid, { maxLength: 4 }).map((uuids) => uuids.toSorted());
const config = fc.dictionary(
  fc.constantFrom('our-x', 'our-y', 'foreign-x', 'foreign-y'),
  fc.constantFrom('1', '2'),
);
const ourConfig = fc.dictionary(fc.constantFrom('our-x', 'our-y'), fc.constantFrom('1', '2'));
const name = fc.constantFrom('red', 'green', 'blue', 'white', 'black', 'grey');
const tags = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1 })
  .map((t) => t.toSorted());
const optional = <T extends Value>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
const place = fc.record({
  table: fc.constant('Site'),
  uuid: number.map((n) => uuidOf('Site', n)),
  column: fc.constantFrom('items', 'spare_items'),
});

function columnsOf(table: WorldTable, map: fc.Arbitrary<Record<string, string>>): fc.Arbitrary<ColumnValues> {
  if (table === 'Anchor') return fc.record({ name });
  if (table === 'Item')
    return fc.record({ name, tags, config: map, buddy: optional(itemUuid), anchor: optional(anchorUuid) });
  return fc.record({
    name,
    note: optional(name),
    config: map,
    friends: uuidSet(itemUuid),
    anchors: uuidSet(anchorUuid),
  });
}

const seed = fc.constantFrom<WorldTable>('Anchor', 'Item', 'Site').chain((table) =>
  fc.record({
    table: fc.constant(table),
    number,
    columns: columnsOf(table, config),
    parents: fc.uniqueArray(place, { minLength: 1, maxLength: 2, selector: (p) => p.uuid }),
  }),
);
const wish = fc.constantFrom<WorldTable>('Anchor', 'Item', 'Site').chain((table) =>
  fc
    .record({
      number: fc.integer({ min: 0, max: 4 }),
      columns: columnsOf(table, ourConfig),
      parents: fc.uniqueArray(place, { minLength: 1, maxLength: 2, selector: (p) => p.uuid + p.column }),
      requires: uuidSet(fc.oneof(itemUuid, anchorUuid)),
    })
    .map(({ number, columns, parents, requires }) =>
      desiredRow(table, number, columns, {
        ...(table === 'Item' && { parents }),
        ...(requires.length < 2 && { requires }),
      }),
    ),
);
/** Desired rows of unit `a`. */
export const wishes = fc.uniqueArray(wish, { maxLength: 12, selector: (row) => row.uuid });

/** A consistent database: dangling references, orphans and names that are taken are left out. */
export const database: fc.Arbitrary<MemoryDatabase> = fc
  .uniqueArray(seed, { maxLength: 22, selector: (s) => `${s.table}${s.number}` })
  .map((seeds) => {
    const rows = seeds.filter(
      (s, i) => s.table === 'Site' || !seeds.slice(0, i).some((t) => hasSameName(s, t)),
    );
    return worldOf(rows.map((s) => seededRow(s, rows))).database;
  });

function hasSameName(a: Seed, b: Seed): boolean {
  return a.table === b.table && a.columns['name'] === b.columns['name'];
}

function seededRow(s: Seed, all: readonly Seed[]): DesiredRow {
  const row = desiredRow(s.table, s.number, s.columns, { unit: ownerOf(s.number) });
  const columns: Record<string, Value> = {};
  for (const [column, value] of Object.entries(row.columns)) columns[column] = livingPart(value, all);
  if (s.table === 'Site') {
    columns['items'] = childrenIn(row.uuid, 'items', all);
    columns['spare_items'] = childrenIn(row.uuid, 'spare_items', all);
  }
  if (ownerOf(s.number) === 'foreign') columns['marks'] = { owner: 'them' };
  return { ...row, columns };
}

function livingPart(value: Value, all: readonly Seed[]): Value {
  const isDead = (atom: Value): boolean =>
    isUuid(atom) && !all.some((s) => uuidOf(s.table, s.number) === atom);
  if (Array.isArray(value)) return (value as readonly Atom[]).filter((atom) => !isDead(atom));
  return isDead(value) ? undefined : value;
}

function childrenIn(parent: string, column: string, all: readonly Seed[]): string[] {
  return all
    .filter((s) => s.table === 'Item' && s.parents.some((p) => p.uuid === parent && p.column === column))
    .map((s) => uuidOf('Item', s.number));
}
