// Who answers for an address on a segment: what an ARP or neighbour request would find there.
import { parseAddress, sameAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { sourceOf } from '../northbound/ownership.ts';
import type { Junction, Segment, Topology } from './topology.ts';

export interface Neighbour {
  readonly mac: string;
  /** `router shalb-demo`, `floating IP FIp/shalb-demo/web`. */
  readonly what: string;
}

/** Returns undefined when nobody that OVN knows has the address. */
export function neighbourOf(address: Address, segment: Segment, topology: Topology): Neighbour | undefined {
  for (const port of segment.ports) {
    const [mac = '', ...addresses] = (port.type === '' ? (port.addresses[0] ?? '') : '').split(' ');
    if (addresses.some((text) => isAddress(text, address))) return { mac, what: `workload ${port.name}` };
  }
  for (const junction of segment.junctions) {
    const found = routerAnswers(address, junction, segment, topology);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `text` with or without a prefix length: `100.65.0.103/16`. */
function isAddress(text: string, address: Address): boolean {
  const parsed = parseAddress(text.split('/')[0] ?? '');
  return parsed !== undefined && sameAddress(parsed, address);
}

/** A router answers for its own address, and outside for the addresses that it translates. */
function routerAnswers(
  address: Address,
  { router, routerPort }: Junction,
  segment: Segment,
  { rows }: Topology,
): Neighbour | undefined {
  const { mac } = routerPort;
  if (routerPort.networks.some((network) => isAddress(network, address)))
    return { mac, what: `router ${router.name}` };
  if (segment.localnet === undefined) return undefined;
  const nat = rows.some('NAT', router.nat).find((row) => isAddress(row.external_ip, address));
  if (nat !== undefined)
    return {
      mac: nat.external_mac ?? mac,
      what: `${nat.type === 'snat' ? 'SNAT' : 'floating IP'} ${sourceOf(nat) ?? nat.external_ip} of router ${router.name}`,
    };
  const balancer = rows
    .some('Load_Balancer', router.load_balancer)
    .find((row) => Object.keys(row.vips).some((vip) => isAddress(vipAddress(vip), address)));
  return balancer && { mac, what: `load balancer ${sourceOf(balancer) ?? balancer.name}` };
}

/** The address of `192.0.2.1:80` or `[2001:db8::1]:80`. */
export function vipAddress(vip: string): string {
  return vip.slice(0, vip.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}
