// Results for people: a table of what was measured, and a list of aims.
import type { Measurement, Verdict } from './result.ts';

/** One table per benchmark; a column per value, a row per number of projects and subject. */
export function formatMeasurements(measurements: readonly Measurement[]): string {
  const groups = Map.groupBy(measurements, ({ benchmark }) => benchmark);
  return [...groups]
    .map(([benchmark, group]) => {
      const columns = [...new Set(group.flatMap(({ values }) => Object.keys(values)))];
      const rows = group.map(({ projects, subject, values }) => [
        String(projects),
        subject,
        ...columns.map((column) => formatNumber(values[column])),
      ]);
      return `${benchmark}\n${formatTable([['projects', 'subject', ...columns], ...rows])}`;
    })
    .join('\n');
}

/** `ok` or `MISSED` before each aim. */
export function formatVerdicts(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ benchmark, projects, what, value, aim }) => [
    value <= aim ? 'ok' : 'MISSED',
    benchmark,
    String(projects),
    what,
    formatNumber(value),
    `aim ${formatNumber(aim)}`,
  ]);
  return `aims\n${formatTable(rows)}`;
}

function formatNumber(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '-';
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
}

/** Numbers to the right, words to the left. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (found, row) => row.map((cell, index) => Math.max(found[index] ?? 0, cell.length)),
    [],
  );
  const lines = rows.map((row) => row.map((cell, index) => pad(cell, widths[index] ?? 0)).join('  '));
  return lines.map((line) => `  ${line.trimEnd()}\n`).join('');
}

function pad(cell: string, width: number): string {
  return /^[\d.-]+$/.test(cell) ? cell.padStart(width) : cell.padEnd(width);
}
