// Whatever happens in whatever order: nobody is given what somebody else has, on record or in a model.
import fc from 'fast-check';
import { test } from 'vitest';
import { AddressBook } from '../../src/controller/address-book.ts';
import { isGranted } from '../../src/ipam/pool.ts';
import type { PoolSpec } from '../../src/ipam/pool.ts';
import type { PoolRequest } from '../../src/model/address-answers.ts';
import { formatAddress, parseAddress } from '../../src/net/address.ts';
import type { LedgerRecord } from '../../src/target/records.ts';

const first = parseAddress('192.0.2.0')!.value;
const range = (from: number, to: number): PoolSpec => ({
  name: 'pool',
  ranges: [{ family: 4, first: first + BigInt(from), last: first + BigInt(to) }],
});
const units = ['a', 'b', 'c'];

const step = fc.oneof(
  /** The unit asks for these holders from now on. */
  fc.record({
    kind: fc.constant('ask' as const),
    unit: fc.constantFrom(...units),
    holders: fc.uniqueArray(fc.integer({ min: 0, max: 5 })),
  }),
  /** Its rows are written: the ledger says what it has. */
  fc.record({ kind: fc.constant('commit' as const), unit: fc.constantFrom(...units) }),
  fc.record({
    kind: fc.constant('range' as const),
    from: fc.integer({ min: 0, max: 2 }),
    size: fc.integer({ min: 0, max: 6 }),
  }),
);

test('no address has two holders', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 4 }),
      (steps, old) => {
        const ledger = new Map<string, LedgerRecord & { unit: string }>(
          [...new Set(old)].map((host, index) => {
            const holder = `a/${index}`;
            return [holder, { holder, kind: 'eip', value: `192.0.2.${host}`, unit: 'a' }];
          }),
        );
        const book = new AddressBook({
          recorded: (holder) => ledger.get(holder)?.value,
          ledger: () => ledger.values(),
        });
        let spec = range(0, 4);
        const asked = new Map<string, PoolRequest[]>(units.map((unit) => [unit, []]));
        const wishes = () =>
          new Map(
            [...asked].map(([unit, requests]) => [
              unit,
              requests.map((each) => ({ ...each, pool: spec, ...withRecord(each) })),
            ]),
          );
        const withRecord = ({ request }: PoolRequest) => {
          const recorded = parseAddress(ledger.get(request.holder)?.value ?? '');
          return { request: recorded === undefined ? request : { ...request, recorded } };
        };
        const granted = (holder: string): string | undefined => {
          const decision = book.decision('pool', holder);
          return decision !== undefined && isGranted(decision) ? formatAddress(decision.address) : undefined;
        };
        book.settle(wishes());
        for (const each of steps) {
          if (each.kind === 'range') spec = range(each.from, each.from + each.size);
          if (each.kind === 'ask') {
            asked.set(
              each.unit,
              each.holders.map((number) => ({
                pool: spec,
                request: { holder: `${each.unit}/${number}`, order: String(number) },
              })),
            );
          }
          book.settle(wishes());
          if (each.kind === 'commit') {
            const now = new Set(asked.get(each.unit)?.map(({ request }) => request.holder));
            const gone = [...ledger.values()].filter(
              ({ holder, unit }) => unit === each.unit && !now.has(holder),
            );
            for (const { holder } of gone) ledger.delete(holder);
            for (const holder of now) {
              const value = granted(holder);
              if (value === undefined) ledger.delete(holder);
              else ledger.set(holder, { holder, kind: 'eip', value, unit: each.unit });
            }
            book.recordsGone(gone.map(({ holder }) => holder));
            book.finish(each.unit, wishes().get(each.unit) ?? []);
          }
          expectNoTwins(asked, ledger, granted);
        }
      },
    ),
    { numRuns: 400 },
  );
});

/** An address belongs to whom the ledger names, or to whom it was granted; moving, a holder may have two. */
function expectNoTwins(
  asked: ReadonlyMap<string, readonly PoolRequest[]>,
  ledger: ReadonlyMap<string, LedgerRecord>,
  granted: (holder: string) => string | undefined,
): void {
  const owners = new Map<string, string>();
  const claim = (value: string | undefined, holder: string): void => {
    if (value === undefined) return;
    const owner = owners.get(value) ?? holder;
    if (owner !== holder) throw new Error(`${value} has ${owner} and ${holder}`);
    owners.set(value, holder);
  };
  for (const requests of asked.values())
    for (const { request } of requests) claim(granted(request.holder), request.holder);
  for (const { holder, value } of ledger.values()) claim(value, holder);
}
