// Operations → JSON text, checked by schema before anything is sent (RFC 7047 §5.2).
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

/**
 * The operation as JSON text. One that the server would refuse for its form, its names or its values is refused here,
 * because some of them cost the connection, and all of them the transaction.
 * A `select` asks for the columns of the schema, or those given, and always for `_uuid`.
 * @throws OVSDB_INVALID_VALUE
 */
export function encodeOperation(operation: Operation, schema: DatabaseSchema): string {
  const { op } = operation;
  if (op === 'abort') return '{"op":"abort"}';
  if (op === 'comment') return `{"op":"comment","comment":${commentText(operation.comment)}}`;
  const table = findTable(schema, operation.table);
  return `{"op":"${op}","table":${JSON.stringify(table.name)},${encodeMembers(operation, table)}}`;
}

function commentText(comment: string): string {
  checkText(comment, { table: 'comment' });
  return JSON.stringify(comment);
}

function encodeMembers(operation: TableOperation, table: TableSchema): string {
  if (operation.op === 'insert') return encodeInsert(operation, table);
  const where = `"where":[${operation.where.map((condition) => encodeCondition(table, condition)).join()}]`;
  if (operation.op === 'update') return `${where},"row":${encodeRow(table, operation.row, 'change')}`;
  if (operation.op === 'mutate') {
    return `${where},"mutations":[${operation.mutations.map((each) => encodeMutation(table, each)).join()}]`;
  }
  if (operation.op === 'wait') return `${where},${encodeWait(operation, table)}`;
  if (operation.op === 'select') return `${where},"columns":${columnsToSelect(operation, table)}`;
  return where;
}

function encodeInsert({ uuid, row }: InsertOperation, table: TableSchema): string {
  const member = `"row":${encodeRow(table, row, 'insert')}`;
  if (uuid === undefined) return member;
  const { type, to } = columnToRead(table, '_uuid');
  return `"uuid":"${String(checkAtom(type.key, uuid, to))}",${member}`;
}

function encodeWait({ columns, timeoutMs, until, rows }: WaitOperation, table: TableSchema): string {
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 0) {
    throw invalidValue({ table: table.name }, `wait: ${timeoutMs} is no time-out in ms`);
  }
  const encoded = rows.map((row) => encodeWaitRow(table, columns, row));
  return `"timeout":${timeoutMs},"columns":${JSON.stringify(columns)},"until":"${until}","rows":[${encoded.join()}]`;
}

/** Every column that is waited for must be there: the server would take one that is absent for its default. */
function encodeWaitRow(table: TableSchema, columns: readonly string[], row: ColumnValues): string {
  const extra = Object.keys(row).find((column) => !columns.includes(column));
  if (extra !== undefined)
    throw invalidValue({ table: table.name, column: extra }, 'not a column of this wait');
  const members = [...new Set(columns)].map((column) => {
    const { type, quoted, to } = columnToRead(table, column);
    if (!Object.hasOwn(row, column)) throw invalidValue(to, 'missing in a row of this wait');
    return `${quoted}:${encodeValue(type, row[column], to)}`;
  });
  return `{${members.join()}}`;
}

/** Without `_uuid` the server gives rows that are alike only once; without `columns` it gives `_version` too. */
function columnsToSelect(operation: SelectOperation, table: TableSchema): string {
  const columns = operation.columns ?? [...table.columns.keys()];
  for (const column of columns) columnToRead(table, column);
  return JSON.stringify([...new Set(['_uuid', ...columns])]);
}

function encodeRow(table: TableSchema, row: ColumnValues, how: 'insert' | 'change'): string {
  let members = '';
  for (const column of Object.keys(row)) {
    const { type, quoted, to } = columnToWrite(table, column, how);
    if (members !== '') members += ',';
    members += `${quoted}:${encodeValue(type, row[column], to)}`;
  }
  return `{${members}}`;
}
