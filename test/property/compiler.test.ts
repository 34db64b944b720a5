// Laws of the pure middle: order of input means nothing, references resolve, rows fit the schema, changes stay local.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeOperation } from '../../src/ovsdb/notation/encode.ts';
import type { DesiredRow } from '../../src/plan/desired.ts';
import { arbitraryObjects, networkObjects } from '../support/arbitrary-objects.ts';
import { decodeAll, schemaFile, worldOfChanges } from '../support/model-world.ts';
import type { World } from '../support/model-world.ts';

const worldOfObjects = (objects: readonly unknown[]): World =>
  worldOfChanges(decodeAll([...networkObjects, ...objects]).changes);
const { schema } = schemaFile('ovn-nb-7.11.0.ovsschema');

describe('compiler', () => {
  test('does not depend on the order of its input', () => {
    const shuffled = arbitraryObjects.chain((objects) =>
      fc.tuple(fc.constant(objects), fc.shuffledSubarray(objects, { minLength: objects.length })),
    );
    fc.assert(
      fc.property(shuffled, ([objects, others]) => {
        const [a, b] = [worldOfObjects(objects), worldOfObjects(others)];
        expect(b.rows).toEqual(a.rows);
        expect(b.problems).toEqual(a.problems);
      }),
      { numRuns: 150 },
    );
  });

  test('gives every row an identity of its own, and refers only to rows that it makes', () => {
    fc.assert(
      fc.property(arbitraryObjects, (objects) => {
        const { rows } = worldOfObjects(objects);
        const uuids = new Set(rows.map((row) => row.uuid));
        expect(uuids.size).toBe(rows.length);
        expect(rows.flatMap(references).filter((uuid) => !uuids.has(uuid))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test('makes rows that the schema accepts, with names that are unique in their table', () => {
    fc.assert(
      fc.property(arbitraryObjects, (objects) => {
        const { rows } = worldOfObjects(objects);
        for (const { table, uuid, columns } of rows)
          encodeOperation({ op: 'insert', table, uuid, row: columns }, schema);
        const names = rows.flatMap(({ table, columns: { name } }) =>
          typeof name === 'string' && name !== '' && table !== 'ACL' ? [`${table} ${name}`] : [],
        );
        expect(names.length).toBe(new Set(names).size);
      }),
      { numRuns: 100 },
    );
  });

  test('changes only rows of the units that the inventory names for a change', () => {
    fc.assert(
      fc.property(arbitraryObjects, fc.nat(), (objects, pick) => {
        const removed = objects[pick % objects.length];
        const before = worldOfObjects(objects);
        const kept = recordedOf(before);
        const { changes } = decodeAll([...networkObjects, ...objects.filter((object) => object !== removed)]);
        const after = worldOfChanges(changes, { recorded: kept });
        const again = worldOfChanges(decodeAll([...networkObjects, ...objects]).changes, { recorded: kept });
        const affected = before.inventory.apply(
          decodeAll([removed]).changes.map(({ key }) => ({ key, object: undefined })),
        );
        const others = (world: World): DesiredRow[] => world.rows.filter((row) => !affected.has(unitOf(row)));
        expect(others(after)).toEqual(others(again));
      }),
      { numRuns: 100 },
    );
  });
});

function references(row: DesiredRow): string[] {
  const columns = schema.tables.get(row.table)?.columns;
  const referred = Object.entries(row.columns).flatMap(([column, value]) => {
    const type = columns?.get(column)?.type;
    if (type?.key.refTable === undefined || value === undefined) return [];
    return Array.isArray(value) ? value.map(String) : [value as string];
  });
  return [...referred, ...(row.parents ?? []).map((parent) => parent.uuid), ...(row.requires ?? [])];
}

/** What the database would record of a world: ledgers and ports. */
function recordedOf(world: World): Record<string, string> {
  const recorded: Record<string, string> = {};
  for (const result of world.results.values()) {
    if (result.model?.kind !== 'vpc') continue;
    for (const { holder, value } of result.model.ledger) recorded[holder] = value;
  }
  for (const row of world.rows) {
    const [address] = (row.columns['addresses'] as string[] | undefined) ?? [];
    if (row.source.startsWith('Pod/') && address !== undefined)
      recorded[row.source] = address.split(' ')[1] ?? '';
  }
  return recorded;
}

function unitOf(row: DesiredRow): `vpc/${string}` {
  if (row.table === 'Load_Balancer_Group') return row.id.slice(0, row.id.lastIndexOf('/')) as `vpc/${string}`;
  const marks = row.columns['external_ids'] as Readonly<Record<string, string>>;
  return (marks['ovn-projector/unit'] ?? '') as `vpc/${string}`;
}
