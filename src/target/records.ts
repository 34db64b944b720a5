// Who holds which address according to the database: the ledger rows of VPCs, and the ports of workloads.
import { parseLedgerKey } from '../northbound/ledger.ts';
import type { LedgerKind } from '../northbound/ledger.ts';
import { ownerOf, sourceOf } from '../northbound/ownership.ts';
import { mapColumn } from '../northbound/read-column.ts';
import { atomsOf } from '../plan/value-shape.ts';
import type { ReplicaView, RowChange } from '../ovsdb/replica-view.ts';
import type { Row } from '../ovsdb/value.ts';

/**
 * One record. `value` is an address (`100.65.0.102`) or, for a block, a prefix (`10.0.10.0/24`); of both families with a
 * comma between.
 */
export interface LedgerRecord {
  readonly holder: string;
  readonly kind: LedgerKind;
  readonly value: string;
}

const recordTables = ['Address_Set', 'Logical_Switch_Port'] as const;

/** Records of the rows that carry the owner's mark, kept up to date row by row. */
export class Records {
  readonly #owner: string;
  readonly #ledger = new Map<string, LedgerRecord & { readonly row: string }>();
  readonly #ports = new Map<string, { readonly value: string; readonly row: string }>();

  /** Reads the replica once. */
  constructor(owner: string, replica: ReplicaView) {
    this.#owner = owner;
    for (const table of recordTables) {
      for (const [uuid, after] of replica.rows(table)) this.apply({ table, uuid, before: undefined, after });
    }
  }

  /** The addresses or block of a holder (`EIp/shalb-demo/ssh-arti`, `Pod/shalb-demo/nginx-0`); undefined: no record. */
  recorded(holder: string): string | undefined {
    return this.#ledger.get(holder)?.value ?? this.#ports.get(holder)?.value;
  }

  /** The port of a workload (`Pod/shalb-demo/nginx-0`), as the uuid of its row. */
  portOf(source: string): string | undefined {
    return this.#ports.get(source)?.row;
  }

  /** The ledger without the ports, in no particular order. */
  ledger(): Iterable<LedgerRecord> {
    return this.#ledger.values();
  }

  /** Takes a change in and returns the holders of whose record something went with it, an address or all. */
  apply(change: RowChange): readonly string[] {
    if (change.table === 'Address_Set') return this.#applyLedger(change);
    return change.table === 'Logical_Switch_Port' ? this.#applyPort(change) : [];
  }

  #applyLedger({ uuid, before, after }: RowChange): readonly string[] {
    if (before !== undefined && before['external_ids'] === after?.['external_ids']) return [];
    const kept = new Map<string, string>();
    for (const record of this.#read(after)) {
      this.#ledger.set(record.holder, { ...record, row: uuid });
      kept.set(record.holder, record.value);
    }
    const less = this.#read(before).filter(
      ({ holder, value }) => hasLess(kept.get(holder), value) && this.#ledger.get(holder)?.row === uuid,
    );
    for (const { holder } of less) if (!kept.has(holder)) this.#ledger.delete(holder);
    return less.map(({ holder }) => holder);
  }

  #read(row: Row | undefined): LedgerRecord[] {
    if (row === undefined || ownerOf(row) !== this.#owner) return [];
    return Object.entries(mapColumn(row, 'external_ids')).flatMap(([key, value]) => {
      const parsed = parseLedgerKey(key);
      return parsed === undefined ? [] : [{ ...parsed, value: String(value) }];
    });
  }

  #applyPort({ uuid, before, after }: RowChange): readonly string[] {
    const old = this.#readPort(before);
    const current = this.#readPort(after);
    if (current !== undefined) this.#ports.set(current.holder, { value: current.value, row: uuid });
    if (old === undefined) return [];
    if (old.holder === current?.holder) return hasLess(current.value, old.value) ? [old.holder] : [];
    if (this.#ports.get(old.holder)?.row !== uuid) return [];
    this.#ports.delete(old.holder);
    return [old.holder];
  }

  /** A workload port has no type and the addresses `MAC IP…`. */
  #readPort(row: Row | undefined): { readonly holder: string; readonly value: string } | undefined {
    if (row === undefined || row['type'] !== '' || ownerOf(row) !== this.#owner) return undefined;
    const [first = ''] = atomsOf(row['addresses']);
    const value = String(first).split(' ').slice(1).join(',');
    const holder = sourceOf(row);
    return value === '' || holder === undefined ? undefined : { holder, value };
  }
}

/** Whether `after` lacks something that `before` lists. */
function hasLess(after: string | undefined, before: string): boolean {
  if (after === before) return false;
  const kept = after?.split(',') ?? [];
  return before.split(',').some((part) => !kept.includes(part));
}
