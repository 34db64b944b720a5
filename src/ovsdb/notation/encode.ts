// Operations → wire form, checked by schema before anything is sent (RFC 7047 §5.2).
import type {
  InsertOperation,
  MutateOperation,
  Operation,
  SelectOperation,
  UpdateOperation,
  WaitOperation,
} from '../operation.ts';
import { checkText, encodeAtom } from './encode-atom.ts';
import { encodeCondition, encodeMutation } from './encode-clause.ts';
import { encodeValue } from './encode-value.ts';
import { columnToRead, columnToWrite, findTable } from './find-column.ts';
import { invalidValue } from './invalid-value.ts';
import type { DatabaseSchema, TableSchema } from '../schema.ts';
import type { ColumnValues } from '../value.ts';

type Encoded = Readonly<Record<string, unknown>>;

/**
 * The operation as JSON.stringify can print it. One that the server would refuse for its form, its names or its values
 * is refused here, because some of them cost the connection, and all of them the transaction.
 * A `select` asks for the columns of the schema, or those given, and always for `_uuid`.
 * @throws OVSDB_INVALID_VALUE
 */
export function encodeOperation(operation: Operation, schema: DatabaseSchema): unknown {
  switch (operation.op) {
    case 'abort':
      return { op: 'abort' };
    case 'comment':
      checkText(operation.comment, { table: 'comment' });
      return { op: 'comment', comment: operation.comment };
    case 'insert':
      return encodeInsert(operation, findTable(schema, operation.table));
    case 'update':
      return encodeUpdate(operation, findTable(schema, operation.table));
    case 'mutate':
      return encodeMutate(operation, findTable(schema, operation.table));
    case 'delete':
      return { op: 'delete', ...encodeTarget(operation, findTable(schema, operation.table)) };
    case 'wait':
      return encodeWait(operation, findTable(schema, operation.table));
    case 'select':
      return encodeSelect(operation, findTable(schema, operation.table));
  }
}

function encodeInsert({ uuid, row }: InsertOperation, table: TableSchema): Encoded {
  const to = { table: table.name, column: '_uuid' };
  if (uuid !== undefined) encodeAtom({ type: 'uuid' }, uuid, to);
  return {
    op: 'insert',
    table: table.name,
    ...(uuid !== undefined && { uuid }),
    row: encodeRow(table, row, 'insert'),
  };
}

function encodeUpdate(operation: UpdateOperation, table: TableSchema): Encoded {
  return { op: 'update', ...encodeTarget(operation, table), row: encodeRow(table, operation.row, 'change') };
}

function encodeMutate(operation: MutateOperation, table: TableSchema): Encoded {
  const mutations = operation.mutations.map((mutation) => encodeMutation(table, mutation));
  return { op: 'mutate', ...encodeTarget(operation, table), mutations };
}

function encodeWait(operation: WaitOperation, table: TableSchema): Encoded {
  const { columns, timeoutMs, until, rows } = operation;
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 0) {
    throw invalidValue({ table: table.name }, `wait: ${timeoutMs} is no time-out in ms`);
  }
  const encoded = rows.map((row) => encodeWaitRow(table, columns, row));
  return { op: 'wait', ...encodeTarget(operation, table), timeout: timeoutMs, columns, until, rows: encoded };
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

function encodeSelect(operation: SelectOperation, table: TableSchema): Encoded {
  const columns = operation.columns ?? [...table.columns.keys()];
  for (const column of columns) columnToRead(table, column);
  return { op: 'select', ...encodeTarget(operation, table), columns: [...new Set(['_uuid', ...columns])] };
}

function encodeTarget(operation: Pick<UpdateOperation, 'where'>, table: TableSchema): Encoded {
  const where = operation.where.map((condition) => encodeCondition(table, condition));
  return { table: table.name, where };
}

function encodeRow(table: TableSchema, row: ColumnValues, how: 'insert' | 'change'): Encoded {
  const encoded: Record<string, unknown> = {};
  for (const column of Object.keys(row)) {
    const type = columnToWrite(table, column, how);
    encoded[column] = encodeValue(type, row[column], { table: table.name, column });
  }
  return encoded;
}
