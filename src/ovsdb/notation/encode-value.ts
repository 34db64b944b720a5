// In-memory values → wire form, checked against the column's type (RFC 7047 §5.1 <value>).
import { columnKind } from '../column-type.ts';
import type { BaseType, ColumnType } from '../column-type.ts';
import { checkAtom, encodeAtom, wireAtom } from './encode-atom.ts';
import { invalidValue, showValue } from './invalid-value.ts';
import type { Destination } from './invalid-value.ts';
import type { Atom } from '../value.ts';

/**
 * The value of a column as JSON.stringify can print it. A set need not be sorted; it must not name an element twice.
 * @throws OVSDB_INVALID_VALUE
 */
export function encodeValue(type: ColumnType, value: unknown, to: Destination): unknown {
  const kind = columnKind(type);
  if (kind === 'map') return encodeMap(type, value, to);
  if (kind === 'set') return encodeSet(type, value, to);
  if (kind === 'optional' && value === undefined) return ['set', []];
  return encodeAtom(type.key, value, to);
}

/**
 * Elements of a set, a map or an optional column within the limits of `type`, which need not be the column's own.
 * An optional column's may be an atom, `undefined`, or an array.
 * @throws OVSDB_INVALID_VALUE
 */
export function encodeElements(type: ColumnType, value: unknown, to: Destination): unknown {
  if (type.value !== undefined) return encodeMap(type, value, to);
  if (Array.isArray(value)) return encodeSet(type, value, to);
  return encodeSet(type, value === undefined ? [] : [value], to);
}

function encodeSet(type: ColumnType, value: unknown, to: Destination): unknown {
  if (!Array.isArray(value)) throw invalidValue(to, `${showValue(value)} is not a set (an array)`);
  checkSize(value.length, type, value, to);
  const atoms = value.map((atom) => checkAtom(type.key, atom, to));
  if (new Set(atoms).size < atoms.length) {
    const twice = atoms.find((atom, i) => atoms.indexOf(atom) < i);
    throw invalidValue(to, `${showValue(twice)} is in the set twice`);
  }
  const elements = atoms.map((atom) => wireAtom(type.key, atom));
  return elements.length === 1 ? elements[0] : ['set', elements];
}

function encodeMap(type: ColumnType, value: unknown, to: Destination): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidValue(to, `${showValue(value)} is not a map (an object)`);
  }
  const entries = Object.entries(value);
  checkSize(entries.length, type, value, to);
  const valueType = type.value ?? type.key;
  return [
    'map',
    entries.map(([key, each]) => [encodeKey(type.key, key, to), encodeAtom(valueType, each, to)]),
  ];
}

/** A map key as it stands in memory: always text, also for other types than string. @throws OVSDB_INVALID_VALUE */
export function encodeKey(base: BaseType, key: string, to: Destination): unknown {
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
