// From the events of a trace to its explanation: path, verdict and notes.
import type { Destination } from './target.ts';
import type { Explanation, PathLine, Verdict } from './explanation.ts';
import { dropReason } from './drop-reason.ts';
import { missingNeighbour } from './missing-neighbour.ts';
import type { TracePacket } from './packet.ts';
import { outputsOf } from './parse-trace.ts';
import type { ParsedTrace } from './parse-trace.ts';
import { gatewayText, pathLines } from './path.ts';
import type { Scene } from './path.ts';
import type { Topology } from './topology.ts';
import { chooserOf, chosenBackends, hairpinSource, walk } from './walk.ts';
import type { Station } from './walk.ts';

export interface TraceResult {
  readonly packet: TracePacket;
  readonly destination: Pick<Destination, 'workload'>;
  readonly parsed: ParsedTrace;
}

/** Explains one trace. */
export function explain(
  { packet, destination, parsed }: TraceResult,
  known: Omit<Scene, 'choose'>,
): Explanation {
  const choose = chooserOf(parsed, known.topology);
  const scene = { ...known, choose };
  const stations = walk(parsed, packet, choose, known.topology);
  const verdict = verdictOf({ packet, destination, parsed }, stations, scene);
  const path = withEntry(pathLines(stations, scene), packet, stations, scene);
  return {
    path,
    verdict,
    notes: [...notesOf(parsed, path, scene), ...hairpinNote(stations, packet, known.topology)],
  };
}

/** A packet from outside comes in where the gateway port is, which the redirect stage does not tell. */
function withEntry(
  path: readonly PathLine[],
  packet: TracePacket,
  stations: readonly Station[],
  scene: Scene,
): readonly PathLine[] {
  if (scene.topology.switchPort(packet.inport)?.port.type !== 'localnet') return path;
  const admitted = stations.find(({ event }) => event.kind === 'step' && event.stage === 'lr_in_admission');
  const match = admitted?.event.kind === 'step' ? admitted.event.match : '';
  const port = /is_chassis_resident\("(cr-[^"]+)"\)/.exec(match)?.[1];
  if (port === undefined) return path;
  return [...path.slice(0, 1), gatewayText(port, scene), ...path.slice(1)];
}

function verdictOf(
  { packet, destination, parsed }: TraceResult,
  stations: readonly Station[],
  scene: Scene,
): Verdict {
  const last = stations.at(-1);
  if (last === undefined) return { kind: 'unknown', text: 'ovn-trace printed no path' };
  const missing = missingNeighbour(stations);
  if (missing !== undefined)
    return {
      kind: 'unknown',
      text: `OVN does not know the MAC of next hop ${missing.address ?? '(address unknown)'} on ${missing.routerPort} yet; on a live network it asks and the packet waits`,
    };
  const outputs = outputsOf(parsed);
  if (outputs.length > 0) return arrived(outputs, destination, stations, scene);
  if (parsed.generated.some((what) => /^(tcp_reset|sctp_abort|icmp[46]|reject)$/.test(what)))
    return { kind: 'refused', text: `${dropReason(stations, packet, scene)}; the sender is told at once` };
  return { kind: 'dropped', text: dropReason(stations, packet, scene) };
}

function arrived(
  outputs: ReturnType<typeof outputsOf>,
  { workload }: TraceResult['destination'],
  stations: readonly Station[],
  { topology }: Scene,
): Verdict {
  const answering = stations.find(({ event }) =>
    event.actions.some((action) => / <-> ip[46]\.src/.test(action)),
  );
  if (answering?.event.kind === 'step')
    return { kind: 'delivered', text: `router ${answering.event.datapath} answers itself` };
  const names = outputs.map(({ port }) => port);
  const last = stations.at(-1);
  const outside = outputs.find(({ type }) => type === 'localnet');
  const text =
    outside === undefined
      ? `reaches ${names.join(', ')}${last?.source === undefined ? '' : `, from ${last.source}`}`
      : `leaves through ${networkOf(outside.port, topology)} as ${last?.source ?? ''}`;
  if (workload === undefined || names.includes(workload)) return { kind: 'delivered', text };
  return { kind: 'astray', text: `${text}, and never reaches ${workload}` };
}

function networkOf(localnet: string, topology: Topology): string {
  const found = topology.switchPort(localnet);
  if (found === undefined) return localnet;
  const { options, tag } = found.port;
  const vlan = tag === undefined ? '' : `VLAN ${tag} on `;
  return `${found.segment.row.name} (${vlan}${options['network_name'] ?? ''})`;
}

/** ovn-trace does not find every hairpin: it depends on the order in which it reads the load balancers. */
function hairpinNote(
  stations: readonly Station[],
  packet: TracePacket,
  topology: Topology,
): readonly string[] {
  const isOwnBackend = stations.some(
    ({ event, destination }) =>
      event.kind === 'step' && event.stage.startsWith('lr_') && destination === packet.source,
  );
  return isOwnBackend && stations.some(({ event }) => chosenBackends(event) !== undefined)
    ? [
        `the client is its own backend: its switch turns the packet round (hairpin) as from ${hairpinSource(packet.destination, topology)}, which ovn-trace has not shown`,
      ]
    : [];
}

function notesOf(parsed: ParsedTrace, path: readonly PathLine[], { topology }: Scene): readonly string[] {
  const unplugged = outputsOf(parsed)
    .map(({ port }) => topology.switchPort(port)?.port)
    .filter((port) => port?.type === '' && port.up !== true)
    .map(
      (port) =>
        `${port?.name} is not plugged in: no node has an interface with external_ids:iface-id=${port?.name}`,
    );
  const homeless = path.some(({ what, text }) => what === 'gateway' && text.includes(' on no chassis'))
    ? [
        'no chassis hosts the gateway port now: nothing passes until ovn-controller runs on one of them and reaches SB',
      ]
    : [];
  return [...unplugged, ...homeless];
}
