// A model of RFC 7047 transactions for property tests of the planner: what a server does with operations, by the book.
import fc from 'fast-check';
import { compareAtoms } from '../../src/ovsdb/atom-order.ts';
import { columnKind, defaultValue } from '../../src/ovsdb/schema.ts';
import type { ColumnType, DatabaseSchema } from '../../src/ovsdb/schema.ts';
import type { Mutation, Operation } from '../../src/ovsdb/operation.ts';
import type { IndexSpec, Referrer, ReplicaView } from '../../src/ovsdb/replica-view.ts';
import type { Atom, AtomMap, Row, Value } from '../../src/ovsdb/value.ts';

type Tables = Map<string, Map<string, Row>>;

/** Strings, uuids and unbounded sets only: what the planner's own schema needs. */
export class MemoryDatabase implements ReplicaView {
  readonly schema: DatabaseSchema;
  readonly #indexes: ReadonlyMap<string, IndexSpec>;
  #tables: Tables;

  constructor(schema: DatabaseSchema, indexes: readonly IndexSpec[]) {
    this.schema = schema;
    this.#indexes = new Map(indexes.map((index) => [index.name, index]));
    this.#tables = new Map([...schema.tables.keys()].map((table) => [table, new Map()]));
  }

  /** A database of its own with the same rows. */
  copy(): MemoryDatabase {
    const copy = new MemoryDatabase(this.schema, [...this.#indexes.values()]);
    copy.#tables = this.#tables;
    return copy;
  }

  /** How fast-check prints a counterexample. */
  [fc.toStringMethod](): string {
    return JSON.stringify(
      Object.fromEntries([...this.#tables].map(([table, rows]) => [table, [...rows.values()]])),
    );
  }

  rows(table: string): ReadonlyMap<string, Row> {
    return this.#tables.get(table) ?? new Map();
  }

  row(table: string, uuid: string): Row | undefined {
    return this.rows(table).get(uuid);
  }

  find(index: string, key: string): readonly Row[] {
    const spec = this.#indexes.get(index);
    if (spec === undefined) throw new Error(`no index ${index}`);
    return [...this.rows(spec.table).values()].filter((row) => spec.key(row) === key);
  }

  referrers(uuid: string): readonly Referrer[] {
    return this.#places()
      .filter(({ target }) => target === uuid)
      .map(({ table, uuid: referrer, column }) => ({ table, uuid: referrer, column }));
  }

  /** Applies all operations or throws the server's error and applies none. Returns how many rows each matched. */
  transact(operations: readonly Operation[]): readonly number[] {
    const before = this.#tables;
    this.#tables = new Map([...before].map(([table, rows]) => [table, new Map(rows)]));
    try {
      const counts = operations.map((operation) => this.#execute(operation));
      this.#commit();
      return counts;
    } catch (error) {
      this.#tables = before;
      throw error;
    }
  }

  #execute(operation: Operation): number {
    if (operation.op === 'insert') return this.#insert(operation.table, operation.uuid ?? '', operation.row);
    if (!('where' in operation)) throw new Error(`not modelled: ${operation.op}`);
    const [column, function_, uuid] = operation.where[0] ?? [];
    if (column !== '_uuid' || function_ !== '==' || typeof uuid !== 'string')
      throw new Error('not modelled: where');
    const row = this.row(operation.table, uuid);
    if (operation.op === 'wait') {
      if (row === undefined) throw new Error('timed out');
      return 1;
    }
    if (row === undefined) return 0;
    const rows = this.#tables.get(operation.table)!;
    if (operation.op === 'delete') rows.delete(row._uuid);
    else if (operation.op === 'update')
      rows.set(row._uuid, this.#checked(operation.table, { ...row, ...operation.row }));
    else if (operation.op === 'mutate')
      rows.set(row._uuid, this.#mutated(operation.table, row, operation.mutations));
    return 1;
  }

  #insert(table: string, uuid: string, columns: Readonly<Record<string, Value>>): number {
    const rows = this.#tables.get(table)!;
    if (rows.has(uuid)) throw new Error(`duplicate uuid ${uuid}`);
    const defaults = [...this.schema.tables.get(table)!.columns.values()].map(
      ({ name, type }) => [name, defaultValue(type)] as const,
    );
    rows.set(uuid, this.#checked(table, { ...Object.fromEntries(defaults), ...columns, _uuid: uuid }));
    return 1;
  }

  #mutated(table: string, row: Row, mutations: readonly Mutation[]): Row {
    let next = row;
    for (const [column, mutator, operand] of mutations) {
      const type = this.#type(table, column);
      const value = next[column];
      const changed =
        columnKind(type) === 'map'
          ? mutateMap(value as AtomMap, mutator, operand as AtomMap | readonly Atom[])
          : mutateSet(type, value, mutator, operand as readonly Atom[]);
      next = this.#checked(table, { ...next, [column]: changed });
    }
    return next;
  }

  #checked(table: string, row: Row): Row {
    for (const [column, value] of Object.entries(row)) {
      if (column === '_uuid') continue;
      const type = this.#type(table, column);
      if (columnKind(type) === 'set' && (value as readonly Atom[]).length < type.min)
        throw new Error(`constraint violation: ${table}.${column} is empty`);
    }
    return row;
  }

  #type(table: string, column: string): ColumnType {
    const type = this.schema.tables.get(table)?.columns.get(column)?.type;
    if (type === undefined) throw new Error(`unknown column ${table}.${column}`);
    return type;
  }

  /** As ovsdb-server does it: rows that are about to be collected still hold what they refer to. */
  #commit(): void {
    for (const { table, column, uuid, target, refTable, isStrong } of this.#places())
      if (isStrong && this.row(refTable, target) === undefined)
        throw new Error(`referential integrity violation: ${table}.${column} of ${uuid} → ${target}`);
    this.#collect();
    this.#dropWeak();
    for (const { name, indexes } of this.schema.tables.values())
      for (const columns of indexes) this.#checkUnique(name, columns);
  }

  #collect(): void {
    for (;;) {
      const held = new Set(
        this.#places()
          .filter(({ isStrong }) => isStrong)
          .map(({ target }) => target),
      );
      const orphans = [...this.schema.tables.values()]
        .filter(({ isRoot }) => !isRoot)
        .flatMap(({ name }) =>
          [...this.rows(name).keys()].filter((uuid) => !held.has(uuid)).map((uuid) => ({ name, uuid })),
        );
      for (const { name, uuid } of orphans) this.#tables.get(name)!.delete(uuid);
      if (orphans.length === 0) return;
    }
  }

  #dropWeak(): void {
    for (const { table, column, uuid, target, refTable, isStrong } of this.#places()) {
      if (isStrong || this.row(refTable, target) !== undefined) continue;
      const row = this.row(table, uuid)!;
      const value = row[column];
      const rest = Array.isArray(value) ? value.filter((atom) => atom !== target) : undefined;
      this.#tables.get(table)!.set(uuid, { ...row, [column]: rest });
    }
  }

  #checkUnique(table: string, columns: readonly string[]): void {
    const keys = [...this.rows(table).values()].map((row) =>
      JSON.stringify(columns.map((column) => row[column])),
    );
    if (new Set(keys).size < keys.length)
      throw new Error(`constraint violation: ${table} ${columns.join()} twice`);
  }

  #places(): readonly (Referrer & { target: string; refTable: string; isStrong: boolean })[] {
    return [...this.schema.tables.values()].flatMap(({ name: table, columns }) =>
      [...columns.values()].flatMap(({ name: column, type }) => {
        const { refTable, refType } = type.key;
        if (refTable === undefined) return [];
        return [...this.rows(table).values()].flatMap((row) => {
          const value = row[column];
          const targets = Array.isArray(value)
            ? (value as readonly string[])
            : typeof value === 'string'
              ? [value]
              : [];
          return targets.map((target) => ({
            table,
            uuid: row._uuid,
            column,
            target,
            refTable,
            isStrong: refType === 'strong',
          }));
        });
      }),
    );
  }
}

/** RFC 7047 §5.1 <mutation>: `insert` keeps the value of a key that is there. */
function mutateMap(map: AtomMap, mutator: string, operand: AtomMap | readonly Atom[]): AtomMap {
  if (mutator === 'insert') return Object.fromEntries([...Object.entries(operand), ...Object.entries(map)]);
  if (mutator !== 'delete' || !Array.isArray(operand)) throw new Error('not modelled: mutator');
  return Object.fromEntries(Object.entries(map).filter(([key]) => !operand.includes(key)));
}

function mutateSet(type: ColumnType, value: Value, mutator: string, operand: readonly Atom[]): Value {
  const old = Array.isArray(value) ? (value as readonly Atom[]) : value === undefined ? [] : [value as Atom];
  const next =
    mutator === 'insert'
      ? [...new Set([...old, ...operand])].toSorted(compareAtoms)
      : old.filter((atom) => !operand.includes(atom));
  return columnKind(type) === 'set' ? next : next[0];
}
