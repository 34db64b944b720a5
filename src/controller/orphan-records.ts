// Records in the database that no unit asked for when the first addresses were decided.
import type { PoolSpec } from '../ipam/pool.ts';
import { recordedAddresses } from '../model/address-answers.ts';
import { compareAddresses, sameAddress } from '../net/address.ts';
import type { Address, Family } from '../net/address.ts';
import { families } from '../net/family-list.ts';
import type { LedgerRecord } from '../target/records.ts';
import type { UnitRequest } from './pool-book.ts';

interface Orphan {
  readonly holder: string;
  readonly kind: LedgerRecord['kind'];
  readonly address: Address;
}

/** A holder has at most one address of each family on record. */
export const orphanKey = (holder: string, family: Family | undefined): string => `${holder} ${family ?? ''}`;

/**
 * Whoever they belong to cannot say so now (an object that is rejected, a unit that is blocked or about to go), and old
 * rows may use them; so they are held until the record goes. Sorted by address: a pool costs what it finds.
 */
export class OrphanRecords {
  readonly #sorted: readonly Orphan[];
  readonly #left: Map<string, Orphan>;

  /** `asked`: {@link orphanKey}s of those that somebody asked for. */
  constructor(ledger: Iterable<LedgerRecord>, asked: ReadonlySet<string>) {
    const orphans = [...ledger].flatMap(({ holder, kind, value }) =>
      recordedAddresses(value)
        .filter(({ family }) => !asked.has(orphanKey(holder, family)))
        .map((address): Orphan => ({ holder, kind, address })),
    );
    this.#sorted = orphans.toSorted((a, b) => compareAddresses(a.address, b.address));
    this.#left = new Map(orphans.map((orphan) => [keyOf(orphan), orphan]));
  }

  /** Something of the record is gone; `left`: what is not. */
  remove(holder: string, left: readonly Address[]): void {
    for (const family of families) {
      const orphan = this.#left.get(orphanKey(holder, family));
      const isLeft = orphan !== undefined && left.some((address) => sameAddress(address, orphan.address));
      if (!isLeft) this.#left.delete(orphanKey(holder, family));
    }
  }

  /** What must be decided in a pool before or together with anybody's wishes, so that nothing of this is handed out. */
  wishesIn(spec: PoolSpec): readonly UnitRequest[] {
    const kind = spec.blockLength === undefined ? 'eip' : 'block';
    return spec.ranges
      .flatMap(({ family, first, last }) => [
        ...this.#between({ family, value: first }, { family, value: last }),
      ])
      .filter((orphan) => orphan.kind === kind)
      .map(({ holder, address }) => ({ unit: undefined, request: { holder, recorded: address, order: '' } }));
  }

  *#between(first: Address, last: Address): Generator<Orphan> {
    for (let index = this.#lowerBound(first); ; index++) {
      const orphan = this.#sorted[index];
      if (orphan === undefined || compareAddresses(orphan.address, last) > 0) return;
      if (this.#left.get(keyOf(orphan)) === orphan) yield orphan;
    }
  }

  /** Index of the first orphan that is not below `address`. */
  #lowerBound(address: Address): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const orphan = this.#sorted[middle];
      if (orphan !== undefined && compareAddresses(orphan.address, address) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const keyOf = ({ holder, address }: Orphan): string => orphanKey(holder, address.family);
