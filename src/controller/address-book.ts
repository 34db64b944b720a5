// Every pool of the instance through its life: what was asked, what was decided, and when an address comes free.
import { sortBy } from '../base/order.ts';
import { isGranted } from '../ipam/pool.ts';
import type { Decision, PoolSpec } from '../ipam/pool.ts';
import { sameAddress } from '../net/address.ts';
import { recordedAddresses } from '../model/address-answers.ts';
import type { AddressAnswers, PoolRequest } from '../model/address-answers.ts';
import type { Records } from '../target/records.ts';
import { orphanKey, OrphanRecords } from './orphan-records.ts';
import { PoolBook } from './pool-book.ts';
import type { UnitRequest } from './pool-book.ts';

interface Held {
  readonly pool: string;
  readonly holder: string;
}

/** Addresses, or blocks: `size` can be given out, `used` of them are held. */
export interface PoolUsage {
  readonly pool: string;
  readonly size: bigint;
  readonly used: bigint;
}

/**
 * Answers the model. An address is somebody's while a unit asks for it or the database still records it, whichever
 * ends later; so nothing is handed out while old rows use it, not even those of a unit that cannot be modelled now.
 */
export class AddressBook implements AddressAnswers {
  readonly #records: Pick<Records, 'recorded' | 'ledger'>;
  readonly #pools = new Map<string, PoolBook>();
  readonly #heldByUnit = new Map<string, readonly Held[]>();
  readonly #readers: (unit: string) => Iterable<string>;
  #orphans: OrphanRecords | undefined;
  /** Where a holder whose record outlives its request holds an address. */
  readonly #lingering = new Map<string, Set<string>>();

  /** `readers`: units that have to know when the addresses of another one change. */
  constructor(
    records: Pick<Records, 'recorded' | 'ledger'>,
    readers: (unit: string) => Iterable<string> = () => [],
  ) {
    this.#records = records;
    this.#readers = readers;
  }

  decision(pool: string, holder: string): Decision | undefined {
    return this.#pools.get(pool)?.decision(holder);
  }

  /** How full each pool is that somebody has asked so far, by name. */
  usage(): readonly PoolUsage[] {
    return sortBy(this.#pools, ([pool]) => pool).map(([pool, book]) => {
      const { size, used } = book.usage();
      return { pool, size, used };
    });
  }

  /** Undefined: nobody has asked the pool yet. */
  usageOf(pool: string): { readonly size: bigint; readonly used: bigint } | undefined {
    return this.#pools.get(pool)?.usage();
  }

  recorded(holder: string): string | undefined {
    return this.#records.recorded(holder);
  }

  /**
   * Decides what is open among the wishes of units, per pool in one batch. Returns the units that must be modelled
   * again because an answer of theirs is new. The first call must bring every unit: what it does not name counts as
   * held by somebody who cannot say so now.
   */
  settle(wishes: ReadonlyMap<string, readonly PoolRequest[]>): ReadonlySet<string> {
    this.#orphans ??= this.#findOrphans(wishes);
    const changed = new Set<string>();
    const open = new Map<PoolBook, UnitRequest[]>();
    for (const [unit, requests] of wishes) {
      for (const { pool, request } of requests) {
        const book = this.#book(pool, changed);
        if (book.isSettled(unit, request)) continue;
        const batch = open.get(book);
        if (batch === undefined) open.set(book, [{ unit, request }]);
        else batch.push({ unit, request });
      }
    }
    for (const [book, batch] of open) for (const unit of book.decide(batch)) changed.add(unit);
    return this.#withReaders(changed);
  }

  /**
   * The unit's rows are in the database as its last model wants them: what it asked for before and does not any more is
   * released. Returns the units that were refused an address of those pools.
   */
  finish(unit: string, requests: readonly PoolRequest[]): ReadonlySet<string> {
    const current = requests.map(({ pool, request }) => ({ pool: pool.name, holder: request.holder }));
    const before = this.#heldByUnit.get(unit) ?? [];
    if (current.length === 0) this.#heldByUnit.delete(unit);
    else this.#heldByUnit.set(unit, current);
    const keys = new Set(current.map(heldKey));
    const freed = before.filter((held) => !keys.has(heldKey(held)) && this.#letGo(unit, held));
    return this.#waiting(freed.map(({ pool }) => pool));
  }

  /**
   * Of the records of these holders something is gone from the database, an address or all. Returns the units that may get
   * an address now.
   */
  recordsGone(holders: Iterable<string>): ReadonlySet<string> {
    const freed: string[] = [];
    for (const holder of holders) {
      this.#orphans?.remove(holder, recordedAddresses(this.recorded(holder)));
      const pools = this.#lingering.get(holder) ?? new Set();
      for (const pool of pools) {
        const book = this.#pools.get(pool);
        if (book !== undefined && this.#isRecorded(holder, book)) continue;
        pools.delete(pool);
        if (book?.release(holder, undefined) === true) freed.push(pool);
      }
      if (pools.size === 0) this.#lingering.delete(holder);
    }
    return this.#waiting(freed);
  }

  /** Whether the database still says that the holder has what it holds in a pool. */
  #isRecorded(holder: string, book: PoolBook): boolean {
    const held = book.addressOf(holder);
    const recorded = recordedAddresses(this.recorded(holder));
    return held !== undefined && recorded.some((address) => sameAddress(address, held));
  }

  #letGo(unit: string, { pool, holder }: Held): boolean {
    const book = this.#pools.get(pool);
    if (book === undefined) return false;
    if (!this.#isRecorded(holder, book)) return book.release(holder, unit);
    book.orphan(holder);
    this.#linger(holder, pool);
    return false;
  }

  #linger(holder: string, pool: string): void {
    const pools = this.#lingering.get(holder);
    if (pools === undefined) this.#lingering.set(holder, new Set([pool]));
    else pools.add(pool);
  }

  #withReaders(units: ReadonlySet<string>): ReadonlySet<string> {
    const all = new Set(units);
    for (const unit of units) for (const reader of this.#readers(unit)) all.add(reader);
    return all;
  }

  #waiting(pools: Iterable<string>): ReadonlySet<string> {
    const units = new Set<string>();
    for (const pool of new Set(pools)) {
      for (const unit of this.#pools.get(pool)?.refusedUnits() ?? []) units.add(unit);
    }
    return units;
  }

  #findOrphans(wishes: ReadonlyMap<string, readonly PoolRequest[]>): OrphanRecords {
    const asked = new Set(
      [...wishes.values()].flatMap((requests) =>
        requests.map(({ pool, request }) => orphanKey(request.holder, pool.family ?? pool.ranges[0]?.family)),
      ),
    );
    return new OrphanRecords(this.#records.ledger(), asked);
  }

  #book(spec: PoolSpec, changed: Set<string>): PoolBook {
    const known = this.#pools.get(spec.name);
    let orphans: readonly UnitRequest[] = [];
    const findOrphans = (): readonly UnitRequest[] => (orphans = this.#orphans?.wishesIn(spec) ?? []);
    const book = known ?? new PoolBook(spec);
    if (known === undefined) {
      this.#pools.set(spec.name, book);
      book.decide(findOrphans());
    } else for (const unit of known.respec(spec, findOrphans) ?? []) changed.add(unit);
    for (const { request } of orphans) this.#adopt(book, spec.name, request.holder);
    return book;
  }

  /** Keeps what was granted to a record that nobody asks for, until the record goes. */
  #adopt(book: PoolBook, pool: string, holder: string): void {
    const decision = book.decision(holder);
    if (decision !== undefined && isGranted(decision)) this.#linger(holder, pool);
    else book.release(holder, undefined);
  }
}

function heldKey({ pool, holder }: Held): string {
  return `${pool}\u0000${holder}`;
}
