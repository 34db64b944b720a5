// Prints desired rows without uuids: identities instead, so that a golden file reads like the network it describes.
import type { Atom, Value } from '../../src/ovsdb/value.ts';
import type { DesiredRow } from '../../src/plan/desired.ts';

/**
 * One block per row, sorted by table and identity; columns at their defaults and our own marks are left out. A reference
 * is printed as `@Table identity`, a parent as `in @Table identity column`.
 */
export function formatSymbolic(rows: readonly DesiredRow[]): string {
  const names = new Map(rows.map((row) => [row.uuid, `@${row.table} ${row.id}`]));
  const blocks = rows.map((row) => {
    const parents = (row.parents ?? []).map(
      (parent) => `  in ${names.get(parent.uuid) ?? `@${parent.table} ?`} ${parent.column}`,
    );
    const columns = Object.entries(row.columns).flatMap(([column, value]) => {
      const text = formatValue(value, names);
      return text === '' ? [] : [`  ${column}: ${text}`];
    });
    return [`${row.table} ${row.id}  (${row.source})`, ...parents, ...columns.toSorted()].join('\n');
  });
  return `${blocks.toSorted().join('\n\n')}\n`;
}

function formatValue(value: Value, names: ReadonlyMap<string, string>): string {
  if (value === undefined || value === 0 || value === false) return '';
  if (typeof value !== 'object') return names.get(String(value)) ?? String(value);
  if (isList(value))
    return value
      .map((atom) => formatValue(atom, names))
      .toSorted()
      .join(' | ');
  return Object.entries<Atom>(value)
    .filter(([key]) => !/^ovn-projector\/(owner|unit|id|source)$/.test(key))
    .map(([key, atom]) => `${key}=${String(atom)}`)
    .toSorted()
    .join(' | ');
}

function isList(value: object): value is readonly Atom[] {
  return Array.isArray(value);
}
