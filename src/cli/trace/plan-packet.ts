// From the arguments of `trace` to the packet that is traced.
import { CodedError } from '../../base/errors.ts';
import type { Address, Family } from '../../net/address.ts';
import { families } from '../../net/family-list.ts';
import { workloadPortName } from '../../northbound/names.ts';
import { type Ends, fromOutside, fromWorkload } from '../../trace/origin.ts';
import type { TracePacket, TraceProtocol } from '../../trace/packet.ts';
import { isMissing, parseTarget, portAddress, resolveTarget } from '../../trace/target.ts';
import type { Destination, Resolved, TraceTarget } from '../../trace/target.ts';
import type { Topology } from '../../trace/topology.ts';

/** The flags that say what is sent. */
export interface PacketFlags {
  readonly udp: boolean;
  readonly icmp: boolean;
  readonly fromOutside?: string;
  readonly source?: Address;
  readonly sourceMac?: string;
  readonly via?: Address;
}

export interface TraceEnds {
  /** Undefined: from outside. */
  readonly workload: { readonly namespace: string; readonly name: string } | undefined;
  readonly target: TraceTarget;
}

/** @throws CLI_USAGE */
export function endsOf(
  from: string,
  to: string | undefined,
  { fromOutside: network, via }: PacketFlags,
): TraceEnds {
  if (network !== undefined && to !== undefined)
    throw usage('with --from-outside there is one argument, the target');
  if (network === undefined && to === undefined)
    throw usage('a target is missing: trace NAMESPACE/POD TARGET, or trace TARGET --from-outside NETWORK');
  if (network === undefined && via !== undefined) throw usage('--via goes with --from-outside only');
  const target = parseTarget(to ?? from);
  if (target === undefined)
    throw usage(
      `${to ?? from} is no target: write ADDRESS[:PORT], NAMESPACE/POD[:PORT] or Service/NAMESPACE/NAME[:PORT]`,
    );
  if (network !== undefined) return { workload: undefined, target };
  const [, namespace = '', name = ''] = /^([^/:]+)\/([^/:]+)$/.exec(from) ?? [];
  if (name === '') throw usage(`${from} is no workload: write NAMESPACE/POD`);
  return { workload: { namespace, name }, target };
}

const usage = (message: string): CodedError => new CodedError('CLI_USAGE', message, { retryable: false });

export interface Planned {
  readonly packet: TracePacket;
  readonly destination: Destination;
}

/** @throws CLI_USAGE */
export function planPacket(
  { workload, target }: TraceEnds,
  flags: PacketFlags,
  topology: Topology,
): Resolved<Planned> {
  const wanted = flags.udp ? 'udp' : undefined;
  const family = familyOf(workload, flags, topology, (each) => resolveTarget(target, topology, each, wanted));
  const destination = resolveTarget(target, topology, family, wanted);
  if (isMissing(destination)) return destination;
  const transport = transportOf(destination, flags);
  const ends: Resolved<Ends> =
    workload === undefined
      ? fromOutside(flags.fromOutside ?? '', destination.address, topology, flags)
      : fromWorkload(workload, destination.address, topology, flags);
  return isMissing(ends) ? ends : { packet: { ...ends, ...transport }, destination };
}

/** The first family, IPv4 before IPv6, that the sender and the target have; of the sender, where that is none. */
function familyOf(
  workload: TraceEnds['workload'],
  { source }: PacketFlags,
  topology: Topology,
  resolve: (family: Family) => Resolved<Destination>,
): Family {
  if (source !== undefined) return source.family;
  const port = workload && topology.switchPort(workloadPortName(workload.name, workload.namespace))?.port;
  const own = families.filter((each) => port === undefined || portAddress(port, each) !== undefined);
  return own.find((each) => !isMissing(resolve(each))) ?? own[0] ?? 4;
}

function transportOf(
  { port, protocol }: Destination,
  { udp, icmp }: PacketFlags,
): { readonly protocol: TraceProtocol; readonly port: number | undefined } {
  if (udp && port === undefined) throw usage('--udp wants a port: TARGET:PORT');
  if (icmp || port === undefined) return { protocol: 'icmp', port: undefined };
  return { protocol: udp ? 'udp' : (protocol ?? 'tcp'), port };
}
