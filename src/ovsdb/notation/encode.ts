// Operations → wire form, checked by schema before anything is sent (RFC 7047 §5.2).
import type {
  AbortOperation,
  CommentOperation,
  InsertOperation,
  Operation,
  SelectOperation,
  WaitOperation,
} from '../operation.ts';
import { checkAtom, checkText } from './encode-atom.ts';
import { encodeCondition, encodeMutation } from './encode-clause.ts';
import { encodeValue } from './encode-value.ts';
import { columnToRead, columnToWrite, findTable } from './find-column.ts';
import { invalidValue } from './invalid-value.ts';
import type { DatabaseSchema, TableSchema } from '../schema.ts';
import type { ColumnValues } from '../value.ts';

type TableOperation = Exclude<Operation, AbortOperation | CommentOperation>;
type Encoded = Readonly<Record<string, unknown>>;

/**
 * The operation as JSON.stringify can print it. One that the server would refuse for its form, its names or its values
 * is refused here, because some of them cost the connection, and all of them the transaction.
 * A `select` asks for the columns of the schema, or those given, and always for `_uuid`.
 * @throws OVSDB_INVALID_VALUE
 */
export function encodeOperation(operation: Operation, schema: DatabaseSchema): unknown {
  const { op } = operation;
  if (op === 'abort') return { op };
  if (op === 'comment') return { op, comment: checkedText(operation.comment) };
  const table = findTable(schema, operation.table);
  return { op, table: table.name, ...encodeMembers(operation, table) };
}

function checkedText(comment: string): string {
  checkText(comment, { table: 'comment' });
  return comment;
}

function encodeMembers(operation: TableOperation, table: TableSchema): Encoded {
  if (operation.op === 'insert') return encodeInsert(operation, table);
  const where = operation.where.map((condition) => encodeCondition(table, condition));
  if (operation.op === 'update') return { where, row: encodeRow(table, operation.row, 'change') };
  if (operation.op === 'mutate') {
    return { where, mutations: operation.mutations.map((mutation) => encodeMutation(table, mutation)) };
  }
  if (operation.op === 'wait') return { where, ...encodeWait(operation, table) };
  return operation.op === 'select' ? { where, columns: columnsToSelect(operation, table) } : { where };
}

function encodeInsert({ uuid, row }: InsertOperation, table: TableSchema): Encoded {
  const encoded = { row: encodeRow(table, row, 'insert') };
  if (uuid === undefined) return encoded;
  return { uuid: checkAtom({ type: 'uuid' }, uuid, { table: table.name, column: '_uuid' }), ...encoded };
}

function encodeWait({ columns, timeoutMs, until, rows }: WaitOperation, table: TableSchema): Encoded {
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 0) {
    throw invalidValue({ table: table.name }, `wait: ${timeoutMs} is no time-out in ms`);
  }
  const encoded = rows.map((row) => encodeWaitRow(table, columns, row));
  return { timeout: timeoutMs, columns, until, rows: encoded };
}

/** Every column that is waited for must be there: the server would take one that is absent for its default. */
function encodeWaitRow(table: TableSchema, columns: readonly string[], row: ColumnValues): Encoded {
  const extra = Object.keys(row).find((column) => !columns.includes(column));
  if (extra !== undefined)
    throw invalidValue({ table: table.name, column: extra }, 'not a column of this wait');
  const encodeColumn = (column: string): [string, unknown] => {
    const to = { table: table.name, column };
    if (!Object.hasOwn(row, column)) throw invalidValue(to, 'missing in a row of this wait');
    return [column, encodeValue(columnToRead(table, column), row[column], to)];
  };
  return Object.fromEntries(columns.map(encodeColumn));
}

/** Without `_uuid` the server gives rows that are alike only once; without `columns` it gives `_version` too. */
function columnsToSelect(operation: SelectOperation, table: TableSchema): readonly string[] {
  const columns = operation.columns ?? [...table.columns.keys()];
  for (const column of columns) columnToRead(table, column);
  return [...new Set(['_uuid', ...columns])];
}

function encodeRow(table: TableSchema, row: ColumnValues, how: 'insert' | 'change'): Encoded {
  const encoded: Record<string, unknown> = {};
  for (const column of Object.keys(row)) {
    const type = columnToWrite(table, column, how);
    encoded[column] = encodeValue(type, row[column], { table: table.name, column });
  }
  return encoded;
}
