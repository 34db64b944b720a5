// What a database connection can be told, and what it tells about itself.
import type { Logger } from '../base/logger.ts';
import type { IndexSpec } from './replica-view.ts';
import type { WantedColumns } from './schema.ts';
import type { TlsOptions } from './transport.ts';

export interface DatabaseOptions {
  /** `unix:/run/db.sock,tcp:[::1]:6641,ssl:db.example.org:6641`: tried in turn. */
  readonly remote: string;
  /** Its name in the schema, for example `Open_vSwitch`. */
  readonly database: string;
  /** What the replica holds. What the server does not have is left out and listed in `missing`. */
  readonly monitor: WantedColumns;
  readonly indexes?: readonly IndexSpec[] | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly logger?: Logger | undefined;
  /** Transactions in flight at most. Default 16. */
  readonly window?: number | undefined;
  /** Deadline of a call, and of a transaction that names none. Default 30 s. */
  readonly rpcTimeoutMs?: number | undefined;
  /** How long `connect` tries before it rejects. Default 10 s; Infinity: for ever. A load that goes on is waited for. */
  readonly connectTimeoutMs?: number | undefined;
  /** For the dump of the monitored tables. Default 5 min. */
  readonly loadTimeoutMs?: number | undefined;
  /**
   * Silence after which the server is probed; after twice that the connection is dropped. Default 5 s; 0: never.
   * Raise it where another client's load may keep the server silent for longer: that is 0.5 s per 35,000 rows.
   */
  readonly probeIntervalMs?: number | undefined;
  /** How long an uncertain transaction may wait for the next connection. Default 60 s. */
  readonly settleTimeoutMs?: number | undefined;
  /** Aborting closes the database. */
  readonly signal?: AbortSignal | undefined;
}

/** `connecting` until the first `synced`; `disconnected`: the replica is what it was, and grows old. */
export type DatabaseState = 'connecting' | 'synced' | 'disconnected' | 'closed';

export interface TransactOptions {
  /** Transactions that share a key are never in flight together and keep their order. For example row uuids. */
  readonly orderKeys?: readonly string[] | undefined;
  /** Until it is sent, and again for the answer. Must be longer than every `wait` in it. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Plain counters since the start. */
export interface DatabaseStats {
  readonly reconnects: number;
  readonly notifications: number;
  readonly transactions: number;
  readonly committed: number;
  readonly uncertain: number;
  readonly resent: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}
