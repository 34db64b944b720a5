// What workloads of a subnet are told by DHCP and router advertisements.
import { parseAddress } from '../net/address.ts';
import { machineDomain, serviceDomain } from './names.ts';
import type { DhcpModel } from './network-model.ts';
import type { UnitRun } from './unit-run.ts';
import type { RootSubnet } from './vpc-root.ts';

/**
 * `namespaces`: those in the VPC. Only where there is one, a name without a dot is looked up in it first: a reply is for
 * all workloads of the subnet. Undefined: nobody is told anything.
 */
export function subnetDhcp(
  { dhcp }: RootSubnet,
  namespaces: readonly string[],
  run: UnitRun,
): DhcpModel | undefined {
  if (!dhcp) return undefined;
  const { config } = run.context;
  const { domain, servers, responder } = config.dns;
  return {
    leaseSeconds: config.dhcp.leaseSeconds,
    mtuBytes: config.mtu,
    // The gateway would not do for want of another one: it says nothing to a question that OVN cannot answer.
    dnsServers: servers.flatMap((text) => parseAddress(text) ?? []),
    searchDomains: responder ? searchDomains(namespaces, domain) : [],
  };
}

function searchDomains([namespace, ...others]: readonly string[], domain: string): readonly string[] {
  if (namespace === undefined) return [];
  if (others.length > 0) return [`svc.${domain}`];
  return [serviceDomain(namespace, domain), machineDomain(namespace, domain), `svc.${domain}`];
}
