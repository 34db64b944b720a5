// The rules of allocation by example; the laws behind them are in test/property/ipam.test.ts.
import { describe, expect, test } from 'vitest';
import { Pool, isGranted } from '../../../src/ipam/pool.ts';
import type { AddressRequest, Decision } from '../../../src/ipam/pool.ts';
import { formatAddress, parseAddress } from '../../../src/net/address.ts';
import { parseRange } from '../../../src/net/range.ts';

const address = (text: string) => parseAddress(text)!;

function pool(ranges: string[], blockLength?: number): Pool {
  return new Pool({
    name: 'ext-cloud',
    ranges: ranges.map((text) => parseRange(text)!),
    ...(blockLength && { blockLength }),
  });
}

type Wish = Partial<Record<'requested' | 'recorded' | 'order', string>> & { outsideRange?: 'allow' };

function request(holder: string, wish: Wish = {}): AddressRequest {
  const { requested, recorded, order = holder, ...rest } = wish;
  return {
    holder,
    order,
    ...(requested && { requested: address(requested) }),
    ...(recorded && { recorded: address(recorded) }),
    ...rest,
  };
}

/** `a=10.0.0.1`, with `+` when it is new, or `b!taken by a`. */
function show(decisions: Decision[]): string[] {
  return decisions.map((decision) =>
    isGranted(decision)
      ? `${decision.holder}=${formatAddress(decision.address)}${decision.isNew ? '+' : ''}`
      : `${decision.holder}!${decision.failure}${decision.takenBy ? ` by ${decision.takenBy}` : ''}`,
  );
}

function settle(target: Pool, requests: AddressRequest[]): string[] {
  const decisions = target.decide(requests);
  target.apply(decisions);
  return show(decisions);
}

describe('decide', () => {
  const range = ['10.0.0.1..10.0.0.4'];
  test.each<[string, AddressRequest[], string[]]>([
    ['nothing asked', [], []],
    ['the lowest free ones, older first', [request('b'), request('a')], ['a=10.0.0.1+', 'b=10.0.0.2+']],
    [
      'order goes before name',
      [request('b', { order: '1' }), request('a', { order: '2' })],
      ['b=10.0.0.1+', 'a=10.0.0.2+'],
    ],
    [
      'ties go by name',
      [request('b', { order: '' }), request('a', { order: '' })],
      ['a=10.0.0.1+', 'b=10.0.0.2+'],
    ],
    [
      'a wish before an older request',
      [request('b', { requested: '10.0.0.1' }), request('a')],
      ['a=10.0.0.2+', 'b=10.0.0.1+'],
    ],
    [
      'a record before an older wish',
      [request('a', { requested: '10.0.0.1' }), request('b', { recorded: '10.0.0.1' })],
      ['a!taken by b', 'b=10.0.0.1'],
    ],
    [
      'one address recorded twice: the older keeps it, the younger is not moved',
      [request('b', { recorded: '10.0.0.1' }), request('a', { recorded: '10.0.0.1' })],
      ['a=10.0.0.1', 'b!taken by a'],
    ],
    [
      'one address asked for twice',
      [request('b', { requested: '10.0.0.3' }), request('a', { requested: '10.0.0.3' })],
      ['a=10.0.0.3+', 'b!taken by a'],
    ],
    ['outside', [request('a', { requested: '10.0.0.9' })], ['a!out-of-range']],
    [
      'outside and allowed',
      [request('a', { requested: '10.0.0.9', outsideRange: 'allow' })],
      ['a=10.0.0.9+'],
    ],
    [
      'wrong family, even if allowed',
      [request('a', { requested: '::1', outsideRange: 'allow' })],
      ['a!out-of-range'],
    ],
    ['recorded, then the pool shrank', [request('a', { recorded: '10.0.0.9' })], ['a!out-of-range']],
    [
      'a wish may differ from the record',
      [request('a', { recorded: '10.0.0.1', requested: '10.0.0.2' }), request('b')],
      ['a=10.0.0.2+', 'b=10.0.0.3+'],
    ],
    [
      'a bad record does not stand in the way of a wish',
      [request('a', { recorded: '10.0.0.9', requested: '10.0.0.2' })],
      ['a=10.0.0.2+'],
    ],
  ])('%s', (_, requests, expected) => expect(show(pool(range).decide(requests))).toEqual(expected));

  test('exhausted tells the size of the pool', () => {
    const decisions = pool(['10.0.0.1..10.0.0.2']).decide([request('a'), request('b'), request('c')]);
    expect(decisions.at(-1)).toEqual({ holder: 'c', failure: 'exhausted', size: 2n });
  });
  test('a pool without ranges is exhausted', () => {
    expect(pool([]).decide([request('a')])).toEqual([{ holder: 'a', failure: 'exhausted', size: 0n }]);
  });
  test('a refused move says what the holder keeps', () => {
    const decisions = pool(range).decide([
      request('a', { recorded: '10.0.0.1', requested: '10.0.0.2' }),
      request('b', { recorded: '10.0.0.2' }),
    ]);
    expect(decisions[0]).toMatchObject({ failure: 'taken', takenBy: 'b', holds: address('10.0.0.1') });
  });
  test('two requests of one holder are a bug of the caller', () => {
    expect(() => pool(range).decide([request('a'), request('a')])).toThrow(/two requests of one holder/);
  });
});

describe('life of a pool', () => {
  test('a claim answers later requests, whatever the record says', () => {
    const target = pool(['10.0.0.1..10.0.0.4']);
    settle(target, [request('a')]);
    expect(show(target.decide([request('a'), request('0')]))).toEqual(['0=10.0.0.2+', 'a=10.0.0.1']);
    expect(show(target.decide([request('a', { recorded: '10.0.0.3' })]))).toEqual(['a=10.0.0.1']);
    expect(show(target.decide([request('b', { recorded: '10.0.0.1' })]))).toEqual(['b!taken by a']);
  });
  test('released addresses rest until nothing fresh is left, longest at rest first', () => {
    const target = pool(['10.0.0.1..10.0.0.4']);
    settle(
      target,
      ['a', 'b', 'c'].map((holder) => request(holder)),
    );
    target.release('c');
    target.release('a');
    expect(settle(target, [request('d'), request('e'), request('f'), request('g')])).toEqual([
      'd=10.0.0.4+',
      'e=10.0.0.3+',
      'f=10.0.0.1+',
      'g!exhausted',
    ]);
  });
  test('who comes back gets what it had, unless somebody else has had it since', () => {
    const target = pool(['10.0.0.1..10.0.0.6']);
    const back = (holder: string) => ({ ...request(holder), comesBack: true });
    settle(
      target,
      ['a', 'b', 'c'].map((holder) => request(holder)),
    );
    for (const holder of ['a', 'b', 'c']) target.release(holder);
    // Without saying so one is a newcomer like any other.
    expect(settle(target, [back('a'), request('b'), back('z')])).toEqual([
      'a=10.0.0.1+',
      'b=10.0.0.4+',
      'z=10.0.0.5+',
    ]);
    // Two wishes for one address in one round: the person's goes first.
    expect(settle(target, [back('c'), request('p', { requested: '10.0.0.3' })])).toEqual([
      'c=10.0.0.6+',
      'p=10.0.0.3+',
    ]);
    target.release('p');
    target.release('c');
    expect(settle(target, [back('p'), back('c')])).toEqual(['c=10.0.0.6+', 'p=10.0.0.3+']);
  });
  test('a person may ask for a resting address', () => {
    const target = pool(['10.0.0.1..10.0.0.2']);
    settle(target, [request('a')]);
    target.release('a');
    expect(settle(target, [request('b', { requested: '10.0.0.1' }), request('c'), request('d')])).toEqual([
      'b=10.0.0.1+',
      'c=10.0.0.2+',
      'd!exhausted',
    ]);
  });
  test('a move releases the old address', () => {
    const target = pool(['10.0.0.1..10.0.0.2']);
    settle(target, [request('a')]);
    settle(target, [request('a', { requested: '10.0.0.2' })]);
    expect(target.claims()).toEqual([{ holder: 'a', address: address('10.0.0.2') }]);
    expect(settle(target, [request('b')])).toEqual(['b=10.0.0.1+']);
  });
  test('a move away from a record that the pool never saw releases the old address all the same', () => {
    const target = pool(['10.0.0.1..10.0.0.3']);
    settle(target, [request('a', { recorded: '10.0.0.1', requested: '10.0.0.3' })]);
    expect(settle(target, [request('b'), request('c'), request('d')])).toEqual([
      'b=10.0.0.2+',
      'c=10.0.0.1+',
      'd!exhausted',
    ]);
  });
  test('usage counts what is in the pool only', () => {
    const target = pool(['10.0.0.1..10.0.0.4']);
    settle(target, [request('a'), request('b', { requested: '10.9.9.9', outsideRange: 'allow' })]);
    expect(target.usage()).toEqual({ size: 4n, used: 1n });
    expect(target.claims()).toHaveLength(2);
    target.release('a');
    target.release('b');
    target.release('nobody');
    expect(target.usage()).toEqual({ size: 4n, used: 0n });
  });
  test('decisions that are out of date are not applied', () => {
    const target = pool(['10.0.0.1..10.0.0.2']);
    const old = target.decide([request('a')]);
    settle(target, [request('b')]);
    expect(() => target.apply(old)).toThrow(/10\.0\.0\.1 for a is held by b/);
  });
});

describe('blocks', () => {
  test('whole aligned blocks around a hole', () => {
    const target = pool(['10.0.0.128..10.0.2.255', '10.0.4.0/23'], 24);
    expect(target.usage().size).toBe(4n);
    expect(
      settle(
        target,
        ['a', 'b', 'c', 'd', 'e'].map((holder) => request(holder)),
      ),
    ).toEqual(['a=10.0.1.0+', 'b=10.0.2.0+', 'c=10.0.4.0+', 'd=10.0.5.0+', 'e!exhausted']);
  });
  test('an address that is no base of a block', () => {
    const target = pool(['10.0.0.0/16'], 24);
    const outside = { outsideRange: 'allow' } as const;
    expect(show(target.decide([request('a', { requested: '10.0.0.1', ...outside })]))).toEqual([
      'a!out-of-range',
    ]);
    expect(show(target.decide([request('a', { requested: '10.9.0.0', ...outside })]))).toEqual([
      'a=10.9.0.0+',
    ]);
  });
});

test.each([
  ['a /16 with 60,000 addresses taken', ['10.1.0.0/16'], undefined],
  ['a /8 of /24 blocks with 60,000 taken', ['10.0.0.0/8'], 24],
])('cost does not grow with claims: %s', (_, ranges, blockLength) => {
  const target = pool(ranges, blockLength);
  settle(
    target,
    Array.from({ length: 60_000 }, (__, index) => request(`h${index}`)),
  );
  const started = performance.now();
  for (let round = 0; round < 4000; round++) {
    const decisions = target.decide([request('new')]);
    expect(decisions[0]).toMatchObject({ isNew: true });
    target.apply(decisions);
    target.release('new');
  }
  // A scan from the start would be 4,000 × 60,000 steps: half a minute at least.
  expect(performance.now() - started).toBeLessThan(3000);
});

test('a pool of IPv6 hands out the lowest, takes wishes anywhere, and costs what is held', () => {
  const target = pool(['2001:db8::1..2001:db8::ffff:ffff:ffff:ffff']);
  const wishes = [
    request('a'),
    request('b', { requested: '2001:db8::ffff:ffff:ffff:ffff' }),
    request('c', { recorded: '2001:db8::8000:0:0:0' }),
    request('d', { requested: '10.0.0.1' }),
    request('e'),
  ];
  expect(settle(target, wishes)).toEqual([
    'a=2001:db8::1+',
    'b=2001:db8::ffff:ffff:ffff:ffff+',
    'c=2001:db8:0:0:8000::',
    'd!out-of-range',
    'e=2001:db8::2+',
  ]);
  expect(target.usage()).toEqual({ size: (1n << 64n) - 1n, used: 4n });
  target.release('a');
  expect(settle(target, [request('f'), request('a')])).toEqual(['a=2001:db8::3+', 'f=2001:db8::4+']);
});

test('a pool whose ranges are all excluded keeps what was given out, in the family that it says', () => {
  const target = new Pool({ name: 'p', family: 6, ranges: [] });
  const recorded = request('a', { recorded: '2001:db8::5', outsideRange: 'allow' });
  expect(settle(target, [recorded, request('b')])).toEqual(['a=2001:db8::5', 'b!exhausted']);
});
