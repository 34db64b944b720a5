// Laws of src/net: notation round-trips, and range algebra equals a naive bit set on the 16 addresses of a /28.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../src/net/address.ts';
import type { Family, Prefix, Range } from '../../src/net/address.ts';
import { macFromAddress } from '../../src/net/mac.ts';
import {
  formatPrefix,
  hostBits,
  parsePrefix,
  prefixRange,
  prefixesOverlap,
  rangePrefixes,
} from '../../src/net/prefix.ts';
import {
  addressAt,
  mergeRanges,
  parseRange,
  rangesOverlap,
  rangesSize,
  subtractRanges,
} from '../../src/net/range.ts';

const base = 0x0a000a00n;
const bits = (family: Family): bigint => (family === 4 ? 32n : 128n);

const anyFamily = fc.constantFrom<Family>(4, 6);
const anyAddress = anyFamily.chain((family) =>
  fc.bigInt({ min: 0n, max: (1n << bits(family)) - 1n }).map((value) => ({ family, value })),
);
const anyPrefix: fc.Arbitrary<Prefix> = anyAddress.chain(({ family, value }) =>
  fc.integer({ min: 0, max: Number(bits(family)) }).map((length) => {
    const shift = bits(family) - BigInt(length);
    return { family, base: (value >> shift) << shift, length };
  }),
);
const smallRange: fc.Arbitrary<Range> = fc.tuple(fc.nat(15), fc.nat(15)).map(([a, b]) => ({
  family: 4,
  first: base + BigInt(Math.min(a, b)),
  last: base + BigInt(Math.max(a, b)),
}));
const smallRanges = fc.array(smallRange, { maxLength: 5 });

/** The naive model: every address of the universe that is in one of the ranges, ascending. */
function bitSet(ranges: readonly Range[]): bigint[] {
  const universe = Array.from({ length: 16 }, (_, index) => base + BigInt(index));
  return universe.filter((value) => ranges.some((range) => range.first <= value && value <= range.last));
}

/** The only list of ranges that has exactly these addresses and in which none touch. */
function canonical(values: readonly bigint[]): Range[] {
  const starts = values.filter((value) => !values.includes(value - 1n));
  const ends = values.filter((value) => !values.includes(value + 1n));
  return starts.map((first, index) => ({ family: 4, first, last: ends[index]! }));
}

describe('notation', () => {
  test('parse(format(address)) = address', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });
  test('parse(format(prefix)) = prefix, and it has no host bits', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix);
        expect(hostBits(formatPrefix(prefix))).toBeUndefined();
      }),
    );
  });
  test('an address with a length is its prefix, or has it as the corrected one', () => {
    fc.assert(
      fc.property(anyAddress, fc.nat(32), (address, length) => {
        const text = `${formatAddress(address)}/${length}`;
        const prefix = parsePrefix(text) ?? hostBits(text);
        const { first, last } = prefixRange(prefix!);
        expect(first <= address.value && address.value <= last).toBe(true);
        expect(last - first + 1n).toBe(1n << (bits(address.family) - BigInt(length)));
      }),
    );
  });
  test('a range reads back', () => {
    fc.assert(
      fc.property(smallRange, (range) => {
        const [first, last] = [range.first, range.last].map((value) => formatAddress({ family: 4, value }));
        expect(parseRange(`${first}..${last}`)).toEqual(range);
      }),
    );
  });
  test('no text makes a reader throw', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f:.%/]{0,20}$/));
    fc.assert(
      fc.property(text, (value) => {
        expect(() => [parseAddress(value), parsePrefix(value), parseRange(value)]).not.toThrow();
      }),
    );
  });
});

describe('range algebra equals a bit set', () => {
  test('merge', () => {
    fc.assert(
      fc.property(smallRanges, (ranges) => {
        expect(mergeRanges(ranges)).toEqual(canonical(bitSet(ranges)));
      }),
    );
  });
  test('as prefixes, of which no two make another one', () => {
    fc.assert(
      fc.property(smallRange, (range) => {
        const prefixes = rangePrefixes(range);
        expect(mergeRanges(prefixes.map(prefixRange))).toEqual([range]);
        const halves = prefixes.map(({ base: first, length }) => `${first >> BigInt(33 - length)}/${length}`);
        expect(new Set(halves).size).toBe(halves.length);
      }),
    );
    const everything = { family: 6, first: 0n, last: (1n << 128n) - 1n } as const;
    expect(rangePrefixes(everything)).toEqual([{ family: 6, base: 0n, length: 0 }]);
  });
  test('subtract', () => {
    fc.assert(
      fc.property(smallRanges, smallRanges, (ranges, holes) => {
        const out = new Set(bitSet(holes));
        const expected = canonical(bitSet(ranges).filter((value) => !out.has(value)));
        expect(subtractRanges(ranges, holes)).toEqual(expected);
      }),
    );
  });
  test('size and n-th address', () => {
    fc.assert(
      fc.property(smallRanges, (ranges) => {
        const merged = mergeRanges(ranges);
        const values = bitSet(ranges);
        expect(rangesSize(merged)).toBe(BigInt(values.length));
        const counted = [...values, undefined].map((_, n) => addressAt(merged, BigInt(n))?.value);
        expect(counted).toEqual([...values, undefined]);
      }),
    );
  });
  test('overlap', () => {
    fc.assert(
      fc.property(smallRange, smallRange, (a, b) => {
        const inA = new Set(bitSet([a]));
        expect(rangesOverlap(a, b)).toBe(bitSet([b]).some((value) => inA.has(value)));
      }),
    );
  });
  test('prefixes overlap exactly when their ranges do', () => {
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (a, b) => {
        expect(prefixesOverlap(a, b)).toBe(rangesOverlap(prefixRange(a), prefixRange(b)));
        expect(prefixesOverlap(a, a)).toBe(true);
      }),
    );
  });
});

test('two addresses of one /96 never share a MAC', () => {
  const high = fc.bigInt({ min: 0n, max: (1n << 96n) - 1n });
  const low = fc.bigInt({ min: 0n, max: (1n << 32n) - 1n });
  fc.assert(
    fc.property(high, low, low, (prefix, a, b) => {
      const [macA, macB] = [a, b].map((value) =>
        macFromAddress({ family: 6, value: (prefix << 32n) | value }),
      );
      expect(macA === macB).toBe(a === b);
    }),
  );
});
