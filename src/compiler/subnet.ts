// A subnet: its switch, the pair of ports that joins it to the router, and the ports of workloads.
import { formatAddress } from '../net/address.ts';
import { workloadPortName } from '../northbound/names.ts';
import type { SubnetModel, WorkloadPortModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { attachmentRows } from './router-ports.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/** `loadBalancers`: uuids of the VPC's load balancers, without which a workload cannot reach its own VPC's VIPs. */
export function subnetRows(
  subnet: SubnetModel,
  router: string,
  loadBalancers: readonly string[],
  unit: UnitContext,
): DesiredRow[] {
  const { name, source, gateway, prefix } = subnet;
  const switchId = rowIds.subnetSwitch(name);
  const switchRow = unit.row(
    'Logical_Switch',
    switchId,
    { name, load_balancer: loadBalancers.toSorted() },
    { source, requires: [unit.uuid('Logical_Router', rowIds.router(router))] },
  );
  const attachment = { router, subnet: name, address: gateway, prefixLength: prefix.length, source };
  return [
    switchRow,
    ...attachmentRows(attachment, unit),
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
