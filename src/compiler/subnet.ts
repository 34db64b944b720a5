// A subnet: its switch, the pair of ports that joins it to the router, and the ports of workloads.
import { formatAddress } from '../net/address.ts';
import type { Family } from '../net/address.ts';
import { ofFamily } from '../net/family-list.ts';
import { workloadPortName } from '../northbound/names.ts';
import type { SubnetModel, WorkloadPortModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { dhcpRows, routerAdvertisements } from './dhcp.ts';
import { attachmentRows } from './router-ports.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/** What every switch of a VPC has, by uuid. */
export interface SwitchServices {
  /** Those that face outside, without which a workload cannot reach its own VPC's VIPs. */
  readonly loadBalancers: readonly string[];
  readonly loadBalancerGroups: readonly string[];
  readonly names: readonly string[];
}

export function subnetRows(
  subnet: SubnetModel,
  router: string,
  services: SwitchServices,
  unit: UnitContext,
): DesiredRow[] {
  const { name, source } = subnet;
  const switchId = rowIds.subnetSwitch(name);
  const switchRow = unit.row(
    'Logical_Switch',
    switchId,
    {
      name,
      load_balancer: services.loadBalancers.toSorted(),
      load_balancer_group: services.loadBalancerGroups,
      dns_records: services.names,
    },
    { source, requires: [unit.uuid('Logical_Router', rowIds.router(router))] },
  );
  const ranges = subnet.ranges.map(({ gateway, prefix }) => ({
    address: gateway,
    prefixLength: prefix.length,
  }));
  const advertisements = routerAdvertisements(subnet);
  const attachment = { router, subnet: name, ranges, source, ...(advertisements && { advertisements }) };
  const dhcp = dhcpRows(subnet, switchId, unit);
  return [
    switchRow,
    ...dhcp.values(),
    ...attachmentRows(attachment, unit),
    ...subnet.ports.map((port) => workloadPortRow(port, switchId, dhcp, unit)),
  ];
}

/**
 * `port_security` equals `addresses`: a workload can use no other MAC or IP than its own, beside the link-local address
 * that follows from the MAC (ovn-nb(5) Logical_Switch_Port:port_security).
 */
export function workloadPortRow(
  port: WorkloadPortModel,
  switchId: string,
  dhcp: ReadonlyMap<Family, DesiredRow>,
  unit: UnitContext,
): DesiredRow {
  const addresses = [[port.mac, ...port.addresses.map(formatAddress)].join(' ')];
  const dhcpOf = (family: Family): string | undefined =>
    ofFamily(port.addresses, family) && dhcp.get(family)?.uuid;
  const dhcpv4 = dhcpOf(4);
  return unit.row(
    'Logical_Switch_Port',
    rowIds.workloadPort(port.source),
    {
      name: workloadPortName(port.workload.name, port.workload.namespace),
      addresses,
      port_security: addresses,
      dhcpv4_options: dhcpv4,
      dhcpv6_options: dhcpOf(6),
      // northd copies it into the flow as it stands, where a bare word is no constant.
      options: {
        ...(dhcpv4 !== undefined && { hostname: JSON.stringify(port.hostname) }),
        ...moveOptions(port, unit),
      },
    },
    { source: port.source, parents: [unit.place('Logical_Switch', switchId, 'ports')] },
  );
}

/**
 * While a virtual machine moves, its port is bound on both nodes, and packets go to the second as soon as the machine
 * says there, with a RARP, that it runs. Before OVN 22.09 a list would be the name of no chassis at all: then the port is
 * whose it becomes.
 * Source: ovn-nb(5) Logical_Switch_Port:options requested-chassis, activation-strategy.
 */
function moveOptions(
  { chassis }: WorkloadPortModel,
  { capabilities }: UnitContext,
): Readonly<Record<string, string>> {
  const [first] = chassis;
  if (first === undefined) return {};
  if (chassis.length === 1) return { 'requested-chassis': first };
  if (!capabilities.northdAtLeast(22, 9)) return {};
  return { 'requested-chassis': chassis.join(','), 'activation-strategy': 'rarp' };
}
