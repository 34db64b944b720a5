// What OVN tells workloads of a subnet that ask by DHCP.
import { formatAddress } from '../net/address.ts';
import { macFromAddress } from '../net/mac.ts';
import { formatPrefix } from '../net/prefix.ts';
import type { DhcpModel, SubnetModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import type { UnitContext } from './unit-context.ts';

/** One for each switch, by whose id it is known. The reply comes from the router's port, which is not asked. Source: ovn-nb(5) DHCP_Options, "DHCPv4 options". */
export function dhcpRow(
  subnet: Pick<SubnetModel, 'name' | 'source' | 'prefix' | 'gateway'>,
  dhcp: DhcpModel,
  switchId: string,
  unit: UnitContext,
): DesiredRow {
  const gateway = formatAddress(subnet.gateway);
  return unit.row(
    'DHCP_Options',
    switchId,
    {
      cidr: formatPrefix(subnet.prefix),
      options: {
        server_id: gateway,
        server_mac: macFromAddress(subnet.gateway),
        router: gateway,
        lease_time: String(dhcp.leaseSeconds),
        ...(dhcp.mtuBytes !== undefined && { mtu: String(dhcp.mtuBytes) }),
        ...(dhcp.dnsServers.length > 0 && { dns_server: addressList(dhcp) }),
        ...domainOptions(dhcp),
      },
    },
    {
      source: subnet.source,
      requires: [unit.uuid('Logical_Switch', switchId)],
    },
  );
}

/** `192.0.2.1` or `{192.0.2.1, 192.0.2.2}` */
function addressList({ dnsServers }: DhcpModel): string {
  const texts = dnsServers.map(formatAddress);
  return texts.length === 1 ? texts.join('') : `{${texts.join(', ')}}`;
}

/** Strings are written in quotes. */
function domainOptions({ searchDomains }: DhcpModel): Readonly<Record<string, string>> {
  const [first] = searchDomains;
  if (first === undefined) return {};
  return { domain_name: `"${first}"`, domain_search_list: `"${searchDomains.join(',')}"` };
}
