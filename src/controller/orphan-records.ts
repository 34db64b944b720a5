// Records in the database that no unit asked for when the first addresses were decided.
import type { PoolSpec } from '../ipam/pool.ts';
import { compareAddresses, parseAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import type { LedgerRecord } from '../target/records.ts';
import type { UnitRequest } from './pool-book.ts';

interface Orphan {
  readonly holder: string;
  readonly kind: LedgerRecord['kind'];
  readonly address: Address;
}

/**
 * Whoever they belong to cannot say so now (an object that is rejected, a unit that is blocked or about to go), and old
 * rows may use them; so they are held until the record goes. Sorted by address: a pool costs what it finds.
 */
export class OrphanRecords {
  readonly #sorted: readonly Orphan[];
  readonly #left: Map<string, Orphan>;

  constructor(ledger: Iterable<LedgerRecord>, asked: ReadonlySet<string>) {
    const orphans = [...ledger].flatMap(({ holder, kind, value }) => {
      const address = asked.has(holder) ? undefined : parseAddress(value.split('/', 1)[0] ?? '');
      return address === undefined ? [] : [{ holder, kind, address }];
    });
    this.#sorted = orphans.toSorted((a, b) => compareAddresses(a.address, b.address));
    this.#left = new Map(orphans.map((orphan) => [orphan.holder, orphan]));
  }

  /** The record is gone. */
  remove(holder: string): void {
    this.#left.delete(holder);
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
      if (this.#left.get(orphan.holder) === orphan) yield orphan;
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
