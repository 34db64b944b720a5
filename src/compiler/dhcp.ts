// What OVN tells workloads of a subnet by DHCP, by DHCPv6 and by router advertisements.
import { formatAddress } from '../net/address.ts';
import type { Address, Family } from '../net/address.ts';
import { macFromAddress } from '../net/mac.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { DhcpModel, SubnetModel, SubnetRange } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

type Texts = Readonly<Record<string, string>>;

/**
 * One per family, known by the id of the switch. Replies come from the gateway, which is not asked. Source: ovn-nb(5)
 * DHCP_Options.
 */
export function dhcpRows(
  { dhcp, ranges, source }: Pick<SubnetModel, 'dhcp' | 'ranges' | 'source'>,
  switchId: string,
  unit: UnitContext,
): ReadonlyMap<Family, DesiredRow> {
  if (dhcp === undefined) return new Map();
  const requires = [unit.uuid('Logical_Switch', switchId)];
  const rows = ranges.map((range) => {
    const { family } = range.prefix;
    const options = family === 4 ? dhcpv4Options(range, dhcp) : dhcpv6Options(range, dhcp);
    const columns = { cidr: formatPrefix(range.prefix), options };
    return [
      family,
      unit.row('DHCP_Options', rowIds.dhcp(switchId, family), columns, { source, requires }),
    ] as const;
  });
  return new Map(rows);
}

/** Source: ovn-nb(5) DHCP_Options, "DHCPv4 options". */
function dhcpv4Options({ gateway }: SubnetRange, dhcp: DhcpModel): Texts {
  const address = formatAddress(gateway);
  return {
    server_id: address,
    server_mac: macFromAddress(gateway),
    router: address,
    lease_time: String(dhcp.leaseSeconds),
    ...mtuOption(dhcp),
    ...serverOption(dhcp, 4),
    ...domainOptions(dhcp),
  };
}

/**
 * The address alone: DHCPv6 knows no router, that is in the advertisements (RFC 8415), and so is the search list, which
 * OVN would write without the lengths of its labels (RFC 3646 §4). Source: ovn-nb(5) DHCP_Options, "DHCPv6 options".
 */
function dhcpv6Options({ gateway }: SubnetRange, dhcp: DhcpModel): Texts {
  return { server_id: macFromAddress(gateway), ...serverOption(dhcp, 6) };
}

const mtuOption = ({ mtuBytes }: DhcpModel): Texts =>
  mtuBytes === undefined ? {} : { mtu: String(mtuBytes) };

/** `192.0.2.1` or `{192.0.2.1, 192.0.2.2}` */
function serverOption(dhcp: DhcpModel, family: Family): Texts {
  const texts = serversOf(dhcp, family).map(formatAddress);
  if (texts.length === 0) return {};
  return { dns_server: texts.length === 1 ? texts.join('') : `{${texts.join(', ')}}` };
}

const serversOf = ({ dnsServers }: DhcpModel, family: Family): readonly Address[] =>
  dnsServers.filter((server) => server.family === family);

/** Strings are written in quotes. */
function domainOptions({ searchDomains }: DhcpModel): Texts {
  const [first] = searchDomains;
  if (first === undefined) return {};
  return { domain_name: `"${first}"`, domain_search_list: `"${searchDomains.join(',')}"` };
}

/** Seconds between two advertisements that nobody asked for (RFC 4861 §6.2.1); the lifetimes are three times as long. */
const interval = { shortest: 60, longest: 200 };

/**
 * The default route, the MTU and the resolver; addresses come by DHCPv6, since a workload may have no other than its own.
 * Undefined: nothing is advertised. Source: ovn-nb(5) Logical_Router_Port:ipv6_ra_configs.
 */
export function routerAdvertisements({ dhcp, ranges }: SubnetModel): Texts | undefined {
  if (dhcp === undefined || ranges.every(({ prefix }) => prefix.family === 4)) return undefined;
  const [resolver] = serversOf(dhcp, 6);
  return {
    address_mode: 'dhcpv6_stateful',
    send_periodic: 'true',
    min_interval: String(interval.shortest),
    max_interval: String(interval.longest),
    ...mtuOption(dhcp),
    // OVN announces one.
    ...(resolver !== undefined && { rdnss: formatAddress(resolver) }),
    ...(dhcp.searchDomains.length > 0 && { dnssl: dhcp.searchDomains.join(',') }),
  };
}
