// Conditions and mutations → wire form (RFC 7047 §5.1 <condition>, <mutation>).
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
export function encodeCondition(table: TableSchema, condition: Condition): unknown {
  const [column, operator, value] = condition;
  const type = columnToRead(table, column);
  const to = { table: table.name, column };
  if (!orderings.has(operator)) return [column, operator, encodeComparand(type, operator, value, to)];
  if (!isOrdered(type)) throw invalidValue(to, `${operator} compares only integers and reals`);
  return [column, operator, encodeAtom(type.key, value, to)];
}

const orderings: ReadonlySet<string> = new Set<Condition[1]>(['<', '<=', '>=', '>']);

function isOrdered(type: ColumnType): boolean {
  const isNumber = type.key.type === 'integer' || type.key.type === 'real';
  return isNumber && type.value === undefined && type.max === 1;
}

/** `includes` may ask for fewer elements than the column must have, `excludes` also for more than it can have. */
function encodeComparand(type: ColumnType, operator: Condition[1], value: Value, to: Destination): unknown {
  if (columnKind(type) === 'scalar') return encodeAtom(type.key, value, to);
  if (operator === 'includes') return encodeElements({ ...type, min: 0 }, value, to);
  if (operator === 'excludes') return encodeElements({ ...type, min: 0, max: Infinity }, value, to);
  return encodeValue(type, value, to);
}

/** @throws OVSDB_INVALID_VALUE */
export function encodeMutation(table: TableSchema, mutation: Mutation): unknown {
  const [column, mutator, value] = mutation;
  const type = columnToWrite(table, column, 'change');
  const to = { table: table.name, column };
  if (mutator === 'insert' || mutator === 'delete') {
    return [column, mutator, encodeOperands(type, mutator, value, to)];
  }
  return [column, mutator, encodeNumber(type, mutator, value, to)];
}

function encodeOperands(
  type: ColumnType,
  mutator: 'insert' | 'delete',
  value: Value,
  to: Destination,
): unknown {
  if (columnKind(type) === 'scalar') throw invalidValue(to, `${mutator} changes only sets and maps`);
  if (mutator === 'insert') return encodeElements({ ...type, min: 0 }, value, to);
  const isKeys = type.value !== undefined && Array.isArray(value);
  return isKeys
    ? encodeKeys(type.key, value, to)
    : encodeElements({ ...type, min: 0, max: Infinity }, value, to);
}

function encodeKeys(base: BaseType, keys: readonly unknown[], to: Destination): unknown {
  const distinct = new Set(keys.map(String));
  if (distinct.size < keys.length) throw invalidValue(to, `${showValue(keys)} has a key twice`);
  return ['set', [...distinct].map((key) => encodeKey(base, key, to))];
}

/** Arithmetic is not bound by the column's range: only its result is. */
function encodeNumber(type: ColumnType, mutator: string, value: Value, to: Destination): unknown {
  const { type: atomic } = type.key;
  const isNumber = atomic === 'integer' || (atomic === 'real' && mutator !== '%=');
  if (!isNumber || type.value !== undefined) throw invalidValue(to, `${mutator} does not apply to its type`);
  return encodeAtom({ type: atomic }, value, to);
}
