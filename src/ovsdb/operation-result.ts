// The reply of a transaction → typed results, or the error that names the operation that failed (RFC 7047 §4.1.3).
import { CodedError } from '../base/errors.ts';
import { decodeUuid } from './notation/decode.ts';
import type { Operation, SelectOperation } from './operation.ts';
import { RowReader } from './row-reader.ts';
import type { DatabaseSchema } from './schema.ts';
import { TransactionError } from './transaction-error.ts';
import type { ServerError } from './transaction-error.ts';
import type { Row } from './value.ts';
import { isJsonObject } from './value-kind.ts';

export { TransactionError } from './transaction-error.ts';

/** `uuid` after an insert, `count` (rows that matched) after update, mutate and delete, `rows` after a select. */
export interface OperationResult {
  readonly uuid?: string;
  readonly count?: number;
  readonly rows?: readonly Row[];
}

/**
 * The results of `operations`, in their order; `operations` must be those that were sent.
 * An update that matched no row is no error here: look at `count`.
 * @throws TransactionError when one of them, or the commit after them, failed
 * @throws OVSDB_MALFORMED_RESULT, OVSDB_MALFORMED_VALUE when the reply does not fit the request
 */
export function decodeTransactResult(
  operations: readonly Operation[],
  schema: DatabaseSchema,
  result: unknown,
): readonly OperationResult[] {
  if (!Array.isArray(result)) throw malformed('not an array');
  const failed = result.findIndex((entry) => serverError(entry) !== undefined);
  const error = serverError(result[failed]);
  if (error !== undefined) {
    throw new TransactionError(error, operations, failed < operations.length ? failed : undefined);
  }
  if (result.length !== operations.length) {
    throw malformed(`${result.length} results for ${operations.length} operations`);
  }
  return operations.map((operation, i) => decodeResult(operation, schema, result[i]));
}

function serverError(entry: unknown): ServerError | undefined {
  if (!isJsonObject(entry) || typeof entry['error'] !== 'string') return undefined;
  const details = entry['details'];
  return { error: entry['error'], details: typeof details === 'string' ? details : '' };
}

function decodeResult(operation: Operation, schema: DatabaseSchema, entry: unknown): OperationResult {
  if (!isJsonObject(entry)) throw malformed(`no result of ${operation.op}`);
  if (operation.op === 'insert') return { uuid: decodeUuid(entry['uuid']) };
  if (operation.op === 'select') return { rows: decodeRows(operation, schema, entry['rows']) };
  if (!counted.has(operation.op)) return {};
  if (typeof entry['count'] !== 'number') throw malformed(`no count in the result of ${operation.op}`);
  return { count: entry['count'] };
}

const counted: ReadonlySet<Operation['op']> = new Set<Operation['op']>(['update', 'mutate', 'delete']);

function decodeRows(operation: SelectOperation, schema: DatabaseSchema, rows: unknown): readonly Row[] {
  const table = schema.tables.get(operation.table);
  if (table === undefined || !Array.isArray(rows)) throw malformed(`no rows in the result of select`);
  const columns = operation.columns ?? [...table.columns.keys()];
  const reader = new RowReader(
    table,
    columns.filter((column) => column !== '_uuid'),
  );
  return rows.map((row: unknown) => {
    if (!isJsonObject(row)) throw malformed('a row that is not an object');
    return reader.read(decodeUuid(row['_uuid']), row);
  });
}

function malformed(what: string): CodedError {
  return new CodedError('OVSDB_MALFORMED_RESULT', `transact reply: ${what}`, { retryable: true });
}
