// What passes whatever policies say: without it a workload has no address, or not itself.
import { parseAddress } from '../net/address.ts';
import type { Address, Prefix } from '../net/address.ts';
import { addressBits } from '../net/address.ts';
import { ofFamily } from '../net/family-list.ts';
import { and, compare, ethernetSource, formatMatch, predicate, prefixMatch } from '../northbound/match.ts';
import type { Match } from '../northbound/match.ts';
import type { SubnetRange } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { hairpinSources } from './load-balancer.ts';
import { routerMac } from './router-ports.ts';
import { rowIds } from './row-ids.ts';
import { bandColumns } from './rule-band.ts';
import type { UnitContext } from './unit-context.ts';

/** A switch on which policies hold. */
export interface JudgedSwitch {
  readonly switchId: string;
  readonly source: string;
  readonly ranges: readonly SubnetRange[];
  /** Whose the gateway's addresses are: a router of ours, or a physical one. */
  readonly gateway: 'ours' | 'physical';
}

interface Passage {
  readonly what: string;
  readonly direction: 'from-lport' | 'to-lport';
  readonly match: Match;
}

/**
 * ARP is no IP; ND, router advertisements and MLD are let through by northd wherever connections are tracked, and so are
 * its own answers by DHCP and DNS. Every rule allows as much as it must, since it is a gap in every policy:
 *
 * | passage | where to | |
 * |---|---|---|
 * | dhcp4, dhcp6 | out | broadcast or to the gateway; DHCPv6 goes to its group |
 * | names | out | a question to our gateway: who answers there is OVN, or nobody |
 * | hairpin | in | what a workload sends to itself through a load balancer; only OVN makes such packets loop |
 * | gateway | in | what our gateway sends of its own; it drops what others send under its addresses |
 * | offer4, offer6 | in | answers of a physical network's DHCP servers |
 *
 * Sources: ovn-northd(8) ls_in_acl_eval, ls_out_acl_eval; RFC 2131 §4.1; RFC 8415 §7.
 */
export function neededTrafficRows(place: JudgedSwitch, unit: UnitContext): DesiredRow[] {
  return passages(place).map(({ what, direction, match }) =>
    unit.row(
      'ACL',
      rowIds.needed(place.switchId, what),
      {
        ...bandColumns('needed'),
        direction,
        match: formatMatch(match),
        action: 'allow-related',
        // Rules before load balancing are another stage, which cannot overrule those after it.
        ...(direction === 'from-lport' && { options: { 'apply-after-lb': 'true' } }),
      },
      { source: place.source, parents: [unit.place('Logical_Switch', place.switchId, 'acls')] },
    ),
  );
}

function passages({ ranges, gateway }: JudgedSwitch): readonly Passage[] {
  const gateways = ranges.map((range) => range.gateway);
  const narrow = ofFamily(gateways, 4);
  const wide = ofFamily(gateways, 6);
  const isOurs = gateway === 'ours';
  const mac = routerMac(
    ranges.map((range) => ({ address: range.gateway, prefixLength: range.prefix.length })),
  );
  const out = (what: string, match: Match): Passage => ({ what, direction: 'from-lport', match });
  const into = (what: string, match: Match): Passage => ({ what, direction: 'to-lport', match });
  return [
    ...(narrow === undefined ? [] : [out('dhcp4', and([hosts('dst', [broadcast, narrow]), udp(68, 67)]))]),
    ...(wide === undefined ? [] : [out('dhcp6', and([hosts('dst', [dhcpServers]), udp(546, 547)]))]),
    ...(isOurs ? [out('names', and([hosts('dst', gateways), compare('udp.dst', '==', 53)]))] : []),
    into('hairpin', and([hosts('src', hairpinAddresses), predicate('flags.loopback')])),
    ...(isOurs ? [into('gateway', and([ethernetSource([mac]), hosts('src', gateways)]))] : []),
    ...(isOurs || narrow === undefined ? [] : [into('offer4', and([predicate('ip4'), udp(67, 68)]))]),
    ...(isOurs || wide === undefined ? [] : [into('offer6', and([predicate('ip6'), udp(547, 546)]))]),
  ];
}

const udp = (from: number, to: number): Match =>
  and([compare('udp.src', '==', from), compare('udp.dst', '==', to)]);

const hosts = (side: 'src' | 'dst', addresses: readonly Address[]): Match =>
  prefixMatch(
    side,
    addresses.map(({ family, value }): Prefix => ({ family, base: value, length: addressBits(family) })),
  );

const known = (text: string): readonly Address[] => [text].flatMap((each) => parseAddress(each) ?? []);
const broadcast: Address = { family: 4, value: 0xff_ff_ff_ffn };
/** `ff02::1:2`, All_DHCP_Relay_Agents_and_Servers. */
const dhcpServers: Address = { family: 6, value: (0xff02n << 112n) + 0x1_0002n };
const hairpinAddresses = hairpinSources.flatMap(known);
