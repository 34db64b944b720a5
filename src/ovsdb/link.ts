// The link: keeps a replica in step with its database over as many sessions as it takes.
import { setTimeout as delay } from 'node:timers/promises';
import type { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { asCodedError, connectionErrors } from './errors.ts';
import { Monitor } from './monitor.ts';
import { initialReconnectState, markDown, markUp } from './reconnect.ts';
import type { ReconnectPolicy, ReconnectState } from './reconnect.ts';
import { formatRemote } from './remote.ts';
import type { Remote } from './remote.ts';
import { Replica } from './replica.ts';
import type { IndexSpec, RowChange } from './replica-view.ts';
import { intersectColumns, parseDatabaseSchema } from './schema.ts';
import type { ColumnIntersection, DatabaseSchema, WantedColumns } from './schema.ts';
import { Session } from './session.ts';
import type { SessionOptions } from './session.ts';

export interface LinkOptions {
  readonly remotes: readonly Remote[];
  readonly database: string;
  readonly wanted: WantedColumns;
  readonly indexes: readonly IndexSpec[];
  readonly session: SessionOptions;
  readonly loadTimeoutMs: number;
  readonly logger: Logger;
  readonly random: () => number;
}

export interface LinkEvents {
  /** The replica is current on this session. */
  synced(session: Session): void;
  /** After the replica was updated. */
  changed(changes: readonly RowChange[]): void;
  /** A session that was synced ended. */
  lost(reason: CodedError): void;
  /** An attempt did not get as far as being synced. */
  failed(reason: CodedError): void;
}

/** What the link knows once it was synced for the first time. */
export interface Synced {
  readonly schema: DatabaseSchema;
  /** Counts the schemas seen; grows when the server's schema changed between two sessions. */
  readonly generation: number;
  readonly columns: ColumnIntersection;
  readonly replica: Replica;
}

const stableAfterMs = 10_000;

/** Errors after which the replica is still what the server had at `lastTxnId`. */
const resumable: ReadonlySet<string> = new Set(
  Object.keys(connectionErrors).filter((code) => code !== 'OVSDB_PROTOCOL'),
);

/**
 * Tries one remote after the other, for ever. Following the leader of a cluster will go between `get_schema` and the
 * monitor: a server that is not the leader ends the attempt like one that does not answer.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #events: LinkEvents;
  readonly #policy: ReconnectPolicy;
  #reconnect: ReconnectState = initialReconnectState;
  #current: Synced | undefined;
  #schemaText = '';
  #lastTxnId: string | undefined;
  #session: Session | undefined;
  #monitor: Monitor | undefined;
  #isLoading = false;
  #endedBytes = { in: 0, out: 0 };

  constructor(options: LinkOptions, events: LinkEvents) {
    this.#options = options;
    this.#events = events;
    this.#policy = { minDelayMs: 200, maxDelayMs: 8000, remotes: options.remotes.length, stableAfterMs };
  }

  get current(): Synced | undefined {
    return this.#current;
  }

  /** True while a server that answers prepares or sends its dump. */
  get isLoading(): boolean {
    return this.#isLoading;
  }

  /** Over all sessions. */
  get bytes(): { readonly in: number; readonly out: number } {
    const { bytesIn = 0, bytesOut = 0 } = this.#session ?? {};
    return { in: this.#endedBytes.in + bytesIn, out: this.#endedBytes.out + bytesOut };
  }

  /** Runs until `signal` is aborted. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const remote = this.#options.remotes[this.#reconnect.remote];
      if (remote === undefined) return;
      const reason = await this.#attempt(remote, signal);
      if (signal.aborted) return;
      const wasSynced = this.#monitor !== undefined;
      if (this.#monitor !== undefined) this.#lastTxnId = this.#monitor.lastTxnId;
      this.#monitor = undefined;
      const next = markDown(this.#reconnect, this.#policy, performance.now(), this.#options.random());
      this.#reconnect = next.state;
      if (!resumable.has(reason.code)) this.#lastTxnId = undefined;
      this.#report(reason, remote, next.delayMs, wasSynced);
      await delay(next.delayMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Lives through one session; returns why it ended. */
  async #attempt(remote: Remote, signal: AbortSignal): Promise<CodedError> {
    try {
      const session = await Session.open(remote, { ...this.#options.session, signal });
      this.#session = session;
      this.#synchronise(session, remote).catch((error: unknown) => {
        session.close(asCodedError(error, 'OVSDB_PROTOCOL'));
      });
      return await session.closed;
    } catch (error) {
      return asCodedError(error, 'OVSDB_UNREACHABLE');
    } finally {
      const { in: bytesIn, out } = this.bytes;
      this.#endedBytes = { in: bytesIn, out };
      this.#session = undefined;
      this.#isLoading = false;
    }
  }

  async #synchronise(session: Session, remote: Remote): Promise<void> {
    const startMs = performance.now();
    const schemaJson = await session.request('get_schema', [this.#options.database]);
    this.#isLoading = true;
    const before = this.#current;
    const next = this.#prepare(schemaJson);
    const monitor = await Monitor.start(session, {
      database: this.#options.database,
      columns: next.columns.monitored,
      target: next.replica,
      lastTxnId: next === before ? this.#lastTxnId : undefined,
      timeoutMs: this.#options.loadTimeoutMs,
      onChanges: (changes) => {
        if (next === this.#current) this.#events.changed(changes);
      },
    });
    this.#monitor = monitor;
    this.#current = next;
    this.#isLoading = false;
    this.#reconnect = markUp(this.#reconnect, performance.now());
    if (before !== undefined && next !== before) this.#announceNewReplica(before, next);
    const tookMs = Math.round(performance.now() - startMs);
    const fields = { remote: formatRemote(remote), resumed: monitor.resumed, bytes: session.bytesIn, tookMs };
    this.#options.logger.info(fields, 'replica is in step');
    this.#events.synced(session);
  }

  /** The same schema as before keeps the replica; another one starts a new replica beside the old. */
  #prepare(schemaJson: unknown): Synced {
    const text = JSON.stringify(schemaJson);
    if (this.#current !== undefined && text === this.#schemaText) return this.#current;
    const schema = parseDatabaseSchema(schemaJson);
    const columns = intersectColumns(this.#options.wanted, schema);
    const replica = new Replica(schema, columns.monitored, this.#options.indexes);
    this.#schemaText = text;
    return { schema, columns, replica, generation: (this.#current?.generation ?? 0) + 1 };
  }

  #announceNewReplica(before: Synced, next: Synced): void {
    const changes = replicaDifference(before, next);
    if (changes.length > 0) this.#events.changed(changes);
  }

  #report(reason: CodedError, remote: Remote, delayMs: number, wasSynced: boolean): void {
    const fields = { remote: formatRemote(remote), code: reason.code, reason: reason.message, delayMs };
    this.#options.logger.warn(fields, wasSynced ? 'connection lost' : 'connection attempt failed');
    if (wasSynced) this.#events.lost(reason);
    else this.#events.failed(reason);
  }
}

/** Every row of the old replica and of the new one, as a change: their columns differ. */
function replicaDifference(before: Synced, next: Synced): readonly RowChange[] {
  const tables = new Set([...Object.keys(before.columns.monitored), ...Object.keys(next.columns.monitored)]);
  return [...tables].flatMap((table) => {
    const old = before.replica.rows(table);
    const fresh = next.replica.rows(table);
    const uuids = new Set([...old.keys(), ...fresh.keys()]);
    return [...uuids].map((uuid) => ({ table, uuid, before: old.get(uuid), after: fresh.get(uuid) }));
  });
}
