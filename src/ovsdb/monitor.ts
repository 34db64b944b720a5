// The monitor: asks a server for tables and feeds what it sends, dump and updates, to a replica in order.
import { RpcError } from './errors.ts';
import type { RowChange } from './replica-view.ts';
import type { Session } from './session.ts';
import { connectionError } from './errors.ts';

/** What a monitor fills; {@link Replica} is one. */
export interface MonitorTarget {
  /** Takes a full dump, returns the difference to what was held. */
  load(tableUpdates: unknown): readonly RowChange[];
  /** Takes one notification. */
  apply(tableUpdates: unknown): readonly RowChange[];
}

export interface MonitorOptions {
  readonly database: string;
  /** By table; all must exist: one unknown column fails the whole monitor. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly target: MonitorTarget;
  /** Transaction up to which `target` is current; undefined: it is not. */
  readonly lastTxnId: string | undefined;
  /** For the dump, which takes a server about 0.5 s per 35,000 rows before its first byte. */
  readonly timeoutMs: number;
  /** Called after the target was updated, once per notification that changed something. */
  readonly onChanges: (changes: readonly RowChange[]) => void;
}

/** What a server without history (every stand-alone one) gives as last transaction. */
const zeroUuid = '00000000-0000-0000-0000-000000000000';

/**
 * One monitor on one session. It resumes after `lastTxnId` where the server still has its history (clusters only, the
 * last 100 transactions), otherwise it loads all. What the target throws ends the session.
 */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #id: string;
  #lastTxnId: string | undefined;
  #resumed = false;
  /** Updates that came in the same bytes as the dump, before the dump was taken. */
  #early: unknown[] | undefined = [];

  /**
   * Resolves when the target holds what the server had.
   * @throws what Session.request throws, what the target throws, OVSDB_PROTOCOL
   */
  static async start(session: Session, options: MonitorOptions): Promise<Monitor> {
    const monitor = new Monitor(options);
    session.onNotification((method, params) => monitor.#notice(method, params));
    try {
      await monitor.#startSince(session);
    } catch (error) {
      if (!(error instanceof RpcError && error.code === 'OVSDB_UNKNOWN_METHOD')) throw error;
      await monitor.#startWithoutHistory(session);
    }
    return monitor;
  }

  private constructor(options: MonitorOptions) {
    this.#options = options;
    this.#id = options.database;
  }

  /** The newest transaction that the target includes; undefined when the server keeps no history. */
  get lastTxnId(): string | undefined {
    return this.#lastTxnId;
  }

  /** True when only the difference since the last connection was transferred. */
  get resumed(): boolean {
    return this.#resumed;
  }

  /** `monitor_cond_since`, ovsdb-server(7) 4.1.15, since OVS 2.12. */
  async #startSince(session: Session): Promise<void> {
    const { database, lastTxnId, timeoutMs } = this.#options;
    const params = [database, this.#id, this.#requests(), lastTxnId ?? zeroUuid];
    const reply = await session.request('monitor_cond_since', params, { timeoutMs, slow: true });
    if (!Array.isArray(reply) || reply.length !== 3 || typeof reply[0] !== 'boolean')
      throw connectionError(
        'OVSDB_PROTOCOL',
        'monitor_cond_since: reply is not [found, last-txn-id, updates]',
      );
    const [found, txnId, updates]: readonly unknown[] = reply;
    this.#resumed = found;
    this.#take(() => {
      this.#noteTxnId(txnId);
      return this.#resumed ? this.#options.target.apply(updates) : this.#options.target.load(updates);
    });
  }

  /** `monitor_cond`, ovsdb-server(7) 4.1.12, since OVS 2.6. */
  async #startWithoutHistory(session: Session): Promise<void> {
    const { database, timeoutMs, target } = this.#options;
    const params = [database, this.#id, this.#requests()];
    const updates = await session.request('monitor_cond', params, { timeoutMs, slow: true });
    this.#take(() => target.load(updates));
  }

  #requests(): Record<string, readonly unknown[]> {
    return Object.fromEntries(
      Object.entries(this.#options.columns).map(([table, columns]) => [table, [{ columns }]]),
    );
  }

  /** Takes the dump, then what came after it while its promise was on the way here. */
  #take(dump: () => readonly RowChange[]): void {
    this.#emit(dump());
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const update of early) this.#emit(this.#options.target.apply(update));
  }

  #notice(method: string, params: readonly unknown[]): void {
    if ((method !== 'update2' && method !== 'update3') || params[0] !== this.#id) return;
    if (method === 'update3') this.#noteTxnId(params[1]);
    const updates = method === 'update3' ? params[2] : params[1];
    if (this.#early === undefined) this.#emit(this.#options.target.apply(updates));
    else this.#early.push(updates);
  }

  #noteTxnId(txnId: unknown): void {
    this.#lastTxnId = typeof txnId === 'string' && txnId !== zeroUuid ? txnId : undefined;
  }

  #emit(changes: readonly RowChange[]): void {
    if (changes.length > 0) this.#options.onChanges(changes);
  }
}
