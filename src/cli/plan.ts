// `ovn-projector plan`: what would change, and nothing else.
import { Command, Option } from 'commander';
import type { Report } from '../controller/report.ts';
import type { DatabaseSchema } from '../ovsdb/index.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import { formatNbctl } from '../plan/format-nbctl.ts';
import { toJson } from '../plan/json.ts';
import type { CommandContext } from './command-context.ts';
import { type EngineFlags, type EngineSession, withEngine } from './engine-session.ts';
import { addConnectionFlags, addInputFlags, objectsOutOption } from './flags.ts';
import { formatProblems } from './problem-text.ts';
import { planText } from './plan-text.ts';
import { routeObjects, routeText, writeRouteObjects } from './route-objects.ts';
import type { LoadedObjects } from '../source/source.ts';
import { changeCount, jsonText, massDeleteText, reportJson, tellConcerns } from './report-output.ts';
import { useColor } from './terminal.ts';

const examples = `
Reads the objects, compiles them and compares the result with the database. Writes nothing.

Exit code: 0 nothing would change, 2 something would, 1 it could not be told. Problems of objects are named on
stderr; what they keep from being programmed is not in the plan.

Examples:
  $ ovn-projector plan -f networks/
  $ ovn-projector plan -f networks/ -f extra.yaml --nb tcp:192.0.2.1:6641 --sb tcp:192.0.2.1:6642
  $ helm template my-chart | ovn-projector plan -f -
  $ ovn-projector plan -f networks/ -o json | jq .summary
  $ ovn-projector plan -f networks/ --objects-out routes/     what Services with a route need of Kubernetes, as files
  $ ovn-projector plan -f networks/ -o nbctl > change.sh      the same change as ovn-nbctl commands
`;

const outputs = ['text', 'json', 'nbctl'] as const;

interface PlanFlags extends EngineFlags {
  readonly output: (typeof outputs)[number];
  readonly objectsOut?: string;
}

export function planCommand(context: CommandContext): Command {
  const command = new Command('plan')
    .description('show what apply would change: exit code 0 nothing, 2 changes, 1 could not tell')
    .addOption(new Option('-o, --output <form>', 'form of the answer').choices(outputs).default('text'))
    .addOption(objectsOutOption())
    .addHelpText('after', examples)
    .action(async (flags: PlanFlags) => {
      await withEngine(flags, context, (session, input) => plan(session, input, flags, context));
    });
  return addConnectionFlags(addInputFlags(command));
}

async function plan(
  { engine, target, config }: EngineSession,
  input: LoadedObjects,
  flags: PlanFlags,
  context: CommandContext,
): Promise<void> {
  const { terminal } = context;
  const report = await engine.plan();
  const routes = routeObjects(input, config, report.addresses);
  tellConcerns(report, terminal);
  terminal.err(formatProblems(routes.problems));
  if (flags.objectsOut !== undefined) await writeRouteObjects(routes, flags.objectsOut);
  if (report.massDelete !== undefined)
    terminal.err(`warning: apply refuses this: ${massDeleteText(report.massDelete)}\n`);
  const changes = changeCount(report.summary);
  if (flags.output === 'json')
    terminal.out(
      jsonText({
        ...reportJson(report),
        changes: report.changeSets.map(toJson),
        ...(config.gateway !== undefined && { objects: routes.objects.map(({ body }) => body) }),
      }),
    );
  else if (flags.output === 'nbctl') terminal.out(nbctlScript(report, target.capabilities.schema));
  else terminal.out(planText(report, target.current, useColor(terminal, flags)) + routeText(routes));
  if (report.failures.length > 0) context.exit(1);
  else context.exit(changes === 0 ? 0 : 2);
}

/** Networks before VPCs, whose gateway ports hang in the networks' switches. */
function nbctlScript(report: Report, schema: DatabaseSchema): string {
  const isNetwork = ({ unit }: ChangeSet): boolean => unit.startsWith('network/');
  const ordered = [
    ...report.changeSets.filter(isNetwork),
    ...report.changeSets.filter((set) => !isNetwork(set)),
  ];
  const head = `#!/bin/sh
# The planned change as ovn-nbctl commands, one transaction per unit, in the order in which apply commits them.
set -e
`;
  return (
    head +
    ordered.map((changes) => `\n# ${changes.unit}\n${formatNbctl(changes, schema, 'ovn-nbctl')}`).join('')
  );
}
