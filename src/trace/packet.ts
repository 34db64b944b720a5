// The packet that is traced, and how ovn-trace wants to be told of it.
import type { Family } from '../net/address.ts';

export type TraceProtocol = 'tcp' | 'udp' | 'sctp' | 'icmp';

/** The first packet of a connection. Addresses and MACs in the notation of OVN. */
export interface TracePacket {
  /** Logical_Switch_Port where OVN first sees it. */
  readonly inport: string;
  readonly ethernetSource: string;
  readonly ethernetDestination: string;
  readonly family: Family;
  readonly source: string;
  readonly destination: string;
  readonly protocol: TraceProtocol;
  /** Of the destination; undefined for icmp. */
  readonly port: number | undefined;
}

/** Any port that nobody listens on. */
const clientPort = 40_000;

/** Returns the expression that ovn-trace(8) calls microflow. */
export function microflow(packet: TracePacket): string {
  const ip = `ip${packet.family}`;
  return [
    `inport == ${JSON.stringify(packet.inport)}`,
    `eth.src == ${packet.ethernetSource}`,
    `eth.dst == ${packet.ethernetDestination}`,
    `${ip}.src == ${packet.source}`,
    `${ip}.dst == ${packet.destination}`,
    'ip.ttl == 64',
    ...transport(packet),
  ].join(' && ');
}

function transport({ protocol, family, port }: TracePacket): readonly string[] {
  // ICMP echo request: RFC 792, RFC 4443.
  if (protocol === 'icmp')
    return family === 4
      ? ['icmp4', 'icmp4.type == 8', 'icmp4.code == 0']
      : ['icmp6', 'icmp6.type == 128', 'icmp6.code == 0'];
  return [protocol, `${protocol}.src == ${clientPort}`, `${protocol}.dst == ${port ?? 0}`];
}

/** `tcp 10.0.10.2:40000 → 8.8.8.8:80`, `ping 10.0.10.2 → 8.8.8.8`. */
export function packetText({ protocol, family, source, destination, port }: TracePacket): string {
  if (protocol === 'icmp') return `ping ${source} → ${destination}`;
  const host = (address: string): string => (family === 6 ? `[${address}]` : address);
  return `${protocol} ${host(source)}:${clientPort} → ${host(destination)}:${port ?? ''}`;
}
