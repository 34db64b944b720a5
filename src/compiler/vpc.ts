// A VPC: its router with everything that hangs in it.
import { sortBy } from '../base/order.ts';
import { routerName } from '../northbound/names.ts';
import type { VpcModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { gatewayRows } from './gateway.ts';
import { ledgerRows } from './ledger.ts';
import { loadBalancerRows } from './load-balancer.ts';
import { natRows } from './nat.ts';
import { rowIds } from './row-ids.ts';
import { policyRouteRows, staticRouteRows } from './routes.ts';
import { sourceRangeRows } from './source-ranges.ts';
import { subnetRows } from './subnet.ts';
import type { UnitContext } from './unit-context.ts';

/** Rows of one VPC, sorted by table and identity. */
export function vpcRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  const loadBalancers = vpc.loadBalancers.map((lb) =>
    unit.uuid('Load_Balancer', rowIds.loadBalancer(lb.source, lb.protocol)),
  );
  const subnets = vpc.subnets.flatMap((subnet) => subnetRows(subnet, vpc.name, loadBalancers, unit));
  const gateway = vpc.gateway === undefined ? [] : gatewayRows(vpc.gateway, vpc.name, unit);
  const router = routerRow(vpc, loadBalancers, [...subnets, ...gateway], unit);
  const rows = [
    router,
    ...subnets,
    ...gateway,
    ...natRows(vpc, unit),
    ...staticRouteRows(vpc, unit),
    ...policyRouteRows(vpc, unit),
    ...vpc.loadBalancers.flatMap((lb) => loadBalancerRows(lb, vpc.name, unit)),
    ...sourceRangeRows(vpc, unit),
    ...ledgerRows(vpc, unit),
  ];
  return sortBy(rows, (row) => `${row.table} ${row.id}`);
}

/**
 * The router is written only together with everything that the same object means (`core`): where a foreign row holds
 * the name of a project's switch, there is no half-built project, but a conflict.
 * Source of the options: ovn-nb(5) Logical_Router:options. Together they keep routers that share a VLAN from learning
 * each other's MACs, which costs N² MAC_Binding rows, and let stale bindings age.
 */
function routerRow(
  vpc: VpcModel,
  loadBalancers: readonly string[],
  core: readonly DesiredRow[],
  unit: UnitContext,
): DesiredRow {
  return unit.row(
    'Logical_Router',
    rowIds.vpcRouter(vpc.name),
    {
      name: routerName(vpc.name),
      options: {
        mac_binding_age_threshold: '300',
        dynamic_neigh_routers: 'true',
        always_learn_from_arp_request: 'false',
      },
      load_balancer: loadBalancers.toSorted(),
    },
    { source: vpc.source, requires: core.filter((row) => row.source === vpc.source).map((row) => row.uuid) },
  );
}
