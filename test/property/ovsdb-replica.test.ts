// Laws of the replica: following any stream of updates gives what a fresh dump gives, indexes included.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sortBy } from '../../src/base/order.ts';
import { parseExactJson } from '../../src/ovsdb/exact-json.ts';
import { Replica } from '../../src/ovsdb/replica.ts';
import type { IndexSpec, Referrer, RowChange } from '../../src/ovsdb/replica-view.ts';
import { intersectColumns } from '../../src/ovsdb/schema.ts';
import type { DatabaseSchema } from '../../src/ovsdb/schema.ts';
import type { Row, Value } from '../../src/ovsdb/value.ts';
import { arbitrarySchema, arbitraryValue } from '../support/arbitrary-schema.ts';
import { uuid } from '../support/every-type.ts';
import { writableInteger } from '../support/raw-json.ts';
import { dumpOf, updateOf } from '../support/table-updates.ts';
import type { Contents, PlainRow } from '../support/table-updates.ts';

interface World {
  readonly schema: DatabaseSchema;
  /** Contents after each step; the first is the dump. */
  readonly history: readonly Contents[];
}

/** Few uuids, so that rows are changed, deleted and refer to each other often. */
const uuids = Array.from({ length: 12 }, (_, i) => uuid(i));
const arbitraryRowUuid = fc.constantFrom(...uuids);

/** References mostly hit rows; all else is arbitrary. */
function arbitraryRow(schema: DatabaseSchema, table: string): fc.Arbitrary<PlainRow> {
  const columns = [...schema.tables.get(table)!.columns.values()];
  return fc.record(Object.fromEntries(columns.map(({ name, type }) => [name, arbitraryValue(type)])));
}

function withNearUuids(value: Value, salt: number): Value {
  const near = (text: unknown): unknown =>
    typeof text === 'string' && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text)
      ? uuids[(Number.parseInt(text.slice(0, 8), 16) + salt) % uuids.length]
      : text;
  if (Array.isArray(value)) return sortBy(new Set(value.map(near)), String) as Value;
  return near(value) as Value;
}

const arbitraryWorld: fc.Arbitrary<World> = arbitrarySchema.chain((schema) => {
  const action = fc.constantFrom(...schema.tables.keys()).chain((table) =>
    fc.record({
      table: fc.constant(table),
      uuid: arbitraryRowUuid,
      row: fc.option(arbitraryRow(schema, table), { nil: undefined, freq: 4 }),
      kept: fc.array(fc.constantFrom(...schema.tables.get(table)!.columns.keys())),
    }),
  );
  return fc.array(fc.array(action, { maxLength: 8 }), { minLength: 1, maxLength: 8 }).map((steps) => {
    let contents: Contents = {};
    const history = steps.map((actions) => {
      for (const { table, uuid, row, kept } of actions)
        contents = put(schema, contents, table, uuid, row, kept);
      return contents;
    });
    return { schema, history };
  });
});

function put(
  schema: DatabaseSchema,
  contents: Contents,
  table: string,
  key: string,
  row: PlainRow | undefined,
  kept: readonly string[],
): Contents {
  const { [key]: old, ...others } = contents[table] ?? {};
  if (row === undefined) return { ...contents, [table]: others };
  const columns = [...schema.tables.get(table)!.columns.values()].map(({ name, type }) => {
    const isSetOfUuids = type.key.type === 'uuid' && type.value === undefined;
    const fresh = isSetOfUuids ? withNearUuids(row[name], 0) : row[name];
    return [name, old !== undefined && kept.includes(name) ? old[name] : fresh] as const;
  });
  return { ...contents, [table]: { ...others, [key]: Object.fromEntries(columns) } };
}

/** One index per table: rows under the text of their first column, empty sets and the like not at all. */
function indexesOf(schema: DatabaseSchema): IndexSpec[] {
  return [...schema.tables.keys()].map((table) => ({ name: `by ${table}`, table, key: keyOf }));
}

function keyOf(row: Row): string | undefined {
  const value = row['c0'];
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return undefined;
  return typeof value === 'object'
    ? JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v))
    : typeof value;
}

function newReplica(schema: DatabaseSchema): Replica {
  const wanted = Object.fromEntries([...schema.tables.keys()].map((table) => [table, 'all' as const]));
  return new Replica(schema, intersectColumns(wanted, schema).monitored, indexesOf(schema));
}

const received = (message: object): unknown =>
  parseExactJson(JSON.stringify(message, (_, each: unknown) => writableInteger(each)));

/** A replica that was given the first contents as a dump and all others as updates. */
function follow({ schema, history }: World): { replica: Replica; changes: (readonly RowChange[])[] } {
  const replica = newReplica(schema);
  const [first = {}, ...rest] = history;
  const changes = [replica.load(received(dumpOf(schema, first)))];
  let before = first;
  for (const after of rest) {
    changes.push(replica.apply(received(updateOf(schema, before, after))));
    before = after;
  }
  return { replica, changes };
}

/** Order of rows in a table means nothing. */
function contentsOf(schema: DatabaseSchema, replica: Replica): Record<string, Record<string, Row>> {
  const tables = [...schema.tables.keys()];
  return Object.fromEntries(tables.map((table) => [table, Object.fromEntries(replica.rows(table))]));
}

function scanReferrers(schema: DatabaseSchema, replica: Replica, target: string): Referrer[] {
  return [...schema.tables.values()].flatMap((table) =>
    [...replica.rows(table.name).values()].flatMap((row) =>
      [...table.columns.values()]
        .filter(({ name, type }) => {
          const value = row[name];
          const isMap = typeof value === 'object' && !Array.isArray(value);
          const keys = isMap ? Object.keys(value) : Array.isArray(value) ? value : [value];
          const values = isMap ? Object.values(value) : [];
          return (
            (type.key.refTable !== undefined && keys.includes(target)) ||
            (type.value?.refTable !== undefined && values.includes(target))
          );
        })
        .map(({ name }) => ({ table: table.name, uuid: row._uuid, column: name })),
    ),
  );
}

const names = (referrers: readonly Referrer[]): string[] =>
  referrers.map(({ table, uuid, column }) => `${table} ${uuid} ${column}`).toSorted();

const uuidsOf = (changes: readonly RowChange[] = []): string[] => changes.map(({ uuid }) => uuid).toSorted();

function expectIndexesEqualScan(schema: DatabaseSchema, replica: Replica): void {
  for (const target of uuids) {
    expect(names(replica.referrers(target))).toEqual(names(scanReferrers(schema, replica, target)));
  }
  for (const { name, table, key } of indexesOf(schema)) {
    const rows = [...replica.rows(table).values()];
    for (const wanted of new Set(rows.map(key))) {
      if (wanted === undefined) continue;
      const scanned = rows.filter((row) => key(row) === wanted).map((row) => row._uuid);
      expect(
        replica
          .find(name, wanted)
          .map((row) => row._uuid)
          .toSorted(),
      ).toEqual(scanned.toSorted());
    }
    expect(replica.find(name, 'no such key')).toEqual([]);
  }
}

describe('replica', () => {
  test('following updates gives what a fresh dump gives', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const fresh = newReplica(world.schema);
        fresh.load(received(dumpOf(world.schema, world.history.at(-1)!)));
        const { replica } = follow(world);
        expect(contentsOf(world.schema, replica)).toStrictEqual(contentsOf(world.schema, fresh));
      }),
      { numRuns: 500 },
    );
  });

  test('holds the very values that the server holds', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { replica } = follow(world);
        for (const table of world.schema.tables.keys()) {
          const expected = Object.entries(world.history.at(-1)![table] ?? {});
          expect(Object.fromEntries(replica.rows(table))).toStrictEqual(
            Object.fromEntries(expected.map(([_uuid, row]) => [_uuid, { _uuid, ...row }])),
          );
        }
      }),
    );
  });

  test('a dump taken later gives what following gives, and says the same difference', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { schema, history } = world;
        const last = received(dumpOf(schema, history.at(-1)!));
        const jumped = newReplica(schema);
        jumped.load(received(dumpOf(schema, history[0]!)));
        const jump = jumped.load(last);
        const { replica, changes } = follow({ schema, history: [history[0]!, history.at(-1)!] });
        expect(contentsOf(schema, jumped)).toStrictEqual(contentsOf(schema, replica));
        expectIndexesEqualScan(schema, jumped);
        expect(uuidsOf(jump)).toEqual(uuidsOf(changes[1]));
        expect(jumped.load(last)).toEqual([]);
      }),
    );
  });

  test('the changes lead from each state to the next, and only changed rows are new objects', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        const { replica, changes } = follow(world);
        const rebuilt = new Map<string, Row>();
        for (const { table, uuid, before, after } of changes.flat()) {
          const key = `${table} ${uuid}`;
          expect(rebuilt.get(key)).toBe(before);
          expect(after).not.toBe(before);
          if (after === undefined) rebuilt.delete(key);
          else rebuilt.set(key, after);
        }
        for (const [key, row] of rebuilt) {
          const [table = '', uuid = ''] = key.split(' ');
          expect(replica.row(table, uuid)).toBe(row);
        }
        const held = [...world.schema.tables.keys()].map((table) => replica.rows(table).size);
        expect(rebuilt.size).toBe(held.reduce((sum, size) => sum + size, 0));
      }),
    );
  });

  test('indexes equal a naive scan', () => {
    fc.assert(
      fc.property(arbitraryWorld, (world) => {
        expectIndexesEqualScan(world.schema, follow(world).replica);
      }),
      { numRuns: 500 },
    );
  });

  test('an update that does not fit changes nothing', () => {
    fc.assert(
      fc.property(arbitraryWorld, arbitraryRowUuid, (world, key) => {
        const { schema, history } = world;
        const { replica } = follow(world);
        const before = contentsOf(schema, replica);
        const table = schema.tables.keys().next().value!;
        const next = received(updateOf(schema, history.at(-1)!, {})) as Record<
          string,
          Record<string, unknown>
        >;
        const isKnown = replica.row(table, key) !== undefined;
        const impossible = { ...next[table], [key]: isKnown ? { insert: {} } : { modify: {} } };
        expect(() => replica.apply({ ...next, [table]: impossible })).toThrow(
          expect.objectContaining({ code: 'OVSDB_DESYNC', retryable: true }),
        );
        expect(contentsOf(schema, replica)).toStrictEqual(before);
        expectIndexesEqualScan(schema, replica);
      }),
    );
  });
});
