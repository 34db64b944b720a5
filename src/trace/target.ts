// What a trace is sent to: an address, a workload or a Service, as written on the command line and as found in NB.
import { parseAddress } from '../net/address.ts';
import type { Address, Family } from '../net/address.ts';
import { sourceOf } from '../northbound/ownership.ts';
import { loadBalancerName, workloadPortName } from '../northbound/names.ts';
import { vipAddress } from './neighbours.ts';
import type { TraceProtocol } from './packet.ts';
import type { TypedRow } from './rows.ts';
import type { Topology } from './topology.ts';

export type TraceTarget =
  | { readonly kind: 'address'; readonly address: Address; readonly port: number | undefined }
  | {
      readonly kind: 'workload' | 'service';
      readonly namespace: string;
      readonly name: string;
      readonly port: number | undefined;
    };

/**
 * Reads `8.8.8.8:53`, `2001:db8::1`, `[2001:db8::1]:80`, `shalb-demo/nginx-0:80` or `Service/shalb-demo/nginx:80`;
 * undefined for anything else.
 */
export function parseTarget(text: string): TraceTarget | undefined {
  const whole = parseAddress(text);
  if (whole !== undefined) return { kind: 'address', address: whole, port: undefined };
  const [, head = '', digits] = /^(.*?)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const address = parseAddress(head.replace(/^\[(.*)\]$/, '$1'));
  if (address !== undefined) return { kind: 'address', address, port };
  const [, service, namespace = '', name = ''] = /^(Service\/)?([^/:]+)\/([^/:]+)$/.exec(head) ?? [];
  if (name === '') return undefined;
  return { kind: service === undefined ? 'workload' : 'service', namespace, name, port };
}

/** What a target comes to. */
export interface Destination {
  readonly address: Address;
  readonly port: number | undefined;
  /** The workload port that must get the packet, when one was named. */
  readonly workload: string | undefined;
  /** The load balancer that was named has this protocol. */
  readonly protocol: TraceProtocol | undefined;
}

/**
 * Why there is no packet to trace, as a sentence for people. `silent`: because nobody would answer, which is a verdict
 * as good as any; else because what was named is not there.
 */
export interface Missing {
  readonly missing: string;
  readonly silent?: boolean;
}

export type Resolved<T> = T | Missing;

export function isMissing(value: object): value is Missing {
  return 'missing' in value;
}

/** `family` is that of the client, where the target has both; `protocol` undefined: whatever the Service has. */
export function resolveTarget(
  target: TraceTarget,
  topology: Topology,
  family: Family,
  protocol: TraceProtocol | undefined,
): Resolved<Destination> {
  if (target.kind === 'address')
    return { address: target.address, port: target.port, workload: undefined, protocol: undefined };
  return target.kind === 'workload'
    ? resolveWorkload(target, topology, family)
    : resolveService(target, topology, family, protocol);
}

type Named = Exclude<TraceTarget, { kind: 'address' }>;

function resolveWorkload(target: Named, topology: Topology, family: Family): Resolved<Destination> {
  const name = workloadPortName(target.name, target.namespace);
  const port = topology.switchPort(name)?.port;
  if (port === undefined) return { missing: noWorkload(name) };
  const address = portAddress(port, family);
  if (address === undefined) return { missing: `${name} has no IPv${family} address` };
  return { address, port: target.port, workload: name, protocol: undefined };
}

export const noWorkload = (name: string): string =>
  `there is no port ${name} in NB; see all with: ovn-projector show`;

/** The address of that family in `0a:58:0a:00:0a:02 10.0.10.2 fd00:10::2`. */
export function portAddress(port: TypedRow<'Logical_Switch_Port'>, family: Family): Address | undefined {
  const texts = (port.addresses[0] ?? '').split(' ').slice(1);
  return texts.map((text) => parseAddress(text)).find((address) => address?.family === family);
}

function resolveService(
  target: Named,
  { rows }: Topology,
  family: Family,
  protocol: TraceProtocol | undefined,
): Resolved<Destination> {
  const { namespace, name, port } = target;
  const source = `Service/${namespace}/${name}`;
  const balancers = rows
    .all('Load_Balancer')
    .filter((row) => sourceOf(row) === source && (protocol === undefined || protocolOf(row) === protocol))
    .toSorted((a, b) => rank(a, namespace, name) - rank(b, namespace, name) || (a.name < b.name ? -1 : 1));
  for (const row of balancers)
    for (const vip of Object.keys(row.vips).toSorted(byNumber)) {
      const address = parseAddress(vipAddress(vip));
      const vipPort = Number(vip.slice(vip.lastIndexOf(':') + 1));
      if (address?.family === family && (port === undefined || port === vipPort))
        return { address, port: vipPort, workload: undefined, protocol: protocolOf(row) };
    }
  const vips = balancers.flatMap((row) => Object.keys(row.vips));
  const known = vips.length === 0 ? 'has no load balancer in NB' : `answers on ${vips.join(', ')} only`;
  return { missing: `${source} ${known}; what is wrong with it says: ovn-projector plan` };
}

const byNumber = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** What faces the outside goes before the Service's ClusterIP. */
function rank(row: TypedRow<'Load_Balancer'>, namespace: string, name: string): number {
  return row.name === loadBalancerName(namespace, name, protocolOf(row)) ? 0 : 1;
}

const protocolOf = (row: TypedRow<'Load_Balancer'>): 'tcp' | 'udp' | 'sctp' => row.protocol ?? 'tcp';
