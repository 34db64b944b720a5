// What workloads of a subnet are told when they ask by DHCP.
import { parseAddress } from '../net/address.ts';
import { machineDomain, serviceDomain } from './names.ts';
import type { DhcpModel } from './network-model.ts';
import type { UnitRun } from './unit-run.ts';
import type { RootSubnet } from './vpc-root.ts';

/** `namespace` undefined: the VPC has no names of its own. Undefined: nobody is told anything. */
export function subnetDhcp(
  { dhcp, gateway }: RootSubnet,
  namespace: string | undefined,
  run: UnitRun,
): DhcpModel | undefined {
  if (!dhcp || gateway.family !== 4) return undefined;
  const { config } = run.context;
  const { domain, servers, responder } = config.dns;
  const dnsServers = servers.flatMap((text) => parseAddress(text) ?? []);
  const base = { leaseSeconds: config.dhcp.leaseSeconds, mtuBytes: config.mtu };
  if (namespace === undefined || !responder) return { ...base, dnsServers, searchDomains: [] };
  return {
    ...base,
    // Questions are answered on their way, so any address does; the router refuses at once what is not answered.
    dnsServers: dnsServers.length > 0 ? dnsServers : [gateway],
    searchDomains: [serviceDomain(namespace, domain), machineDomain(namespace, domain), `svc.${domain}`],
  };
}
