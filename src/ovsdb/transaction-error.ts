// The failure of a transaction, by the server's word for it (RFC 7047 §3.1, §5.2, ovsdb-server(7)).
import { CodedError } from '../base/errors.ts';
import type { Operation } from './operation.ts';

/** Codes by the `error` string of the server. Everything else is OVSDB_OPERATION_FAILED. */
const codes: ReadonlyMap<string, string> = new Map([
  ['aborted', 'OVSDB_ABORTED'],
  ['constraint violation', 'OVSDB_CONSTRAINT_VIOLATION'],
  ['domain error', 'OVSDB_DOMAIN_ERROR'],
  ['duplicate uuid', 'OVSDB_DUPLICATE_UUID'],
  ['duplicate uuid-name', 'OVSDB_DUPLICATE_UUID_NAME'],
  ['I/O error', 'OVSDB_IO_ERROR'],
  ['not allowed', 'OVSDB_NOT_ALLOWED'],
  ['not owner', 'OVSDB_NOT_OWNER'],
  ['not supported', 'OVSDB_NOT_SUPPORTED'],
  ['permission error', 'OVSDB_PERMISSION_ERROR'],
  ['range error', 'OVSDB_RANGE_ERROR'],
  ['referential integrity violation', 'OVSDB_REFERENTIAL_INTEGRITY_VIOLATION'],
  ['resources exhausted', 'OVSDB_RESOURCES_EXHAUSTED'],
  ['syntax error', 'OVSDB_SYNTAX_ERROR'],
  ['timed out', 'OVSDB_WAIT_TIMED_OUT'],
  ['unknown column', 'OVSDB_UNKNOWN_COLUMN'],
  ['unknown table', 'OVSDB_UNKNOWN_TABLE'],
]);

/** The server may do the same transaction later without anybody changing anything. */
const retryableCodes: ReadonlySet<string> = new Set(['OVSDB_IO_ERROR', 'OVSDB_RESOURCES_EXHAUSTED']);

/** What the server says about a failure; `details` may be empty. */
export interface ServerError {
  readonly error: string;
  readonly details: string;
}

/**
 * A transaction was refused, and none of its operations took effect.
 * `operationIndex` and `operation` are undefined for what is found at commit: references, unique indexes, maxRows.
 */
export class TransactionError extends CodedError {
  readonly operationIndex: number | undefined;
  readonly operation: Operation | undefined;
  readonly details: string;

  constructor(server: ServerError, operations: readonly Operation[], operationIndex: number | undefined) {
    const code = codes.get(server.error) ?? 'OVSDB_OPERATION_FAILED';
    const details = server.details === '' ? '' : `: ${server.details}`;
    super(code, `${placeOf(operations, operationIndex)}: ${server.error}${details}`, {
      retryable: retryableCodes.has(code),
    });
    this.name = 'TransactionError';
    this.operationIndex = operationIndex;
    this.operation = operationIndex === undefined ? undefined : operations[operationIndex];
    this.details = server.details;
  }
}

/** `insert Bridge (operation 3 of 7)`, or `commit of 7 operations`. */
function placeOf(operations: readonly Operation[], index: number | undefined): string {
  const operation = index === undefined ? undefined : operations[index];
  if (index === undefined || operation === undefined) return `commit of ${operations.length} operations`;
  const what = 'table' in operation ? `${operation.op} ${operation.table}` : operation.op;
  return `${what} (operation ${index + 1} of ${operations.length})`;
}
