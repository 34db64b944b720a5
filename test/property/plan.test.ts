// Laws of the planner, on random databases and random wishes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Atom, AtomMap, Row, Value } from '../../src/ovsdb/value.ts';
import { isEmpty, withoutDeletes } from '../../src/plan/change-set-filter.ts';
import { currentFromReplica } from '../../src/plan/current-rows.ts';
import type { DesiredRow } from '../../src/plan/desired.ts';
import { isInPlace } from '../../src/plan/in-place.ts';
import { plan } from '../../src/plan/plan.ts';
import type { PlanResult } from '../../src/plan/plan.ts';
import { toOperations } from '../../src/plan/to-operations.ts';
import type { MemoryDatabase } from '../support/memory-database.ts';
import { database, wishes } from '../support/plan-arbitraries.ts';
import { isUuid, worldPolicy, worldSchema, worldTables } from '../support/plan-world.ts';
import type { WorldTable } from '../support/plan-world.ts';

const planOn = (rows: readonly DesiredRow[], database: MemoryDatabase): PlanResult =>
  plan({ unit: 'a', rows }, currentFromReplica(database, worldTables, worldPolicy), worldPolicy);

const textOf = (value: Value): string => (typeof value === 'string' ? value : '');

const isDeleted = ({ changes }: PlanResult, uuid: string): boolean =>
  changes.deletes.some((row) => row.uuid === uuid);

const complaints = ({ conflicts, missingParents }: PlanResult): readonly string[] => [
  ...conflicts.map(({ row }) => row.uuid),
  ...missingParents.map(({ row, uuid }) => `${row.uuid} in ${uuid}`),
];

const allRows = (database: MemoryDatabase): readonly { table: WorldTable; row: Row }[] =>
  worldTables.flatMap((table) => [...database.rows(table).values()].map((row) => ({ table, row })));

const isForeign = (row: Row): boolean => (row['marks'] as AtomMap)['owner'] !== 'us';
const foreignPairs = (value: Value): AtomMap =>
  Object.fromEntries(Object.entries((value ?? {}) as AtomMap).filter(([key]) => key.startsWith('foreign')));
const ourPairs = (value: Value): AtomMap =>
  Object.fromEntries(Object.entries((value ?? {}) as AtomMap).filter(([key]) => key.startsWith('our')));

function law(check: (wishes: DesiredRow[], database: MemoryDatabase) => void): void {
  fc.assert(
    fc.property(wishes, database, (rows, start) => check(rows, start.copy())),
    { numRuns: 500 },
  );
}

describe('a plan', () => {
  test('is accepted by the server, and every operation matches', () => {
    law((rows, database) => {
      const { operations, expectations } = toOperations(planOn(rows, database).changes, worldSchema);
      const counts = database.transact(operations);
      for (const index of expectations) expect(counts[index]).toBe(1);
    });
  });

  test('leads to what is desired, or says what stands in the way', () => {
    law((rows, database) => {
      const before = new Map(allRows(database).map(({ row }) => [row._uuid, row]));
      const result = planOn(rows, database);
      database.transact(toOperations(result.changes, worldSchema).operations);
      const blamed = new Set([...result.conflicts, ...result.missingParents].map(({ row }) => row.uuid));
      const isExcused = (row: DesiredRow, seen: readonly string[] = []): boolean => {
        if (blamed.has(row.uuid)) return true;
        const needed = [...(row.requires ?? []), ...(row.parents ?? []).map(({ uuid }) => uuid)];
        return needed.some((uuid) => {
          const other = rows.find((candidate) => candidate.uuid === uuid);
          if (other === undefined) return !allRows(database).some(({ row: there }) => there._uuid === uuid);
          return !seen.includes(uuid) && isExcused(other, [...seen, row.uuid]);
        });
      };
      for (const row of rows) {
        if (isExcused(row)) continue;
        expectWritten(row, before.get(row.uuid), database, before);
      }
    });
  });

  test('deletes what is no longer wanted in the unit, and nothing else', () => {
    law((rows, database) => {
      const before = allRows(database);
      database.transact(toOperations(planOn(rows, database).changes, worldSchema).operations);
      const after = new Set(allRows(database).map(({ row }) => row._uuid));
      const wanted = new Set(rows.map(({ uuid }) => uuid));
      const isStale = ({ table, row }: (typeof before)[number]): boolean =>
        worldPolicy.unitOf(table, row) === 'a' && !wanted.has(row._uuid);
      expect(before.filter((entry) => isStale(entry) && after.has(entry.row._uuid))).toEqual([]);
      // An item that hung in a stale site alone goes with it, whosever it is.
      const gone = before.filter((entry) => !isStale(entry) && !after.has(entry.row._uuid));
      expect(gone.filter(({ table }) => table !== 'Item')).toEqual([]);
    });
  });

  test('is empty once it is committed, with the same complaints', () => {
    law((rows, database) => {
      // Two wishes for one name: which is left out may depend on rows that are left out after it.
      fc.pre(new Set(rows.map(({ table, columns }) => table + textOf(columns['name']))).size === rows.length);
      const start = allRows(database);
      const first = planOn(rows, database);
      database.transact(toOperations(first.changes, worldSchema).operations);
      // A row that hung only in a stale one goes with it, and may free a name: then one more round is needed.
      fc.pre(
        start.every(
          ({ table, row }) => database.row(table, row._uuid) !== undefined || isDeleted(first, row._uuid),
        ),
      );
      const second = planOn(rows, database);
      expect(isEmpty(second.changes)).toBe(true);
      expect(complaints(second)).toEqual(complaints(first));
      expect(toOperations(second.changes, worldSchema).operations).toEqual([]);
    });
  });

  test('is empty, without complaints, for a unit that is in place', () => {
    let inPlace = 0;
    law((rows, database) => {
      const isSettled = (): boolean =>
        isInPlace({ unit: 'a', rows }, currentFromReplica(database, worldTables, worldPolicy), worldPolicy);
      const check = (): void => {
        if (!isSettled()) return;
        inPlace++;
        const result = planOn(rows, database);
        expect(isEmpty(result.changes)).toBe(true);
        expect(complaints(result)).toEqual([]);
      };
      check();
      database.transact(toOperations(planOn(rows, database).changes, worldSchema).operations);
      check();
    });
    expect(inPlace).toBeGreaterThan(50);
  });

  test('never touches a foreign row but for links of our own rows', () => {
    law((rows, database) => {
      const before = new Map(allRows(database).map(({ row }) => [row._uuid, row]));
      const { changes } = planOn(rows, database);
      for (const { uuid } of [...changes.inserts, ...changes.updates, ...changes.deletes]) {
        const row = before.get(uuid);
        expect(row === undefined || !isForeign(row)).toBe(true);
      }
      database.transact(toOperations(changes, worldSchema).operations);
      for (const { row } of allRows(database)) {
        const old = before.get(row._uuid);
        if (old === undefined || !isForeign(old)) continue;
        for (const [column, value] of Object.entries(row))
          expect(foreignPart(value, before, database)).toEqual(foreignPart(old[column], before, database));
      }
    });
  });

  test('does not depend on the order of wishes', () => {
    law((rows, database) => {
      expect(planOn(rows.toReversed(), database)).toEqual(planOn(rows, database));
    });
  });

  test('with deletes held back keeps those rows, and what they refer to', () => {
    law((rows, database) => {
      const { changes } = planOn(rows, database);
      const held = withoutDeletes(changes, ({ uuid }) => uuid.endsWith('1') || uuid.endsWith('3'));
      const { operations } = toOperations(held, worldSchema);
      const kept = changes.deletes.filter(({ uuid }) => !held.deletes.some((row) => row.uuid === uuid));
      fc.pre(kept.every(({ before }) => !rows.some(({ columns }) => columns['name'] === before['name'])));
      database.transact(operations);
      const gone = kept.filter(({ table, uuid }) => database.row(table, uuid) === undefined);
      expect(gone.filter(({ table }) => table !== 'Item')).toEqual([]);
    });
  });
});

/** References to rows of ours aside, and to foreign ones that hung only in a row of ours: those may come and go. */
function foreignPart(value: Value, before: ReadonlyMap<string, Row>, database: MemoryDatabase): Value {
  const isOurs = (atom: Value): boolean => {
    if (!isUuid(atom)) return false;
    const row = before.get(atom);
    return (
      row === undefined ||
      !isForeign(row) ||
      worldTables.every((table) => database.row(table, atom) === undefined)
    );
  };
  if (Array.isArray(value)) return (value as readonly Atom[]).filter((atom) => !isOurs(atom));
  return isOurs(value) ? undefined : value;
}

function expectWritten(
  row: DesiredRow,
  old: Row | undefined,
  database: MemoryDatabase,
  before: ReadonlyMap<string, Row>,
): void {
  const now = database.row(row.table, row.uuid);
  expect(now).toBeDefined();
  for (const { table, uuid, column } of row.parents ?? [])
    expect(database.row(table, uuid)?.[column]).toContain(row.uuid);
  const hangs = database
    .referrers(row.uuid)
    .filter(({ column }) => column === 'items' || column === 'spare_items');
  expect(hangs.length).toBe(row.parents?.length ?? 0);
  for (const [column, wanted] of Object.entries(row.columns)) {
    const value = now?.[column];
    if (column === 'config') {
      expect(ourPairs(value)).toEqual(wanted);
      expect(foreignPairs(value)).toEqual(foreignPairs(old?.[column]));
    } else if (column === 'friends' || column === 'anchors') {
      const table = column === 'friends' ? 'Item' : 'Anchor';
      const living = (wanted as readonly string[]).filter((uuid) => database.row(table, uuid) !== undefined);
      const foreign = ((old?.[column] ?? []) as readonly string[]).filter((uuid) =>
        isForeign(before.get(uuid)!),
      );
      const stillThere = foreign.filter((uuid) => database.row(table, uuid) !== undefined);
      expect(value).toEqual([...new Set([...living, ...stillThere])].toSorted());
    } else if (column === 'buddy' || column === 'anchor') {
      const table = column === 'buddy' ? 'Item' : 'Anchor';
      const isThere = wanted !== undefined && database.row(table, wanted as string) !== undefined;
      expect(value).toEqual(isThere ? wanted : undefined);
    } else if (column === 'marks') expect(value).toMatchObject(wanted as AtomMap);
    else expect(value).toEqual(wanted);
  }
}
