// The public face of the OVSDB client.
export { Database } from './database.ts';
export type { DatabaseOptions, DatabaseState, DatabaseStats, TransactOptions } from './database-options.ts';
export { connectionErrors, RpcError } from './errors.ts';
export type { ConnectionErrorCode } from './errors.ts';
export type * from './operation.ts';
export { TransactionError } from './operation-result.ts';
export type { OperationResult } from './operation-result.ts';
export { formatRemote, parseRemotes } from './remote.ts';
export type { NetworkRemote, Remote, UnixRemote } from './remote.ts';
export type { IndexSpec, Referrer, ReplicaView, RowChange, RowReference } from './replica-view.ts';
export { intersectColumns, parseDatabaseSchema } from './schema.ts';
export type {
  ColumnIntersection,
  ColumnSchema,
  ColumnType,
  DatabaseSchema,
  MissingColumn,
  TableSchema,
  WantedColumns,
} from './schema.ts';
export { Session } from './session.ts';
export type { NotificationListener, RequestOptions, SessionOptions } from './session.ts';
export type { TlsOptions } from './transport.ts';
export type * from './value.ts';
