// Service load balancers: one row per Service and protocol, for addresses outside and for ClusterIPs.
import { formatAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { clusterIpLoadBalancerName, loadBalancerGroupName, loadBalancerName } from '../northbound/names.ts';
import type { LoadBalancerModel, VpcModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * Source address that a workload sees when it reaches itself through a VIP: link-local, in no tenant's range, so that
 * a policy can name it. Without it OVN uses the VIP.
 */
export const hairpinSources = ['169.254.169.5', 'fd69::5'];

export function loadBalancerRows(lb: LoadBalancerModel, router: string, unit: UnitContext): DesiredRow[] {
  const { namespace, name } = lb.service;
  const id = rowIds.loadBalancer(lb.source, lb.protocol);
  return [balancerRow(id, loadBalancerName(namespace, name, lb.protocol), lb, router, unit)];
}

/**
 * Load balancers of ClusterIPs, and the group through which every switch of the VPC has them. On no router: nobody
 * outside reaches a ClusterIP. The group is there without any, too: else that of the last one, whose Service got a
 * mistake, would go. `group` is the uuid that the switches refer to.
 */
export function clusterIpRows(
  vpc: VpcModel,
  unit: UnitContext,
): { readonly rows: readonly DesiredRow[]; readonly group: string | undefined } {
  if (vpc.clusterIps === undefined) return { rows: [], group: undefined };
  const balancers = vpc.clusterIps.map((lb) => {
    const { namespace, name } = lb.service;
    const id = rowIds.clusterIp(lb.source, lb.protocol);
    return balancerRow(id, clusterIpLoadBalancerName(namespace, name, lb.protocol), lb, vpc.name, unit);
  });
  const name = loadBalancerGroupName(vpc.unit, 'clusterip');
  const group = unit.row(
    'Load_Balancer_Group',
    name,
    { name, load_balancer: balancers.map(({ uuid }) => uuid).toSorted() },
    { source: vpc.source, requires: [unit.uuid('Logical_Router', rowIds.router(vpc.name))] },
  );
  return { rows: [group, ...balancers], group: group.uuid };
}

/** Source: ovn-nb(5) Load_Balancer:options. */
function balancerRow(
  id: string,
  name: string,
  lb: LoadBalancerModel,
  router: string,
  unit: UnitContext,
): DesiredRow {
  const vips = lb.vips.map((vip): [string, string] => [
    endpoint(vip.address, vip.port),
    vip.backends.map((backend) => endpoint(backend.address, backend.port)).join(','),
  ]);
  return unit.row(
    'Load_Balancer',
    id,
    {
      name,
      protocol: lb.protocol,
      vips: Object.fromEntries(vips),
      options: {
        reject: 'true',
        hairpin_snat_ip: hairpinSources.join(' '),
        ...(lb.affinityTimeoutSeconds !== undefined && {
          affinity_timeout: String(lb.affinityTimeoutSeconds),
        }),
        // For TCP it would cut live connections whenever a backend leaves.
        ...(lb.protocol === 'udp' && { ct_flush: 'true' }),
      },
    },
    { source: lb.source, requires: [unit.uuid('Logical_Router', rowIds.router(router))] },
  );
}

/** `192.0.2.1:80` or `[2001:db8::1]:80`. */
function endpoint(address: Address, port: number): string {
  const text = formatAddress(address);
  return address.family === 4 ? `${text}:${port}` : `[${text}]:${port}`;
}
