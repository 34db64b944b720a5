// Conditions and mutations → JSON text (RFC 7047 §5.1 <condition>, <mutation>).
import { columnKind } from '../column-type.ts';
import type { BaseType, ColumnType } from '../column-type.ts';
import type { Condition, Mutation } from '../operation.ts';
import { encodeAtom } from './encode-atom.ts';
import { encodeElements, encodeKey, encodeValue } from './encode-value.ts';
import { invalidValue, showValue } from './invalid-value.ts';
import type { Destination } from './invalid-value.ts';
import type { TableSchema } from '../schema.ts';
import type { Value } from '../value.ts';
import { columnToRead, columnToWrite } from './find-column.ts';

/** @throws OVSDB_INVALID_VALUE */
export function encodeCondition(table: TableSchema, condition: Condition): string {
  const [column, operator, value] = condition;
  const { type, quoted, to } = columnToRead(table, column);
  return `[${quoted},"${operator}",${encodeComparand(type, operator, value, to)}]`;
}

const orderings: ReadonlySet<string> = new Set<Condition[1]>(['<', '<=', '>=', '>']);

function isOrdered(type: ColumnType): boolean {
  const isNumber = type.key.type === 'integer' || type.key.type === 'real';
  return isNumber && type.value === undefined && type.max === 1;
}

/** `includes` may ask for fewer elements than the column must have, `excludes` also for more than it can have. */
function encodeComparand(type: ColumnType, operator: Condition[1], value: Value, to: Destination): string {
  const isOrdering = orderings.has(operator);
  if (isOrdering && !isOrdered(type)) throw invalidValue(to, `${operator} compares only integers and reals`);
  if (isOrdering || columnKind(type) === 'scalar') return encodeAtom(type.key, value, to);
  if (operator === 'includes') return encodeElements({ ...type, min: 0 }, value, to);
  if (operator === 'excludes') return encodeElements({ ...type, min: 0, max: Infinity }, value, to);
  return encodeValue(type, value, to);
}

/** @throws OVSDB_INVALID_VALUE */
export function encodeMutation(table: TableSchema, mutation: Mutation): string {
  const [column, mutator, value] = mutation;
  const { type, quoted, to } = columnToWrite(table, column, 'change');
  const operand =
    mutator === 'insert' || mutator === 'delete'
      ? encodeOperands(type, mutator, value, to)
      : encodeNumber(type, mutator, value, to);
  return `[${quoted},"${mutator}",${operand}]`;
}

function encodeOperands(
  type: ColumnType,
  mutator: 'insert' | 'delete',
  value: Value,
  to: Destination,
): string {
  if (columnKind(type) === 'scalar') throw invalidValue(to, `${mutator} changes only sets and maps`);
  if (mutator === 'insert') return encodeElements({ ...type, min: 0 }, value, to);
  const isKeys = type.value !== undefined && Array.isArray(value);
  return isKeys
    ? encodeKeys(type.key, value, to)
    : encodeElements({ ...type, min: 0, max: Infinity }, value, to);
}

function encodeKeys(base: BaseType, keys: readonly unknown[], to: Destination): string {
  const distinct = new Set(keys.map(String));
  if (distinct.size < keys.length) throw invalidValue(to, `${showValue(keys)} has a key twice`);
  return `["set",[${[...distinct].map((key) => encodeKey(base, key, to)).join()}]]`;
}

/** Arithmetic is not bound by the column's range: only its result is. */
function encodeNumber(type: ColumnType, mutator: string, value: Value, to: Destination): string {
  const { type: atomic } = type.key;
  const isNumber = atomic === 'integer' || (atomic === 'real' && mutator !== '%=');
  if (!isNumber || type.value !== undefined) throw invalidValue(to, `${mutator} does not apply to its type`);
  return encodeAtom({ type: atomic }, value, to);
}
