// One transaction on its way: what was asked, how far it is, and what the replica says about its fate.
import type { CodedError } from '../base/errors.ts';
import type { Params } from './json-rpc.ts';
import type { InsertOperation, Operation } from './operation.ts';
import type { OperationResult } from './operation-result.ts';
import type { ReplicaView } from './replica-view.ts';
import type { DatabaseSchema } from './schema.ts';

/** `uncertain`: sent, and the reply is lost or overdue. */
export type TransactionState = 'queued' | 'sent' | 'uncertain' | 'settled';

export interface TransactionRequest {
  readonly operations: readonly Operation[];
  /** `params` of the `transact` request: the database, then each operation in wire form. */
  readonly params: Params;
  /** By which the operations were encoded and the reply is read. */
  readonly schema: DatabaseSchema;
  readonly orderKeys: readonly string[];
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

/** What is known about a transaction whose reply is lost, once the replica is current again. */
export type Fate = 'committed' | 'absent' | 'unknown';

export class Transaction {
  readonly request: TransactionRequest;
  readonly outcome: Promise<readonly OperationResult[]>;
  state: TransactionState = 'queued';
  /** How often it was sent. */
  attempts = 0;
  readonly #ownRows: readonly InsertOperation[];
  readonly #resolve: (results: readonly OperationResult[]) => void;
  readonly #reject: (error: CodedError) => void;
  /** False when a row that it inserts was there already: seeing the row again proves nothing then. */
  #provable = false;
  /** Runs out when it waited too long: for being sent, or for being settled. */
  timer: NodeJS.Timeout | undefined;

  constructor(request: TransactionRequest) {
    this.request = request;
    const { promise, resolve, reject } = Promise.withResolvers<readonly OperationResult[]>();
    this.outcome = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#ownRows = request.operations.filter(isOwnInsert);
  }

  /** Notes that it goes out now. */
  markSent(replica: ReplicaView): void {
    if (this.attempts === 0) this.#provable = this.#ownRows.length > 0 && this.#present(replica) === 0;
    this.state = 'sent';
    this.attempts += 1;
    clearTimeout(this.timer);
  }

  /**
   * Its own rows are all there: it was committed, for nobody else chooses their uuids. None is there: it was not, or
   * not yet. Anything else proves nothing.
   */
  fate(replica: ReplicaView, isMonitored: (table: string) => boolean): Fate {
    if (!this.#provable) return 'unknown';
    const visible = this.#ownRows.filter(({ table }) => isMonitored(table)).length;
    const present = this.#present(replica);
    if (present === 0) return 'absent';
    return present === visible ? 'committed' : 'unknown';
  }

  /** True when the operation at `index` inserts a row whose uuid this client chose. */
  insertsOwnRow(index: number | undefined): boolean {
    const operation = index === undefined ? undefined : this.request.operations[index];
    return operation !== undefined && isOwnInsert(operation);
  }

  /** What can be said about a commit that no reply tells about: the uuids of its own rows, and nothing of the rest. */
  inferredResults(): readonly OperationResult[] {
    return this.request.operations.map((operation) =>
      isOwnInsert(operation) ? { uuid: operation.uuid } : {},
    );
  }

  resolve(results: readonly OperationResult[]): void {
    this.#settle();
    this.#resolve(results);
  }

  reject(error: CodedError): void {
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.state = 'settled';
    clearTimeout(this.timer);
  }

  #present(replica: ReplicaView): number {
    return this.#ownRows.filter(({ table, uuid }) => replica.row(table, uuid ?? '') !== undefined).length;
  }
}

function isOwnInsert(operation: Operation): operation is InsertOperation & { readonly uuid: string } {
  return operation.op === 'insert' && operation.uuid !== undefined;
}
