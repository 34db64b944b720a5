// A plan as text for people: by object, without the marks that every row carries.
import type { Report } from '../controller/report.ts';
import { markKeys } from '../northbound/ownership.ts';
import { mapColumn } from '../northbound/read-column.ts';
import type { ColumnValues } from '../ovsdb/value.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import { formatText } from '../plan/format-text.ts';
import type { Target } from '../target/target.ts';
import { withRules } from './plan-rules.ts';
import { changeCount } from './report-output.ts';
import { counted } from './table.ts';

/** Ends with a line of totals. `current`: names the rows that the plan only refers to. */
export function planText(report: Report, current: Target['current'], color: boolean): string {
  const { insert, update, delete: deleted } = report.summary;
  if (changeCount(report.summary) === 0) return 'Nothing to change.\n';
  const label = (table: string, uuid: string): string | undefined => {
    const name = current.row(table, uuid)?.['name'];
    return typeof name === 'string' && name !== '' ? name : undefined;
  };
  const born = new Map(
    report.changeSets.flatMap(({ inserts }) => inserts.map(({ uuid, columns }) => [uuid, columns['name']])),
  );
  const portLabel = (uuid: string): string | undefined => {
    const name = born.get(uuid);
    return typeof name === 'string' ? name : label('Logical_Switch_Port', uuid);
  };
  const told = report.changeSets.map((changes) => withoutMarks(withRules(changes, portLabel)));
  const text = formatText(told, { color, label });
  return `${text}\n${counted(insert, 'row')} to insert, ${update} to update, ${deleted} to delete.\n`;
}

/** Every inserted row has the same marks; `-o json` tells them. */
function withoutMarks(changes: ChangeSet): ChangeSet {
  const inserts = changes.inserts.map((row) => ({ ...row, columns: columnsWithoutMarks(row.columns) }));
  return { ...changes, inserts };
}

const marked = new Set<string>(Object.values(markKeys));

function columnsWithoutMarks(columns: ColumnValues): ColumnValues {
  const { external_ids: _, ...others } = columns;
  const kept = Object.entries(mapColumn(columns, 'external_ids')).filter(([key]) => !marked.has(key));
  return kept.length === 0 ? others : { ...others, external_ids: Object.fromEntries(kept) };
}
