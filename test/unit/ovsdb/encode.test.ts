// Operations as they go over the wire, and what never does.
import { describe, expect, test } from 'vitest';
import { encodeOperation } from '../../../src/ovsdb/notation/encode.ts';
import type { Operation } from '../../../src/ovsdb/operation.ts';
import type { Value } from '../../../src/ovsdb/value.ts';
import { everyType, uuid } from '../../support/every-type.ts';
import {
  costlyValues,
  refusedConditions,
  refusedMutations,
  refusedValues,
} from '../../support/refused-values.ts';

/** What the server reads. */
const sent = (operation: Operation): unknown => JSON.parse(encodeOperation(operation, everyType));
const insertOf = (row: Readonly<Record<string, Value>>): Operation => ({ op: 'insert', table: 'Thing', row });

describe('values', () => {
  const cases: readonly [column: string, value: Value, wire: unknown][] = [
    ['an_integer', 5, 5],
    ['an_integer', 5n, 5],
    ['an_integer', -0, 0],
    ['a_real', 0.5, 0.5],
    ['a_boolean', false, false],
    ['a_string', '\u0001\n"é😀', '\u0001\n"é😀'],
    ['a_uuid', uuid(1), ['uuid', uuid(1)]],
    ['small_integer', undefined, ['set', []]],
    ['small_integer', 0, 0],
    ['short_string', '😀😀😀😀', '😀😀😀😀'],
    ['short_string', 'ab', 'ab'],
    ['strings', [], ['set', []]],
    ['strings', ['a'], 'a'],
    ['strings', ['b', 'a'], ['set', ['b', 'a']]],
    ['uuids', [uuid(1)], ['uuid', uuid(1)]],
    [
      'uuids',
      [uuid(1), uuid(2)],
      [
        'set',
        [
          ['uuid', uuid(1)],
          ['uuid', uuid(2)],
        ],
      ],
    ],
    ['string_map', {}, ['map', []]],
    [
      'string_map',
      { b: '1', a: '' },
      [
        'map',
        [
          ['b', '1'],
          ['a', ''],
        ],
      ],
    ],
    ['integer_map', { '-7': 8 }, ['map', [[-7, 8]]]],
    ['real_map', { '0.5': 1.5 }, ['map', [[0.5, 1.5]]]],
    ['boolean_map', { true: false }, ['map', [[true, false]]]],
    ['weights', { [uuid(1)]: 3 }, ['map', [[['uuid', uuid(1)], 3]]]],
    ['named_parts', { a: uuid(1) }, ['map', [['a', ['uuid', uuid(1)]]]]],
  ];
  test.each(cases)('%s: %o', (column, value, wire) => {
    expect(sent(insertOf({ [column]: value }))).toEqual({
      op: 'insert',
      table: 'Thing',
      row: { [column]: wire },
    });
  });

  test('long integers keep all their digits', () => {
    const row = {
      an_integer: 2n ** 63n - 1n,
      integers: [-(2n ** 63n)],
      integer_map: { '9007199254740993': 9007199254740993n },
    };
    expect(encodeOperation(insertOf(row), everyType)).toBe(
      '{"op":"insert","table":"Thing","row":{"an_integer":9223372036854775807,"integers":-9223372036854775808,' +
        '"integer_map":["map",[[9007199254740993,9007199254740993]]]}}',
    );
  });

  test('a key that objects have by nature is only a key', () => {
    const map = JSON.parse('{"__proto__": "a", "constructor": "b"}') as Readonly<Record<string, string>>;
    expect(sent(insertOf({ string_map: map }))).toMatchObject({
      row: {
        string_map: [
          'map',
          [
            ['__proto__', 'a'],
            ['constructor', 'b'],
          ],
        ],
      },
    });
  });
});

describe('operations', () => {
  const where = [['_uuid', '==', uuid(1)]] as const;
  const wireWhere = [['_uuid', '==', ['uuid', uuid(1)]]];
  const cases: readonly [operation: Operation, wire: object][] = [
    [
      { op: 'insert', table: 'Thing', uuid: uuid(1), row: { serial: 's' } },
      { op: 'insert', table: 'Thing', uuid: uuid(1), row: { serial: 's' } },
    ],
    [
      { op: 'update', table: 'Thing', where, row: { colour: undefined } },
      { op: 'update', table: 'Thing', where: wireWhere, row: { colour: ['set', []] } },
    ],
    [
      {
        op: 'mutate',
        table: 'Thing',
        where,
        mutations: [
          ['strings', 'insert', ['a', 'b']],
          ['string_map', 'delete', ['k']],
          ['string_map', 'insert', { k: 'v' }],
          ['integer_map', 'delete', ['7', 8]],
          ['small_integer', 'delete', 5],
          ['an_integer', '+=', 2],
        ],
      },
      {
        op: 'mutate',
        table: 'Thing',
        where: wireWhere,
        mutations: [
          ['strings', 'insert', ['set', ['a', 'b']]],
          ['string_map', 'delete', ['set', ['k']]],
          ['string_map', 'insert', ['map', [['k', 'v']]]],
          ['integer_map', 'delete', ['set', [7, 8]]],
          ['small_integer', 'delete', 5],
          ['an_integer', '+=', 2],
        ],
      },
    ],
    [
      { op: 'delete', table: 'Thing', where },
      { op: 'delete', table: 'Thing', where: wireWhere },
    ],
    [
      {
        op: 'wait',
        table: 'Thing',
        where,
        columns: ['colour'],
        until: '==',
        rows: [{ colour: undefined }],
        timeoutMs: 0,
      },
      {
        op: 'wait',
        table: 'Thing',
        where: wireWhere,
        columns: ['colour'],
        until: '==',
        rows: [{ colour: ['set', []] }],
        timeout: 0,
      },
    ],
    [
      { op: 'select', table: 'Thing', where: [['strings', 'includes', ['a']]], columns: ['serial'] },
      { op: 'select', table: 'Thing', where: [['strings', 'includes', 'a']], columns: ['_uuid', 'serial'] },
    ],
    [
      { op: 'select', table: 'Part', where: [] },
      { op: 'select', table: 'Part', where: [], columns: ['_uuid', 'name', 'subparts'] },
    ],
    [
      { op: 'comment', comment: 'why' },
      { op: 'comment', comment: 'why' },
    ],
    [{ op: 'abort' }, { op: 'abort' }],
  ];
  test.each(cases)('%o', (operation, wire) => {
    expect(sent(operation)).toEqual(wire);
  });
});

function wait(row: Readonly<Record<string, Value>>): Extract<Operation, { op: 'wait' }> {
  return {
    op: 'wait',
    table: 'Thing',
    where: [],
    columns: ['colour'],
    until: '==',
    rows: [row],
    timeoutMs: 0,
  };
}

describe('what is never sent', () => {
  const invalid = (message: unknown): unknown =>
    expect.objectContaining({ code: 'OVSDB_INVALID_VALUE', retryable: false, message });
  const update = (column: string, value: unknown): Operation => ({
    op: 'update',
    table: 'Thing',
    where: [],
    row: { [column]: value as Value },
  });

  test.each(refusedValues)('%s: %o', (column, value, because) => {
    const message = expect.stringMatching(new RegExp(`^Thing\\.${column}: `));
    expect(() => encodeOperation(update(column, value), everyType)).toThrow(invalid(message));
    expect(() => encodeOperation(update(column, value), everyType)).toThrow(because);
  });

  test.each(costlyValues)('%s: %o', (column, value) => {
    const message = expect.stringMatching(new RegExp(`^Thing\\.${column}: `));
    expect(() => encodeOperation(update(column, value), everyType)).toThrow(invalid(message));
  });

  test.each(refusedConditions)('a condition with %s', (_, condition) => {
    const operation: Operation = { op: 'delete', table: 'Thing', where: [condition] };
    expect(() => encodeOperation(operation, everyType)).toThrow(invalid(expect.anything()));
  });

  test.each(refusedMutations)('a mutation: %s', (_, mutation) => {
    const operation: Operation = { op: 'mutate', table: 'Thing', where: [], mutations: [mutation] };
    expect(() => encodeOperation(operation, everyType)).toThrow(invalid(expect.anything()));
  });

  const others: readonly [what: string, operation: Operation, message: string][] = [
    [
      'an unknown table',
      { op: 'delete', table: 'Nothing', where: [] },
      'Nothing: database Every_Type has no such table',
    ],
    ['an unknown column', update('nothing', 1), 'Thing.nothing: no such column'],
    [
      'an unknown column of a select',
      { op: 'select', table: 'Thing', where: [], columns: ['nope'] },
      'Thing.nope: no such column',
    ],
    ['a uuid in the row of an insert', insertOf({ _uuid: uuid(1) }), 'Thing._uuid: no such column'],
    [
      'a uuid that is none',
      { op: 'insert', table: 'Thing', uuid: 'x', row: {} },
      'Thing._uuid: "x" is not a lower-case uuid',
    ],
    [
      'a uuid in upper case',
      { op: 'insert', table: 'Thing', uuid: 'ABCDEF00-0000-4000-8000-000000000000', row: {} },
      'lower-case',
    ],
    ['an unsafe integer as a number', insertOf({ an_integer: 2 ** 53 }), '9007199254740992 is not a bigint'],
    ['a comment with a NUL', { op: 'comment', comment: '\0' }, 'comment: "\\u0000" has a NUL'],
    ['a wait for a column that its row leaves out', wait({}), 'Thing.colour: missing in a row of this wait'],
    [
      'a wait with a column too many',
      wait({ colour: 'red', serial: '' }),
      'Thing.serial: not a column of this wait',
    ],
    [
      'a wait with a negative time-out',
      { ...wait({ colour: 'red' }), timeoutMs: -1 },
      'Thing: wait: -1 is no time-out in ms',
    ],
    [
      'a key twice in a delete',
      { op: 'mutate', table: 'Thing', where: [], mutations: [['integer_map', 'delete', ['7', 7]]] },
      'has a key twice',
    ],
  ];
  test.each(others)('%s', (_, operation, message) => {
    expect(() => encodeOperation(operation, everyType)).toThrow(invalid(expect.stringContaining(message)));
  });

  test('a long value is cut in the message', () => {
    const operation = update('an_integer', 'x'.repeat(10_000));
    expect(() => encodeOperation(operation, everyType)).toThrow(
      invalid(expect.stringMatching(/^.{100,200}$/)),
    );
  });
});
