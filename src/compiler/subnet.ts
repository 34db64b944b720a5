// A subnet: its switch, the pair of ports that joins it to the router, and the ports of workloads.
import { formatAddress } from '../net/address.ts';
import { macFromAddress } from '../net/mac.ts';
import { routerPortName, switchPortName, workloadPortName } from '../northbound/names.ts';
import type { SubnetModel, WorkloadPortModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/** `loadBalancers`: uuids of the VPC's load balancers, without which a workload cannot reach its own VPC's VIPs. */
export function subnetRows(
  subnet: SubnetModel,
  router: string,
  loadBalancers: readonly string[],
  unit: UnitContext,
): DesiredRow[] {
  const { name, source } = subnet;
  const switchId = rowIds.subnetSwitch(name);
  const routerPortId = rowIds.routerPort(router, name);
  const switchPortId = rowIds.switchPort(name, router);
  const switchRow = unit.row(
    'Logical_Switch',
    switchId,
    { name, load_balancer: loadBalancers.toSorted() },
    { source, requires: [unit.uuid('Logical_Router', rowIds.vpcRouter(router))] },
  );
  const routerPort = unit.row(
    'Logical_Router_Port',
    routerPortId,
    {
      name: routerPortName(router, name),
      mac: macFromAddress(subnet.gateway),
      networks: [`${formatAddress(subnet.gateway)}/${subnet.prefix.length}`],
    },
    {
      source,
      parents: [unit.place('Logical_Router', rowIds.vpcRouter(router), 'ports')],
      requires: [unit.uuid('Logical_Switch_Port', switchPortId)],
    },
  );
  const switchPort = unit.row(
    'Logical_Switch_Port',
    switchPortId,
    {
      name: switchPortName(name, router),
      type: 'router',
      addresses: ['router'],
      options: { 'router-port': routerPortName(router, name) },
    },
    {
      source,
      parents: [unit.place('Logical_Switch', switchId, 'ports')],
      requires: [unit.uuid('Logical_Router_Port', routerPortId)],
    },
  );
  return [
    switchRow,
    routerPort,
    switchPort,
    ...subnet.ports.map((port) => workloadPortRow(port, switchId, unit)),
  ];
}

/** `port_security` equals `addresses`: a workload can use no other MAC or IP than its own. */
function workloadPortRow(port: WorkloadPortModel, switchId: string, unit: UnitContext): DesiredRow {
  const addresses = [`${port.mac} ${formatAddress(port.address)}`];
  return unit.row(
    'Logical_Switch_Port',
    rowIds.workloadPort(port.source),
    {
      name: workloadPortName(port.workload.name, port.workload.namespace),
      addresses,
      port_security: addresses,
    },
    { source: port.source, parents: [unit.place('Logical_Switch', switchId, 'ports')] },
  );
}
