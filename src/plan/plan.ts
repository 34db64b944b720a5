// The planner: desired rows and current rows of one unit in, the one transaction that makes them equal out.
import { sortBy } from '../base/order.ts';
import type { Referrer } from '../ovsdb/replica-view.ts';
import { columnKind } from '../ovsdb/schema.ts';
import type { Atom, Row, Value } from '../ovsdb/value.ts';
import type { ChangeSet, NameConflict, ParentLink, RowUpdate } from './change-set.ts';
import { diffColumns } from './column-changes.ts';
import { columnTypeOf, findColumnType, referenceColumns } from './column-type.ts';
import type { CurrentRows } from './current-rows.ts';
import type { DesiredRow, DesiredUnit } from './desired.ts';
import { selectFeasibleRows } from './feasible-rows.ts';
import type { FeasibleRows, MissingParent } from './feasible-rows.ts';
import type { OwnershipPolicy } from './ownership-policy.ts';
import { atomsOf, isSet } from './value-shape.ts';

export type { MissingParent } from './feasible-rows.ts';

export interface PlanResult {
  readonly changes: ChangeSet;
  /** Rows left out because somebody else holds their name; what needs them is left out too, silently. */
  readonly conflicts: readonly NameConflict[];
  readonly missingParents: readonly MissingParent[];
}

/**
 * Compares the unit as it should be with what is there. Rows are joined on uuid and updated in place, never deleted
 * and inserted again (RFC 7047 has no order for that inside one transaction). Rows that are not ours never change;
 * they may appear as the parent of a link. References to rows that will not be there are left out.
 * Deterministic: the order of `desired.rows` does not matter.
 * @throws InvariantError when a row is twice in the unit or names a column that the schema lacks
 */
export function plan(desired: DesiredUnit, current: CurrentRows, policy: OwnershipPolicy): PlanResult {
  const feasible = selectFeasibleRows(desired, current, policy);
  const planner: Planner = { current, policy, feasible };
  const rows = feasible.rows.map((row) => withLivingReferences(row, planner));
  const inserts: DesiredRow[] = [];
  const existing: { readonly row: DesiredRow; readonly before: Row }[] = [];
  for (const row of rows) {
    const before = current.row(row.table, row.uuid);
    if (before === undefined) inserts.push(row);
    else existing.push({ row, before });
  }
  const deletes = feasible.stale.map(({ table, row }) => ({
    table,
    uuid: row._uuid,
    id: policy.idOf(table, row),
    source: policy.sourceOf(table, row),
    before: row,
  }));
  return {
    changes: {
      unit: desired.unit,
      inserts,
      updates: existing.flatMap(({ row, before }) => updateOf(row, before, planner)),
      deletes,
      attach: sortBy(
        rows.flatMap((row) => missingLinks(row, planner)),
        linkKey,
      ),
      detach: sortBy(
        [
          ...existing.flatMap(({ row }) => wrongLinks(row, planner)),
          ...deletes.flatMap((row) => remainingLinks(row.uuid, row.source, planner)),
        ],
        linkKey,
      ),
    },
    conflicts: feasible.conflicts,
    missingParents: feasible.missingParents,
  };
}

interface Planner {
  readonly current: CurrentRows;
  readonly policy: OwnershipPolicy;
  readonly feasible: FeasibleRows;
}

/** A strong reference to a missing row fails the transaction; a weak one vanishes and would be planned for ever. */
function withLivingReferences(row: DesiredRow, planner: Planner): DesiredRow {
  const living: Record<string, Value> = {};
  for (const { name, refTable } of referenceColumns(planner.policy.schema, row.table)) {
    const value = row.columns[name];
    const isDead = (atom: Atom): boolean => !planner.feasible.willExist(refTable, String(atom));
    if (!atomsOf(value).some(isDead)) continue;
    living[name] = isSet(value) ? value.filter((atom) => !isDead(atom)) : undefined;
  }
  return Object.keys(living).length === 0 ? row : { ...row, columns: { ...row.columns, ...living } };
}

function updateOf(row: DesiredRow, before: Row, { current, policy, feasible }: Planner): RowUpdate[] {
  const isOurs = (table: string, uuid: string): boolean => {
    if (feasible.isStale(uuid)) return true;
    const target = current.row(table, uuid);
    return target !== undefined && policy.unitOf(table, target) !== undefined;
  };
  const columns = diffColumns(row.table, row.columns, before, policy, { isOurs });
  const { table, uuid, id, source } = row;
  return columns.length === 0 ? [] : [{ table, uuid, id, source, before, columns }];
}

/** Places where the row should hang and does not. Asked of the child: a parent may have thousands of others. */
function missingLinks(row: DesiredRow, { current }: Planner): ParentLink[] {
  const { parents = [] } = row;
  if (parents.length === 0) return [];
  const places = current.referrers(row.uuid);
  const hangsIn = (parent: Referrer): boolean =>
    places.some((place) => place.uuid === parent.uuid && place.column === parent.column);
  return parents
    .filter((parent) => !hangsIn(parent))
    .map((parent) => ({ parent, child: row.uuid, source: row.source }));
}

/** Places where a non-root row hangs and should not. A root row hangs nowhere: it is only referred to. */
function wrongLinks(row: DesiredRow, planner: Planner): ParentLink[] {
  const { schema } = planner.policy;
  if (schema.tables.get(row.table)?.isRoot !== false) return [];
  const wanted = new Set((row.parents ?? []).map(placeKey));
  return strongReferrers(row.uuid, planner)
    .filter((place) => columnKind(columnTypeOf(schema, place.table, place.column)) === 'set')
    .filter((place) => !wanted.has(placeKey(place)))
    .map((parent) => ({ parent, child: row.uuid, source: row.source }));
}

/** Strong references that would keep the server from deleting a row, and that no update of the plan takes away. */
function remainingLinks(uuid: string, source: string, planner: Planner): ParentLink[] {
  return strongReferrers(uuid, planner)
    .filter((place) => !Object.hasOwn(planner.feasible.written(place.uuid)?.columns ?? {}, place.column))
    .map((parent) => ({ parent, child: uuid, source }));
}

/** Of rows that stay: with a deleted row its references go. Weak references the server takes out by itself. */
function strongReferrers(uuid: string, { current, policy, feasible }: Planner): readonly Referrer[] {
  return current
    .referrers(uuid)
    .filter((place) => !feasible.isStale(place.uuid))
    .filter((place) => findColumnType(policy.schema, place.table, place.column)?.key.refType === 'strong');
}

const placeKey = ({ table, uuid, column }: Referrer): string => `${table} ${uuid} ${column}`;
const linkKey = (link: ParentLink): string => `${placeKey(link.parent)} ${link.child}`;
