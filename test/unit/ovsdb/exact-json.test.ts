// Integers that a double cannot hold.
import { expect, test } from 'vitest';
import { parseExactJson } from '../../../src/ovsdb/exact-json.ts';

test.each([
  ['9007199254740991', 9007199254740991],
  ['9007199254740993', 9007199254740993n],
  ['9223372036854775807', 9223372036854775807n],
  ['-9223372036854775808', -9223372036854775808n],
  ['1e300', 1e300],
  ['9.00719925474099e+15', 9.00719925474099e15],
  ['1234567890123456.5', 1234567890123456.5],
  ['"9223372036854775807"', '9223372036854775807'],
])('%s', (text, value) => {
  expect(parseExactJson(`{"a":[${text}]}`)).toEqual({ a: [value] });
});

test('a key named __proto__ stays a key', () => {
  const parsed = parseExactJson('{"__proto__":9223372036854775807}');
  expect(Object.entries(parsed as object)).toEqual([['__proto__', 9223372036854775807n]]);
});
