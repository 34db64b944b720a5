// Follows the addresses of a packet through the events of a trace.
import { parseAddress } from '../net/address.ts';
import { vipAddress } from './neighbours.ts';
import type { TracePacket } from './packet.ts';
import { outputsOf } from './parse-trace.ts';
import type { ParsedTrace, TraceEvent } from './parse-trace.ts';
import type { Topology } from './topology.ts';

/** Where a packet is, before an event. */
export interface Position {
  /** Undefined once a load balancer has chosen a backend that cannot be told. */
  readonly destination: string | undefined;
  readonly source: string;
}

/** An event with where the packet was before it. */
export interface Station extends Position {
  readonly event: TraceEvent;
}

/** Positions along a trace of `packet`. */
export function walk(
  parsed: ParsedTrace,
  packet: TracePacket,
  choose: Chooser,
  topology: Topology,
): readonly Station[] {
  let position: Position = { source: packet.source, destination: packet.destination };
  return parsed.events.map((event) => {
    const station = { event, ...position };
    position = after(event, position, choose, topology);
    return station;
  });
}

function after(event: TraceEvent, position: Position, choose: Chooser, topology: Topology): Position {
  if (event.kind === 'transformation') {
    const [, field, address = ''] = /\bip[46]\.(src|dst)=([0-9a-f.:]+)/.exec(event.text) ?? [];
    if (field === 'src') return { ...position, source: address };
    if (field === 'dst') return { ...position, destination: address };
  }
  const hairpin = event.actions
    .map((action) => /^\/\* nat\(src=([0-9a-f.:]+)\)/.exec(action)?.[1])
    .find(Boolean);
  if (hairpin !== undefined) return { ...position, source: hairpinSource(hairpin, topology) };
  const swapped = event.actions.some((action) => /^ip[46]\.dst <-> ip[46]\.src/.test(action));
  if (swapped) return { source: position.destination ?? '', destination: position.source };
  const backends = chosenBackends(event);
  if (backends === undefined) return position;
  const chosen = choose(backends);
  return { ...position, destination: chosen === undefined ? undefined : hostOf(chosen) };
}

/**
 * Who a client that is its own backend sees: `hairpin_snat_ip` of the load balancer, else the VIP, which is what
 * ovn-trace prints in both cases. Source: ovn-nb(5) Load_Balancer:options.
 */
export function hairpinSource(vip: string, { rows }: Topology): string {
  const family = parseAddress(vip)?.family;
  const balancer = rows
    .all('Load_Balancer')
    .find(({ vips }) => Object.keys(vips).some((key) => vipAddress(key) === vip));
  const sources = (balancer?.options['hairpin_snat_ip'] ?? '').split(/\s+/);
  return sources.find((text) => family !== undefined && parseAddress(text)?.family === family) ?? vip;
}

/** What a load balancer chooses from: `ct_lb_mark(backends=10.0.10.2:80,10.0.10.3:80; hash_fields="…")`. */
export function chosenBackends({ actions }: TraceEvent): readonly string[] | undefined {
  const lists = actions.flatMap((action) => {
    const [, list] = /^ct_lb(?:_mark)?\(backends=([^;)]*)/.exec(action) ?? [];
    return list === undefined ? [] : [list.split(',')];
  });
  return lists[0];
}

/** Tells which backend was chosen; undefined when the trace does not show it. */
export type Chooser = (backends: readonly string[]) => string | undefined;

/** ovn-trace chooses at random and does not say what: it shows in the flows after, and in where the packet ends. */
export function chooserOf(parsed: ParsedTrace, topology: Topology): Chooser {
  const matches = parsed.events.map((event) => (event.kind === 'step' ? event.match : '')).join('\n');
  const reached = outputsOf(parsed).flatMap(({ port }) => topology.switchPort(port)?.port.addresses ?? []);
  const seen = new Set([
    ...[...matches.matchAll(/\b(?:xx)?reg0 == ([0-9a-f.:]+)/g)].map(([, host = '']) => host),
    ...reached.flatMap((addresses) => addresses.split(' ')),
  ]);
  return (backends) =>
    backends.length === 1 ? backends[0] : backends.find((each) => seen.has(hostOf(each)));
}

/** `10.0.10.2` of `10.0.10.2:80`, `fd00::2` of `[fd00::2]:80`. */
function hostOf(endpoint: string): string {
  return endpoint.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
