// A small database of its own for tests of the planner, with every kind of column and reference, and no OVN in it.
import { parseDatabaseSchema } from '../../src/ovsdb/schema.ts';
import type { AtomMap, ColumnValues, Row, Value } from '../../src/ovsdb/value.ts';
import { currentFromReplica, planIndexes } from '../../src/plan/current-rows.ts';
import type { CurrentRows } from '../../src/plan/current-rows.ts';
import type { DesiredRow } from '../../src/plan/desired.ts';
import type { OwnershipPolicy } from '../../src/plan/ownership-policy.ts';
import { MemoryDatabase } from './memory-database.ts';

const map = { key: 'string', value: 'string', min: 0, max: 'unlimited' };
const set = (key: unknown, min = 0): unknown => ({ key, min, max: 'unlimited' });
const reference = (refTable: string, refType: string): unknown => ({ type: 'uuid', refTable, refType });
const optional = (key: unknown): unknown => ({ key, min: 0, max: 1 });
const columns = (types: Readonly<Record<string, unknown>>): unknown => ({
  columns: Object.fromEntries(
    Object.entries({ ...types, marks: map }).map(([name, type]) => [name, { type }]),
  ),
});

/** `Site` holds `Item`s; `friends` are weak, `anchors` strong references to root rows. */
export const worldSchema = parseDatabaseSchema({
  name: 'World',
  version: '1.0.0',
  tables: {
    Anchor: { ...(columns({ name: 'string' }) as object), isRoot: true, indexes: [['name']] },
    Item: {
      ...(columns({
        name: 'string',
        tags: set('string', 1),
        config: map,
        buddy: optional(reference('Item', 'weak')),
        anchor: optional(reference('Anchor', 'strong')),
      }) as object),
      indexes: [['name']],
    },
    Site: {
      ...(columns({
        name: 'string',
        note: optional('string'),
        config: map,
        items: set(reference('Item', 'strong')),
        spare_items: set(reference('Item', 'strong')),
        friends: set(reference('Item', 'weak')),
        anchors: set(reference('Anchor', 'strong')),
      }) as object),
      isRoot: true,
    },
  },
});

export const worldTables = ['Anchor', 'Item', 'Site'] as const;
export type WorldTable = (typeof worldTables)[number];

/** Uuids of this world begin with eight zeros, no other text does. */
export const isUuid = (value: Value): value is string =>
  typeof value === 'string' && value.startsWith('00000000-');

const markOf = (row: Row, key: string): string | undefined => {
  const value = (row['marks'] as AtomMap | undefined)?.[key];
  return typeof value === 'string' ? value : undefined;
};

/** Rows are ours when `marks` says `owner=us`; keys that begin with `our-` are ours, and the marks themselves. */
export const worldPolicy: OwnershipPolicy = {
  schema: worldSchema,
  unitOf: (_table, row) => (markOf(row, 'owner') === 'us' ? markOf(row, 'unit') : undefined),
  idOf: (_table, row) => markOf(row, 'id') ?? '',
  sourceOf: (_table, row) => markOf(row, 'source') ?? '',
  ownsKey: (_table, column, key) =>
    column === 'marks' ? ['owner', 'unit', 'id', 'source'].includes(key) : key.startsWith('our-'),
  uniqueColumns: () => [['name']],
};

/** A readable uuid: `uuidOf('Item', 7)` → `…-000100000007`. */
export function uuidOf(table: WorldTable, number: number): string {
  const serial = `${worldTables.indexOf(table)}${String(number).padStart(8, '0')}`;
  return `00000000-0000-4000-8000-${serial.padStart(12, '0')}`;
}

const marksOf = (unit: string, id: string): AtomMap => ({
  owner: 'us',
  unit,
  id,
  source: `Thing/${id}`,
});

/** A desired row of `unit` with all columns. */
export function desiredRow(
  table: WorldTable,
  number: number,
  values: ColumnValues,
  extra: Partial<DesiredRow> & { readonly unit?: string } = {},
): DesiredRow {
  const id = `${table.toLowerCase()}-${number}`;
  const { unit = 'a', ...rest } = extra;
  const full: Record<string, Value> = {
    ...{
      Anchor: {},
      Item: { tags: ['t'], config: {}, buddy: undefined, anchor: undefined },
      Site: { note: undefined, config: {}, friends: [], anchors: [] },
    }[table],
    name: id,
    ...values,
    marks: { ...(values['marks'] as AtomMap | undefined), ...marksOf(unit, id) },
  };
  return { table, uuid: uuidOf(table, number), columns: full, source: `Thing/${id}`, id, ...rest };
}

export interface World {
  readonly database: MemoryDatabase;
  readonly current: CurrentRows;
}

/** A database with these rows; `_uuid`s are given, columns left out are empty. */
export function worldOf(
  rows: readonly { readonly table: string; readonly uuid: string; readonly columns: ColumnValues }[],
): World {
  const database = new MemoryDatabase(worldSchema, planIndexes(worldTables, worldPolicy));
  database.transact(rows.map(({ table, uuid, columns }) => ({ op: 'insert', table, uuid, row: columns })));
  return { database, current: currentFromReplica(database, worldTables, worldPolicy) };
}
