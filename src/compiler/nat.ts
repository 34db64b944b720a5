// Address translation on the router: SNAT of subnets and floating IPs.
import { formatAddress } from '../net/address.ts';
import { ofFamily } from '../net/family-list.ts';
import { formatPrefix } from '../net/prefix.ts';
import { workloadPortName } from '../northbound/names.ts';
import type { FloatingIpModel, VpcModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * On the router that faces `network`, for the subnets that leave by it: one per subnet and family. Identity is (type,
 * external_ip, logical_ip), as in ovn-nb(5) NAT.
 */
export function snatRows(
  router: string,
  network: string,
  { subnets }: Pick<VpcModel, 'subnets'>,
  unit: UnitContext,
): DesiredRow[] {
  const parents = [unit.place('Logical_Router', rowIds.router(router), 'nat')];
  return subnets.flatMap(({ ranges, source, egress }) => {
    if (egress?.network !== network) return [];
    return ranges.flatMap(({ prefix }) => {
      const outside = ofFamily(egress.addresses, prefix.family);
      if (outside === undefined) return [];
      const [external, logical] = [formatAddress(outside), formatPrefix(prefix)];
      const id = rowIds.snat(router, external, logical);
      const columns = { type: 'snat', external_ip: external, logical_ip: logical } as const;
      return [unit.row('NAT', id, columns, { source, parents })];
    });
  });
}

/**
 * With `logical_port` and `external_mac` the translation happens on the workload's own node, without them on the
 * gateway chassis. A port that is not up has no node, so the address would answer nowhere.
 */
export function floatingIpRow(fip: FloatingIpModel, router: string, unit: UnitContext): DesiredRow {
  const external = formatAddress(fip.external);
  const logical = formatAddress(fip.internal);
  return unit.row(
    'NAT',
    rowIds.floatingIp(router, external, logical),
    {
      type: 'dnat_and_snat',
      external_ip: external,
      logical_ip: logical,
      logical_port:
        fip.distributed &&
        workloadPortName(fip.distributed.workload.name, fip.distributed.workload.namespace),
      external_mac: fip.distributed?.mac,
    },
    { source: fip.source, parents: [unit.place('Logical_Router', rowIds.router(router), 'nat')] },
  );
}
