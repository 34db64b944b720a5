// Border of the room: where rows go, what is read back from there, and what happened to a commit.
import type { CodedError } from '../base/errors.ts';
import type { Observations } from '../model/address-answers.ts';
import type { Capabilities } from '../northbound/capabilities.ts';
import type { DatabaseStats } from '../ovsdb/database-options.ts';
import type { RowChange } from '../ovsdb/replica-view.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import type { CurrentRows } from '../plan/current-rows.ts';
import type { OwnershipPolicy } from '../plan/ownership-policy.ts';
import type { EpochMode } from './epoch.ts';
import type { OwnedRows } from './owned-rows.ts';
import type { Records } from './records.ts';

/**
 * What became of one change set.
 * `committed`: the replica shows it. `retry`: the world was in the way (a lost connection, a state that moved on); plan
 * again. `refused`: the server found a constraint violated; a race if a new plan differs, else a bug. `failed`: a bug.
 * `fenced`: another instance has taken over, nothing more may be written.
 */
export type CommitOutcome =
  | { readonly kind: 'committed' }
  | { readonly kind: 'retry' | 'refused' | 'failed' | 'fenced'; readonly error: CodedError };

/** What one notification of the server means to the loop. */
export interface TargetChange {
  /** Units whose rows must be looked at again, our own commits included. */
  readonly units: ReadonlySet<string>;
  /**
   * Units that rows were marked over to, with the unit that they were of before. The former would delete them, the
   * latter may want them back: look at it first.
   */
  readonly moved: ReadonlyMap<string, string>;
  /** Units of which the network reports something new that no commit of ours can bring about: a port went up or down. */
  readonly observed: ReadonlySet<string>;
  /** True when what every unit depends on changed: gateway chassis, which node is which chassis, northd's version. */
  readonly everything: boolean;
  readonly rows: readonly RowChange[];
  /** Holders whose record of an address went. */
  readonly recordsGone: readonly string[];
}

export interface TargetListener {
  /** Called after replica, records and counts were brought up to date. */
  changed(change: TargetChange): void;
  /** The connection is back, and the replica current. */
  connected(): void;
  /** Nothing can be written any more: fenced, or the server's schema is another one now. */
  ended(error: CodedError): void;
}

/** One Northbound database as the loop sees it. Reads are of the replica: current, cheap, never waiting. */
export interface Target {
  readonly owner: string;
  readonly policy: OwnershipPolicy;
  readonly capabilities: Capabilities;
  readonly current: CurrentRows;
  readonly owned: Pick<OwnedRows, 'total' | 'count' | 'units' | 'tables' | 'rules'>;
  readonly records: Pick<Records, 'recorded' | 'ledger'>;
  readonly observations: Observations;
  /** Of the connection to NB. */
  readonly connection: { readonly isSynced: boolean; readonly stats: DatabaseStats };
  /**
   * How this session may write: `take-over` at once ends every other writer with this owner; `join` takes the epoch
   * that is in force. Without a row of ours in the database the epoch begins with the first commit.
   * @throws TARGET_FENCED, and what `Database.transact` throws
   */
  claimEpoch(mode: EpochMode): Promise<void>;
  /** Removes the epoch row when it is the last row of ours; call it when nothing is left to do. */
  retireEpoch(): Promise<void>;
  /** Writes one change set in one transaction. Never rejects. */
  commit(changes: ChangeSet): Promise<CommitOutcome>;
  /**
   * Resolves when everything that was committed before the call is on every hypervisor: at once where there is none,
   * never while ovn-northd is away or one of them does not answer. It writes to the database: at most one at a time,
   * and not more than one per second.
   * @throws the signal's reason, TARGET_FENCED and what else ends the target
   */
  realise(signal: AbortSignal): Promise<void>;
  /** Returns how to stop listening. */
  listen(listener: TargetListener): () => void;
  close(): Promise<void>;
}
