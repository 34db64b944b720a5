// Values on lines come out whole, however the bytes are split.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonLines } from '../../../../src/source/kubernetes/json-lines.ts';

async function* pieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    yield bytes.subarray(from, end);
    from = end;
  }
}

async function collect(text: string, cuts: readonly number[] = []): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const some of jsonLines(pieces(Buffer.from(text), cuts))) values.push(...some);
  return values;
}

describe('jsonLines', () => {
  test('any split gives the same values, also within a character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), fc.array(fc.nat()), async (values, cuts) => {
        const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
        expect(await collect(text, cuts)).toEqual(JSON.parse(JSON.stringify(values)));
      }),
      { numRuns: 200 },
    );
  });

  test('a line that breaks off is not a value', async () => {
    expect(await collect('{"a":1}\n\n{"b":')).toEqual([{ a: 1 }]);
  });

  test('a line that is not JSON is an error', async () => {
    await expect(collect('{"a":1}\nupstream timed out\n')).rejects.toThrow(SyntaxError);
  });
});
