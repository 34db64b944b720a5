// The schema of a database (RFC 7047 §3.2): tables, columns and which of them a client can have.
import { asRecord, invalidSchema, parseColumnType } from './column-type.ts';
import type { ColumnType } from './column-type.ts';

export { columnKind, defaultValue } from './column-type.ts';
export type { AtomicType, BaseType, ColumnKind, ColumnType } from './column-type.ts';

export interface ColumnSchema {
  readonly name: string;
  readonly type: ColumnType;
  /** Not kept over a restart of the server. */
  readonly ephemeral: boolean;
  /** False: set by the insert and never again, not even to the same value. */
  readonly mutable: boolean;
}

export interface TableSchema {
  readonly name: string;
  /** Without `_uuid` and `_version`. In the schema's order. */
  readonly columns: ReadonlyMap<string, ColumnSchema>;
  /** False: a row vanishes at commit when no strong reference leads to it. */
  readonly isRoot: boolean;
  readonly maxRows?: number;
  /** Column sets whose values together are unique in the table. */
  readonly indexes: readonly (readonly string[])[];
}

export interface DatabaseSchema {
  readonly name: string;
  /** `x.y.z`; empty when the schema has none. */
  readonly version: string;
  readonly tables: ReadonlyMap<string, TableSchema>;
}

/**
 * Parses a <database-schema>, the answer of `get_schema` or the content of an `.ovsschema` file.
 * Members that are not known are ignored, so that a newer server's schema can be read.
 * When no table says `isRoot`, all are root tables.
 * @throws OVSDB_INVALID_SCHEMA
 */
export function parseDatabaseSchema(json: unknown): DatabaseSchema {
  const schema = asRecord(json, 'schema');
  const name = asString(schema['name'], 'schema name');
  const tables = Object.entries(asRecord(schema['tables'], `${name}: tables`));
  const someRoot = tables.some(([table, body]) => asRecord(body, `${name}.${table}`)['isRoot'] === true);
  return {
    name,
    version: asString(schema['version'] ?? '', `${name}: version`),
    tables: new Map(tables.map(([table, body]) => [table, parseTable(table, body, !someRoot)])),
  };
}

function parseTable(name: string, json: unknown, allRoot: boolean): TableSchema {
  const members = asRecord(json, name);
  const columns = Object.entries(asRecord(members['columns'], `${name}: columns`));
  const maxRows = members['maxRows'];
  if (maxRows !== undefined && typeof maxRows !== 'number')
    throw invalidSchema(`${name}: maxRows is no number`);
  return {
    name,
    columns: new Map(columns.map(([column, body]) => [column, parseColumn(name, column, body)])),
    isRoot: allRoot || members['isRoot'] === true,
    ...(maxRows !== undefined && { maxRows }),
    indexes: parseIndexes(members['indexes'] ?? [], name),
  };
}

function parseColumn(table: string, name: string, json: unknown): ColumnSchema {
  const members = asRecord(json, `${table}.${name}`);
  return {
    name,
    type: parseColumnType(members['type'], `${table}.${name}`),
    ephemeral: members['ephemeral'] === true,
    mutable: members['mutable'] !== false,
  };
}

function parseIndexes(json: unknown, table: string): readonly (readonly string[])[] {
  const isIndex = (index: unknown): index is string[] =>
    Array.isArray(index) && index.every((column) => typeof column === 'string');
  if (Array.isArray(json) && json.every(isIndex)) return json;
  throw invalidSchema(`${table}: indexes must be arrays of column names`);
}

function asString(json: unknown, where: string): string {
  if (typeof json === 'string') return json;
  throw invalidSchema(`${where}: not a string`);
}

/** What a client would like to have, by table: `{Bridge: ['name', 'ports'], Port: 'all'}`. */
export type WantedColumns = Readonly<Record<string, readonly string[] | 'all'>>;

/** A table, or a column of a table that is there, that the server does not have. */
export interface MissingColumn {
  readonly table: string;
  readonly column?: string;
}

export interface ColumnIntersection {
  /** Tables and columns that both have; each column once, in the order wanted. */
  readonly monitored: Record<string, readonly string[]>;
  readonly missing: readonly MissingColumn[];
}

/**
 * Splits wanted columns into what the server has and what it lacks: one unknown column, or one that is named twice,
 * fails a whole monitor request. `_uuid` and `_version` are left out: a row always has its uuid, nobody needs the other.
 */
export function intersectColumns(wanted: WantedColumns, schema: DatabaseSchema): ColumnIntersection {
  const monitored: Record<string, readonly string[]> = {};
  const missing: MissingColumn[] = [];
  for (const [table, columns] of Object.entries(wanted)) {
    const tableSchema = schema.tables.get(table);
    if (tableSchema === undefined) {
      missing.push({ table });
      continue;
    }
    const names = columns === 'all' ? tableSchema.columns.keys() : columns;
    const asked = [...new Set(names)].filter((column) => column !== '_uuid' && column !== '_version');
    monitored[table] = asked.filter((column) => tableSchema.columns.has(column));
    for (const column of asked) if (!tableSchema.columns.has(column)) missing.push({ table, column });
  }
  return { monitored, missing };
}
