// `ovn-projector apply`: makes the database equal to what the objects mean, once.
import { Command, Option } from 'commander';
import type { Report } from '../controller/report.ts';
import type { CommandContext } from './command-context.ts';
import { type EngineFlags, type EngineSession, withEngine } from './engine-session.ts';
import { addConnectionFlags, addInputFlags, objectsOutOption } from './flags.ts';
import { routeObjects, writeRouteObjects } from './route-objects.ts';
import type { LoadedObjects } from '../source/source.ts';
import { formatProblems, isRejection } from './problem-text.ts';
import { createProgress } from './progress.ts';
import { changeCount, jsonText, massDeleteText, reportJson, tellConcerns } from './report-output.ts';
import { counted } from './table.ts';

const examples = `
Commits one transaction per project, VPC or external network; what is as it should be already is not written.

Exit code: 0 done; 3 done, but some objects were rejected (each is named on stderr with field, reason and remedy);
1 it could not be done. A plan that deletes more than half of what this instance owns, and more than 50 rows, is
refused without --allow-mass-delete.

Examples:
  $ ovn-projector apply -f networks/
  $ ovn-projector apply -f networks/ --nb ssl:ovn.example.org:6641 -p key.pem -c cert.pem -C ca.pem
  $ ovn-projector apply -f networks/ -o json | jq -r '.addresses["EIp/shalb-demo/ssh-arti"]'
`;

const outputs = ['text', 'json'] as const;

interface ApplyFlags extends EngineFlags {
  readonly output: (typeof outputs)[number];
  readonly objectsOut?: string;
}

export function applyCommand(context: CommandContext): Command {
  const command = new Command('apply')
    .description('make it so, once: exit code 0 done, 3 done but objects were rejected, 1 could not')
    .addOption(new Option('-o, --output <form>', 'form of the answer').choices(outputs).default('text'))
    .option('--allow-mass-delete', 'carry out a plan that deletes most of what is there', false)
    .addOption(objectsOutOption())
    .addHelpText('after', examples)
    .action(async (flags: ApplyFlags) => {
      await withEngine(flags, context, (session, input) => apply(session, input, flags, context));
    });
  return addConnectionFlags(addInputFlags(command));
}

async function apply(
  { engine, config }: EngineSession,
  input: LoadedObjects,
  flags: ApplyFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const progress = createProgress(terminal);
  const report = await engine.converge({ onProgress: progress.update }).finally(progress.clear);
  tellConcerns(report, terminal);
  if (report.massDelete !== undefined) {
    terminal.err(`error: ${massDeleteText(report.massDelete)}\n`);
    context.exit(1);
    return;
  }
  const routes = routeObjects(input, config, report.addresses);
  terminal.err(formatProblems(routes.problems));
  if (flags.objectsOut !== undefined) await writeRouteObjects(routes, flags.objectsOut);
  if (flags.output === 'json') terminal.out(jsonText(reportJson(report)));
  else terminal.out(doneText(report));
  if (report.failures.length > 0) context.exit(1);
  else context.exit(report.problems.some(isRejection) ? 3 : 0);
}

function doneText({ summary, failures }: Report): string {
  const { insert, update, delete: deleted, transactions } = summary;
  if (changeCount(summary) === 0) return failures.length === 0 ? 'Nothing to change.\n' : '';
  const word = failures.length === 0 ? 'Done' : 'Done in part';
  return `${word}: ${counted(insert, 'row')} inserted, ${update} updated, ${deleted} deleted, in ${counted(transactions, 'transaction')}.\n`;
}
