// Compiled rows as a replica would have them, children in their parents.
import type { Row } from '../../src/ovsdb/value.ts';
import type { DesiredRow } from '../../src/plan/desired.ts';

export function replicaOf(rows: readonly DesiredRow[]): {
  readonly rows: (table: string) => ReadonlyMap<string, Row>;
} {
  const tables = new Map<string, Map<string, Row>>();
  for (const { table, uuid, columns } of rows) {
    const children = rows.flatMap(({ uuid: child, parents = [] }) =>
      parents.flatMap((parent) => (parent.uuid === uuid ? [[parent.column, child] as const] : [])),
    );
    const sets = Object.fromEntries(
      [...Map.groupBy(children, ([column]) => column)].map(([column, all]) => [
        column,
        all.map(([, child]) => child),
      ]),
    );
    const found = tables.get(table) ?? new Map<string, Row>();
    tables.set(table, found.set(uuid, { acls: [], ...columns, ...sets, _uuid: uuid }));
  }
  return { rows: (table) => tables.get(table) ?? new Map() };
}
