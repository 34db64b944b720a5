// What `plan` and `apply` print of a report.
import type { Report } from '../controller/report.ts';
import { formatError } from './error-text.ts';
import { formatProblems } from './problem-text.ts';
import { counted } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Rows that change. */
export function changeCount({ insert, update, delete: deleted }: Report['summary']): number {
  return insert + update + deleted;
}

/** What `apply -o json` prints, and `plan -o json` beside the changes. Fields and their order are a contract. */
export function reportJson(report: Report): Record<string, unknown> {
  const { insert, update, delete: deleted, transactions } = report.summary;
  return {
    summary: { insert, update, delete: deleted, transactions },
    problems: report.problems.map(({ code, object, path, message, hint, severity }) => ({
      code,
      object,
      path,
      message,
      hint,
      ...(severity !== undefined && { severity }),
    })),
    addresses: Object.fromEntries(Object.entries(report.addresses).filter(([, value]) => !isBlock(value))),
  };
}

/** Projects hold blocks beside addresses: `10.0.10.0/24`. */
const isBlock = (value: string): boolean => value.includes('/');

/** Problems of objects, what stays although nothing wants it any more, and what failed: all of it on stderr. */
export function tellConcerns({ problems, heldDeletes, failures }: Report, terminal: Terminal): void {
  terminal.err(formatProblems(problems));
  const unreadable = heldDeletes.filter(({ reason }) => reason === 'unreadable-input').length;
  if (unreadable > 0)
    terminal.err(`warning: ${counted(unreadable, 'row')} not deleted because some input could not be read\n`);
  for (const { unit, error } of failures) terminal.err(formatError(error, unit));
}

/** Indented, because people read it too. Ends with a line end. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Why a plan is refused, with the count and the names, and how to have it nevertheless. */
export function massDeleteText({ deletes, owned, names }: NonNullable<Report['massDelete']>): string {
  const shown = names.slice(0, 20).join(', ');
  const rest = names.length > 20 ? ` and ${names.length - 20} more` : '';
  return (
    `this deletes ${deletes} of the ${owned} rows of this instance: ${shown}${rest}\n` +
    '  check that -f names the right files; if it is meant, say so with apply --allow-mass-delete'
  );
}
