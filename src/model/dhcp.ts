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
  return {
    leaseSeconds: config.dhcp.leaseSeconds,
    mtuBytes: config.mtu,
    // The gateway would not do for want of another one: it says nothing to a question that OVN cannot answer.
    dnsServers: servers.flatMap((text) => parseAddress(text) ?? []),
    searchDomains:
      namespace === undefined || !responder
        ? []
        : [serviceDomain(namespace, domain), machineDomain(namespace, domain), `svc.${domain}`],
  };
}
