// A change set as JSON for programs.
import type { Atom, AtomMap, Value } from '../ovsdb/value.ts';
import type { ChangeSet, ColumnChange, ParentLink } from './change-set.ts';
import { labelsOf } from './row-label.ts';
import { isSet } from './value-shape.ts';

/** Integers beyond ±2^53 are text: JSON numbers would lose digits. */
type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export interface RowJson {
  readonly op: 'insert' | 'update' | 'delete';
  readonly table: string;
  readonly uuid: string;
  /** Name or symbolic identity. */
  readonly label: string;
  /** Object key of the object that the row serves. */
  readonly source: string;
  /** Of an insert: the values. Of an update: `{before, after}`, `{insert, delete}` or `{put, delete, before}`. */
  readonly columns: { readonly [column: string]: JsonValue };
}

export interface LinkJson {
  readonly op: 'attach' | 'detach';
  readonly table: string;
  readonly uuid: string;
  readonly column: string;
  readonly child: string;
  readonly source: string;
}

export interface ChangeSetJson {
  readonly unit: string;
  readonly rows: readonly RowJson[];
  readonly links: readonly LinkJson[];
}

/** Everything that one transaction will do, ready for `JSON.stringify`. Sorted as the change set is. */
export function toJson(changes: ChangeSet): ChangeSetJson {
  const labels = labelsOf([changes]);
  const row = (
    op: RowJson['op'],
    { table, uuid, source }: Omit<RowJson, 'op' | 'label' | 'columns'>,
    columns: readonly (readonly [string, JsonValue])[],
  ): RowJson => {
    const label = labels.get(uuid) ?? uuid;
    return { op, table, uuid, label, source, columns: Object.fromEntries(columns) };
  };
  const rows = [
    ...changes.inserts.map((insert) =>
      row(
        'insert',
        insert,
        Object.entries(insert.columns).map(([column, value]) => [column, valueJson(value)]),
      ),
    ),
    ...changes.updates.map((update) =>
      row(
        'update',
        update,
        update.columns.map((change) => [change.column, changeJson(change)]),
      ),
    ),
    ...changes.deletes.map((deleted) => row('delete', deleted, [])),
  ];
  const links = [
    ...changes.attach.map((link) => linkJson('attach', link)),
    ...changes.detach.map((link) => linkJson('detach', link)),
  ];
  return { unit: changes.unit, rows, links };
}

function linkJson(op: LinkJson['op'], { parent, child, source }: ParentLink): LinkJson {
  return { op, table: parent.table, uuid: parent.uuid, column: parent.column, child, source };
}

function changeJson(change: ColumnChange): JsonValue {
  if (change.kind === 'set') return { before: valueJson(change.before), after: valueJson(change.after) };
  if (change.kind === 'set-delta')
    return { insert: change.insert.map(atomJson), delete: change.delete.map(atomJson) };
  return { put: mapJson(change.put), delete: change.delete, before: mapJson(change.before) };
}

function valueJson(value: Value): JsonValue {
  if (value === undefined) return null;
  if (isSet(value)) return value.map(atomJson);
  return typeof value === 'object' ? mapJson(value) : atomJson(value);
}

function mapJson(map: AtomMap): JsonValue {
  return Object.fromEntries(Object.entries(map).map(([key, atom]) => [key, atomJson(atom)]));
}

const atomJson = (atom: Atom): string | number | boolean => (typeof atom === 'bigint' ? String(atom) : atom);
