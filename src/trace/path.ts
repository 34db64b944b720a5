// The path of a traced packet in the words of the platform: which switch, router, route, policy, NAT, balancer, gateway.
import { meaningOf, ruleOf, sourceOf, unitOf } from '../northbound/ownership.ts';
import { ruleWords } from '../northbound/rule-words.ts';
import type { Row } from '../ovsdb/value.ts';
import type { PathLine } from './explanation.ts';
import type { FlowHints, TraceStep } from './flow-hints.ts';
import type { Table, TypedRow } from './rows.ts';
import type { Segment, Topology } from './topology.ts';
import { chosenBackends } from './walk.ts';
import type { Chooser, Station } from './walk.ts';

/** What the lines are made from. */
export interface Scene {
  readonly topology: Topology;
  readonly hints: FlowHints;
  /** Chassis that hosts a gateway port now, by its `cr-…` name in SB; undefined when none does. */
  readonly chassisOf: ReadonlyMap<string, string | undefined>;
  readonly choose: Chooser;
}

/** The lines, in the order of the path. */
export function pathLines(stations: readonly Station[], scene: Scene): readonly PathLine[] {
  const lines = stations.map((station, index) => {
    const { event } = station;
    if (event.kind === 'pipeline')
      return event.pipeline === 'ingress' ? datapathLine(event.datapath, stations[index + 1], scene) : [];
    if (event.kind === 'transformation') return [];
    const describe = describers.find(([stage]) => stage.test(event.stage))?.[1];
    return describe?.(event, station, scene) ?? [];
  });
  return lines.flat().filter((each, index, all) => !isUnused(each, all[index + 1]));
}

/** A router looks for a route first; one that a policy overrules is not taken. */
const isUnused = (each: PathLine, next: PathLine | undefined): boolean =>
  each.what === 'route' && next?.what === 'policy' && next.text.startsWith('reroute');

/** Switches and routers may have one name: the stage tells which it is. */
function datapathLine(name: string, next: Station | undefined, { topology }: Scene): readonly PathLine[] {
  const stage = next?.event.kind === 'step' ? next.event.stage : '';
  if (stage.startsWith('lr_')) return [line('router', name, topology.routers.get(name))];
  const segment = topology.segment(name);
  return [line(segment === undefined ? 'switch' : kindOf(segment), name, segment?.row)];
}

function kindOf({ row, localnet }: Segment): string {
  if (localnet === undefined) return 'switch';
  return unitOf(row)?.startsWith('underlay/') === true ? 'underlay' : 'network';
}

const line = (what: string, text: string, row: Row | undefined): PathLine => ({
  what,
  text,
  source: row === undefined ? undefined : (sourceOf(row) ?? 'not a row of ours'),
});

type Describer = (step: TraceStep, station: Station, scene: Scene) => readonly PathLine[] | undefined;

/** First match wins. */
const describers: readonly (readonly [stage: RegExp, describe: Describer])[] = [
  [/^ls_(in|out)_acl(_after_lb)?(_eval)?$/, ruleLine],
  [
    /^(ls_in_lb|lr_in_dnat)$/,
    (step, ...rest) => balancerLine(step, ...rest) ?? floatingIpLine(step, ...rest),
  ],
  [/^ls_in_nat_hairpin$/, () => [line('load balancer', 'the client is its own backend: hairpin', undefined)]],
  [/^lr_in_ip_routing$/, routeLine],
  [/^lr_in_policy$/, policyLine],
  [/^lr_in_gw_redirect$/, gatewayLine],
  [/^lr_out_snat$/, snatLine],
  [/^ls_in_qos/, markLine],
];

/** The NB row that a flow was made of. */
export function rowBehind<T extends Table>(
  table: T,
  step: TraceStep,
  { hints, topology }: Pick<Scene, 'hints' | 'topology'>,
): TypedRow<T> | undefined {
  const hint = hints.get(step.flow);
  return hint === undefined ? undefined : topology.rows.startingWith(table, hint);
}

/**
 * The rule that a flow was made of. Of equal rules on several switches ovn-northd makes one flow, which hints at one of
 * them: the one meant is that of the switch where the packet is.
 */
export function ruleBehind(
  step: TraceStep,
  scene: Pick<Scene, 'hints' | 'topology'>,
): TypedRow<'ACL'> | undefined {
  const hinted = rowBehind('ACL', step, scene);
  const { topology } = scene;
  const here = topology.segment(step.datapath)?.row.acls ?? [];
  if (hinted === undefined || here.includes(hinted._uuid)) return hinted;
  const isEqual = (row: TypedRow<'ACL'>): boolean =>
    row.match === hinted.match && row.direction === hinted.direction && row.priority === hinted.priority;
  return topology.rows.some('ACL', here).find(isEqual) ?? hinted;
}

function ruleLine(step: TraceStep, _: Station, scene: Scene): readonly PathLine[] | undefined {
  const rule = ruleBehind(step, scene);
  return rule && [line('rule', ruleText(rule), rule)];
}

/**
 * What a rule says: in words where it has some, `ingress[0]: allow tcp 80 from anybody` of a policy, `drop: what others
 * expose on ext-cloud` of isolation; else as OVN reads it.
 */
export function ruleText(rule: TypedRow<'ACL'>): string {
  const [part, meaning] = [ruleOf(rule), meaningOf(rule)];
  if (meaning === undefined) return `${rule.action} ${rule.priority}: ${rule.match}`;
  if (part === undefined) return `${rule.action}: ${meaning}`;
  return ruleWords(part, rule.action, meaning);
}

function balancerLine(step: TraceStep, _: Station, scene: Scene): readonly PathLine[] | undefined {
  const backends = chosenBackends(step);
  if (backends === undefined) return undefined;
  const row = rowBehind('Load_Balancer', step, scene);
  const chosen = scene.choose(backends) ?? `one of ${backends.join(', ')}`;
  const rest = backends.length === 1 ? '' : ` (one of ${backends.length})`;
  return [line('load balancer', `${vipOf(step.match)} → ${chosen}${rest}`, row)];
}

/** `100.65.0.103:80` of `… ip4.dst == 100.65.0.103 && tcp && tcp.dst == 80 …`. */
export function vipOf(match: string): string {
  const address = /\bip[46]\.dst == ([0-9a-f.:]+)/.exec(match)?.[1] ?? '';
  const port = /\b(?:tcp|udp|sctp)\.dst == (\d+)/.exec(match)?.[1] ?? '';
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

function floatingIpLine(step: TraceStep, station: Station, scene: Scene): readonly PathLine[] | undefined {
  const to = argumentOf(step, 'ct_dnat');
  if (to === undefined) return undefined;
  return [line('floating IP', `${station.destination ?? ''} → ${to}`, rowBehind('NAT', step, scene))];
}

function snatLine(step: TraceStep, station: Station, scene: Scene): readonly PathLine[] | undefined {
  const to = argumentOf(step, 'ct_snat');
  if (to === undefined) return undefined;
  const row = rowBehind('NAT', step, scene);
  const what = row?.type === 'dnat_and_snat' ? 'floating IP' : 'SNAT';
  const own = row?.external_mac === undefined ? '' : ', on the workload’s own node';
  return [line(what, `${station.source} → ${to}${own}`, row)];
}

/** `100.65.0.103` of `ct_snat(100.65.0.103)` or `ct_snat_in_czone(100.65.0.103)`. */
function argumentOf({ actions }: TraceStep, name: string): string | undefined {
  const pattern = new RegExp(`^${name}(?:_in_czone)?\\(([0-9a-f.:]+)\\)`);
  return actions.map((action) => pattern.exec(action)?.[1]).find((found) => found !== undefined);
}

function routeLine(step: TraceStep, _: Station, scene: Scene): readonly PathLine[] | undefined {
  const route = rowBehind('Logical_Router_Static_Route', step, scene);
  if (route !== undefined) {
    const from = route.policy === 'src-ip' ? 'from ' : '';
    const by = route.output_port === undefined ? '' : ` by ${route.output_port}`;
    return [line('route', `${from}${route.ip_prefix} via ${route.nexthop}${by}`, route)];
  }
  const port = rowBehind('Logical_Router_Port', step, scene);
  if (port === undefined) return undefined;
  const beyond = scene.topology.beyond(port.name)?.row.name ?? port.name;
  return [line('route', `directly to ${beyond}, ${port.networks.join(', ')}`, port)];
}

function policyLine(step: TraceStep, _: Station, scene: Scene): readonly PathLine[] | undefined {
  const policy = rowBehind('Logical_Router_Policy', step, scene);
  if (policy === undefined) return undefined;
  return [line('policy', policyText(policy), policy)];
}

/** `drop: beside the ranges of the peering with bank`; where it has no words, as OVN reads it. */
export function policyText(policy: TypedRow<'Logical_Router_Policy'>): string {
  const { priority, match, action, nexthops, nexthop } = policy;
  const meaning = meaningOf(policy);
  if (meaning !== undefined) return `${action}: ${meaning}`;
  const hops = [...nexthops, ...(nexthop === undefined ? [] : [nexthop])];
  const to = hops.length === 0 ? '' : ` to ${hops.join(', ')}`;
  return `${action}${to} (${priority}: ${match})`;
}

function gatewayLine(step: TraceStep, _: Station, scene: Scene): readonly PathLine[] | undefined {
  const port = step.actions.map((action) => /^outport = "(cr-[^"]+)"$/.exec(action)?.[1]).find(Boolean);
  return port === undefined ? undefined : [gatewayText(port, scene)];
}

/** Who hosts a gateway port: what SB says, else who may. */
export function gatewayText(crPort: string, { topology, chassisOf }: Scene): PathLine {
  const name = crPort.replace(/^cr-/, '');
  const { rows } = topology;
  const port = rows.all('Logical_Router_Port').find((row) => row.name === name);
  const members = rows
    .some('HA_Chassis_Group', port?.ha_chassis_group === undefined ? [] : [port.ha_chassis_group])
    .flatMap((group) => rows.some('HA_Chassis', group.ha_chassis))
    .toSorted((a, b) => b.priority - a.priority)
    .map((member) => member.chassis_name);
  const hosting = chassisOf.get(crPort);
  const text =
    hosting === undefined
      ? `on no chassis now (may be: ${members.join(', ') || 'none'})`
      : `on chassis ${hosting}`;
  return line('gateway', `${name} ${text}`, port);
}

function markLine(step: TraceStep, _: Station, scene: Scene): readonly PathLine[] | undefined {
  const rule = rowBehind('QoS', step, scene);
  // 0 takes marks away, nearly always from packets without any.
  if (!rule?.action['mark']) return undefined;
  return [line('mark', `${rule.action['mark']} (${rule.match})`, rule)];
}
