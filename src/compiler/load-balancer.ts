// Service load balancers: one row per Service and protocol.
import { formatAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { loadBalancerName } from '../northbound/names.ts';
import type { LoadBalancerModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * Source address that a workload sees when it reaches itself through a VIP: link-local, in no tenant's range, so that
 * a policy can name it. Without it OVN uses the VIP.
 */
const hairpinSnatIp = '169.254.169.5 fd69::5';

/** Source: ovn-nb(5) Load_Balancer:options. */
export function loadBalancerRows(lb: LoadBalancerModel, router: string, unit: UnitContext): DesiredRow[] {
  const vips = lb.vips.map((vip): [string, string] => [
    endpoint(vip.address, vip.port),
    vip.backends.map((backend) => endpoint(backend.address, backend.port)).join(','),
  ]);
  return [
    unit.row(
      'Load_Balancer',
      rowIds.loadBalancer(lb.source, lb.protocol),
      {
        name: loadBalancerName(lb.service.namespace, lb.service.name, lb.protocol),
        protocol: lb.protocol,
        vips: Object.fromEntries(vips),
        options: {
          reject: 'true',
          hairpin_snat_ip: hairpinSnatIp,
          ...(lb.affinityTimeoutSeconds !== undefined && {
            affinity_timeout: String(lb.affinityTimeoutSeconds),
          }),
          // For TCP it would cut live connections whenever a backend leaves.
          ...(lb.protocol === 'udp' && { ct_flush: 'true' }),
        },
      },
      { source: lb.source, requires: [unit.uuid('Logical_Router', rowIds.router(router))] },
    ),
  ];
}

/** `192.0.2.1:80` or `[2001:db8::1]:80`. */
function endpoint(address: Address, port: number): string {
  const text = formatAddress(address);
  return address.family === 4 ? `${text}:${port}` : `[${text}]:${port}`;
}
