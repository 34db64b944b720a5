// In-memory values → JSON text, checked against the column's type (RFC 7047 §5.1 <value>).
import { columnKind } from '../column-type.ts';
import type { BaseType, ColumnType } from '../column-type.ts';
import { checkAtom, encodeAtom } from './encode-atom.ts';
import { invalidValue, showValue } from './invalid-value.ts';
import type { Destination } from './invalid-value.ts';
import type { Atom } from '../value.ts';

/**
 * The value of a column. A set need not be sorted; it must not name an element twice.
 * @throws OVSDB_INVALID_VALUE
 */
export function encodeValue(type: ColumnType, value: unknown, to: Destination): string {
  const kind = columnKind(type);
  if (kind === 'map') return encodeMap(type, value, to);
  if (kind === 'set') return encodeSet(type, value, to);
  if (kind === 'optional' && value === undefined) return '["set",[]]';
  return encodeAtom(type.key, value, to);
}

/**
 * Elements of a set, a map or an optional column within the limits of `type`, which need not be the column's own.
 * An optional column's may be an atom, `undefined`, or an array.
 * @throws OVSDB_INVALID_VALUE
 */
export function encodeElements(type: ColumnType, value: unknown, to: Destination): string {
  if (type.value !== undefined) return encodeMap(type, value, to);
  if (Array.isArray(value)) return encodeSet(type, value, to);
  return encodeSet(type, value === undefined ? [] : [value], to);
}

/** Elements are alike exactly when their texts are. */
function encodeSet(type: ColumnType, value: unknown, to: Destination): string {
  if (!Array.isArray(value)) throw invalidValue(to, `${showValue(value)} is not a set (an array)`);
  checkSize(value.length, type, value, to);
  if (value.length === 1) return encodeAtom(type.key, value[0], to);
  const elements = value.map((atom) => encodeAtom(type.key, atom, to));
  if (new Set(elements).size < elements.length) {
    const atoms = value.map((atom) => checkAtom(type.key, atom, to));
    const twice = atoms.find((atom, i) => atoms.indexOf(atom) < i);
    throw invalidValue(to, `${showValue(twice)} is in the set twice`);
  }
  return `["set",[${elements.join()}]]`;
}

function encodeMap(type: ColumnType, value: unknown, to: Destination): string {
  if (!isRecord(value)) throw invalidValue(to, `${showValue(value)} is not a map (an object)`);
  const keys = Object.keys(value);
  checkSize(keys.length, type, value, to);
  const valueType = type.value ?? type.key;
  let pairs = '';
  for (const key of keys) {
    if (pairs !== '') pairs += ',';
    pairs += `[${encodeKey(type.key, key, to)},${encodeAtom(valueType, value[key], to)}]`;
  }
  return `["map",[${pairs}]]`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map key as it stands in memory: always text, also for other types than string. @throws OVSDB_INVALID_VALUE */
export function encodeKey(base: BaseType, key: string, to: Destination): string {
  return encodeAtom(base, parseKey(base, key), to);
}

/** What is no number and no boolean stays text, which encodeAtom then refuses. */
function parseKey(base: BaseType, key: string): Atom {
  if (base.type === 'integer') return /^-?(0|[1-9]\d*)$/.test(key) ? BigInt(key) : key;
  if (base.type === 'real') return String(Number(key)) === key ? Number(key) : key;
  if (base.type === 'boolean') return key === 'true' || (key === 'false' ? false : key);
  return key;
}

function checkSize(size: number, type: ColumnType, value: unknown, to: Destination): void {
  if (size < type.min) throw invalidValue(to, `${showValue(value)} has fewer than ${type.min} elements`);
  if (size > type.max) throw invalidValue(to, `${showValue(value)} has more than ${type.max} elements`);
}
