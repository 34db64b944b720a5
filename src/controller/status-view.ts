// What whoever writes status may ask at any time: objects, how full a pool is, and what the database still serves.
import type { Inventory } from '../model/inventory.ts';
import { parseLedgerKey } from '../northbound/ledger.ts';
import { sourceOf } from '../northbound/ownership.ts';
import { mapColumn } from '../northbound/read-column.ts';
import type { CurrentRows } from '../plan/current-rows.ts';
import type { PoolUsage, StatusObjects } from '../status/unit-outcome.ts';
import type { AddressBook } from './address-book.ts';

export interface StatusView {
  /** The objects as the source told them. */
  readonly objects: StatusObjects;
  /** How many changes of objects have been told. */
  revision(): number;
  /** How much of a pool (`ExternalNetwork/ext-cloud`) is given out; undefined: nobody has asked it yet. */
  usage(pool: string): PoolUsage | undefined;
  /** Keys of objects for which the unit still has rows, or records of addresses. O(rows of the unit). */
  served(unit: string): ReadonlySet<string>;
}

export function statusView(
  objects: Inventory,
  addresses: Pick<AddressBook, 'usageOf'>,
  current: CurrentRows,
): StatusView {
  return {
    objects,
    revision: () => objects.revision,
    usage: (pool) => addresses.usageOf(pool),
    served: (unit) => servedSources(unit, current),
  };
}

function servedSources(unit: string, current: CurrentRows): ReadonlySet<string> {
  const sources = new Set<string>();
  for (const { row } of current.unitRows(unit)) {
    const source = sourceOf(row);
    if (source !== undefined) sources.add(source);
    for (const key of Object.keys(mapColumn(row, 'external_ids'))) {
      const record = parseLedgerKey(key);
      if (record !== undefined) sources.add(record.holder);
    }
  }
  return sources;
}
