// One change set, one transaction: guarded by the epoch, checked, and its failures told apart.
import { CodedError } from '../base/errors.ts';
import { TransactionError } from '../ovsdb/index.ts';
import type { Database, Operation } from '../ovsdb/index.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import { toOperations } from '../plan/to-operations.ts';
import type { EpochFence, EpochMode } from './epoch.ts';
import type { CommitOutcome } from './target.ts';

/** What another writer can bring about between plan and commit, and what a wrong plan can as well. */
const constraintCodes: ReadonlySet<string> = new Set([
  'OVSDB_CONSTRAINT_VIOLATION',
  'OVSDB_DUPLICATE_UUID',
  'OVSDB_REFERENTIAL_INTEGRITY_VIOLATION',
]);
const maximumClaims = 5;

/** Writes through one database connection and one epoch. */
export class Committer {
  readonly #database: Database;
  readonly #fence: EpochFence;
  #mode: EpochMode = 'join';
  #claiming: Promise<void> | undefined;

  constructor(database: Database, fence: EpochFence) {
    this.#database = database;
    this.#fence = fence;
  }

  async claimEpoch(mode: EpochMode): Promise<void> {
    this.#mode = mode;
    if (this.#fence.exists(this.#database.replica)) await this.#ensureEpoch();
  }

  async retireEpoch(): Promise<void> {
    if (!this.#fence.exists(this.#database.replica)) return;
    await this.#ensureEpoch();
    await this.#database.transact(this.#fence.retire(), { orderKeys: [this.#fence.uuid] });
  }

  /** Never rejects. */
  async commit(changes: ChangeSet): Promise<CommitOutcome> {
    try {
      await this.#ensureEpoch();
      const { operations, expectations } = toOperations(changes, this.#database.schema);
      // Transactions of different units may share a row only to put children in, in any order; so the unit is the key.
      const options = { orderKeys: [changes.unit] };
      const results = await this.#database.transact([this.#fence.guard(), ...operations], options);
      const missed = expectations.find((index) => results[index + 1]?.count === 0);
      return missed === undefined
        ? { kind: 'committed' }
        : { kind: 'retry', error: matchedNothing(operations[missed]) };
    } catch (error) {
      return this.#outcomeOf(error);
    }
  }

  /** Writes what is no row of ours, under the same guard; without one while there is no epoch, thus nothing of ours. */
  async write(operations: readonly Operation[], signal: AbortSignal): Promise<CommitOutcome> {
    try {
      const isGuarded = this.#fence.exists(this.#database.replica);
      if (isGuarded) await this.#ensureEpoch();
      const guard = isGuarded ? [this.#fence.guard()] : [];
      await this.#database.transact([...guard, ...operations], { signal });
      return { kind: 'committed' };
    } catch (error) {
      return this.#outcomeOf(error);
    }
  }

  /** Claims once for all who wait. Returns without delay when the epoch is held. */
  async #ensureEpoch(): Promise<void> {
    for (let attempt = 0; attempt < maximumClaims; attempt++) {
      const operations = this.#fence.claim(this.#database.replica, this.#mode);
      if (operations === undefined) return;
      this.#claiming ??= this.#writeEpoch(operations).finally(() => (this.#claiming = undefined));
      await this.#claiming;
    }
    throw new CodedError('TARGET_EPOCH_CONTENDED', 'another instance with the same owner keeps taking over', {
      retryable: true,
    });
  }

  /** Resolves as well when somebody else was first: the next claim starts from what is there then. */
  async #writeEpoch(operations: readonly Operation[]): Promise<void> {
    try {
      await this.#database.transact(operations, { orderKeys: [this.#fence.uuid] });
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      const lostRace = ['OVSDB_DUPLICATE_UUID', 'OVSDB_WAIT_TIMED_OUT', 'OVSDB_UNCERTAIN'];
      if (error.code === 'OVSDB_CONSTRAINT_VIOLATION') throw epochNameTaken(error);
      if (!lostRace.includes(error.code)) throw error;
    }
    this.#fence.settle(this.#database.replica);
  }

  #outcomeOf(error: unknown): CommitOutcome {
    if (!(error instanceof CodedError)) {
      const message = error instanceof Error ? error.message : String(error);
      return {
        kind: 'failed',
        error: new CodedError('TARGET_BUG', message, { retryable: false, cause: error }),
      };
    }
    if (error.code === 'TARGET_FENCED') return { kind: 'fenced', error };
    if (this.#fence.isLost(this.#database.replica))
      return { kind: 'fenced', error: this.#fence.lossOf(this.#database.replica) };
    if (constraintCodes.has(error.code)) return { kind: 'refused', error };
    const isRace = error instanceof TransactionError && error.code === 'OVSDB_WAIT_TIMED_OUT';
    return { kind: isRace || error.retryable ? 'retry' : 'failed', error };
  }
}

function matchedNothing(operation: Operation | undefined): CodedError {
  const what = operation !== undefined && 'table' in operation ? `${operation.op} ${operation.table}` : '';
  return new CodedError('TARGET_PRECONDITION', `${what} matched no row: it went after the plan was made`, {
    retryable: true,
  });
}

function epochNameTaken(cause: CodedError): CodedError {
  return new CodedError(
    'TARGET_EPOCH_NAME',
    'a Copp row that is not ours has the name of our epoch row; remove it, or choose another owner',
    { retryable: false, cause },
  );
}
