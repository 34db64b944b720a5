// Laws of the notation: what is encoded and decoded again is the same, for any type and any value of it.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sortBy } from '../../src/base/order.ts';
import { compareAtoms, equalValues } from '../../src/ovsdb/atom-order.ts';
import { parseExactJson } from '../../src/ovsdb/exact-json.ts';
import { decodeValue } from '../../src/ovsdb/notation/decode.ts';
import { encodeValue } from '../../src/ovsdb/notation/encode-value.ts';
import { applyDifference, symmetricDifference } from '../../src/ovsdb/row-diff.ts';
import type { ColumnType } from '../../src/ovsdb/schema.ts';
import type { Value } from '../../src/ovsdb/value.ts';
import {
  arbitraryAtom,
  arbitraryColumnType,
  arbitraryText,
  arbitraryValue,
} from '../support/arbitrary-schema.ts';
import { differenceOf } from '../support/naive-difference.ts';

const to = { table: 'T', column: 'c' };

const typeAndValue: fc.Arbitrary<[ColumnType, Value]> = arbitraryColumnType().chain((type) =>
  fc.tuple(fc.constant(type), arbitraryValue(type)),
);
const typeAndValues: fc.Arbitrary<[ColumnType, Value, Value]> = arbitraryColumnType().chain((type) =>
  fc.tuple(fc.constant(type), arbitraryValue(type), arbitraryValue(type)),
);

describe('notation', () => {
  test('decode(encode(value)) is the value', () => {
    fc.assert(
      fc.property(typeAndValue, ([type, value]) => {
        expect(decodeValue(type, parseExactJson(encodeValue(type, value, to)))).toStrictEqual(value);
      }),
      { numRuns: 2000 },
    );
  });

  test('both forms of a set of one are the same', () => {
    fc.assert(
      fc.property(typeAndValue, ([type, value]) => {
        const wire = parseExactJson(encodeValue(type, value, to));
        const isBare = type.value === undefined && !(Array.isArray(wire) && wire[0] === 'set');
        fc.pre(isBare);
        expect(decodeValue(type, ['set', [wire]])).toStrictEqual(decodeValue(type, wire));
      }),
    );
  });

  test('a value with a NUL or a lone surrogate anywhere is never encoded', () => {
    const bad = fc
      .tuple(arbitraryText, fc.constantFrom('\0', '\ud800', '\udc00', '\udbff\ud800'), arbitraryText)
      .map((parts) => parts.join(''))
      .filter((text) => text.includes('\0') || !text.isWellFormed());
    const text: ColumnType = { key: { type: 'string' }, min: 0, max: Infinity };
    const map: ColumnType = { ...text, value: { type: 'string' } };
    fc.assert(
      fc.property(bad, (atom) => {
        expect(() => encodeValue(text, ['ok', atom], to)).toThrow(/^T\.c: /);
        expect(() => encodeValue(map, { [atom]: 'ok' }, to)).toThrow(/^T\.c: /);
        expect(() => encodeValue(map, { ok: atom }, to)).toThrow(/^T\.c: /);
      }),
    );
  });

  test('an element that is there twice is never encoded', () => {
    const setAndAtom = arbitraryColumnType()
      .filter((type) => type.value === undefined && type.max === Infinity)
      .chain((type) =>
        fc.tuple(fc.constant(type), fc.array(arbitraryAtom(type.key)), arbitraryAtom(type.key)),
      );
    fc.assert(
      fc.property(setAndAtom, ([type, others, atom]) => {
        expect(() => encodeValue(type, [atom, ...others, atom], to)).toThrow('twice');
      }),
    );
  });
});

describe('order', () => {
  test('strings are in the order of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(arbitraryText, arbitraryText, (a, b) => {
        expect(Math.sign(compareAtoms(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2000 },
    );
  });

  test('equal means written alike', () => {
    // A map is written in the order of its keys, which does not matter.
    const written = (type: ColumnType, value: Value): string =>
      type.value === undefined
        ? encodeValue(type, value, to)
        : JSON.stringify(
            sortBy(Object.entries(value ?? {}), ([key]) => key)
              .flat()
              .map(String),
          );
    fc.assert(
      fc.property(typeAndValues, ([type, a, b]) => {
        expect(equalValues(a, b)).toBe(written(type, a) === written(type, b));
        expect(equalValues(a, structuredClone(a))).toBe(true);
      }),
    );
  });
});

describe('difference', () => {
  test('applied to what was gives what is', () => {
    fc.assert(
      fc.property(typeAndValues, ([type, before, after]) => {
        expect(applyDifference(type, before, differenceOf(type, before, after))).toStrictEqual(after);
      }),
      { numRuns: 2000 },
    );
  });

  test('of sets: commutative, associative, its own inverse, and the empty set changes nothing', () => {
    const type: ColumnType = { key: { type: 'string' }, min: 0, max: Infinity };
    const set = arbitraryValue(type).map((value) =>
      Array.isArray(value) ? (value as readonly string[]) : [],
    );
    fc.assert(
      fc.property(set, set, set, (a, b, c) => {
        expect(symmetricDifference(a, b)).toEqual(symmetricDifference(b, a));
        expect(symmetricDifference(symmetricDifference(a, b), c)).toEqual(
          symmetricDifference(a, symmetricDifference(b, c)),
        );
        expect(symmetricDifference(a, a)).toEqual([]);
        expect(symmetricDifference(a, [])).toEqual(a);
      }),
    );
  });

  test('leaves what it is applied to as it was', () => {
    fc.assert(
      fc.property(typeAndValues, ([type, before, after]) => {
        const copy = structuredClone(before);
        applyDifference(type, before, differenceOf(type, before, after));
        expect(before).toEqual(copy);
      }),
    );
  });
});
