// Waits until every hypervisor has what is in the database: a number is raised, and ovn-northd reports when all have it.
import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../base/backoff.ts';
import type { Database, RowChange } from '../ovsdb/index.ts';
import type { Row } from '../ovsdb/value.ts';
import type { Committer } from './committer.ts';

const table = 'NB_Global';
const backoff = { minDelayMs: 100, maxDelayMs: 5000 };

interface Waiter {
  readonly wanted: number;
  /** False: the number was set back meanwhile, raise it again. */
  readonly resolve: (reached: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Source: ovn-nb(5) NB_Global:nb_cfg, hv_cfg. `hv_cfg` is the least of what the chassis report, and `nb_cfg` itself where
 * there are none. Other programs raise `nb_cfg` as well, which only makes a wait longer.
 */
export class Realiser {
  readonly #database: Database;
  readonly #committer: Pick<Committer, 'write'>;
  readonly #waiters = new Set<Waiter>();

  constructor(database: Database, committer: Pick<Committer, 'write'>) {
    this.#database = database;
    this.#committer = committer;
  }

  /**
   * Resolves when what was committed before the call is on every hypervisor, however long that takes.
   * @throws the signal's reason, TARGET_FENCED and what else is not worth another try
   */
  async realise(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const wanted = await this.#raise(signal);
      if (wanted === undefined)
        await delay(backoffMs(backoff, attempt, Math.random()), undefined, { signal }).catch(() =>
          signal.throwIfAborted(),
        );
      else if (await this.#reached(wanted, signal)) return;
    }
  }

  /** Call it after every change of the replica, and when it is current again after a lost connection. */
  changed(rows: readonly RowChange[] | undefined): void {
    if (this.#waiters.size === 0 || rows?.every((change) => change.table !== table) === true) return;
    const { nbCfg, hvCfg } = this.#numbers();
    for (const { wanted, resolve } of this.#waiters) {
      if (hvCfg >= wanted) resolve(true);
      else if (nbCfg < wanted) resolve(false);
    }
  }

  /** Nothing can be written any more. */
  end(error: unknown): void {
    for (const { reject } of this.#waiters) reject(error);
  }

  /** The number to wait for; undefined: the world was in the way. */
  async #raise(signal: AbortSignal): Promise<number | undefined> {
    signal.throwIfAborted();
    const where = [['_uuid', '==', this.#global()?._uuid ?? '']] as const;
    const raise = { op: 'mutate', table, where, mutations: [['nb_cfg', '+=', 1]] } as const;
    const outcome = await this.#committer.write([raise], signal);
    signal.throwIfAborted();
    if (outcome.kind === 'retry') return undefined;
    if (outcome.kind !== 'committed') throw outcome.error;
    // The replica shows the effect of what was committed, and maybe somebody else's.
    return this.#numbers().nbCfg;
  }

  async #reached(wanted: number, signal: AbortSignal): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const waiter = { wanted, resolve, reject };
    const abort = (): void => reject(signal.reason);
    this.#waiters.add(waiter);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    this.changed(undefined);
    try {
      return await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal.removeEventListener('abort', abort);
    }
  }

  #global(): Row | undefined {
    const [global] = this.#database.replica.rows(table).values();
    return global;
  }

  #numbers(): { readonly nbCfg: number; readonly hvCfg: number } {
    const global = this.#global();
    return { nbCfg: Number(global?.['nb_cfg'] ?? 0), hvCfg: Number(global?.['hv_cfg'] ?? 0) };
  }
}
