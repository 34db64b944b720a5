// An explanation as a few lines of text.
import type { Explanation } from './explanation.ts';
import { packetText } from './packet.ts';
import type { TracePacket } from './packet.ts';

/** Ends with a line end. `packet` undefined: none was sent. */
export function formatExplanation(
  { path, verdict, notes }: Explanation,
  packet: TracePacket | undefined,
): string {
  const head = packet === undefined ? [] : [['packet', `${packetText(packet)}, in at ${packet.inport}`, '']];
  const rows = [...head, ...path.map(({ what, text, source }) => [what, text, source ?? ''])];
  const width = (column: number): number =>
    Math.max(0, ...rows.map((row) => (row[2] === '' && column > 0 ? 0 : (row[column] ?? '').length)));
  const [first, second] = [Math.max(width(0), 'verdict'.length), Math.min(width(1), 60)];
  const lines = rows.map(([what = '', text = '', source = '']) =>
    `${what.padEnd(first)}  ${text.padEnd(second)}  ${source}`.trimEnd(),
  );
  const told = notes.map((note) => `${'note'.padEnd(first)}  ${note}`);
  const end = `${'verdict'.padEnd(first)}  ${verdict.kind}: ${verdict.text}`;
  return `${[...lines, end, ...told].join('\n')}\n`;
}
