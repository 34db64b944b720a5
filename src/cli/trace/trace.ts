// Traces one packet to its end, over next hops that OVN would have to ask for first.
import type { Database, DatabaseOptions } from '../../ovsdb/index.ts';
import { parseAddress } from '../../net/address.ts';
import type { Explanation, Verdict } from '../../trace/explanation.ts';
import { explain } from '../../trace/explain.ts';
import { namedSteps } from '../../trace/flow-hints.ts';
import { missingNeighbour } from '../../trace/missing-neighbour.ts';
import type { MissingNeighbour } from '../../trace/missing-neighbour.ts';
import { neighbourOf } from '../../trace/neighbours.ts';
import { hostMac } from '../../trace/origin.ts';
import { microflow } from '../../trace/packet.ts';
import type { TracePacket } from '../../trace/packet.ts';
import { parseTrace } from '../../trace/parse-trace.ts';
import type { ParsedTrace } from '../../trace/parse-trace.ts';
import type { Topology } from '../../trace/topology.ts';
import { chooserOf, walk } from '../../trace/walk.ts';
import { type OvnTraceOutput, runOvnTrace } from './ovn-trace.ts';
import { addNeighbour, connectSouthbound, readChassis, readFlowHints } from './southbound.ts';
import { copySouthbound } from './southbound-copy.ts';

export interface TraceOptions {
  readonly packet: TracePacket;
  /** The workload port that must get it, when one was named. */
  readonly workload: string | undefined;
  readonly topology: Topology;
  readonly sb: Omit<DatabaseOptions, 'database' | 'monitor'>;
  /** The TLS files once more, for OVN's programs. */
  readonly tls: readonly string[];
  readonly timeoutMs: number;
}

export interface Traced {
  readonly explanation: Explanation;
  /** What ovn-trace printed at last. */
  readonly raw: string;
}

/** Next hops of next hops: an edge router, its gateway, another project's router. */
const maxQuestions = 6;

/** @throws TRACE_PROGRAM_MISSING, TRACE_FAILED, and what `Database.connect` throws */
export async function trace(options: TraceOptions): Promise<Traced> {
  const { packet, workload, topology } = options;
  await using database = await connectSouthbound(options.sb);
  const { output, assumed, nobody } = await follow(options);
  const parsed = parseTrace(output.text);
  const scene = {
    topology,
    hints: await readFlowHints(database, namedSteps(parsed)),
    chassisOf: await readChassis(database),
  };
  const found = explain({ packet, destination: { workload }, parsed }, scene);
  const unreadable = output.warnings.map((text) => `OVN cannot read a rule and leaves it out: ${text}`);
  const verdict: Verdict = nobody === undefined ? found.verdict : { kind: 'dropped', text: nobody };
  return {
    explanation: { ...found, verdict, notes: [...found.notes, ...assumed, ...unreadable] },
    raw: output.text,
  };
}

interface Followed {
  /** Of the last run. */
  readonly output: OvnTraceOutput;
  /** What was taken for granted, as sentences. */
  readonly assumed: readonly string[];
  /** Why it can go no further: nobody has the next hop's address. */
  readonly nobody?: string;
}

/** Runs ovn-trace, and again with each next hop's answer, until it comes to its end. */
async function follow(options: TraceOptions): Promise<Followed> {
  await using stack = new AsyncDisposableStack();
  const assumed: string[] = [];
  let copy: { readonly remote: string; readonly database: Database } | undefined;
  let output = await run(options, options.sb.remote);
  for (let asked = 0; asked < maxQuestions; asked += 1) {
    const question = questionOf(parseTrace(output.text), options);
    if (question === undefined) break;
    if ('nobody' in question) return { output, assumed, nobody: question.nobody };
    copy ??= await openCopy(options, stack);
    if (copy === undefined) break;
    await addNeighbour(copy.database, question);
    const { address, routerPort } = question;
    if (question.isAssumed)
      assumed.push(
        `OVN has not asked for the MAC of ${address} on ${routerPort} yet: traced as if it answered`,
      );
    output = await run(options, copy.remote);
  }
  return { output, assumed };
}

const run = (options: TraceOptions, remote: string): Promise<OvnTraceOutput> =>
  runOvnTrace({
    sb: remote,
    tls: remote === options.sb.remote ? options.tls : [],
    microflow: microflow(options.packet),
    timeoutMs: options.timeoutMs,
  });

interface Question {
  readonly routerPort: string;
  readonly address: string;
  readonly mac: string;
  /** Nobody that OVN knows: a host outside. */
  readonly isAssumed: boolean;
}

/** Whom the trace stood still for, with what it would answer; `nobody`: that nobody would. */
function questionOf(
  parsed: ParsedTrace,
  { packet, topology }: TraceOptions,
): Question | { readonly nobody: string } | undefined {
  const missing = missingNeighbour(walk(parsed, packet, chooserOf(parsed, topology), topology));
  if (missing?.address === undefined) return undefined;
  const { routerPort, address } = missing;
  const answer = answerOf({ routerPort, address }, topology);
  if (answer === undefined) return undefined;
  return 'nobody' in answer ? answer : { routerPort, address, ...answer };
}

function answerOf(
  { routerPort, address }: Required<MissingNeighbour>,
  topology: Topology,
): Pick<Question, 'mac' | 'isAssumed'> | { readonly nobody: string } | undefined {
  const segment = topology.beyond(routerPort);
  const parsed = parseAddress(address ?? '');
  if (segment === undefined || parsed === undefined) return undefined;
  const neighbour = neighbourOf(parsed, segment, topology);
  if (neighbour !== undefined) return { mac: neighbour.mac, isAssumed: false };
  if (segment.localnet !== undefined) return { mac: hostMac, isAssumed: true };
  return {
    nobody: `nobody on switch ${segment.row.name} has ${address ?? ''}: the router asks and gets no answer`,
  };
}

async function openCopy(
  { sb, tls }: TraceOptions,
  stack: AsyncDisposableStack,
): Promise<{ readonly remote: string; readonly database: Database } | undefined> {
  const made = await copySouthbound(sb.remote, tls);
  if (made === undefined) return undefined;
  const { remote } = stack.use(made);
  const { tls: _, ...rest } = sb;
  return { remote, database: stack.use(await connectSouthbound({ ...rest, remote })) };
}
