// The epoch row: what makes a paused old leader's transactions fail (DESIGN §4).
import { randomUUID } from 'node:crypto';
import { CodedError } from '../base/errors.ts';
import { rowUuid } from '../northbound/identity.ts';
import { markPrefix } from '../northbound/managed-keys.ts';
import { markKeys, ownerOf } from '../northbound/ownership.ts';
import { mapColumn } from '../northbound/read-column.ts';
import type { Operation } from '../ovsdb/operation.ts';
import type { ReplicaView } from '../ovsdb/replica-view.ts';
import type { AtomMap, Row } from '../ovsdb/value.ts';

const table = 'Copp';
const epochKey = `${markPrefix}epoch`;
const writerKey = `${markPrefix}writer`;

/** What is monitored beside the tables that the compiler writes. */
export const epochColumns = { Copp: ['name', 'external_ids'] } as const;

/** How a session comes by the right to write: `take-over` ends every earlier writer's, `join` writes beside it. */
export type EpochMode = 'take-over' | 'join';

/**
 * A row of a root table whose name is unique and that no router or switch refers to, so that it has no effect:
 * `Copp ovn-projector-default`, external_ids `ovn-projector/epoch=3`. Every transaction waits for its own epoch.
 * The row exists while there are rows of ours, no longer.
 */
export class EpochFence {
  readonly uuid: string;
  readonly #owner: string;
  /** Tells two sessions apart that came by one number. */
  readonly #writer = randomUUID();
  #held: AtomMap | undefined;

  constructor(owner: string) {
    this.#owner = owner;
    this.uuid = rowUuid(owner, table, 'epoch');
  }

  /** Whether somebody else has taken over since the claim. */
  isLost(replica: ReplicaView): boolean {
    const row = replica.row(table, this.uuid);
    if (row === undefined || this.#held === undefined || !isMarked(row)) return false;
    return !isSameEpoch(row, this.#held) && epochOf(row)[writerKey] !== this.#writer;
  }

  /** The error that says who took over. */
  lossOf(replica: ReplicaView): CodedError {
    return fenced(`epoch ${String(epochOf(replica.row(table, this.uuid))[epochKey])} is in force`);
  }

  /** Whether the row is there, whosever epoch it says. */
  exists(replica: ReplicaView): boolean {
    return replica.row(table, this.uuid) !== undefined;
  }

  /** The operation that comes first in every transaction. @throws TARGET_FENCED without a claim */
  guard(): Operation {
    if (this.#held === undefined) throw fenced('this session has no epoch');
    return this.#waitFor(this.#held);
  }

  /**
   * What must be written so that this session holds the epoch; undefined: nothing, it does already.
   * {@link settle} must be told when it was written. @throws TARGET_FENCED when somebody else has taken over
   */
  claim(replica: ReplicaView, mode: EpochMode): readonly Operation[] | undefined {
    const row = replica.row(table, this.uuid);
    if (this.isLost(replica)) throw this.lossOf(replica);
    if (row === undefined) return [this.#insert(epochNumber(this.#held) + 1)];
    if (this.#held === undefined && mode === 'join' && isMarked(row)) this.#held = epochOf(row);
    if (this.#held === undefined || !isMarked(row)) return this.#replace(row);
    return this.#isWhole(row) ? undefined : this.#repair(row);
  }

  /** Takes note of the row as it is after a claim was written. */
  settle(replica: ReplicaView): void {
    const row = replica.row(table, this.uuid);
    if (row !== undefined && epochOf(row)[writerKey] === this.#writer) this.#held = epochOf(row);
  }

  /** Removes the row, if the epoch is ours. */
  retire(): readonly Operation[] {
    return [this.guard(), { op: 'delete', table, where: [['_uuid', '==', this.uuid]] }];
  }

  get #name(): string {
    return `ovn-projector-${this.#owner}`;
  }

  #isWhole(row: Row): boolean {
    return row['name'] === this.#name && ownerOf(row) === this.#owner;
  }

  #marks(epoch: number): AtomMap {
    return {
      [markKeys.owner]: this.#owner,
      [markKeys.id]: 'epoch',
      [epochKey]: String(epoch),
      [writerKey]: this.#writer,
    };
  }

  #insert(epoch: number): Operation {
    const row = { name: this.#name, external_ids: this.#marks(epoch) };
    return { op: 'insert', table, uuid: this.uuid, row };
  }

  #replace(row: Row): readonly Operation[] {
    const before = epochOf(row);
    const number = Math.max(epochNumber(before), epochNumber(this.#held));
    return [this.#waitFor(before), ...this.#write(this.#marks(number + 1))];
  }

  #repair(row: Row): readonly Operation[] {
    const epoch = epochOf(row);
    return [this.#waitFor(epoch), ...this.#write({ ...this.#marks(0), ...epoch })];
  }

  #write(marks: AtomMap): readonly Operation[] {
    const where = [['_uuid', '==', this.uuid]] as const;
    const mutations = [
      ['external_ids', 'delete', Object.keys(marks)],
      ['external_ids', 'insert', marks],
    ] as const;
    return [
      { op: 'update', table, where, row: { name: this.#name } },
      { op: 'mutate', table, where, mutations },
    ];
  }

  /** Passes when the row is there with this epoch: what else people do to it fences nobody. */
  #waitFor(epoch: AtomMap): Operation {
    return {
      op: 'wait',
      table,
      where: [
        ['_uuid', '==', this.uuid],
        ['external_ids', 'includes', epoch],
      ],
      columns: ['name'],
      until: '!=',
      rows: [],
      timeoutMs: 0,
    };
  }
}

/** False for a row from which somebody removed the epoch: that is damage, not another writer. */
function isMarked(row: Row): boolean {
  return epochOf(row)[epochKey] !== undefined;
}

/** The two keys that say whose epoch it is. */
function epochOf(row: Row | undefined): AtomMap {
  const ids = row === undefined ? {} : mapColumn(row, 'external_ids');
  return Object.fromEntries(
    [epochKey, writerKey].flatMap((key) => (ids[key] === undefined ? [] : [[key, ids[key]]])),
  );
}

function isSameEpoch(row: Row, held: AtomMap): boolean {
  const epoch = epochOf(row);
  return epoch[epochKey] === held[epochKey] && epoch[writerKey] === held[writerKey];
}

function epochNumber(epoch: AtomMap | undefined): number {
  const number = Number(epoch?.[epochKey] ?? 0);
  return Number.isSafeInteger(number) ? number : 0;
}

function fenced(detail: string): CodedError {
  return new CodedError(
    'TARGET_FENCED',
    `another instance with the same owner has taken over (${detail}); stop one of the two, or give it another owner`,
    { retryable: false },
  );
}
