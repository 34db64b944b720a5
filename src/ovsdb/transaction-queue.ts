// The transaction queue: a window in flight, order per key, and the settlement of what a lost reply leaves open.
import type { CodedError } from '../base/errors.ts';
import { startDeadline } from './deadline.ts';
import { asCodedError, connectionError, RpcError } from './errors.ts';
import type { Params } from './json-rpc.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { decodeTransactResult, TransactionError } from './operation-result.ts';
import type { OperationResult } from './operation-result.ts';
import type { ReplicaView } from './replica-view.ts';
import { Transaction } from './transaction.ts';
import type { TransactionRequest } from './transaction.ts';

export interface TransactionQueueOptions {
  /** Transactions in flight at most. */
  readonly window: number;
  /** How long the fate of a transaction may stay open before it is rejected with OVSDB_UNCERTAIN. */
  readonly settleTimeoutMs: number;
  readonly replica: () => ReplicaView;
  readonly isMonitored: (table: string) => boolean;
}

/** What the queue sends over; {@link Session} is one. */
export interface TransactionChannel {
  readonly writable: boolean;
  request(method: string, params: Params, options: { readonly timeoutMs: number }): Promise<unknown>;
  onDrain(listener: () => void): () => void;
  close(reason: CodedError): void;
}

export interface TransactionCounters {
  /** Sent, each counted once. */
  sent: number;
  committed: number;
  /** Lost their reply, whatever became of them later. */
  uncertain: number;
  resent: number;
}

/**
 * States: queued → sent → committed or failed; sent → uncertain when the connection or the deadline goes first.
 * A deadline is no failure: a server that was stopped, or had no quorum, commits later what it was sent. So the
 * connection is dropped, and when a new one has brought the replica up to date, the replica tells: see `#settle`.
 */
export class TransactionQueue {
  readonly counters: TransactionCounters = { sent: 0, committed: 0, uncertain: 0, resent: 0 };
  readonly #options: TransactionQueueOptions;
  readonly #queue = new KeyedQueue<Transaction>();
  readonly #inFlight = new Set<Transaction>();
  readonly #uncertain = new Set<Transaction>();
  #session: TransactionChannel | undefined;
  #closed: CodedError | undefined;

  constructor(options: TransactionQueueOptions) {
    this.#options = options;
  }

  /**
   * Queues a transaction. Those that share an order key are sent one after the other, each after the reply to the one
   * before. `deadlineMs` counts twice: for the time until it is sent, and for the server's answer.
   */
  submit(request: TransactionRequest): Promise<readonly OperationResult[]> {
    const transaction = new Transaction(request);
    if (this.#closed !== undefined) transaction.reject(this.#closed);
    else if (request.signal?.aborted) transaction.reject(cancelled(request.signal));
    else this.#enqueue(transaction);
    return transaction.outcome;
  }

  /** A session whose replica is current: settles what is uncertain, then sends. */
  attach(session: TransactionChannel): void {
    this.#session = session;
    session.onDrain(() => this.#pump());
    for (const transaction of this.#uncertain) this.#settle(transaction, session);
    this.#pump();
  }

  /** The session ended. What is queued stays; what is in flight becomes uncertain as its request fails. */
  detach(): void {
    this.#session = undefined;
  }

  /** Rejects all: queued ones with `reason`, those sent with OVSDB_UNCERTAIN. */
  close(reason: CodedError): void {
    this.#closed = reason;
    this.#session = undefined;
    for (const transaction of this.#queue.items()) {
      transaction.reject(transaction.attempts === 0 ? reason : uncertain(reason));
      this.#release(transaction);
    }
  }

  #enqueue(transaction: Transaction): void {
    const { signal, orderKeys, deadlineMs } = transaction.request;
    this.#queue.add(transaction, orderKeys);
    if (signal !== undefined) {
      const onAbort = (): void => this.#abandon(transaction, cancelled(signal));
      const stopListening = (): void => signal.removeEventListener('abort', onAbort);
      signal.addEventListener('abort', onAbort, { once: true });
      transaction.outcome.then(stopListening, stopListening);
    }
    this.#pump();
    if (transaction.state !== 'queued') return;
    transaction.timer = startDeadline(deadlineMs, () => {
      this.#abandon(transaction, connectionError('OVSDB_DEADLINE', `not sent within ${deadlineMs} ms`));
    });
  }

  /** Sends what may go out. Stops while the server does not read; reading never waits for that. */
  #pump(): void {
    const session = this.#session;
    if (session === undefined) return;
    while (session.writable && this.#inFlight.size < this.#options.window) {
      const transaction = this.#queue.take();
      if (transaction === undefined) return;
      this.counters.sent += 1;
      this.#send(transaction, session);
    }
  }

  #send(transaction: Transaction, session: TransactionChannel): void {
    const { params, deadlineMs } = transaction.request;
    transaction.markSent(this.#options.replica());
    this.#inFlight.add(transaction);
    session.request('transact', params, { timeoutMs: deadlineMs }).then(
      (reply) => this.#answered(transaction, reply),
      (error: unknown) => this.#unanswered(transaction, asCodedError(error, 'OVSDB_PROTOCOL'), session),
    );
  }

  #answered(transaction: Transaction, reply: unknown): void {
    this.#release(transaction);
    const { operations, schema } = transaction.request;
    try {
      this.#commit(transaction, decodeTransactResult(operations, schema, reply));
    } catch (error) {
      if (this.#committedBefore(transaction, error)) this.#commit(transaction, transaction.inferredResults());
      else transaction.reject(asCodedError(error, 'OVSDB_PROTOCOL'));
    }
    this.#pump();
  }

  /** True when the refusal of a transaction that was sent again only shows that the first sending had succeeded. */
  #committedBefore(transaction: Transaction, error: unknown): boolean {
    if (transaction.attempts < 2 || !(error instanceof TransactionError)) return false;
    const isDuplicate =
      error.code === 'OVSDB_DUPLICATE_UUID' && transaction.insertsOwnRow(error.operationIndex);
    return isDuplicate || this.#fate(transaction) === 'committed';
  }

  #unanswered(transaction: Transaction, error: CodedError, session: TransactionChannel): void {
    if (transaction.state === 'settled') this.#release(transaction);
    else if (error instanceof RpcError) {
      this.#release(transaction);
      transaction.reject(error);
    } else this.#becomeUncertain(transaction, error);
    if (error.code === 'OVSDB_DEADLINE') session.close(error);
    this.#pump();
  }

  #becomeUncertain(transaction: Transaction, cause: CodedError): void {
    this.#inFlight.delete(transaction);
    this.#uncertain.add(transaction);
    transaction.state = 'uncertain';
    this.counters.uncertain += 1;
    transaction.timer = startDeadline(this.#options.settleTimeoutMs, () => this.#abandon(transaction, cause));
  }

  /**
   * With rows of its own the replica tells whether it was committed; if not, the identical transaction is sent once
   * more, and "duplicate uuid" then means that the first one came through late. Without, only the caller can tell.
   */
  #settle(transaction: Transaction, session: TransactionChannel): void {
    const fate = this.#fate(transaction);
    if (fate === 'absent' && transaction.attempts === 1) {
      this.#uncertain.delete(transaction);
      clearTimeout(transaction.timer);
      this.counters.resent += 1;
      this.#send(transaction, session);
      return;
    }
    this.#release(transaction);
    if (fate === 'committed') this.#commit(transaction, transaction.inferredResults());
    else transaction.reject(uncertain(undefined));
  }

  #fate(transaction: Transaction): ReturnType<Transaction['fate']> {
    return transaction.fate(this.#options.replica(), this.#options.isMonitored);
  }

  #commit(transaction: Transaction, results: readonly OperationResult[]): void {
    this.counters.committed += 1;
    transaction.resolve(results);
  }

  /** Stops waiting for it. One in flight keeps its place until its reply, so that order and window stay true. */
  #abandon(transaction: Transaction, reason: CodedError): void {
    if (transaction.state === 'settled') return;
    transaction.reject(transaction.attempts === 0 ? reason : uncertain(reason));
    if (!this.#inFlight.has(transaction)) this.#release(transaction);
    this.#pump();
  }

  #release(transaction: Transaction): void {
    this.#queue.release(transaction);
    this.#inFlight.delete(transaction);
    this.#uncertain.delete(transaction);
  }
}

function cancelled(signal: AbortSignal): CodedError {
  return connectionError('OVSDB_CANCELLED', 'the transaction was aborted before it was sent', signal.reason);
}

function uncertain(cause: CodedError | undefined): CodedError {
  return connectionError(
    'OVSDB_UNCERTAIN',
    'the transaction was sent and may or may not be committed',
    cause,
  );
}
