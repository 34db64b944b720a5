// The same policies as one would write them without groups and sets: a rule on the switch for each port, peers spelled out.
import { rowUuid } from '../src/northbound/identity.ts';
import type { ColumnValues } from '../src/ovsdb/value.ts';
import type { DesiredRow } from '../src/plan/desired.ts';

/** Takes the rows of one Vpc with one Subnet. */
export function naiveRows(rows: readonly DesiredRow[], owner: string): readonly DesiredRow[] {
  const text = ({ columns }: DesiredRow, column: string): string =>
    typeof columns[column] === 'string' ? columns[column] : '';
  const name = (row: DesiredRow): string => text(row, 'name');
  const portName = new Map(rows.map((row) => [row.uuid, name(row)]));
  const groups = new Map(rows.filter(({ table }) => table === 'Port_Group').map((row) => [name(row), row]));
  const sets = new Map(rows.filter(({ table }) => table === 'Address_Set').map((row) => [name(row), row]));
  const home = rows.find(({ table }) => table === 'Logical_Switch')?.uuid ?? '';
  const spelled = (match: string): string =>
    match.replace(
      /\$(\w+)/,
      (_, set: string) => `{${listOf(sets.get(set)?.columns, 'addresses').join(', ')}}`,
    );
  const perPort = (rule: DesiredRow, group: DesiredRow): DesiredRow[] =>
    listOf(group.columns, 'ports').map((port) => {
      const match = spelled(text(rule, 'match')).replace(/@\w+/, `"${portName.get(port)}"`);
      const id = `${rule.id}/${port}`;
      const external_ids = { ...(rule.columns['external_ids'] as object), 'ovn-projector/id': id };
      const { table, source } = rule;
      return {
        table,
        source,
        id,
        uuid: rowUuid(owner, 'ACL', id),
        columns: { ...rule.columns, match, external_ids },
        parents: [{ table: 'Logical_Switch', uuid: home, column: 'acls' }],
      };
    });
  return rows.flatMap((row) => {
    if (row.table === 'Port_Group' || (row.table === 'Address_Set' && row.source === 'NetworkPolicy/*'))
      return [];
    const group = row.table === 'ACL' && groups.get(/@(\w+)/.exec(text(row, 'match'))?.[1] ?? '');
    if (!group) return [row];
    return perPort(row, group).filter((rule) => !text(rule, 'match').includes('{}'));
  });
}

function listOf(columns: ColumnValues | undefined, column: string): readonly string[] {
  const value = columns?.[column];
  return Array.isArray(value) ? value.map(String) : [];
}
