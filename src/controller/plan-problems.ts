// What a plan could not do, as problems of the objects that it could not do it for.
import type { Problem } from '../base/problem.ts';
import { textColumn } from '../northbound/read-column.ts';
import type { Value } from '../ovsdb/value.ts';
import type { NameConflict } from '../plan/change-set.ts';
import type { OwnershipPolicy } from '../plan/ownership-policy.ts';
import type { MissingParent } from '../plan/plan.ts';
import type { Occupant } from './rows-in-use.ts';

/** A foreign row has the name, or a row of ours that is about to give it up. */
export function conflictProblem(
  { row, column, holder, holderTable }: NameConflict,
  policy: OwnershipPolicy,
): Problem {
  const values = column.split(',').map((each) => `${each} "${formatValue(holder[each])}"`);
  const unit = policy.unitOf(holderTable, holder);
  return {
    code: 'Conflict',
    object: row.source,
    path: '',
    message: `${holderTable} with ${values.join(', ')} is taken by ${unit === undefined ? 'a row that is not ours' : `a row of ${unit}`} (${holder._uuid})`,
    hint:
      unit === undefined
        ? `rename or delete it (ovn-nbctl destroy ${holderTable} ${holder._uuid}), or rename the object`
        : 'rename one of the two objects',
  };
}

/** One problem per object, however many of its rows wait. */
export function missingParentProblems(missing: readonly MissingParent[]): Problem[] {
  const bySource = new Map(missing.map((parent) => [parent.row.source, parent]));
  return [...bySource].map(([object, { table, row }]) => ({
    code: 'Pending',
    object,
    path: '',
    message: `${row.table} ${row.id} waits for a row of ${table} that is not there yet`,
    hint: 'it is written as soon as the network that it hangs in is; see the problems of that network',
  }));
}

/** A row of ours stays because something foreign hangs in it. */
export function occupantProblem({ host, table, row }: Occupant): Problem {
  return {
    code: 'Conflict',
    object: host.source,
    path: '',
    message: `${host.table} ${host.id} is not deleted: ${table} "${textColumn(row, 'name')}" (${row._uuid}), which is not ours, hangs in it`,
    hint: 'delete or move that row, for example with ovn-nbctl',
  };
}

/** Unique columns are scalars. */
function formatValue(value: Value): string {
  return typeof value === 'object' || value === undefined ? '' : String(value);
}
