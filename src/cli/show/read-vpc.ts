// Reads one VPC back from its rows.
import { sortBy } from '../../base/order.ts';
import type { LedgerKind } from '../../northbound/ledger.ts';
import { ownerOf, sourceOf, unitOf } from '../../northbound/ownership.ts';
import {
  type Attachment,
  type Attachments,
  isExternal,
  narrowFirst,
  portAddresses,
  portRange,
} from './attachments.ts';
import type { OwnedRows, TypedRow } from './owned-rows.ts';
import { unitName } from './owned-rows.ts';
import { readWorkloads, workloadPorts } from './read-workloads.ts';
import type { FloatingIpView, GatewayView, LoadBalancerView, SubnetView, VpcView } from './network-view.ts';

type Router = TypedRow<'Logical_Router'>;

/** One line of the ledger: who holds which address or block. */
export interface LedgerLine {
  readonly kind: LedgerKind;
  readonly holder: string;
  readonly value: string;
}

/** What else is a unit's. */
export interface UnitRows {
  /** What the database says the unit holds. */
  readonly ledger: readonly LedgerLine[];
  readonly balancers: readonly TypedRow<'Load_Balancer'>[];
}

/** Reads one VPC. `edges`: its further routers. */
export function readVpc(
  router: Router,
  edges: readonly Router[],
  rows: OwnedRows,
  attachments: Attachments,
  { ledger, balancers }: UnitRows,
): VpcView {
  const joined = attachments.get(router._uuid) ?? [];
  const subnets = joined.filter((attachment) => !isExternal(attachment.switch));
  const gatewayOf = (of: Router): GatewayView[] => {
    const outside = attachments.get(of._uuid)?.find((attachment) => isExternal(attachment.switch));
    return outside === undefined ? [] : [readGateway(outside, of, rows)];
  };
  const routers = [router, ...edges];
  const nats = routers.flatMap((each) => rows.some('NAT', each.nat));
  const view = {
    gateway: gatewayOf(router)[0],
    furtherGateways: sortBy(edges.flatMap(gatewayOf), ({ network }) => network),
    snat: readSnat(nats),
    floatingIps: readFloatingIps(nats),
    loadBalancers: sortBy(
      routers.flatMap((each) => balancersOf(each, rows).map(readLoadBalancer)),
      (lb) => lb.name,
    ),
  };
  return {
    name: router.name,
    source: sourceOf(router) ?? unitName(unitOf(router)),
    owner: ownerOf(router) ?? '',
    ...view,
    clusterIps: readClusterIps(routers, balancers),
    subnets: sortBy(
      subnets.map((attachment) => readSubnet(attachment, rows)),
      (subnet) => subnet.name,
    ),
    workloads: sortBy(
      subnets.flatMap(({ switch: row }) => readWorkloads(row, rows)),
      (port) => port.name,
    ),
    eips: readEips(ledger, usedAddresses(view)),
    routes: [...readRoutes(router, rows), ...readPolicies(router, rows)],
  };
}

type OutsideView = Pick<VpcView, 'gateway' | 'furtherGateways' | 'snat' | 'floatingIps' | 'loadBalancers'>;

/** External addresses that something answers on, each with what that is, in order of first use. */
export function usedAddresses(vpc: OutsideView): ReadonlyMap<string, readonly string[]> {
  const uses = new Map<string, string[]>();
  const add = (address: string, use: string): void => {
    const known = uses.get(address) ?? [];
    if (!known.includes(use)) uses.set(address, [...known, use]);
  };
  const addAll = ({ address }: GatewayView, use: string): void =>
    address.split(',').forEach((each) => add(each, use));
  if (vpc.gateway !== undefined) addAll(vpc.gateway, 'router');
  for (const gateway of vpc.furtherGateways) addAll(gateway, 'edge router');
  for (const rule of vpc.snat) add(rule.to, 'SNAT');
  for (const fip of vpc.floatingIps) add(fip.external, `floating IP of ${fip.internal}`);
  for (const lb of vpc.loadBalancers)
    for (const { vip } of lb.vips)
      add(vipAddress(vip), `${lb.protocol} ${vip.slice(vip.lastIndexOf(':') + 1)}`);
  return uses;
}

function readEips(ledger: readonly LedgerLine[], used: ReadonlyMap<string, unknown>): VpcView['eips'] {
  const eips = ledger
    .filter((line) => line.kind === 'eip')
    .map(({ holder, value }) => ({
      holder,
      address: value,
      used: value.split(',').some((address) => used.has(address)),
    }));
  return sortBy(eips, (eip) => eip.holder);
}

function readSnat(nats: readonly TypedRow<'NAT'>[]): VpcView['snat'] {
  const found = nats
    .filter((nat) => nat.type === 'snat')
    .map((nat) => ({ from: nat.logical_ip, to: nat.external_ip }));
  return sortBy(found, (rule) => rule.from);
}

/** The address of `192.0.2.1:80` or `[2001:db8::1]:80`. */
function vipAddress(vip: string): string {
  return vip.slice(0, vip.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1');
}

function readGateway({ routerPort, switch: row }: Attachment, router: Router, rows: OwnedRows): GatewayView {
  const group = routerPort.ha_chassis_group === undefined ? [] : [routerPort.ha_chassis_group];
  const members = rows
    .some('HA_Chassis_Group', group)
    .flatMap((found) => rows.some('HA_Chassis', found.ha_chassis))
    .toSorted((a, b) => b.priority - a.priority);
  const nextHops = rows
    .some('Logical_Router_Static_Route', router.static_routes)
    .filter(isDefaultRoute)
    .map(({ nexthop }) => nexthop);
  return {
    network: row.name,
    address: portAddresses(routerPort),
    nextHop: nextHops.length === 0 ? undefined : nextHops.toSorted(narrowFirst).join(','),
    chassis: members.map((member) => member.chassis_name),
  };
}

const isDefaultRoute = (route: { readonly ip_prefix: string }): boolean =>
  route.ip_prefix === '0.0.0.0/0' || route.ip_prefix === '::/0';

function readSubnet({ routerPort, switch: row }: Attachment, rows: OwnedRows): SubnetView {
  return {
    name: row.name,
    source: sourceOf(row) ?? '',
    range: portRange(routerPort),
    gateway: portAddresses(routerPort),
    workloads: workloadPorts(row, rows).length,
  };
}

function readFloatingIps(nats: readonly TypedRow<'NAT'>[]): readonly FloatingIpView[] {
  const found = nats
    .filter((nat) => nat.type === 'dnat_and_snat')
    .map((nat) => ({
      external: nat.external_ip,
      internal: nat.logical_ip,
      source: sourceOf(nat) ?? '',
      distributed: nat.external_mac !== undefined,
    }));
  return sortBy(found, (fip) => fip.external);
}

const balancersOf = (router: Router, rows: OwnedRows): readonly TypedRow<'Load_Balancer'>[] =>
  rows.some('Load_Balancer', router.load_balancer);

/** What of the VPC is balanced on none of its routers, but on its switches alone. */
function readClusterIps(
  routers: readonly Router[],
  balancers: UnitRows['balancers'],
): readonly LoadBalancerView[] {
  const outside = new Set(routers.flatMap((each) => each.load_balancer));
  const inside = balancers.filter(({ _uuid }) => !outside.has(_uuid));
  return sortBy(inside.map(readLoadBalancer), (lb) => lb.name);
}

function readLoadBalancer(lb: TypedRow<'Load_Balancer'>): LoadBalancerView {
  return {
    name: lb.name,
    source: sourceOf(lb) ?? '',
    protocol: lb.protocol ?? 'tcp',
    vips: Object.entries(lb.vips)
      .toSorted(
        ([a], [b]) =>
          narrowFirst(vipAddress(a), vipAddress(b)) || a.localeCompare(b, 'en', { numeric: true }),
      )
      .map(([vip, backends]) => ({ vip, backends: backends === '' ? [] : backends.split(',') })),
  };
}

function readRoutes(router: Router, rows: OwnedRows): readonly string[] {
  return rows
    .some('Logical_Router_Static_Route', router.static_routes)
    .filter((route) => !isDefaultRoute(route) && route.ip_prefix !== `${route.nexthop}/128`)
    .map((route) => `${route.policy === 'src-ip' ? 'from' : 'to'} ${route.ip_prefix} via ${route.nexthop}`)
    .toSorted();
}

function readPolicies(router: Router, rows: OwnedRows): readonly string[] {
  return rows
    .some('Logical_Router_Policy', router.policies)
    .toSorted((a, b) => b.priority - a.priority || (a.match < b.match ? -1 : 1))
    .map(
      ({ priority, match, action, nexthops }) => `${priority} ${match}: ${[action, ...nexthops].join(' ')}`,
    );
}
