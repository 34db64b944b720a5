// Wire values as they are held in memory, in every form that a server uses.
import { describe, expect, test } from 'vitest';
import { decodeValue, valueDecoder } from '../../../src/ovsdb/notation/decode.ts';
import { parseExactJson } from '../../../src/ovsdb/exact-json.ts';
import type { Value } from '../../../src/ovsdb/value.ts';
import { atomMap } from '../../support/arbitrary-schema.ts';
import { typeOf, uuid } from '../../support/every-type.ts';

describe('decode', () => {
  const cases: readonly [column: string, wire: unknown, value: Value][] = [
    ['an_integer', 5, 5],
    ['an_integer', ['set', [5]], 5],
    ['an_integer', 5n, 5],
    ['an_integer', 2n ** 53n - 1n, 2 ** 53 - 1],
    ['an_integer', 2n ** 53n, 2n ** 53n],
    ['an_integer', -(2n ** 63n), -(2n ** 63n)],
    ['a_real', 1, 1],
    ['a_real', 0.1, 0.1],
    ['a_real', 10n ** 20n, 1e20],
    ['a_uuid', ['uuid', uuid(1)], uuid(1)],
    ['a_uuid', ['set', [['uuid', uuid(1)]]], uuid(1)],
    ['small_integer', ['set', []], undefined],
    ['small_integer', 7, 7],
    ['small_integer', ['set', [7]], 7],
    ['maybe_uuid', ['uuid', uuid(1)], uuid(1)],
    ['maybe_boolean', false, false],
    ['strings', ['set', []], []],
    ['strings', 'set', ['set']],
    ['strings', ['set', ['a', 'b']], ['a', 'b']],
    ['integers', 5, [5]],
    ['integers', ['set', [1, 2n ** 60n]], [1, 2n ** 60n]],
    ['booleans', ['set', [false, true]], [false, true]],
    ['uuids', ['uuid', uuid(1)], [uuid(1)]],
    [
      'uuids',
      [
        'set',
        [
          ['uuid', uuid(1)],
          ['uuid', uuid(2)],
        ],
      ],
      [uuid(1), uuid(2)],
    ],
    ['string_map', ['map', []], atomMap([])],
    ['string_map', ['map', [['k', 'v']]], atomMap([['k', 'v']])],
    ['integer_map', ['map', [[-7, 8]]], atomMap([['-7', 8]])],
    ['integer_map', ['map', [[2n ** 62n, 8]]], atomMap([['4611686018427387904', 8]])],
    ['boolean_map', ['map', [[true, false]]], atomMap([['true', false]])],
    ['weights', ['map', [[['uuid', uuid(1)], 3]]], atomMap([[uuid(1), 3]])],
  ];
  test.each(cases)('%s: %o', (column, wire, value) => {
    expect(decodeValue(typeOf(column), wire)).toStrictEqual(value);
  });

  const malformed: readonly [column: string, wire: unknown][] = [
    ['an_integer', '5'],
    ['an_integer', 1.5],
    ['an_integer', 2 ** 60],
    ['an_integer', null],
    ['an_integer', ['set', []]],
    ['an_integer', ['set', [1, 2]]],
    ['small_integer', ['set', [1, 2]]],
    ['a_string', 5],
    ['a_boolean', 'true'],
    ['a_uuid', uuid(1)],
    ['a_uuid', ['named-uuid', 'x']],
    ['strings', ['a', 'b']],
    ['strings', ['set', ['a', 5]]],
    ['strings', { a: 'b' }],
    ['string_map', { k: 'v' }],
    ['string_map', ['map', [['k']]]],
    ['string_map', ['map', [['k', 5]]]],
    ['string_map', ['set', []]],
  ];
  test.each(malformed)('%s refuses %o', (column, wire) => {
    expect(() => decodeValue(typeOf(column), wire)).toThrow(
      expect.objectContaining({ code: 'OVSDB_MALFORMED_VALUE', retryable: true }),
    );
  });

  test('maps inherit nothing', () => {
    const wire = parseExactJson('["map",[["__proto__","a"],["constructor","b"]]]');
    const map = decodeValue(typeOf('string_map'), wire);
    expect(Object.entries(map as object)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
    const empty = decodeValue(typeOf('string_map'), ['map', []]) as object;
    expect('toString' in empty || '__proto__' in empty || 'constructor' in empty).toBe(false);
  });

  test('what a decoder remembers of one map does not get into the next', () => {
    const decode = valueDecoder(typeOf('string_map'));
    const maps: [string, string][][] = [
      [
        ['a', '1'],
        ['b', '2'],
      ],
      [
        ['a', '3'],
        ['b', '4'],
      ],
      [['b', '5']],
      [
        ['b', '6'],
        ['a', '7'],
      ],
      [],
      [
        ['7', 'x'],
        ['3', 'y'],
      ],
      [
        ['7', 'z'],
        ['3', 'z'],
      ],
    ];
    for (const pairs of maps) expect(decode(['map', pairs])).toStrictEqual(atomMap(pairs));
  });
});
