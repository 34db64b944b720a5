// Which columns of a table refer to rows, and the uuids in them.
import type { TableSchema } from './schema.ts';
import type { Row, Value } from './value.ts';
import { isMap, isSet } from './value-kind.ts';

/** A column with references in its elements or keys, in its map values, or in both. */
export interface ReferenceColumn {
  readonly column: string;
  readonly inKeys: boolean;
  readonly inValues: boolean;
}

/** Of the given columns, those that have a refTable. */
export function referenceColumns(table: TableSchema, columns: readonly string[]): readonly ReferenceColumn[] {
  return columns.flatMap((column) => {
    const type = table.columns.get(column)?.type;
    const inKeys = type?.key.refTable !== undefined;
    const inValues = type?.value?.refTable !== undefined;
    return inKeys || inValues ? [{ column, inKeys, inValues }] : [];
  });
}

export interface ChangedReferences {
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

const none: readonly string[] = [];
const unchanged: ChangedReferences = { removed: none, added: none };

/** How the uuids in the column differ between two states of a row; undefined: there is no row. Each uuid once. */
export function changedReferences(
  reference: ReferenceColumn,
  before: Row | undefined,
  after: Row | undefined,
): ChangedReferences {
  const old = referencesOf(reference, before?.[reference.column]);
  const current = referencesOf(reference, after?.[reference.column]);
  if (old === current) return unchanged;
  if (old.length === 0 || current.length === 0) return { removed: old, added: current };
  const start = commonStart(old, current);
  const end = commonEnd(old, current, start);
  const removed = old.slice(start, old.length - end);
  const added = current.slice(start, current.length - end);
  if (removed.length === 0 || added.length === 0) return { removed, added };
  const [gone, fresh] = [new Set(removed), new Set(added)];
  return { removed: [...gone.difference(fresh)], added: [...fresh.difference(gone)] };
}

function referencesOf(reference: ReferenceColumn, value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a column with a refTable holds uuids
  if (isSet(value)) return value as readonly string[];
  if (!isMap(value)) return none;
  const keys = reference.inKeys ? Object.keys(value) : none;
  const values = reference.inValues ? Object.values(value).map(String) : none;
  return [...new Set([...keys, ...values])];
}

/** Most changes of a large set put one element in: what both begin and end with need not be looked at. */
function commonStart(a: readonly string[], b: readonly string[]): number {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  return start;
}

function commonEnd(a: readonly string[], b: readonly string[], start: number): number {
  const limit = Math.min(a.length, b.length) - start;
  let end = 0;
  while (end < limit && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return end;
}
