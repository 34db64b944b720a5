// The replica in single steps: dumps, updates, indexes, and updates that cannot be.
import { beforeEach, describe, expect, test } from 'vitest';
import { Replica } from '../../../src/ovsdb/replica.ts';
import { intersectColumns } from '../../../src/ovsdb/schema.ts';
import type { Row } from '../../../src/ovsdb/value.ts';
import { everyType, uuid } from '../../support/every-type.ts';

const columns = intersectColumns(
  {
    Thing: ['serial', 'colour', 'strings', 'string_map', 'parts', 'friends', 'named_parts', 'needed_pair'],
    Part: 'all',
  },
  everyType,
).monitored;
const bySerial = ({ serial }: Row): string | undefined =>
  typeof serial === 'string' && serial !== '' ? serial : undefined;
const ref = (number: number): unknown => ['uuid', uuid(number)];

let replica: Replica;
beforeEach(() => {
  replica = new Replica(everyType, columns, [
    { name: 'serial', table: 'Thing', key: bySerial },
    { name: 'nowhere', table: 'Elsewhere', key: () => 'x' },
  ]);
  replica.load({
    Thing: { [uuid(1)]: { initial: { serial: 'a', parts: ['set', [ref(8), ref(9)]] } } },
    Part: { [uuid(8)]: { initial: { name: 'p8' } }, [uuid(9)]: { initial: {} } },
  });
});
const thing = (number: number): Row | undefined => replica.row('Thing', uuid(number));

describe('load', () => {
  test('fills in what a dump leaves out', () => {
    expect(replica.row('Part', uuid(9))).toStrictEqual({ _uuid: uuid(9), name: '', subparts: [] });
    expect(thing(1)).toMatchObject({ colour: undefined, strings: [], parts: [uuid(8), uuid(9)] });
    expect(thing(1)).toHaveProperty('needed_pair', expect.objectContaining({ '': 0 }));
    expect(Object.keys(thing(1)!)).toEqual(['_uuid', ...columns['Thing']!]);
  });

  test('the first time everything is new', () => {
    const fresh = new Replica(everyType, columns, []);
    const changes = fresh.load({ Part: { [uuid(8)]: { initial: { name: 'p8' } } } });
    expect(changes).toEqual([
      {
        table: 'Part',
        uuid: uuid(8),
        before: undefined,
        after: { _uuid: uuid(8), name: 'p8', subparts: [] },
      },
    ]);
  });

  test('a second dump gives the difference; rows that are the same stay the same objects', () => {
    const [part8, before] = [replica.row('Part', uuid(8)), thing(1)];
    const changes = replica.load({
      Thing: { [uuid(1)]: { initial: { serial: 'b', parts: ref(8) } } },
      Part: { [uuid(8)]: { initial: { name: 'p8' } }, [uuid(7)]: { insert: {} } },
    });
    expect(
      changes.map(({ table, uuid, before, after }) => [table, uuid, before && 'was', after && 'is']),
    ).toEqual([
      ['Thing', uuid(1), 'was', 'is'],
      ['Part', uuid(7), undefined, 'is'],
      ['Part', uuid(9), 'was', undefined],
    ]);
    expect(changes[0]).toMatchObject({ before: { serial: 'a' }, after: { serial: 'b' } });
    expect(changes[0]?.before).toBe(before);
    expect(replica.row('Part', uuid(8))).toBe(part8);
    expect(replica.referrers(uuid(9))).toEqual([]);
    expect(replica.find('serial', 'a')).toEqual([]);
  });

  test('a dump has no modify', () => {
    expect(() => replica.load({ Part: { [uuid(8)]: { modify: {} } } })).toThrow(/modify in a full dump/);
  });
});

describe('apply', () => {
  test('insert, modify and delete', () => {
    const before = thing(1);
    const changes = replica.apply({
      Thing: {
        [uuid(1)]: { modify: { colour: 'red', strings: 'x' } },
        [uuid(2)]: { insert: { serial: 'b' } },
      },
      Part: { [uuid(9)]: { delete: null } },
    });
    expect(changes).toHaveLength(3);
    expect(before).toMatchObject({ colour: undefined, strings: [] });
    expect(thing(1)).toMatchObject({ serial: 'a', colour: 'red', strings: ['x'] });
    expect(thing(2)).toMatchObject({ serial: 'b', colour: undefined });
    expect(replica.row('Part', uuid(9))).toBeUndefined();
  });

  test('modify is a difference for sets and maps, a value for all else', () => {
    const modify = (row: object): Row | undefined => {
      replica.apply({ Thing: { [uuid(1)]: { modify: row } } });
      return thing(1);
    };
    expect(modify({ strings: ['set', ['a', 'b']] })).toMatchObject({ strings: ['a', 'b'] });
    expect(modify({ strings: ['set', ['b', 'c']] })).toMatchObject({ strings: ['a', 'c'] });
    expect(modify({ strings: 'B' })).toMatchObject({ strings: ['B', 'a', 'c'] });
    expect(
      modify({
        string_map: [
          'map',
          [
            ['k', '1'],
            ['l', '2'],
          ],
        ],
      }),
    ).toMatchObject({ string_map: { k: '1', l: '2' } });
    expect(
      modify({
        string_map: [
          'map',
          [
            ['k', '9'],
            ['l', '2'],
            ['m', '3'],
          ],
        ],
      })?.['string_map'],
    ).toEqual({ k: '9', m: '3' });
    expect(modify({ colour: 'red' })).toMatchObject({ colour: 'red' });
    expect(modify({ colour: ['set', []] })).toMatchObject({ colour: undefined });
  });

  test('a modify that changes nothing is no change', () => {
    const before = thing(1);
    expect(
      replica.apply({ Thing: { [uuid(1)]: { modify: { serial: 'a', strings: ['set', []] } } } }),
    ).toEqual([]);
    expect(thing(1)).toBe(before);
  });

  const impossible: readonly [what: string, update: unknown, code: string][] = [
    ['modify of an unknown row', { Part: { [uuid(5)]: { modify: { name: 'x' } } } }, 'OVSDB_DESYNC'],
    ['delete of an unknown row', { Part: { [uuid(5)]: { delete: null } } }, 'OVSDB_DESYNC'],
    ['insert of a known row', { Part: { [uuid(8)]: { insert: { name: 'x' } } } }, 'OVSDB_DESYNC'],
    ['initial of a known row', { Part: { [uuid(8)]: { initial: { name: 'x' } } } }, 'OVSDB_DESYNC'],
    ['a table that is not monitored', { Nothing: { [uuid(5)]: { insert: {} } } }, 'OVSDB_UNKNOWN_TABLE'],
    [
      'a column that is not monitored',
      { Thing: { [uuid(5)]: { insert: { a_real: 1 } } } },
      'OVSDB_UNKNOWN_COLUMN',
    ],
    ['a value of another type', { Part: { [uuid(5)]: { insert: { name: 5 } } } }, 'OVSDB_MALFORMED_VALUE'],
    ['a row update of another kind', { Part: { [uuid(5)]: { old: {} } } }, 'OVSDB_MALFORMED_UPDATE'],
    ['rows that are no object', { Part: [] }, 'OVSDB_MALFORMED_UPDATE'],
    ['no object at all', null, 'OVSDB_MALFORMED_UPDATE'],
  ];
  test.each(impossible)('%s: nothing is changed, also not by what came before it', (_, update, code) => {
    const [before, parts] = [thing(1), replica.rows('Part').size];
    const whole =
      update === null ? null : { Thing: { [uuid(1)]: { modify: { serial: 'z' } } }, ...(update as object) };
    expect(() => replica.apply(whole)).toThrow(expect.objectContaining({ code }));
    expect(thing(1)).toBe(before);
    expect(replica.rows('Part').size).toBe(parts);
    expect(replica.find('serial', 'a')).toHaveLength(1);
  });

  test('the message names table and column of a bad value', () => {
    expect(() => replica.apply({ Part: { [uuid(5)]: { insert: { name: 5 } } } })).toThrow(
      'Part.name: expected string, got 5',
    );
  });
});

describe('reads', () => {
  test('a table that is not monitored is empty', () => {
    expect(replica.rows('Nothing').size).toBe(0);
    expect(replica.row('Nothing', uuid(1))).toBeUndefined();
    expect(replica.find('nowhere', 'x')).toEqual([]);
  });

  test('an index that does not exist', () => {
    expect(() => replica.find('colour', 'x')).toThrow(
      expect.objectContaining({ code: 'OVSDB_UNKNOWN_INDEX' }),
    );
  });

  test('several rows under one key, and none when it has gone', () => {
    const inserts = [2, 3].map((number) => [uuid(number), { insert: { serial: 'a' } }]);
    replica.apply({ Thing: Object.fromEntries(inserts) as object });
    const found = (): unknown[] =>
      replica
        .find('serial', 'a')
        .map((row) => row._uuid)
        .toSorted();
    expect(found()).toEqual([uuid(1), uuid(2), uuid(3)]);
    replica.apply({ Thing: { [uuid(1)]: { modify: { serial: '' } }, [uuid(2)]: { delete: null } } });
    expect(found()).toEqual([uuid(3)]);
    replica.apply({ Thing: { [uuid(3)]: { delete: null } } });
    expect(found()).toEqual([]);
  });
});

test('many rows under one key come and go', () => {
  const all = Array.from({ length: 150 }, (_, i) => uuid(0x100 + i));
  replica.apply({ Thing: Object.fromEntries(all.map((key) => [key, { insert: { serial: 'b' } }])) });
  expect(
    replica
      .find('serial', 'b')
      .map((row) => row._uuid)
      .toSorted(),
  ).toEqual(all);
  for (const [i, key] of all.entries()) {
    replica.apply({ Thing: { [key]: { delete: null } } });
    expect(replica.find('serial', 'b')).toHaveLength(all.length - 1 - i);
  }
});

describe('referrers', () => {
  const referrers = (number: number): string[] =>
    replica
      .referrers(uuid(number))
      .map(({ table, uuid, column }) => `${table} ${uuid.slice(-1)} ${column}`)
      .toSorted();

  test('strong and weak, in sets and in maps, of rows that are there or not', () => {
    replica.apply({
      Thing: {
        [uuid(1)]: {
          modify: {
            named_parts: [
              'map',
              [
                ['x', ref(8)],
                ['y', ref(8)],
              ],
            ],
            friends: ref(1),
          },
        },
        [uuid(2)]: { insert: { parts: ref(8), friends: ['set', [ref(1), ref(0xd)]] } },
      },
      Part: { [uuid(8)]: { modify: { subparts: ref(9) } } },
    });
    expect(referrers(8)).toEqual(['Thing 1 named_parts', 'Thing 1 parts', 'Thing 2 parts']);
    expect(referrers(9)).toEqual(['Part 8 subparts', 'Thing 1 parts']);
    expect(referrers(1)).toEqual(['Thing 1 friends', 'Thing 2 friends']);
    expect(referrers(0xd)).toEqual(['Thing 2 friends']);
    replica.apply({
      Thing: { [uuid(1)]: { modify: { parts: ref(8), named_parts: ['map', [['x', ref(8)]]] } } },
    });
    expect(referrers(8)).toEqual(['Thing 1 named_parts', 'Thing 2 parts']);
    replica.apply({ Thing: { [uuid(1)]: { delete: null }, [uuid(2)]: { delete: null } } });
    expect([8, 1, 0xd].flatMap(referrers)).toEqual([]);
  });

  test('many of one row come and go', () => {
    const all = Array.from({ length: 40 }, (_, i) => uuid(0x100 + i));
    replica.apply({
      Thing: Object.fromEntries(all.map((key) => [key, { insert: { parts: ref(9), friends: ref(9) } }])),
    });
    expect(replica.referrers(uuid(9))).toHaveLength(81);
    for (const [i, key] of all.entries()) {
      replica.apply({ Thing: { [key]: i % 2 === 0 ? { delete: null } : { modify: { parts: ref(9) } } } });
    }
    expect(
      replica
        .referrers(uuid(9))
        .map(({ column }) => column)
        .toSorted(),
    ).toEqual([...Array.from({ length: 20 }, () => 'friends'), 'parts']);
  });
});

test('texts that are shared do not get mixed up', () => {
  const serial = (i: number): string => `a serial that is long ${i % 77} ${i % 2 === 0 ? 'even' : 'odd'}`;
  const rows = Array.from({ length: 5000 }, (_, i) => [uuid(0x1000 + i), { insert: { serial: serial(i) } }]);
  replica.apply({ Thing: Object.fromEntries(rows) as object });
  for (let i = 0; i < 5000; i++) expect(thing(0x1000 + i)?.['serial']).toBe(serial(i));
});
