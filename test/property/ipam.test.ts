// Laws of src/ipam (DESIGN §6), on pools small enough to run out and histories long enough to come round.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pool, isGranted } from '../../src/ipam/pool.ts';
import type { AddressRequest, Decision } from '../../src/ipam/pool.ts';
import type { Address, Range } from '../../src/net/address.ts';
import { mergeRanges, rangeContains, rangesSize } from '../../src/net/range.ts';

const base = 0x0a000000n;
/** Twelve addresses with holes between them; wishes go a little beyond. */
const ranges: Range[] = [
  { family: 4, first: base + 9n, last: base + 14n },
  { family: 4, first: base + 1n, last: base + 5n },
  { family: 4, first: base + 20n, last: base + 20n },
];
const size = Number(rangesSize(mergeRanges(ranges)));
const inPool = (address: Address): boolean => ranges.some((range) => rangeContains(range, address));

const anyAddress = fc.nat(24).map((offset): Address => ({ family: 4, value: base + BigInt(offset) }));
const anyHolder = fc.nat(17).map((index) => `h${index}`);
const anyRequest: fc.Arbitrary<AddressRequest> = fc
  .record(
    {
      holder: anyHolder,
      order: fc.constantFrom('1', '2', '3'),
      requested: fc.option(anyAddress, { nil: undefined, freq: 3 }),
      recorded: fc.option(anyAddress, { nil: undefined, freq: 3 }),
      outsideRange: fc.constantFrom(undefined, undefined, 'allow' as const),
      comesBack: fc.constantFrom(undefined, true),
    },
    { requiredKeys: ['holder', 'order'] },
  )
  .map(
    (record) =>
      Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never,
  );
const anyRequests = fc.uniqueArray(anyRequest, { maxLength: 18, selector: (request) => request.holder });

type Step = { readonly requests: AddressRequest[] } | { readonly release: string };
const anyHistory = fc.array(
  fc.oneof(
    fc.record({ requests: anyRequests }),
    fc.record({ release: anyHolder }),
    fc.record({ release: anyHolder }),
  ),
  { maxLength: 12 },
) as fc.Arbitrary<Step[]>;

/** A pool in any state that it can get into. */
function poolAfter(history: readonly Step[]): Pool {
  const pool = new Pool({ name: 'p', ranges });
  for (const step of history) {
    if ('release' in step) pool.release(step.release);
    else pool.apply(pool.decide(step.requests));
  }
  return pool;
}

const granted = (decisions: readonly Decision[]) => decisions.filter(isGranted);

function expectLaw(law: (pool: Pool, requests: AddressRequest[]) => void): void {
  fc.assert(
    fc.property(anyHistory, anyRequests, (history, requests) => law(poolAfter(history), requests)),
    { numRuns: 500 },
  );
}

describe('laws of allocation', () => {
  test('every request has one answer', () => {
    expectLaw((pool, requests) => {
      const holders = pool.decide(requests).map((decision) => decision.holder);
      expect(holders.toSorted()).toEqual(requests.map((request) => request.holder).toSorted());
    });
  });

  test('no two holders have one address', () => {
    expectLaw((pool, requests) => {
      pool.apply(pool.decide(requests));
      const values = pool.claims().map((claim) => claim.address.value);
      expect(new Set(values).size).toBe(values.length);
    });
  });

  test('no address is outside the pool unless that is allowed', () => {
    expectLaw((pool, requests) => {
      const before = new Set(pool.claims().map((claim) => claim.holder));
      for (const { holder, address } of granted(pool.decide(requests))) {
        const request = requests.find((candidate) => candidate.holder === holder);
        expect(inPool(address) || request?.outsideRange === 'allow' || before.has(holder)).toBe(true);
      }
    });
  });

  test('to decide changes nothing, and a second time gives the same', () => {
    expectLaw((pool, requests) => {
      const claims = pool.claims();
      expect(pool.decide(requests)).toEqual(pool.decide(requests));
      expect(pool.claims()).toEqual(claims);
    });
  });

  test('the order of requests does not matter', () => {
    fc.assert(
      fc.property(
        anyHistory,
        anyRequests.chain((requests) =>
          fc.tuple(fc.constant(requests), fc.shuffledSubarray(requests, { minLength: requests.length })),
        ),
        (history, [requests, shuffled]) => {
          const pool = poolAfter(history);
          expect(pool.decide(shuffled)).toEqual(pool.decide(requests));
        },
      ),
    );
  });

  test('what is held is never moved by other requests, only by a wish of its own', () => {
    expectLaw((pool, requests) => {
      const held = new Map(pool.claims().map((claim) => [claim.holder, claim.address.value]));
      const wishes = new Map(requests.map((request) => [request.holder, request.requested?.value]));
      for (const decision of pool.decide(requests)) {
        const before = held.get(decision.holder);
        if (before === undefined) continue;
        const wish = wishes.get(decision.holder);
        if (isGranted(decision)) expect(decision.address.value).toBe(wish ?? before);
        else expect(decision.holds?.value).toBe(before);
      }
    });
  });

  test('decisions that were applied stand when more is asked', () => {
    fc.assert(
      fc.property(anyHistory, anyRequests, anyRequests, (history, first, more) => {
        const pool = poolAfter(history);
        const decisions = granted(pool.decide(first));
        pool.apply(decisions);
        const holders = new Set(first.map((request) => request.holder));
        const again = pool.decide([...first, ...more.filter((request) => !holders.has(request.holder))]);
        for (const { holder, address } of decisions) {
          expect(again.find((decision) => decision.holder === holder)).toEqual({
            holder,
            address,
            isNew: false,
          });
        }
      }),
    );
  });

  test('a restart forgets nothing: records bring every claim back', () => {
    expectLaw((pool) => {
      const claims = pool.claims();
      const fresh = new Pool({ name: 'p', ranges });
      const records = claims.map(({ holder, address }): AddressRequest => ({
        holder,
        recorded: address,
        order: holder,
        outsideRange: 'allow',
      }));
      fresh.apply(fresh.decide(records));
      expect(
        new Set(fresh.claims().map((claim) => JSON.stringify([claim.holder, `${claim.address.value}`]))),
      ).toEqual(new Set(claims.map((claim) => JSON.stringify([claim.holder, `${claim.address.value}`]))));
      expect(fresh.usage()).toEqual(pool.usage());
    });
  });

  test('exhausted is said exactly when nothing is free', () => {
    expectLaw((pool, requests) => {
      const automatic = requests.map(({ holder, order }) => ({ holder, order }));
      const unheld = automatic.filter(({ holder }) => pool.addressOf(holder) === undefined);
      const free = size - Number(pool.usage().used);
      const decisions = pool.decide(automatic);
      expect(granted(decisions)).toHaveLength(requests.length - Math.max(0, unheld.length - free));
      for (const decision of decisions) {
        if (!isGranted(decision))
          expect(decision).toMatchObject({ failure: 'exhausted', size: BigInt(size) });
      }
    });
  });

  test('usage is the number of claims in the pool', () => {
    expectLaw((pool) => {
      const used = pool.claims().filter((claim) => inPool(claim.address)).length;
      expect(pool.usage()).toEqual({ size: BigInt(size), used: BigInt(used) });
    });
  });
});

test('automatic addresses: never used ones in ascending order, then the longest released', () => {
  const anyAction = fc.oneof(
    fc.constant({ kind: 'take' } as const),
    fc.record({ kind: fc.constant('release' as const), holder: anyHolder }),
    fc.record({ kind: fc.constant('ask' as const), wish: anyAddress.filter(inPool) }),
  );
  fc.assert(
    fc.property(fc.array(anyAction, { minLength: 20, maxLength: 120 }), (actions) => {
      const pool = new Pool({ name: 'p', ranges });
      let line = mergeRanges(ranges).flatMap(({ first, last }) =>
        Array.from({ length: Number(last - first) + 1 }, (_, index) => first + BigInt(index)),
      );
      let serial = 0;
      for (const action of actions) {
        if (action.kind === 'release') {
          const address = pool.addressOf(action.holder);
          if (address !== undefined) line.push(address.value);
          pool.release(action.holder);
          continue;
        }
        const holder = `h${serial++ % 18}`;
        if (pool.addressOf(holder) !== undefined) continue;
        const requested = action.kind === 'ask' ? { requested: action.wish } : {};
        const [decision] = pool.decide([{ holder, order: '', ...requested }]);
        const expected = action.kind === 'ask' ? line.find((value) => value === action.wish.value) : line[0];
        if (expected === undefined) expect(decision).toHaveProperty('failure');
        else expect(decision).toEqual({ holder, address: { family: 4, value: expected }, isNew: true });
        line = line.filter((value) => value !== expected);
        pool.apply([decision!]);
      }
    }),
    { numRuns: 500 },
  );
});
