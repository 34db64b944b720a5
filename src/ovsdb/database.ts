// A database as its users see it: a replica that follows it, and transactions that are applied exactly once.
import type { CodedError } from '../base/errors.ts';
import { silentLogger } from '../base/logger.ts';
import type { DatabaseOptions, DatabaseState, DatabaseStats, TransactOptions } from './database-options.ts';
import { connectionError } from './errors.ts';
import { FirstSync } from './first-sync.ts';
import { JsonText } from './json-rpc.ts';
import { Link } from './link.ts';
import type { LinkEvents, LinkOptions, Synced } from './link.ts';
import { encodeOperation } from './notation/encode.ts';
import type { Operation } from './operation.ts';
import type { OperationResult } from './operation-result.ts';
import { parseRemotes } from './remote.ts';
import type { ReplicaView, RowChange } from './replica-view.ts';
import type { DatabaseSchema, MissingColumn } from './schema.ts';
import { TransactionQueue } from './transaction-queue.ts';

type StateListener = (state: DatabaseState, reason: CodedError | undefined) => void;
type ChangeListener = (changes: readonly RowChange[]) => void;

/** A connection that renews itself, its replica, and its transactions. */
export class Database {
  readonly #options: DatabaseOptions;
  readonly #link: Link;
  readonly #queue: TransactionQueue;
  readonly #stop = new AbortController();
  readonly #changeListeners = new Set<ChangeListener>();
  readonly #stateListeners = new Set<StateListener>();
  readonly #firstSync: FirstSync;
  readonly #running: Promise<void>;
  #state: DatabaseState = 'connecting';
  #syncs = 0;
  #notifications = 0;

  /**
   * Resolves when the replica is loaded for the first time. Read the replica and add listeners in the same turn, and
   * nothing is missed.
   * @throws OVSDB_INVALID_REMOTE
   * @throws OVSDB_UNREACHABLE after `connectTimeoutMs`, with the last failure as cause
   * @throws OVSDB_CANCELLED
   */
  static async connect(options: DatabaseOptions): Promise<Database> {
    if (options.signal?.aborted)
      throw connectionError('OVSDB_CANCELLED', 'connect was aborted', options.signal.reason);
    const database = new Database(options);
    try {
      await database.#firstSync.promise;
    } catch (error) {
      await database.close();
      throw error;
    }
    return database;
  }

  private constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#link = new Link(linkOptions(options), this.#linkEvents());
    this.#firstSync = new FirstSync(options.connectTimeoutMs ?? 10_000, () => this.#link.isLoading);
    this.#queue = new TransactionQueue({
      window: options.window ?? 16,
      settleTimeoutMs: options.settleTimeoutMs ?? 60_000,
      replica: () => this.replica,
      isMonitored: (table) => Object.hasOwn(this.#synced.columns.monitored, table),
    });
    const onAbort = (): void => void this.close();
    options.signal?.addEventListener('abort', onAbort, { once: true });
    this.#stop.signal.addEventListener('abort', () => options.signal?.removeEventListener('abort', onAbort));
    this.#running = this.#link.run(this.#stop.signal);
  }

  get state(): DatabaseState {
    return this.#state;
  }

  /** The server's, as of the last connection. */
  get schema(): DatabaseSchema {
    return this.#synced.schema;
  }

  /** Grows when a reconnect brought another schema; `schema`, `missing` and `replica` are new objects then. */
  get schemaGeneration(): number {
    return this.#synced.generation;
  }

  /** What was to be monitored and does not exist on the server. */
  get missing(): readonly MissingColumn[] {
    return this.#synced.columns.missing;
  }

  get replica(): ReplicaView {
    return this.#synced.replica;
  }

  get stats(): DatabaseStats {
    const { sent, committed, uncertain, resent } = this.#queue.counters;
    return {
      reconnects: Math.max(0, this.#syncs - 1),
      notifications: this.#notifications,
      transactions: sent,
      committed,
      uncertain,
      resent,
      bytesIn: this.#link.bytes.in,
      bytesOut: this.#link.bytes.out,
    };
  }

  /**
   * Applies all operations or none. When the promise resolves, the replica shows the effect. Results come in the order
   * of the operations; an update, mutate or delete that matched no row succeeds with `count` 0: check it.
   *
   * Give every insert a `uuid`: then a lost reply is found out about and the transaction is applied exactly once. In
   * that case only the uuids are known: the other results are empty.
   *
   * @throws OVSDB_INVALID_VALUE before anything is sent
   * @throws TransactionError, RpcError when the server refused it; nothing was applied
   * @throws OVSDB_DEADLINE, OVSDB_CANCELLED, OVSDB_CLOSED when it was not sent
   * @throws OVSDB_UNCERTAIN when it was sent and its fate cannot be found out: plan again on the replica
   */
  async transact(
    operations: readonly Operation[],
    options: TransactOptions = {},
  ): Promise<readonly OperationResult[]> {
    const { schema } = this;
    const members = operations.map((operation) => encodeOperation(operation, schema));
    const params = new JsonText(`[${[JSON.stringify(schema.name), ...members].join()}]`);
    return this.#queue.submit({
      operations,
      params,
      schema,
      orderKeys: options.orderKeys ?? [],
      deadlineMs: options.deadlineMs ?? this.#options.rpcTimeoutMs ?? 30_000,
      signal: options.signal,
    });
  }

  /** Calls `listener` once per applied notification, after the replica was updated; returns how to stop. */
  onChange(listener: ChangeListener): () => void {
    this.#changeListeners.add(listener);
    return () => void this.#changeListeners.delete(listener);
  }

  /** Calls `listener` after every change of state, with the reason when a connection was lost; returns how to stop. */
  onState(listener: StateListener): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  /** Ends everything. Queued transactions fail with OVSDB_CLOSED, those in flight with OVSDB_UNCERTAIN. */
  async close(): Promise<void> {
    if (this.#state !== 'closed') {
      const reason = connectionError('OVSDB_CLOSED', 'the database was closed');
      this.#queue.close(reason);
      this.#stop.abort(reason);
      this.#firstSync.cancel(this.#options.signal?.reason);
      this.#enter('closed', reason);
    }
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #synced(): Synced {
    const { current } = this.#link;
    if (current === undefined) throw connectionError('OVSDB_UNREACHABLE', 'not connected yet');
    return current;
  }

  #linkEvents(): LinkEvents {
    return {
      synced: (session) => {
        this.#syncs += 1;
        this.#firstSync.succeed();
        this.#enter('synced', undefined);
        this.#queue.attach(session);
      },
      changed: (changes) => {
        this.#notifications += 1;
        notify(this.#changeListeners, (listener) => listener(changes));
      },
      lost: (reason) => {
        this.#queue.detach();
        this.#enter('disconnected', reason);
      },
      failed: (reason) => this.#firstSync.attemptFailed(reason),
    };
  }

  #enter(state: DatabaseState, reason: CodedError | undefined): void {
    this.#state = state;
    notify(this.#stateListeners, (listener) => listener(state, reason));
  }
}

function linkOptions(options: DatabaseOptions): LinkOptions {
  const { tls, rpcTimeoutMs, probeIntervalMs } = options;
  return {
    remotes: parseRemotes(options.remote),
    database: options.database,
    wanted: options.monitor,
    indexes: options.indexes ?? [],
    session: { tls, rpcTimeoutMs, probeIntervalMs },
    loadTimeoutMs: options.loadTimeoutMs ?? 300_000,
    logger: options.logger ?? silentLogger,
    random: Math.random,
  };
}

/** A listener that throws is a bug of its owner: it is raised on its own and does not end the connection. */
function notify<T>(listeners: ReadonlySet<T>, call: (listener: T) => void): void {
  for (const listener of listeners) {
    try {
      call(listener);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
}
