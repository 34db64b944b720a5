// A VPC: its routers with everything that hangs in them.
import { sortBy } from '../base/order.ts';
import type { LoadBalancerModel, SubnetModel, VpcModel } from '../model/network-model.ts';
import { hasPolicies } from '../model/policy-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { edgeRows } from './edge.ts';
import { gatewayRows } from './gateway.ts';
import { isolationRows } from './isolation.ts';
import { ledgerRows } from './ledger.ts';
import { clusterIpRows, loadBalancerRows } from './load-balancer.ts';
import { nameRows } from './names.ts';
import { neighbourRows } from './neighbours.ts';
import { floatingIpRow, snatRows } from './nat.ts';
import { neededTrafficRows } from './needed-traffic.ts';
import { peeringRows } from './peerings.ts';
import { policyRows } from './policies.ts';
import { routerRow } from './router.ts';
import { rowIds } from './row-ids.ts';
import { nextHopRows, policyRouteRows, staticRouteRows } from './routes.ts';
import { sourceRangeRows } from './source-ranges.ts';
import { steeringRows } from './steering.ts';
import { subnetRuleRows } from './subnet-rules.ts';
import { subnetRows } from './subnet.ts';
import type { UnitContext } from './unit-context.ts';

/** Rows of one VPC, sorted by table and identity. */
export function vpcRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  const own = loadBalancerUuids(vpc.loadBalancers, unit);
  const all = [...own, ...vpc.edges.flatMap((edge) => loadBalancerUuids(edge.loadBalancers, unit))];
  const inside = clusterIpRows(vpc, unit);
  const names = nameRows(vpc, unit);
  const services = {
    loadBalancers: all,
    loadBalancerGroups: inside.group === undefined ? [] : [inside.group],
    names: names.map((row) => row.uuid),
  };
  const subnets = vpc.subnets.flatMap((subnet) => subnetRows(subnet, vpc.name, services, unit));
  const gateway = vpc.gateway === undefined ? [] : gatewayRows(vpc.gateway, vpc.name, unit);
  const rows = [
    routerRow(vpc.name, vpc.source, own, [...subnets, ...gateway], unit),
    ...subnets,
    ...names,
    ...inside.rows,
    ...gateway,
    ...(vpc.gateway === undefined ? [] : snatRows(vpc.name, vpc.gateway.network, vpc, unit)),
    ...vpc.floatingIps.map((fip) => floatingIpRow(fip, vpc.name, unit)),
    ...staticRouteRows(vpc, unit),
    ...policyRouteRows(vpc, unit),
    ...nextHopRows(vpc, unit),
    ...peeringRows(vpc, unit),
    ...vpc.loadBalancers.flatMap((lb) => loadBalancerRows(lb, vpc.name, unit)),
    ...(vpc.gateway === undefined ? [] : sourceRangeRows(vpc.loadBalancers, vpc.gateway.network, unit)),
    ...vpc.edges.flatMap((edge) => edgeRows(edge, vpc, loadBalancerUuids(edge.loadBalancers, unit), unit)),
    ...steeringRows(vpc, unit),
    ...policyRows(vpc, unit),
    ...vpc.subnets.flatMap((subnet) => [
      ...(isJudged(vpc, subnet) ? passages(subnet, unit) : []),
      ...subnetRuleRows({ ...subnet, switchId: rowIds.subnetSwitch(subnet.name), edges: vpc.edges }, unit),
    ]),
    ...isolationRows(vpc, unit),
    ...neighbourRows(vpc, unit),
    ...ledgerRows(vpc, unit),
  ];
  return sortBy(rows, (row) => `${row.table} ${row.id}`);
}

/** Rules that could keep from a workload what it needs. */
const isJudged = ({ policies }: VpcModel, { rules }: SubnetModel): boolean =>
  hasPolicies(policies) || rules.length > 0;

const passages = ({ name, source, ranges }: SubnetModel, unit: UnitContext): DesiredRow[] =>
  neededTrafficRows({ switchId: rowIds.subnetSwitch(name), source, ranges, gateway: 'ours' }, unit);

function loadBalancerUuids(balancers: readonly LoadBalancerModel[], unit: UnitContext): string[] {
  return balancers.map((lb) => unit.uuid('Load_Balancer', rowIds.loadBalancer(lb.source, lb.protocol)));
}
