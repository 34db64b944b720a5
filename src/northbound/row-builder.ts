// Builds desired rows of one unit: identity, marks and every managed column in one step.
import { invariant } from '../base/errors.ts';
import type { ColumnValues } from '../ovsdb/value.ts';
import type { DesiredRow } from '../plan/desired.ts';
import type { Capabilities } from './capabilities.ts';
import { completeColumns } from './complete-columns.ts';
import { rowUuid } from './identity.ts';
import type { ManagedTable, NewRow } from './managed-columns.ts';
import { verifyManagedKeys } from './managed-keys.ts';
import { markKeys, marks } from './ownership.ts';
import { mapColumn } from './read-column.ts';

export interface RowBuilderOptions {
  /** The instance, for example `default`. */
  readonly owner: string;
  /** The unit, for example `vpc/shalb-demo`. */
  readonly unit: string;
  readonly capabilities: Capabilities;
}

/** What a row is for and what it depends on; see {@link DesiredRow}. */
export interface RowContext extends Pick<DesiredRow, 'source' | 'parents' | 'requires'> {}

/** A column that the compiler gave a value although the server's schema has no such column. */
export interface UnsupportedColumn {
  readonly row: DesiredRow;
  readonly column: string;
}

/** Builds the rows of one unit. */
export interface RowBuilder {
  /**
   * Returns a row with uuid, marks and every managed column; columns left out of `columns` get the schema's default,
   * columns that the server lacks are left out. References are uuids from `rowUuid`; child rows go through
   * `parents`, never through columns. `id` is unique in the table and owner, for example
   * `shalb-demo/snat/10.0.10.0/24`; of a Load_Balancer_Group it is the name (`loadBalancerGroupName`).
   */
  <T extends ManagedTable>(table: T, id: string, columns: NewRow<T>, context: RowContext): DesiredRow;
  /** Columns that rows built so far asked for in vain, in order of building. */
  unsupported(): readonly UnsupportedColumn[];
}

export function createRowBuilder({ owner, unit, capabilities }: RowBuilderOptions): RowBuilder {
  const unsupported: UnsupportedColumn[] = [];
  const build = <T extends ManagedTable>(
    table: T,
    id: string,
    columns: NewRow<T>,
    context: RowContext,
  ): DesiredRow => {
    const given: ColumnValues = Object.fromEntries(Object.entries(columns));
    verifyManagedKeys(table, given);
    const marked = withMarks(given, table, marks(owner, unit, id, context.source), capabilities);
    const completed = completeColumns(table, marked, capabilities);
    const uuid = rowUuid(owner, table, id);
    const row: DesiredRow = { table, uuid, columns: completed.columns, id, ...context };
    for (const column of completed.unsupported) unsupported.push({ row, column });
    return row;
  };
  return Object.assign(build, { unsupported: () => unsupported });
}

function withMarks(
  columns: ColumnValues,
  table: string,
  rowMarks: Readonly<Record<string, string>>,
  capabilities: Capabilities,
): ColumnValues {
  if (!capabilities.hasColumn(table, 'external_ids')) {
    const id = rowMarks[markKeys.id];
    invariant(columns['name'] === id, `${table} "${id}" has no external_ids: its id must be its name`);
    return columns;
  }
  return { ...columns, external_ids: { ...mapColumn(columns, 'external_ids'), ...rowMarks } };
}
