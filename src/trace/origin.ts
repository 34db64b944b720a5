// Where a traced packet comes from: a workload of ours, or a host on an external network.
import { formatAddress, parseAddress, sameAddress } from '../net/address.ts';
import type { Address, Family } from '../net/address.ts';
import { hostBits, parsePrefix, prefixContains } from '../net/prefix.ts';
import { workloadPortName } from '../northbound/names.ts';
import { neighbourOf } from './neighbours.ts';
import type { TracePacket } from './packet.ts';
import { isMissing, noWorkload, portAddress } from './target.ts';
import type { Resolved } from './target.ts';
import { defaultJunction } from './topology.ts';
import type { Segment, Topology } from './topology.ts';

/** What may be made up about the sender. */
export interface Pretence {
  readonly source?: Address | undefined;
  readonly sourceMac?: string | undefined;
}

/** The ends of a packet below the transport layer. */
export type Ends = Omit<TracePacket, 'protocol' | 'port'>;

/** Locally administered: no workload and no router of ours has them. */
export const hostMac = '02:00:00:00:00:01';
const strangerMac = '02:00:00:00:00:02';

/** Reserved for documentation (RFC 5737, RFC 3849): nobody of ours has them. */
const outsiders: Readonly<Record<Family, string>> = { 4: '203.0.113.9', 6: '2001:db8::9' };

/** A packet from workload `pod`: to a neighbour of its subnet directly, else to its router. */
export function fromWorkload(
  workload: { readonly namespace: string; readonly name: string },
  destination: Address,
  topology: Topology,
  { source, sourceMac }: Pretence,
): Resolved<Ends> {
  const inport = workloadPortName(workload.name, workload.namespace);
  const found = topology.switchPort(inport);
  if (found === undefined) return { missing: noWorkload(inport) };
  const own = portAddress(found.port, destination.family);
  const from = source ?? own;
  if (from === undefined) return { missing: `${inport} has no IPv${destination.family} address` };
  if (own !== undefined && sameAddress(own, destination))
    return {
      missing: `${formatAddress(own)} is the address of ${inport} itself: the packet never leaves it`,
      silent: true,
    };
  const mac = nextHopMac(destination, found.segment, topology);
  if (isMissing(mac)) return mac;
  return {
    inport,
    ethernetSource: sourceMac ?? (found.port.addresses[0] ?? '').split(' ')[0] ?? '',
    ethernetDestination: mac.mac,
    family: destination.family,
    source: formatAddress(from),
    destination: formatAddress(destination),
  };
}

/** The MAC that a host of the segment sends to, or that nobody answers. */
function nextHopMac(
  destination: Address,
  segment: Segment,
  topology: Topology,
): Resolved<{ readonly mac: string }> {
  const router = defaultJunction(segment)?.routerPort;
  const isHere = (router?.networks ?? []).some((text) => {
    const prefix = parsePrefix(text) ?? hostBits(text);
    return prefix !== undefined && prefixContains(prefix, destination);
  });
  if (!isHere && router !== undefined) return router;
  const neighbour = neighbourOf(destination, segment, topology);
  if (neighbour !== undefined) return neighbour;
  if (segment.localnet !== undefined) return { mac: strangerMac };
  return {
    missing: `nobody on switch ${segment.row.name} has ${formatAddress(destination)}: who asks for it gets no answer`,
    silent: true,
  };
}

/**
 * A packet from a host on external network `network`. `via`: the address that it takes for its next hop; without it the
 * destination itself.
 */
export function fromOutside(
  network: string,
  destination: Address,
  topology: Topology,
  { source, sourceMac, via }: Pretence & { readonly via?: Address | undefined },
): Resolved<Ends> {
  const segment = topology.segment(network);
  if (segment?.localnet === undefined) {
    const known = topology.segments.filter((each) => each.localnet !== undefined).map(({ row }) => row.name);
    return {
      missing: `no external network is named ${network}; there ${known.length === 1 ? 'is' : 'are'} ${known.toSorted().join(', ') || 'none'}`,
    };
  }
  const next = via ?? destination;
  const neighbour = neighbourOf(next, segment, topology);
  if (neighbour === undefined)
    return {
      missing: `nobody on ${network} answers for ${formatAddress(next)}: the packet is never sent`,
      silent: true,
    };
  const from = source ?? parseAddress(outsiders[destination.family]);
  return {
    inport: segment.localnet.name,
    ethernetSource: sourceMac ?? hostMac,
    ethernetDestination: neighbour.mac,
    family: destination.family,
    source: from === undefined ? outsiders[destination.family] : formatAddress(from),
    destination: formatAddress(destination),
  };
}
