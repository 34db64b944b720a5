// `ovn-projector show`: the networks that are there, from the Northbound database alone.
import { Command, Option } from 'commander';
import { capabilitiesOf } from '../../northbound/capabilities.ts';
import { monitoredColumns } from '../../northbound/monitored-columns.ts';
import { Database } from '../../ovsdb/index.ts';
import { insertsWithUuid } from '../../target/northbound-checks.ts';
import type { CommandContext } from '../command-context.ts';
import { type CommonFlags, type ConnectionFlags, addConnectionFlags, ownerName } from '../flags.ts';
import { createLogger } from '../logger.ts';
import { jsonText } from '../report-output.ts';
import { readTlsOptions } from '../tls-files.ts';
import { capabilitiesJson, formatCapabilities } from './capabilities.ts';
import { formatNetworkView } from './format-view.ts';
import type { NetworkView } from './network-view.ts';
import { formatPolicies, readPolicies } from './policies.ts';
import { readNetworkView } from './read-view.ts';
import { readAclLogs } from './read-acl-logs.ts';
import { formatSubnetRules, readSubnetRules } from './subnet-rules.ts';

const examples = `
Reads the Northbound database only, and of it only rows of ovn-projector: no manifests, no Southbound database.

Examples:
  $ ovn-projector show                       everything
  $ ovn-projector show shalb-demo            one project, with all its workloads
  $ ovn-projector show Project/shalb/demo    the same
  $ ovn-projector show ext-cloud             who uses which address of an external network
  $ ovn-projector show --policies shalb-demo/nginx-0
                                             what may connect to a workload, what it may connect to, and why
  $ ovn-projector show --acls shalb-demo-default --acl-log /var/log/ovn/ovn-controller.log
                                             the rules of a subnet in order, and how often each was logged
  $ ovn-projector show --capabilities        what this version of OVN cannot do, and what is done instead
  $ ovn-projector show -o json | jq '.vpcs[] | {name, address: .gateway.address}'
`;

/** Workloads listed per VPC when nobody asked for a certain one. */
const overviewLimit = 20;

interface ShowFlags extends CommonFlags, ConnectionFlags {
  readonly output: 'text' | 'json';
  readonly owner?: string;
  readonly capabilities: boolean;
  readonly policies?: string;
  readonly acls?: string;
  readonly aclLog?: readonly string[];
}

export function showCommand(context: CommandContext): Command {
  const command = new Command('show')
    .description('print the networks that the database has: who is where, and who uses which address')
    .argument(
      '[name...]',
      'VPCs, projects (their backing namespace or Project/org/name), external networks or underlays',
    )
    .addOption(
      new Option('-o, --output <form>', 'form of the answer').choices(['text', 'json']).default('text'),
    )
    .option('--capabilities', 'print what this server can do, and nothing else', false)
    .option(
      '--policies <pod>',
      'print what NetworkPolicies allow a workload, NAMESPACE/POD, and nothing else',
    )
    .option(
      '--acls <subnet>',
      'print the rules of a subnet, or of the project that it is of, and nothing else',
    )
    .option(
      '--acl-log <file...>',
      'with --acls: logs of ovn-controller, of which lines are counted by rule; of several nodes, all of them',
    )
    .option('--owner <name>', 'only rows of this instance (default: of every instance)', ownerName)
    .addHelpText('after', examples)
    .action(async (names: readonly string[], flags: ShowFlags) => {
      if (flags.capabilities) return showCapabilities(flags, context);
      if (flags.policies !== undefined) return showPolicies(flags.policies, flags, context);
      if (flags.acls !== undefined) return showSubnetRules(flags.acls, flags, context);
      const view = await readView(names, flags, context.signal);
      const known = [...view.vpcs, ...view.externalNetworks, ...view.underlays];
      const missing = names.filter((name) => !known.some(isNamed(name)));
      const workloadLimit = names.length > 0 ? Number.POSITIVE_INFINITY : overviewLimit;
      const { out, err } = context.terminal;
      if (flags.output === 'json') out(jsonText(view));
      else if (missing.length === 0 || missing.length < names.length)
        out(formatNetworkView(view, { workloadLimit }));
      for (const name of missing)
        err(`error: no network of ours is named ${name}\n  see all with: ovn-projector show\n`);
      if (missing.length > 0) context.exit(1);
    });
  return addConnectionFlags(command);
}

const isNamed =
  (name: string) =>
  (item: { readonly name: string; readonly source: string }): boolean =>
    item.name === name || item.source === name;

async function showCapabilities(flags: ShowFlags, { terminal, signal }: CommandContext): Promise<void> {
  await using database = await connect(flags, signal);
  const global = [...database.replica.rows('NB_Global').values()][0];
  const server = {
    capabilities: capabilitiesOf(database.schema, global),
    insertsWithUuid: await insertsWithUuid(database),
  };
  terminal.out(flags.output === 'json' ? jsonText(capabilitiesJson(server)) : formatCapabilities(server));
}

async function showPolicies(pod: string, flags: ShowFlags, context: CommandContext): Promise<void> {
  await using database = await connect(flags, context.signal);
  const policies = readPolicies(pod, database.replica, flags.owner);
  const { out, err } = context.terminal;
  if (policies !== undefined)
    return out(flags.output === 'json' ? jsonText(policies) : formatPolicies(policies));
  err(
    `error: no workload of ours is named ${pod}\n  write it as NAMESPACE/POD; see all with: ovn-projector show\n`,
  );
  context.exit(1);
}

async function showSubnetRules(subnet: string, flags: ShowFlags, context: CommandContext): Promise<void> {
  const log = flags.aclLog === undefined ? undefined : await readAclLogs(flags.aclLog);
  await using database = await connect(flags, context.signal);
  const rules = readSubnetRules(subnet, database.replica, log, flags.owner);
  const { out, err } = context.terminal;
  if (rules !== undefined) return out(flags.output === 'json' ? jsonText(rules) : formatSubnetRules(rules));
  err(
    `error: no subnet of ours is named ${subnet}\n  that of a Project is its backing namespace and -default, for example shalb-demo-default\n`,
  );
  context.exit(1);
}

async function readView(
  names: readonly string[],
  flags: ShowFlags,
  signal: AbortSignal,
): Promise<NetworkView> {
  await using database = await connect(flags, signal);
  return readNetworkView(database.replica, {
    names,
    ...(flags.owner !== undefined && { owner: flags.owner }),
  });
}

async function connect(flags: ShowFlags, signal: AbortSignal): Promise<Database> {
  return Database.connect({
    remote: flags.nb,
    database: 'OVN_Northbound',
    monitor: monitoredColumns,
    tls: await readTlsOptions(flags, [flags.nb]),
    connectTimeoutMs: flags.timeout * 1000,
    logger: createLogger(flags.logLevel ?? 'silent'),
    signal,
  });
}
