// Why a trace ended without an output: the rule, route or missing neighbour behind its last step.
import { sourceOf } from '../northbound/ownership.ts';
import type { Row } from '../ovsdb/value.ts';
import type { TraceStep } from './flow-hints.ts';
import type { TracePacket } from './packet.ts';
import { policyText, rowBehind, ruleBehind, ruleText, vipOf } from './path.ts';
import type { Scene } from './path.ts';
import type { Station } from './walk.ts';

type Reason = (step: TraceStep, station: Station, packet: TracePacket, scene: Scene) => string | undefined;

/** By stage; the first that has something to say wins. */
const reasons: readonly (readonly [stage: RegExp, reason: Reason])[] = [
  [/^ls_in_(check|apply)_port_sec|^ls_in_port_sec/, portSecurity],
  [/^ls_out_(check|apply)_port_sec|^ls_out_port_sec/, () => 'port_security of the port that it goes to'],
  [/_acl(_after_lb)?(_eval|_action)?$/, rule],
  [/^(ls_in_lb|lr_in_dnat)$/, balancer],
  [
    /^lr_in_admission$/,
    ({ datapath }, _, packet) =>
      `router ${datapath} takes no frame for ${packet.ethernetDestination} on that port`,
  ],
  [
    /^lr_in_ip_routing$/,
    ({ datapath }, { destination }) =>
      `no route: router ${datapath} has none for ${destination ?? 'the destination'}`,
  ],
  [/^lr_in_policy$/, policy],
  [
    /^lr_in_ip_input$/,
    ({ datapath }, { destination }) =>
      `router ${datapath} takes it for its own and has no use for it (${destination ?? ''})`,
  ],
  [
    /^lr_in_arp_resolve$/,
    ({ datapath }, { destination }) =>
      `${destination ?? 'the destination'} is an address of router ${datapath} itself, and nothing there serves that port`,
  ],
  [
    /^ls_in_l2_(lkup|unknown)$/,
    ({ datapath }) => `no port of switch ${datapath} has that MAC: nobody is there`,
  ],
];

/** A sentence without its full stop; always says the stage where the packet ended. */
export function dropReason(stations: readonly Station[], packet: TracePacket, scene: Scene): string {
  const last = stations.findLast(({ event }) => event.kind === 'step');
  if (last?.event.kind !== 'step') return 'the trace has no steps';
  // The verdict of a rule is carried out two stages after the rule was found.
  const judged = /_acl(_after_lb)?_action$/.test(last.event.stage) ? lastRule(stations) : undefined;
  const step = judged ?? last.event;
  const where = `${step.datapath}, stage ${step.stage}`;
  const found = reasons.find(([stage]) => stage.test(step.stage))?.[1](step, last, packet, scene);
  return `${found ?? `flow ${step.match || 'none'} (priority ${step.priority})`} [${where}]`;
}

function lastRule(stations: readonly Station[]): TraceStep | undefined {
  const found = stations.findLast(
    ({ event }) => event.kind === 'step' && /_acl(_after_lb)?_eval$/.test(event.stage),
  );
  return found?.event.kind === 'step' ? found.event : undefined;
}

const owner = (row: Row): string => sourceOf(row) ?? `row ${row._uuid}, not of ours`;

function portSecurity(_: TraceStep, __: Station, packet: TracePacket, { topology }: Scene): string {
  const allowed = topology.switchPort(packet.inport)?.port.port_security.join(', ') ?? '';
  return `port_security: ${packet.inport} may send from ${allowed || 'nothing'} only, not from ${packet.ethernetSource} ${packet.source}`;
}

function rule(step: TraceStep, _: Station, __: TracePacket, scene: Scene): string | undefined {
  const row = ruleBehind(step, scene);
  return row && `rule of ${owner(row)}: ${ruleText(row)}`;
}

function balancer(step: TraceStep, _: Station, __: TracePacket, scene: Scene): string | undefined {
  const row = rowBehind('Load_Balancer', step, scene);
  return row && `${owner(row)} has no backend for ${vipOf(step.match)}`;
}

function policy(step: TraceStep, _: Station, __: TracePacket, scene: Scene): string | undefined {
  const row = rowBehind('Logical_Router_Policy', step, scene);
  return row && `policy of ${owner(row)}: ${policyText(row)}`;
}
