// Values, conditions and mutations on `Thing` that must not be sent, and why.
import type { Condition, Mutation } from '../../src/ovsdb/operation.ts';
import { uuid } from './every-type.ts';

/** The server refuses them: the transaction fails. `because` is in the message of encode. */
export const refusedValues: readonly [column: string, value: unknown, because: string][] = [
  ['an_integer', 1.5, '1.5 is not an integer'],
  ['an_integer', 2n ** 63n, '9223372036854775808 is above the maximum 9223372036854775807'],
  ['an_integer', -(2n ** 63n) - 1n, 'below the minimum'],
  ['an_integer', '1', '"1" is not an integer'],
  ['an_integer', undefined, 'undefined is not an integer'],
  ['an_integer', null, 'null is not an integer'],
  ['an_integer', [1, 2], '[1,2] is not an integer'],
  ['a_real', '1', 'not a finite real'],
  ['a_boolean', 1, '1 is not a boolean'],
  ['a_string', 1, '1 is not a string'],
  ['a_uuid', 'zz', '"zz" is not a lower-case uuid'],
  ['a_uuid', '', 'not a lower-case uuid'],
  ['small_integer', 4096, '4096 is above the maximum 4095'],
  ['small_integer', -1, '-1 is below the minimum 0'],
  ['small_real', 1.5001, 'above the maximum 1.5'],
  ['small_real', -1.5001, 'below the minimum -1.5'],
  ['short_string', 'a', '"a" is shorter than 2 characters'],
  ['short_string', '', 'shorter'],
  ['short_string', '😀', 'shorter'],
  ['short_string', 'abcde', '"abcde" is longer than 4 characters'],
  ['short_string', '😀😀😀😀😀', 'longer than 4'],
  ['colour', 'pink', '"pink" is not one of "red", "green", "blue"'],
  ['one_colour', 'blue', '"blue" is not one of "red"'],
  ['prime', 4, '4 is not one of 2, 3, 5, 7'],
  ['integers', [1, 1], '1 is in the set twice'],
  ['reals', [1, 1.0], '1 is in the set twice'],
  ['strings', ['a', 'b', 'a'], '"a" is in the set twice'],
  ['uuids', [uuid(1), uuid(1)], 'twice'],
  ['booleans', [false, false], 'false is in the set twice'],
  ['three_strings', ['a', 'b', 'c', 'd'], 'has more than 3 elements'],
  ['some_strings', [], 'has fewer than 1 elements'],
  ['string_map', { a: 1 }, '1 is not a string'],
  ['integer_map', { a: 1 }, '"a" is not an integer'],
  ['integer_map', { '1.5': 1 }, '"1.5" is not an integer'],
  ['boolean_map', { maybe: true }, '"maybe" is not a boolean'],
  ['one_pair', { a: 'b', c: 'd' }, 'has more than 1 elements'],
  ['needed_pair', {}, 'has fewer than 1 elements'],
  ['needed_pair', { a: 1, b: 2, c: 3 }, 'has more than 2 elements'],
  ['serial', 'anew', 'cannot change after the insert'],
];

/** The server drops the connection over them. */
export const costlyValues: readonly [column: string, value: unknown][] = [
  ['a_string', 'NUL \0 inside'],
  ['a_string', 'a high surrogate \ud83d alone'],
  ['a_string', 'a pair reversed \ude00\ud83d'],
  ['strings', ['fine', '\0']],
  ['string_map', { '\ud800': 'key' }],
  ['string_map', { value: '\0' }],
  ['a_real', 1e-320],
  ['a_real', Number.MIN_VALUE],
];

export const refusedConditions: readonly [what: string, condition: Condition][] = [
  ['an order of strings', ['a_string', '<', 'x']],
  ['an order of sets', ['integers', '>=', 5]],
  ['an order and nothing', ['small_integer', '<', undefined]],
  ['a value out of range', ['small_integer', '==', 5000]],
  ['a word that the enum does not have', ['colour', '!=', 'pink']],
  ['more than the column can include', ['small_integer', 'includes', [1, 2]]],
  ['more than the set can include', ['three_strings', 'includes', ['a', 'b', 'c', 'd']]],
  ['fewer than the set has', ['some_strings', '==', []]],
  ['a column that is not there', ['nothing', '==', 1]],
];

export const refusedMutations: readonly [what: string, mutation: Mutation][] = [
  ['insert into a scalar', ['a_string', 'insert', 'x']],
  ['insert of more than the set can hold', ['three_strings', 'insert', ['a', 'b', 'c', 'd']]],
  ['insert of two into an optional', ['small_integer', 'insert', [1, 2]]],
  ['insert out of range', ['small_integer', 'insert', 5000]],
  ['delete out of range', ['small_integer', 'delete', 5000]],
  ['delete of one element twice', ['strings', 'delete', ['a', 'a']]],
  ['arithmetic on a string', ['a_string', '+=', 1]],
  ['arithmetic on a map', ['integer_map', '*=', 1]],
  ['a remainder of reals', ['a_real', '%=', 2]],
  ['a fraction for an integer', ['an_integer', '+=', 0.5]],
  ['a change of what is immutable', ['serial', 'insert', 'x']],
];
