// The whole content of a database as the server itself prints it, in a form that can be compared.
import { output } from '../../src/embedded/child.ts';
import { northdColumns, progressColumns } from './northd-columns.ts';
import { ovnProgram } from './ovn-programs.ts';
import type { OvnVersion } from './ovn-programs.ts';

interface PrintedTable {
  readonly caption: string;
  readonly headings: readonly string[];
  readonly data: readonly (readonly unknown[])[];
}

/** Table → rows in a stable order, each as column → value in wire notation with sets and maps sorted. */
export type DatabaseDump = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/**
 * Dumps `OVN_Northbound` with `ovsdb-client`. Our fence (the row that a transaction waits on) is left out, and so are the
 * uuid of NB_Global, which is the only row that nobody chose, and what ovn-northd writes and counts there by itself.
 */
export async function dumpNorthbound(version: OvnVersion, remote: string): Promise<DatabaseDump> {
  const text = await output(ovnProgram(version, 'ovsdb-client'), [
    '--format=json',
    'dump',
    remote,
    'OVN_Northbound',
  ]);
  const tables = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as PrintedTable);
  return Object.fromEntries(tables.map((table) => [table.caption.replace(/ table$/, ''), rowsOf(table)]));
}

function rowsOf({ caption, headings, data }: PrintedTable): Readonly<Record<string, unknown>>[] {
  const skipped = caption.startsWith('NB_Global') ? progressColumns.union(new Set(['_uuid'])) : northdColumns;
  return data
    .map((values) =>
      Object.fromEntries(headings.map((heading, index) => [heading, canonical(values[index])])),
    )
    .filter((row) => !JSON.stringify(row).includes('ovn-projector/epoch'))
    .map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !skipped.has(column))))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** Members of sets and maps have no order. */
function canonical(value: unknown): unknown {
  if (!Array.isArray(value) || (value[0] !== 'set' && value[0] !== 'map') || !Array.isArray(value[1]))
    return value;
  return [value[0], value[1].map((member) => JSON.stringify(member)).toSorted()];
}
