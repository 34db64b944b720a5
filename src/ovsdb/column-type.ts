// Column types (RFC 7047 §3.2 <type>): their parsed form, what kind of value they hold, and its default.
import { CodedError } from '../base/errors.ts';
import { createAtomMap } from './atom-map.ts';
import { isJsonObject } from './value-kind.ts';
import type { Atom, AtomMap, Value } from './value.ts';

export type AtomicType = 'integer' | 'real' | 'boolean' | 'string' | 'uuid';

/** The type of one atom with its constraints (RFC 7047 §3.2 <base-type>). Lengths count code points. */
export interface BaseType {
  readonly type: AtomicType;
  readonly enum?: readonly Atom[];
  readonly minInteger?: number | bigint;
  readonly maxInteger?: number | bigint;
  readonly minReal?: number;
  readonly maxReal?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** The table that a uuid refers to. Always together with {@link BaseType.refType}. */
  readonly refTable?: string;
  readonly refType?: 'strong' | 'weak';
}

/** `value` is there for maps only. `min` is 0 or 1; `max` is at least 1, `Infinity` for "unlimited". */
export interface ColumnType {
  readonly key: BaseType;
  readonly value?: BaseType;
  readonly min: number;
  readonly max: number;
}

/** How a column's value looks in memory (see {@link Value}). */
export type ColumnKind = 'scalar' | 'optional' | 'set' | 'map';

export function columnKind(type: ColumnType): ColumnKind {
  if (type.value !== undefined) return 'map';
  if (type.max > 1) return 'set';
  return type.min === 0 ? 'optional' : 'scalar';
}

const zeroUuid = '00000000-0000-0000-0000-000000000000';
const defaultAtoms = { integer: 0, real: 0, boolean: false, string: '', uuid: zeroUuid } as const;
const emptySet: readonly Atom[] = Object.freeze([]);
const emptyMap: AtomMap = Object.freeze(createAtomMap());

/**
 * The value of a column that an insert does not mention (RFC 7047 §5.2.1), which monitors leave out of new rows.
 * Enum and range do not matter: the default of an enum of strings is still ''. Frozen and shared.
 */
export function defaultValue(type: ColumnType): Value {
  const kind = columnKind(type);
  if (kind === 'optional') return undefined;
  const atom = defaultAtoms[type.key.type];
  if (kind === 'scalar') return atom;
  if (type.value !== undefined) return type.min === 0 ? emptyMap : defaultMap(atom, type.value);
  return type.min === 0 ? emptySet : Object.freeze([atom]);
}

function defaultMap(key: Atom, value: BaseType): AtomMap {
  const map = createAtomMap();
  map[String(key)] = defaultAtoms[value.type];
  return Object.freeze(map);
}

/**
 * Parses a <type>: `"string"` or `{"key": {"type": "integer", "minInteger": 1}, "min": 0, "max": "unlimited"}`.
 * `where` names the column in errors. Members that are not known are ignored.
 * @throws OVSDB_INVALID_SCHEMA
 */
export function parseColumnType(json: unknown, where: string): ColumnType {
  if (typeof json === 'string') return { key: parseBaseType(json, where), min: 1, max: 1 };
  const members = asRecord(json, where);
  const key = parseBaseType(members['key'], where);
  const min = parseCount(members['min'] ?? 1, where);
  const max = members['max'] === 'unlimited' ? Infinity : parseCount(members['max'] ?? 1, where);
  if (min > 1 || max < 1) throw invalidSchema(`${where}: min must be 0 or 1 and max at least 1`);
  if (members['value'] === undefined) return { key, min, max };
  return { key, value: parseBaseType(members['value'], where), min, max };
}

function parseCount(json: unknown, where: string): number {
  if (typeof json === 'number' && Number.isInteger(json) && json >= 0) return json;
  throw invalidSchema(`${where}: min and max must be integers that are not negative`);
}

function parseBaseType(json: unknown, where: string): BaseType {
  if (typeof json === 'string') return { type: parseAtomicType(json, where) };
  const members = asRecord(json, where);
  const type = parseAtomicType(members['type'], where);
  const limits = Object.fromEntries(
    limitNames.filter((name) => members[name] !== undefined).map((name) => [name, members[name]]),
  );
  for (const [name, limit] of Object.entries(limits)) {
    if (typeof limit !== 'number' && typeof limit !== 'bigint')
      throw invalidSchema(`${where}: ${name} is no number`);
  }
  return { type, ...limits, ...parseEnum(members['enum'], type, where), ...parseReference(members, where) };
}

const limitNames = ['minInteger', 'maxInteger', 'minReal', 'maxReal', 'minLength', 'maxLength'] as const;

function parseAtomicType(json: unknown, where: string): AtomicType {
  if (isAtomicType(json)) return json;
  throw invalidSchema(`${where}: ${JSON.stringify(json)} is no atomic type`);
}

function isAtomicType(json: unknown): json is AtomicType {
  return typeof json === 'string' && Object.hasOwn(defaultAtoms, json);
}

function parseReference(
  members: Readonly<Record<string, unknown>>,
  where: string,
): Pick<BaseType, 'refTable' | 'refType'> {
  const { refTable, refType = 'strong' } = members;
  if (refTable === undefined) return {};
  if (typeof refTable === 'string' && (refType === 'strong' || refType === 'weak'))
    return { refTable, refType };
  throw invalidSchema(`${where}: refTable must be a table name and refType strong or weak`);
}

function parseEnum(json: unknown, type: AtomicType, where: string): Pick<BaseType, 'enum'> {
  if (json === undefined) return {};
  const isSet = Array.isArray(json) && json[0] === 'set' && Array.isArray(json[1]);
  const wire: readonly unknown[] = isSet ? json[1] : [json];
  return { enum: wire.map((atom) => parseEnumAtom(atom, type, where)) };
}

function parseEnumAtom(json: unknown, type: AtomicType, where: string): Atom {
  if (type === 'uuid' && Array.isArray(json) && typeof json[1] === 'string') return json[1];
  const isNumber = type === 'integer' || type === 'real';
  if (isNumber && (typeof json === 'number' || typeof json === 'bigint')) return json;
  if (type === 'string' && typeof json === 'string') return json;
  if (type === 'boolean' && typeof json === 'boolean') return json;
  throw invalidSchema(`${where}: ${JSON.stringify(json)} in enum is no ${type}`);
}

/** @throws OVSDB_INVALID_SCHEMA when `json` is not an object */
export function asRecord(json: unknown, where: string): Readonly<Record<string, unknown>> {
  if (isJsonObject(json)) return json;
  throw invalidSchema(`${where}: not an object`);
}

export function invalidSchema(message: string): CodedError {
  return new CodedError('OVSDB_INVALID_SCHEMA', message, { retryable: false });
}
