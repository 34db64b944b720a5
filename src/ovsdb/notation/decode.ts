// Wire form → in-memory values, by the type of the column (RFC 7047 §5.1 <value>).
import { CodedError } from '../../base/errors.ts';
import { createAtomMap } from '../atom-map.ts';
import { columnKind } from '../column-type.ts';
import type { AtomicType, ColumnType } from '../column-type.ts';
import type { SharedTexts } from '../shared-texts.ts';
import type { Atom, AtomMap, Value } from '../value.ts';

export type ValueDecoder = (wire: unknown) => Value;
type AtomDecoder = (wire: unknown) => Atom;

/**
 * Makes the decoder of a type, once per column. It takes what JSON.parse yields (integers as `number` or `bigint`),
 * may keep the arrays in it as values, and trusts the server's order in sets. Enum and ranges are not checked.
 * It throws OVSDB_MALFORMED_VALUE: the server does not keep to its own schema, so forget the connection.
 * With `texts`, strings and uuids are taken from there.
 */
export function valueDecoder(type: ColumnType, texts?: SharedTexts): ValueDecoder {
  const key = atomDecoder(type.key.type, texts);
  const kind = columnKind(type);
  if (kind === 'scalar') return (wire) => decodeScalar(wire, key);
  if (kind === 'optional') return (wire) => decodeOptional(wire, key);
  if (kind === 'set') return (wire) => decodeSet(wire, key);
  return mapDecoder(key, atomDecoder((type.value ?? type.key).type, texts));
}

/** Decodes one value. For many values of one column make a {@link valueDecoder}. @throws OVSDB_MALFORMED_VALUE */
export function decodeValue(type: ColumnType, wire: unknown): Value {
  return valueDecoder(type)(wire);
}

function atomDecoder(type: AtomicType, texts: SharedTexts | undefined): AtomDecoder {
  if (type === 'string' && texts !== undefined) return (wire) => texts.share(decodeString(wire));
  if (type === 'uuid' && texts !== undefined) return (wire) => texts.shareUuid(decodeUuid(wire));
  return atomDecoders[type];
}

const atomDecoders: Readonly<Record<AtomicType, AtomDecoder>> = {
  integer: decodeInteger,
  real: decodeReal,
  boolean: decodeBoolean,
  string: decodeString,
  uuid: decodeUuid,
};

function decodeString(wire: unknown): string {
  if (typeof wire === 'string') return wire;
  throw malformed('string', wire);
}

/** `["uuid", "…"]` @throws OVSDB_MALFORMED_VALUE */
export function decodeUuid(wire: unknown): string {
  if (Array.isArray(wire) && wire[0] === 'uuid' && typeof wire[1] === 'string') return wire[1];
  throw malformed('uuid', wire);
}

function decodeBoolean(wire: unknown): boolean {
  if (typeof wire === 'boolean') return wire;
  throw malformed('boolean', wire);
}

function decodeInteger(wire: unknown): number | bigint {
  if (typeof wire === 'number' && Number.isSafeInteger(wire)) return wire;
  if (typeof wire === 'bigint') return canonicalInteger(wire);
  throw malformed('integer', wire);
}

function decodeReal(wire: unknown): number {
  if (typeof wire === 'number') return wire;
  if (typeof wire === 'bigint') return Number(wire);
  throw malformed('real', wire);
}

/** The one form that an integer has in memory: `number` within ±(2^53 - 1), else `bigint`. */
export function canonicalInteger(value: bigint): number | bigint {
  const narrow = Number(value);
  return Number.isSafeInteger(narrow) ? narrow : value;
}

function decodeScalar(wire: unknown, atom: AtomDecoder): Atom {
  const elements = setElements(wire);
  if (elements === undefined) return atom(wire);
  if (elements.length === 1) return atom(elements[0]);
  throw malformed('set of one', wire);
}

function decodeOptional(wire: unknown, atom: AtomDecoder): Atom | undefined {
  const elements = setElements(wire);
  if (elements === undefined) return atom(wire);
  if (elements.length > 1) throw malformed('set of at most one', wire);
  return elements.length === 0 ? undefined : atom(elements[0]);
}

function decodeSet(wire: unknown, atom: AtomDecoder): readonly Atom[] {
  const elements = setElements(wire);
  return elements === undefined ? [atom(wire)] : elements.map(atom);
}

function setElements(wire: unknown): readonly unknown[] | undefined {
  return Array.isArray(wire) && wire[0] === 'set' && Array.isArray(wire[1]) ? wire[1] : undefined;
}

/** Rows of a table mostly have the same keys in a map: the key of the map before saves looking each text up. */
function mapDecoder(key: AtomDecoder, value: AtomDecoder): (wire: unknown) => AtomMap {
  let known: readonly string[] = [];
  return (wire) => {
    const map = createAtomMap();
    const pairs = mapPairs(wire);
    let isAlike = pairs.length === known.length;
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i];
      if (!Array.isArray(pair) || pair.length !== 2) throw malformed('pair', pair);
      const text = String(key(pair[0]));
      const like = known[i];
      if (text === like) {
        map[like] = value(pair[1]);
      } else {
        map[text] = value(pair[1]);
        isAlike = false;
      }
    }
    if (!isAlike) known = Object.keys(map);
    return map;
  };
}

function mapPairs(wire: unknown): readonly unknown[] {
  if (Array.isArray(wire) && wire[0] === 'map' && Array.isArray(wire[1])) return wire[1];
  throw malformed('map', wire);
}

function malformed(expected: string, wire: unknown): CodedError {
  const shown = JSON.stringify(wire, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const message = `expected ${expected}, got ${shown?.slice(0, 200)}`;
  return new CodedError('OVSDB_MALFORMED_VALUE', message, { retryable: true });
}
