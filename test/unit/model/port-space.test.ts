// Sets of ports, taken apart and put together.
import { describe, expect, test } from 'vitest';
import { cellsOf, doMeet, portsOf, spaceOf } from '../../../src/model/port-space.ts';
import type { PortsModel } from '../../../src/model/policy-model.ts';

const tcp = (...ranges: readonly (readonly [number, number])[]): PortsModel => ({
  protocol: 'tcp',
  ranges: ranges.map(([first, last]) => ({ first, last })),
});

describe('everything', () => {
  test('is one rule, and without a port of one protocol three', () => {
    expect(portsOf(spaceOf(undefined))).toEqual([undefined]);
    const [rest, web] = cellsOf(spaceOf(undefined), [spaceOf(tcp([80, 80]))]);
    expect(rest?.in).toEqual([]);
    expect(portsOf(rest!.space)).toEqual([{ besides: ['tcp'] }, tcp([0, 79], [81, 65_535])]);
    expect([web?.in, portsOf(web!.space)]).toEqual([[0], [tcp([80, 80])]]);
  });

  test('without a whole protocol is the others', () => {
    const [rest] = cellsOf(spaceOf(undefined), [spaceOf({ protocol: 'udp', ranges: [] })]);
    expect(portsOf(rest!.space)).toEqual([{ besides: ['udp'] }]);
  });
});

test('ports are divided by which of several sets they are in, and those that are in the same ones are together', () => {
  const cells = cellsOf(spaceOf(tcp([1, 100])), [spaceOf(tcp([10, 20], [40, 50])), spaceOf(tcp([20, 40]))]);
  expect(
    cells.map(({ in: sets, space }) => [sets, space.spans.tcp.map(({ first, last }) => `${first}-${last}`)]),
  ).toEqual([
    [[], ['1-9', '51-100']],
    [[0], ['10-19', '41-50']],
    [
      [0, 1],
      ['20-20', '40-40'],
    ],
    [[1], ['21-39']],
  ]);
});

test.each([
  [undefined, tcp([80, 80]), true],
  [tcp([1, 80]), tcp([80, 90]), true],
  [tcp([1, 79]), tcp([80, 90]), false],
  [tcp([80, 80]), { protocol: 'udp', ranges: [] } as const, false],
  [{ besides: ['tcp'] } as const, tcp([80, 80]), false],
  [{ besides: ['tcp'] } as const, { besides: ['udp'] } as const, true],
])('%j and %j meet: %s', (a, b, isMet) => {
  expect(doMeet(spaceOf(a), spaceOf(b))).toBe(isMet);
});
