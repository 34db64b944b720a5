// Arbitrary schemas and values that fit them, in the one form that they have in memory.
import * as fc from 'fast-check';
import { createAtomMap } from '../../src/ovsdb/atom-map.ts';
import { compareAtoms } from '../../src/ovsdb/atom-order.ts';
import { columnKind } from '../../src/ovsdb/schema.ts';
import type {
  AtomicType,
  BaseType,
  ColumnType,
  DatabaseSchema,
  TableSchema,
} from '../../src/ovsdb/schema.ts';
import type { Atom, AtomMap, Value } from '../../src/ovsdb/value.ts';

/** Any text that the server takes: all planes, control characters, no NUL, no lone surrogates; often odd names. */
export const arbitraryText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', '∅')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '__proto__', 'constructor', 'toString', '7', '-0', '[]', 'true'),
  },
);

const arbitraryUuid: fc.Arbitrary<string> = fc.uuid();

const int64: fc.Arbitrary<number | bigint> = fc
  .oneof(
    fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    fc.bigInt(-20n, 20n),
    fc.bigInt(2n ** 53n - 5n, 2n ** 53n + 5n),
  )
  .map((integer) => (Number.isSafeInteger(Number(integer)) ? Number(integer) : integer));

/** Only numbers of 15 digits: that is what a server prints. */
const real: fc.Arbitrary<number> = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .map((number) => Number(number.toPrecision(15)))
  .filter((number) => Number.isFinite(number) && (number === 0 || Math.abs(number) >= 2 ** -1022))
  .map((number) => (number === 0 ? 0 : number));

const plainAtoms: Readonly<Record<AtomicType, fc.Arbitrary<Atom>>> = {
  integer: int64,
  real,
  boolean: fc.boolean(),
  string: arbitraryText,
  uuid: arbitraryUuid,
};

export function arbitraryAtom(base: BaseType): fc.Arbitrary<Atom> {
  if (base.enum !== undefined) return fc.constantFrom(...base.enum);
  const { minInteger, maxInteger, minReal, maxReal, minLength, maxLength } = base;
  if (minInteger !== undefined) return fc.integer({ min: Number(minInteger), max: Number(maxInteger) });
  if (minReal !== undefined) {
    const inRange = (n: number): boolean => n >= minReal && n <= Number(maxReal);
    const near = fc.integer({ min: -1000, max: 1000 }).map((n) => n / 64);
    return fc.oneof(near, real).filter(inRange);
  }
  if (maxLength !== undefined) {
    const unit = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((c) => c !== '\0');
    return fc.array(unit, { minLength: minLength ?? 0, maxLength }).map((units) => units.join(''));
  }
  return plainAtoms[base.type];
}

/** Sets are sorted as the server sorts them. `limit` bounds those that are unlimited. */
export function arbitraryValue(type: ColumnType, limit = 6): fc.Arbitrary<Value> {
  const atom = arbitraryAtom(type.key);
  const kind = columnKind(type);
  if (kind === 'scalar') return atom;
  if (kind === 'optional') return fc.option(atom, { nil: undefined });
  const size = { minLength: type.min, maxLength: Math.min(type.max, limit) };
  if (kind === 'set') return fc.uniqueArray(atom, size).map((atoms) => atoms.toSorted(compareAtoms));
  const pair = fc.tuple(atom, arbitraryAtom(type.value ?? type.key));
  return fc.uniqueArray(pair, { ...size, selector: ([key]) => key }).map(atomMap);
}

/** A map as decode makes it, from pairs. */
export function atomMap(pairs: Iterable<readonly [key: Atom, value: Atom]>): AtomMap {
  const map = createAtomMap();
  for (const [key, value] of pairs) map[String(key)] = value;
  return map;
}

function arbitraryBase(tables: readonly string[]): fc.Arbitrary<BaseType> {
  const ordered = (a: number, b: number): [number, number] => [Math.min(a, b), Math.max(a, b)];
  const pair = fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -100, max: 100 }));
  return fc.oneof(
    fc.constantFrom<BaseType>(
      ...(['integer', 'real', 'boolean', 'string', 'uuid'] as const).map((type) => ({ type })),
    ),
    pair.map(([a, b]): BaseType => ({
      type: 'integer',
      minInteger: ordered(a, b)[0],
      maxInteger: ordered(a, b)[1],
    })),
    fc.nat(9).map((maxLength): BaseType => ({ type: 'string', maxLength })),
    fc
      .uniqueArray(arbitraryText, { minLength: 1, maxLength: 5 })
      .map((words): BaseType => ({ type: 'string', enum: words })),
    fc
      .tuple(fc.constantFrom(...tables), fc.constantFrom('strong' as const, 'weak' as const))
      .map(([refTable, refType]): BaseType => ({ type: 'uuid', refTable, refType })),
  );
}

export function arbitraryColumnType(tables: readonly string[] = ['T0']): fc.Arbitrary<ColumnType> {
  const base = arbitraryBase(tables);
  const min = fc.constantFrom(0, 1);
  const many = fc.constantFrom(2, 5, Infinity);
  return fc.oneof(
    base.map((key): ColumnType => ({ key, min: 1, max: 1 })),
    base.map((key): ColumnType => ({ key, min: 0, max: 1 })),
    fc.tuple(base, min, many).map(([key, least, max]): ColumnType => ({ key, min: least, max })),
    fc
      .tuple(base, base, min, fc.oneof(many, fc.constant(1)))
      .map(([key, value, least, max]): ColumnType => ({ key, value, min: least, max })),
  );
}

function arbitraryTable(name: string, tables: readonly string[]): fc.Arbitrary<TableSchema> {
  return fc.array(arbitraryColumnType(tables), { minLength: 1, maxLength: 6 }).map((types) => ({
    name,
    columns: new Map(
      types.map((type, i) => [`c${i}`, { name: `c${i}`, type, ephemeral: false, mutable: true }]),
    ),
    isRoot: true,
    indexes: [],
  }));
}

/** One to three tables `T0`, `T1` … with columns `c0`, `c1` … */
export const arbitrarySchema: fc.Arbitrary<DatabaseSchema> = fc.integer({ min: 1, max: 3 }).chain((count) => {
  const names = Array.from({ length: count }, (_, i) => `T${i}`);
  return fc.tuple(...names.map((name) => arbitraryTable(name, names))).map((tables) => ({
    name: 'Any',
    version: '',
    tables: new Map(tables.map((table) => [table.name, table])),
  }));
});
