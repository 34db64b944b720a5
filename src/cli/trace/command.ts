// `ovn-projector trace`: which way a packet goes, and what becomes of it.
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Address, parseAddress } from '../../net/address.ts';
import { parseMac } from '../../net/mac.ts';
import { monitoredColumns } from '../../northbound/monitored-columns.ts';
import { Database } from '../../ovsdb/index.ts';
import { exitCode } from '../../trace/explanation.ts';
import type { Explanation } from '../../trace/explanation.ts';
import { formatExplanation } from '../../trace/format-explanation.ts';
import { type TracePacket, microflow } from '../../trace/packet.ts';
import { rowsOf } from '../../trace/rows.ts';
import { type Missing, isMissing } from '../../trace/target.ts';
import { type Topology, readTopology } from '../../trace/topology.ts';
import type { CommandContext } from '../command-context.ts';
import { type CommonFlags, type ConnectionFlags, addConnectionFlags } from '../flags.ts';
import { createLogger } from '../logger.ts';
import { jsonText } from '../report-output.ts';
import { readTlsOptions } from '../tls-files.ts';
import { tlsArguments } from './ovn-trace.ts';
import { type PacketFlags, endsOf, planPacket } from './plan-packet.ts';
import { trace } from './trace.ts';

const examples = `
Builds the first packet of a connection from what NB says, lets ovn-trace (of this machine's OVN) find its way through
the flows in SB, and explains it. Writes nothing. TARGET is an address, a workload (NAMESPACE/POD) or a Service
(Service/NAMESPACE/NAME), with :PORT. Without a port it is a ping; a Service has its own.

Where OVN would first have to ask for a next hop, the trace goes on in a private copy of SB as if it had been answered,
and says so. What is beyond an external network nobody can tell.

Exit code: 0 delivered, 2 not, 1 it could not be told.

Examples:
  $ ovn-projector trace shalb-demo/nginx-0 8.8.8.8:53 --udp               out, and as which address?
  $ ovn-projector trace shalb-demo/nginx-0 Service/shalb-demo/nginx       to the project's own load balancer
  $ ovn-projector trace shalb-demo/nginx-0 project-a/customer:80          to another project: it must not arrive
  $ ovn-projector trace 100.65.0.103:80 --from-outside ext-cloud          in from the VLAN
  $ ovn-projector trace 10.0.10.2:80 --from-outside ext-cloud --via 100.65.0.103
                                                                          a host that routes at the project's router
  $ ovn-projector trace shalb-demo/nginx-0 8.8.8.8 --source 10.0.10.99    a workload that lies
`;

interface TraceFlags extends CommonFlags, ConnectionFlags, PacketFlags {
  readonly sb: string;
  readonly verbose: boolean;
  readonly output: 'text' | 'json';
}

export function traceCommand(context: CommandContext): Command {
  const command = new Command('trace')
    .description('say which way a packet goes and why it does not arrive: exit code 0 delivered, 2 not')
    .argument('<from>', 'the workload that sends, NAMESPACE/POD; with --from-outside: TARGET')
    .argument('[target]', 'where to: ADDRESS[:PORT], NAMESPACE/POD[:PORT] or Service/NAMESPACE/NAME[:PORT]')
    .option('--udp', 'UDP instead of TCP', false)
    .option('--icmp', 'a ping, whatever the port', false)
    .option('--from-outside <network>', 'the sender is a host on this external network')
    .option('--source <address>', 'source address of the packet', address)
    .option('--source-mac <mac>', 'source MAC of the packet', mac)
    .option('--via <address>', 'with --from-outside: the next hop that the host sends to', address)
    .addOption(
      new Option('--sb <remote>', 'OVN Southbound database')
        .env('OVN_SB_DB')
        .default('unix:/var/run/ovn/ovnsb_db.sock'),
    )
    .option('-v, --verbose', 'print what ovn-trace printed, too', false)
    .addOption(
      new Option('-o, --output <form>', 'form of the answer').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', examples)
    .action((from: string, target: string | undefined, flags: TraceFlags) =>
      run(from, target, flags, context),
    );
  return addConnectionFlags(command);
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new InvalidArgumentError('It must be an IP address.');
  return parsed;
}

function mac(text: string): string {
  const parsed = parseMac(text);
  if (parsed === undefined) throw new InvalidArgumentError('It must be a MAC such as 0a:58:0a:00:0a:02.');
  return parsed;
}

async function run(
  from: string,
  to: string | undefined,
  flags: TraceFlags,
  context: CommandContext,
): Promise<void> {
  const ends = endsOf(from, to, flags);
  const connection = {
    tls: await readTlsOptions(flags, [flags.nb, flags.sb]),
    connectTimeoutMs: flags.timeout * 1000,
    logger: createLogger(flags.logLevel ?? 'silent'),
    signal: context.signal,
  };
  const topology = await readNorthbound(flags.nb, connection);
  const planned = planPacket(ends, flags, topology);
  const traced = isMissing(planned)
    ? { explanation: refusal(planned), raw: '' }
    : await trace({
        packet: planned.packet,
        workload: planned.destination.workload,
        topology,
        sb: { ...connection, remote: flags.sb },
        tls: tlsArguments(flags),
        timeoutMs: flags.timeout * 1000,
      });
  const packet = isMissing(planned) ? undefined : planned.packet;
  tell(traced, packet, flags, context);
}

async function readNorthbound(
  remote: string,
  connection: Omit<Parameters<typeof Database.connect>[0], 'remote' | 'database' | 'monitor'>,
): Promise<Topology> {
  await using database = await Database.connect({
    ...connection,
    remote,
    database: 'OVN_Northbound',
    monitor: monitoredColumns,
  });
  return readTopology(rowsOf(database.replica));
}

/** Nothing was sent, because there is nobody to send it to or from. */
function refusal({ missing, silent }: Missing): Explanation {
  return { path: [], verdict: { kind: silent === true ? 'dropped' : 'unknown', text: missing }, notes: [] };
}

function tell(
  { explanation, raw }: { readonly explanation: Explanation; readonly raw: string },
  packet: TracePacket | undefined,
  flags: TraceFlags,
  { terminal, exit }: CommandContext,
): void {
  if (flags.output === 'json')
    terminal.out(
      jsonText({
        ...(packet !== undefined && { packet, microflow: microflow(packet) }),
        ...explanation,
        ...(flags.verbose && { raw }),
      }),
    );
  else
    terminal.out(`${flags.verbose && raw !== '' ? `${raw}\n` : ''}${formatExplanation(explanation, packet)}`);
  exit(exitCode(explanation.verdict));
}
