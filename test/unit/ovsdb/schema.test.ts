// Schemas: parsed, refused, and what of them a client can have.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  columnKind,
  defaultValue,
  intersectColumns,
  parseDatabaseSchema,
} from '../../../src/ovsdb/schema.ts';
import type { BaseType } from '../../../src/ovsdb/schema.ts';
import type { Value } from '../../../src/ovsdb/value.ts';
import { atomMap } from '../../support/arbitrary-schema.ts';
import { everyType, thing, typeOf } from '../../support/every-type.ts';

const oneColumn = (type: unknown, more: object = {}): object => ({
  name: 'D',
  version: '1.0.0',
  tables: { T: { columns: { c: { type, ...more } }, ...more } },
});

describe('parse', () => {
  test('names and version', () => {
    expect(everyType).toMatchObject({ name: 'Every_Type', version: '1.2.3' });
    expect([...everyType.tables.keys()]).toEqual(['Thing', 'Part']);
  });

  test('table members', () => {
    expect(thing).toMatchObject({ name: 'Thing', isRoot: true, maxRows: 1000 });
    expect(thing.indexes).toEqual([['serial'], ['an_integer', 'a_string']]);
    expect(everyType.tables.get('Part')).toMatchObject({ isRoot: false, indexes: [] });
    expect(everyType.tables.get('Part')).not.toHaveProperty('maxRows');
  });

  test('column members', () => {
    expect(thing.columns.get('serial')).toMatchObject({ name: 'serial', mutable: false, ephemeral: false });
    expect(thing.columns.get('status')).toMatchObject({ name: 'status', mutable: true, ephemeral: true });
  });

  const types: readonly [json: unknown, key: BaseType, min: number, max: number][] = [
    ['integer', { type: 'integer' }, 1, 1],
    [{ key: 'integer' }, { type: 'integer' }, 1, 1],
    [{ key: { type: 'real', minReal: -1.5 }, min: 0 }, { type: 'real', minReal: -1.5 }, 0, 1],
    [
      { key: { type: 'string', maxLength: 9 }, max: 'unlimited' },
      { type: 'string', maxLength: 9 },
      1,
      Infinity,
    ],
    [{ key: { type: 'string', enum: 'a' }, min: 0, max: 7 }, { type: 'string', enum: ['a'] }, 0, 7],
    [{ key: { type: 'integer', enum: ['set', [1, 2]] } }, { type: 'integer', enum: [1, 2] }, 1, 1],
    [{ key: { type: 'uuid', refTable: 'T' } }, { type: 'uuid', refTable: 'T', refType: 'strong' }, 1, 1],
    [
      { key: { type: 'uuid', refTable: 'T', refType: 'weak' } },
      { type: 'uuid', refTable: 'T', refType: 'weak' },
      1,
      1,
    ],
  ];
  test.each(types)('type %o', (json, key, min, max) => {
    const schema = parseDatabaseSchema(oneColumn(json));
    expect(schema.tables.get('T')?.columns.get('c')?.type).toStrictEqual({ key, min, max });
  });

  test('without any isRoot all tables are roots', () => {
    expect(parseDatabaseSchema(oneColumn('integer')).tables.get('T')?.isRoot).toBe(true);
  });

  test('members that are not known are ignored', () => {
    expect(() =>
      parseDatabaseSchema(oneColumn({ key: 'integer', shape: 'round' }, { colour: 'blue' })),
    ).not.toThrow();
  });

  const invalid: readonly [json: unknown, because: string][] = [
    [null, 'schema: not an object'],
    [{ tables: {} }, 'schema name: not a string'],
    [{ name: 'D' }, 'D: tables: not an object'],
    [{ name: 'D', tables: { T: {} } }, 'T: columns: not an object'],
    [oneColumn('float'), 'T.c: "float" is no atomic type'],
    [oneColumn('toString'), 'T.c: "toString" is no atomic type'],
    [oneColumn({}), 'T.c: not an object'],
    [oneColumn({ key: 'string', min: 2, max: 5 }), 'T.c: min must be 0 or 1'],
    [oneColumn({ key: 'string', max: 0 }), 'max at least 1'],
    [oneColumn({ key: 'string', max: 'many' }), 'T.c: min and max must be integers'],
    [oneColumn({ key: { type: 'integer', minInteger: 'x' } }), 'T.c: minInteger is no number'],
    [oneColumn({ key: { type: 'string', enum: ['set', ['a', 5]] } }), 'T.c: 5 in enum is no string'],
    [oneColumn({ key: { type: 'uuid', refTable: 'T', refType: 'lasting' } }), 'T.c: refTable must be'],
    [oneColumn('string', { indexes: [[1]] }), 'T: indexes must be arrays of column names'],
    [oneColumn('string', { maxRows: 'x' }), 'T: maxRows is no number'],
  ];
  test.each(invalid)('%o is refused', (json, because) => {
    expect(() => parseDatabaseSchema(json)).toThrow(
      expect.objectContaining({ code: 'OVSDB_INVALID_SCHEMA', message: expect.stringContaining(because) }),
    );
  });
});

describe('kinds and defaults', () => {
  const cases: readonly [column: string, kind: string, value: Value][] = [
    ['an_integer', 'scalar', 0],
    ['a_real', 'scalar', 0],
    ['a_boolean', 'scalar', false],
    ['a_string', 'scalar', ''],
    ['a_uuid', 'scalar', '00000000-0000-0000-0000-000000000000'],
    ['small_integer', 'optional', undefined],
    ['colour', 'optional', undefined],
    ['strings', 'set', []],
    ['three_strings', 'set', []],
    ['some_strings', 'set', ['']],
    ['string_map', 'map', atomMap([])],
    ['one_pair', 'map', atomMap([])],
    ['needed_pair', 'map', atomMap([['', 0]])],
  ];
  test.each(cases)('%s is a %s with default %o', (column, kind, value) => {
    expect(columnKind(typeOf(column))).toBe(kind);
    expect(defaultValue(typeOf(column))).toStrictEqual(value);
    expect(Object.isFrozen(defaultValue(typeOf(column)))).toBe(true);
  });
});

describe('intersect', () => {
  test('keeps what is there and names what is not, in the order wanted', () => {
    const wanted = {
      Part: ['subparts', 'colour', 'name', 'subparts'],
      Nothing: ['x'],
      Thing: 'all',
      Nobody: 'all',
    } as const;
    expect(intersectColumns(wanted, everyType)).toEqual({
      monitored: { Part: ['subparts', 'name'], Thing: [...thing.columns.keys()] },
      missing: [{ table: 'Part', column: 'colour' }, { table: 'Nothing' }, { table: 'Nobody' }],
    });
  });

  test('leaves _uuid and _version out', () => {
    const { monitored, missing } = intersectColumns({ Part: ['_uuid', 'name', '_version'] }, everyType);
    expect([monitored, missing]).toEqual([{ Part: ['name'] }, []]);
  });
});

describe('published schemas', () => {
  const folder = new URL('../../../ovsdb-schema/', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith('.ovsschema'));
  const readme = readFileSync(new URL('README.md', folder), 'utf8').split('\n');

  test('are all there', () => {
    expect(files).toHaveLength(7);
  });

  test.each(files)('%s is as the README says', (file) => {
    const content = readFileSync(new URL(file, folder));
    const line = readme.find((each) => each.startsWith(`| \`${file}\``));
    const [, , database, version, , cksum, , sha256] = line?.split('|').map((cell) => cell.trim()) ?? [];
    const json = JSON.parse(content.toString()) as object;
    expect(parseDatabaseSchema(json)).toMatchObject({ name: database, version });
    expect(file).toContain(`-${version}.ovsschema`);
    expect(json).toHaveProperty('cksum', cksum);
    expect(`\`${createHash('sha256').update(content).digest('hex')}\``).toBe(sha256);
  });
});
