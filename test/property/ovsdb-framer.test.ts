// Laws of the framer: what comes out does not depend on how the bytes were cut.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Framer } from '../../src/ovsdb/framer.ts';

function frame(chunks: Iterable<Buffer>): string[] {
  const framer = new Framer();
  const texts: string[] = [];
  for (const chunk of chunks) framer.push(chunk, (complete) => texts.push(complete.text));
  return texts;
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
}

const message = fc
  .dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }))
  .map((value) => JSON.stringify(value));
const gap = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 3 });

describe('framer', () => {
  test('yields the messages of a stream, however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, message)), fc.array(fc.nat()), (items, places) => {
        const bytes = Buffer.from(items.flat().join(''));
        expect(frame(cut(bytes, places))).toEqual(items.map(([, text]) => text));
      }),
      { numRuns: 500 },
    );
  });

  test('cut at every single byte', () => {
    const texts = ['{"a":"\\"}{é\\\\"}', '{"€":[{"b":{}}],"😀":"\\u007b"}', '{}'];
    const bytes = Buffer.from(texts.join(' '));
    for (let place = 0; place <= bytes.length; place += 1) expect(frame(cut(bytes, [place]))).toEqual(texts);
    expect(frame([...bytes].map((byte) => Buffer.from([byte])))).toEqual(texts);
  });

  test('notes long numbers outside strings, however they are cut', () => {
    const digits = fc.integer({ min: 1, max: 25 }).map((length) => '9'.repeat(length));
    fc.assert(
      fc.property(digits, digits, fc.array(fc.nat()), (inside, outside, places) => {
        const framer = new Framer();
        const seen: boolean[] = [];
        const bytes = Buffer.from(`{"${inside}":"${inside}","n":[1,-${outside}]}{"n":1}`);
        for (const chunk of cut(bytes, places)) framer.push(chunk, (f) => seen.push(f.hasLongDigits));
        expect(seen).toEqual([outside.length >= 16, false]);
      }),
    );
  });
});
