// What people call a row: its name, else its symbolic identity, else its uuid.
import type { Value } from '../ovsdb/value.ts';
import type { ChangeSet } from './change-set.ts';

/** `name` is a column of most tables that people look at; `id` is not shown where a name says it. */
function rowLabel(row: {
  readonly uuid: string;
  readonly id: string;
  readonly columns: Readonly<Record<string, Value>>;
}): string {
  const name = row.columns['name'];
  if (typeof name === 'string' && name !== '') return name;
  return row.id === '' ? row.uuid : row.id;
}

/** Labels of all rows that the change sets mention by themselves, by uuid. */
export function labelsOf(changeSets: readonly ChangeSet[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const { inserts, updates, deletes } of changeSets) {
    for (const row of inserts) labels.set(row.uuid, rowLabel(row));
    for (const { before, ...row } of [...updates, ...deletes])
      labels.set(row.uuid, rowLabel({ ...row, columns: before }));
  }
  return labels;
}
