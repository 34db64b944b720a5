// An edge: the extra router of a VPC for an external network that is not its default one.
import { edgeRouterName } from '../northbound/names.ts';
import type { EdgeModel, VpcModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { gatewayRows } from './gateway.ts';
import { loadBalancerRows } from './load-balancer.ts';
import { floatingIpRow, snatRows } from './nat.ts';
import { attachmentRows } from './router-ports.ts';
import { routerRow } from './router.ts';
import { sourceRangeRows } from './source-ranges.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * It stands on the VPC's switches beside the VPC's own router, which sends it what must leave here (`steering.ts`).
 * New connections leave by it where they are of a floating IP there, or of a subnet that leaves by this network.
 */
export function edgeRows(
  edge: EdgeModel,
  vpc: VpcModel,
  loadBalancers: readonly string[],
  unit: UnitContext,
): DesiredRow[] {
  const { source } = vpc;
  const { network } = edge.gateway;
  const router = edgeRouterName(vpc.name, network);
  const ports = edge.ports.flatMap((port) => attachmentRows({ ...port, router, source }, unit));
  const gateway = gatewayRows(edge.gateway, router, unit);
  return [
    routerRow(router, source, loadBalancers, [...ports, ...gateway], unit),
    ...ports,
    ...gateway,
    ...snatRows(router, network, vpc, unit),
    ...edge.floatingIps.map((fip) => floatingIpRow(fip, router, unit)),
    ...edge.loadBalancers.flatMap((lb) => loadBalancerRows(lb, router, unit)),
    ...sourceRangeRows(edge.loadBalancers, network, unit),
  ];
}
