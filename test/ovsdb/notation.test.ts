// The notation against a real server: it gives back what was sent, and refuses what encode refuses.
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CodedError } from '../../src/base/errors.ts';
import { Database } from '../../src/ovsdb/database.ts';
import { encodeOperation } from '../../src/ovsdb/notation/encode.ts';
import type { Condition, Mutation, Operation } from '../../src/ovsdb/operation.ts';
import { defaultValue } from '../../src/ovsdb/schema.ts';
import type { ColumnSchema } from '../../src/ovsdb/schema.ts';
import type { ColumnValues, Row, Value } from '../../src/ovsdb/value.ts';
import { arbitraryValue, atomMap } from '../support/arbitrary-schema.ts';
import { writableInteger } from '../support/raw-json.ts';
import { everyType, everyTypeFile, thing, typeOf, uuid } from '../support/every-type.ts';
import {
  costlyValues,
  refusedConditions,
  refusedMutations,
  refusedValues,
} from '../support/refused-values.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import type { OvsdbServer } from '../support/ovsdb-server.ts';
import { connectRaw } from '../support/raw-client.ts';
import type { RawClient } from '../support/raw-client.ts';

let server: OvsdbServer;
let raw: RawClient;
let database: Database;
const connect = async (): Promise<Database> =>
  Database.connect({ remote: server.remote, database: 'Every_Type', monitor: { Thing: 'all', Part: 'all' } });
beforeAll(async () => {
  server = await startOvsdbServer({ schemaFile: everyTypeFile });
  raw = await connectRaw(server.remote, 'Every_Type');
  database = await connect();
});
afterAll(async () => {
  await raw[Symbol.asyncDispose]();
  await database.close();
  await server.stop();
});
beforeEach(async () => {
  await database.transact([{ op: 'delete', table: 'Thing', where: [] }]);
});

const things = Array.from({ length: 4 }, (_, i) => uuid(i + 1));
const parts = Array.from({ length: 3 }, (_, i) => uuid(0x100 + i));

/** References lead to rows that exist in the same transaction; all else is as arbitrary as the type allows. */
function arbitraryColumn({ name, type }: ColumnSchema): fc.Arbitrary<Value> {
  const part = fc.constantFrom(...parts);
  if (name === 'parts') return fc.constantFrom<Value>([], [parts[0]!], [parts[0]!, parts[2]!], parts);
  if (name === 'part') return fc.option(part, { nil: undefined });
  if (name === 'named_parts')
    return fc.dictionary(fc.string(), part, { maxKeys: 4 }).map((map) => atomMap(Object.entries(map)));
  if (name === 'friends') return fc.subarray(things);
  if (name === 'weights')
    return fc.dictionary(fc.constantFrom(...things), fc.integer()).map((map) => atomMap(Object.entries(map)));
  return arbitraryValue(type);
}

const columns = [...thing.columns.values()].filter(({ name }) => name !== 'serial');
const arbitraryThing: fc.Arbitrary<ColumnValues> = fc.record(
  Object.fromEntries(columns.map((column) => [column.name, arbitraryColumn(column)])),
  { requiredKeys: [] },
);
const isUuid = (key: string): readonly Condition[] => [['_uuid', '==', key]];

function filledIn(key: string, values: ColumnValues): Row {
  const defaults = [...thing.columns.values()].map(({ name, type }) => [name, defaultValue(type)]);
  return { _uuid: key, ...Object.fromEntries(defaults), serial: key, ...values };
}

/** Rows of `Part` stay only while something refers to them, so each transaction brings them along. */
const holder = uuid(0xff);
const partsAndHolder: readonly Operation[] = [
  ...parts.map((key): Operation => ({ op: 'insert', table: 'Part', uuid: key, row: { name: key } })),
  {
    op: 'insert',
    table: 'Thing',
    uuid: holder,
    row: { serial: 'holder', parts, an_integer: 1, a_string: 'holder' },
  },
];

async function emptyThings(): Promise<void> {
  await database.transact([{ op: 'delete', table: 'Thing', where: [] }]);
}

async function selectThings(): Promise<ReadonlyMap<string, Row>> {
  const [result] = await database.transact([
    { op: 'select', table: 'Thing', where: [['_uuid', '!=', holder]] },
  ]);
  return new Map(result?.rows?.map((row) => [row._uuid, row]));
}

function heldThings(of: Database): ReadonlyMap<string, Row> {
  return new Map([...of.replica.rows('Thing')].filter(([key]) => key !== holder));
}

const bySelection = (rows: ReadonlyMap<string, Row>): object => Object.fromEntries(rows);

describe('what is sent comes back the same', () => {
  const rows = fc.array(arbitraryThing, { minLength: 1, maxLength: things.length });

  test('by select, by an update and by a fresh dump, after an insert', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (values) => {
        await emptyThings();
        // Both columns are a unique index together.
        const unique = values.map((row, i) => ({ ...row, a_string: `${i}`, serial: things[i]! }));
        const existing = new Set(things.slice(0, values.length));
        const rowsToInsert = unique.map((row) => withoutDangling(row, existing));
        const inserts = rowsToInsert.map((row, i): Operation => ({
          op: 'insert',
          table: 'Thing',
          uuid: things[i]!,
          row,
        }));
        await database.transact([...partsAndHolder, ...inserts]);
        const expected = Object.fromEntries(
          rowsToInsert.map((row, i) => [things[i]!, filledIn(things[i]!, row)]),
        );
        expect(bySelection(await selectThings())).toStrictEqual(expected);
        expect(bySelection(heldThings(database))).toStrictEqual(expected);
        await using fresh = await connect();
        expect(bySelection(heldThings(fresh))).toStrictEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('by select and by an update, after update upon update', async () => {
    const row = { serial: things[0]!, a_string: 'x' };
    await database.transact([...partsAndHolder, { op: 'insert', table: 'Thing', uuid: things[0]!, row }]);
    let expected = filledIn(things[0]!, row);
    await fc.assert(
      fc.asyncProperty(arbitraryThing, async (values) => {
        const change = withoutDangling(values, new Set([things[0]!]));
        const where = isUuid(things[0]!);
        const [{ count } = {}] = await database.transact([
          { op: 'update', table: 'Thing', where, row: change },
        ]);
        expect(count).toBe(1);
        expected = { ...expected, ...change };
        expect(database.replica.row('Thing', things[0]!)).toStrictEqual(expected);
        expect((await selectThings()).get(things[0]!)).toStrictEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test('a condition and a wait on a value that was read hold', async () => {
    await database.transact(partsAndHolder);
    // Reals are printed with 15 digits and compared with all (they are generated with 15 here), so even they hold.
    await fc.assert(
      fc.asyncProperty(arbitraryThing, async (values) => {
        const row = { ...withoutDangling(values, new Set([things[0]!])), serial: 's', a_string: 'x' };
        const names = Object.keys(row);
        const where: readonly Condition[] = names.map((name) => [
          name,
          '==',
          filledIn(things[0]!, row)[name],
        ]);
        const insert: Operation = { op: 'insert', table: 'Thing', uuid: things[0]!, row };
        const wait: Operation = {
          op: 'wait',
          table: 'Thing',
          where: isUuid(things[0]!),
          columns: names,
          until: '==',
          rows: [row],
          timeoutMs: 0,
        };
        const [, , { count } = {}] = await database.transact([
          insert,
          wait,
          { op: 'delete', table: 'Thing', where },
        ]);
        expect(count).toBe(1);
      }),
      { numRuns: 100 },
    );
  });
});

/** Weak references to rows that are not there vanish at commit. */
function withoutDangling(row: ColumnValues, existing: ReadonlySet<string>): ColumnValues {
  const { friends, weights } = row;
  return {
    ...row,
    ...(Array.isArray(friends) && { friends: friends.filter((key) => existing.has(key)) }),
    ...(weights !== undefined && {
      weights: atomMap(Object.entries(weights).filter(([key]) => existing.has(key))),
    }),
  };
}

/** A value as it would be sent if nobody looked at it. */
function unchecked(column: string, value: unknown): unknown {
  const { key, value: mapValue } = typeOf(column);
  const atom = (type: string, each: unknown): unknown => {
    if (type === 'uuid') return ['uuid', each];
    return writableInteger(each);
  };
  if (value === undefined) return ['set', []];
  if (Array.isArray(value)) return ['set', value.map((each) => atom(key.type, each))];
  if (typeof value !== 'object' || value === null) return atom(key.type, value);
  return [
    'map',
    Object.entries(value).map(([k, v]) => [
      atom(key.type, key.type === 'integer' ? Number(k) : k),
      atom(mapValue!.type, v),
    ]),
  ];
}

describe('what the server refuses is refused before it is sent', () => {
  test.each(refusedValues)('%s: %o', async (column, value) => {
    const update = { op: 'update', table: 'Thing', where: [], row: { [column]: value as Value } } as const;
    expect(() => encodeOperation(update, everyType)).toThrow(CodedError);
    await database.transact([{ op: 'insert', table: 'Thing', row: { serial: 's' } }]);
    const [answer] = await raw.transact({ ...update, row: { [column]: unchecked(column, value) } });
    expect(answer).toHaveProperty('error');
  });

  test.each(costlyValues)('at the price of the connection: %s: %o', async (column, value) => {
    const update = { op: 'update', table: 'Thing', where: [], row: { [column]: value as Value } } as const;
    expect(() => encodeOperation(update, everyType)).toThrow(
      expect.objectContaining({ code: 'OVSDB_INVALID_VALUE' }),
    );
    const victim = await connectRaw(server.remote, 'Every_Type');
    victim.send({
      id: 0,
      method: 'transact',
      params: ['Every_Type', { ...update, row: { [column]: unchecked(column, value) } }],
    });
    await victim.closed;
  });

  test.each([Infinity, -Infinity, Number.NaN])('%d, which JSON cannot say', (number) => {
    const update = { op: 'update', table: 'Thing', where: [], row: { a_real: number } } as const;
    expect(() => encodeOperation(update, everyType)).toThrow('not a finite real');
  });

  test('a real that is finite, but not in the 15 digits that the server prints', async () => {
    const update = { op: 'update', table: 'Thing', where: [], row: { a_real: Number.MAX_VALUE } } as const;
    expect(() => encodeOperation(update, everyType)).toThrow('too large for a real');
    await database.transact([{ op: 'insert', table: 'Thing', row: { serial: 's' } }]);
    await raw.transact(update);
    const [answer] = await raw.transact({ op: 'select', table: 'Thing', where: [], columns: ['a_real'] });
    expect(answer).toEqual({ rows: [{ a_real: Infinity }] });
    await raw.transact({ ...update, row: { a_real: 0 } });
  });

  test.each(refusedConditions)('a condition with %s', async (_, condition) => {
    const select: Operation = { op: 'select', table: 'Thing', where: [condition] };
    expect(() => encodeOperation(select, everyType)).toThrow(CodedError);
    const [column, operator, value] = condition;
    const wire = thing.columns.has(column) ? unchecked(column, value) : value;
    const [answer] = await raw.transact({ op: 'select', table: 'Thing', where: [[column, operator, wire]] });
    expect(answer).toHaveProperty('error');
  });

  test.each(refusedMutations)('a mutation: %s', async (_, mutation) => {
    const mutate: Operation = { op: 'mutate', table: 'Thing', where: [], mutations: [mutation] };
    expect(() => encodeOperation(mutate, everyType)).toThrow(CodedError);
    const [column, mutator, value] = mutation;
    await database.transact([{ op: 'insert', table: 'Thing', row: { serial: 's' } }]);
    const wire = [column, mutator, unchecked(column, value)];
    const [answer] = await raw.transact({ op: 'mutate', table: 'Thing', where: [], mutations: [wire] });
    expect(answer).toHaveProperty('error');
  });
});

function mutate(mutation: Mutation): Operation {
  return { op: 'mutate', table: 'Thing', where: [], mutations: [mutation] };
}

describe('what encode lets pass, the server takes', () => {
  const accepted: readonly [what: string, operation: Operation][] = [
    ['comment', { op: 'comment', comment: 'ünïcode 😀' }],
    ['order of an optional', { op: 'select', table: 'Thing', where: [['small_integer', '<', 5]] }],
    [
      'excludes two of an optional',
      { op: 'select', table: 'Thing', where: [['small_integer', 'excludes', [1, 2]]] },
    ],
    [
      'excludes many of three',
      { op: 'select', table: 'Thing', where: [['three_strings', 'excludes', ['a', 'b', 'c', 'd']]] },
    ],
    ['includes nothing', { op: 'select', table: 'Thing', where: [['some_strings', 'includes', []]] }],
    ['includes a pair', { op: 'select', table: 'Thing', where: [['string_map', 'includes', { a: 'b' }]] }],
    ['one column of a select', { op: 'select', table: 'Thing', where: [], columns: ['a_real'] }],
    ['insert into an optional', mutate(['small_integer', 'insert', 7])],
    ['delete of two from an optional', mutate(['small_integer', 'delete', [7, 8]])],
    ['insert into a map', mutate(['string_map', 'insert', { a: 'b' }])],
    ['delete of pairs', mutate(['string_map', 'delete', { a: 'c' }])],
    ['delete of keys', mutate(['string_map', 'delete', ['a', 'b']])],
    ['delete of one key', mutate(['integer_map', 'delete', ['7']])],
    ['delete of uuid keys', mutate(['weights', 'delete', [uuid(1)]])],
    ['delete of no key', mutate(['string_map', 'delete', []])],
    ['arithmetic on an optional', mutate(['small_integer', '+=', 5000])],
    ['arithmetic on a set', mutate(['integers', '*=', 2])],
    [
      'a wait for a row by uuid',
      {
        op: 'wait',
        table: 'Thing',
        where: isUuid(uuid(9)),
        columns: ['_uuid'],
        until: '==',
        rows: [],
        timeoutMs: 0,
      },
    ],
  ];
  test.each(accepted)('%s', async (_, operation) => {
    await expect(database.transact([operation])).resolves.toHaveLength(1);
  });

  test('a select returns rows that are alike, each with its uuid', async () => {
    await database.transact([
      { op: 'insert', table: 'Thing', uuid: uuid(1), row: { serial: 'a', an_integer: 1 } },
      { op: 'insert', table: 'Thing', uuid: uuid(2), row: { serial: 'b', an_integer: 2 } },
    ]);
    const [result] = await database.transact([
      { op: 'select', table: 'Thing', where: [], columns: ['a_real'] },
    ]);
    const sorted = result?.rows?.toSorted((a, b) => (a._uuid < b._uuid ? -1 : 1));
    expect(sorted).toEqual([
      { _uuid: uuid(1), a_real: 0 },
      { _uuid: uuid(2), a_real: 0 },
    ]);
  });

  test('deleting a key and inserting it replaces its value; inserting alone does not', async () => {
    await database.transact([
      { op: 'insert', table: 'Thing', uuid: uuid(1), row: { serial: 'a', string_map: { k: 'old', l: '1' } } },
    ]);
    const change = async (...mutations: Mutation[]): Promise<Value> => {
      await database.transact([{ op: 'mutate', table: 'Thing', where: isUuid(uuid(1)), mutations }]);
      return database.replica.row('Thing', uuid(1))?.['string_map'];
    };
    expect(await change(['string_map', 'insert', { k: 'new' }])).toEqual({ k: 'old', l: '1' });
    expect(await change(['string_map', 'delete', ['k']], ['string_map', 'insert', { k: 'new' }])).toEqual({
      k: 'new',
      l: '1',
    });
  });
});
