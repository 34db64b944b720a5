// Reads the workloads of a switch back from their ports.
import type { WorkloadView } from './network-view.ts';
import type { OwnedRows, TypedRow } from './owned-rows.ts';

type Switch = TypedRow<'Logical_Switch'>;

export const workloadPorts = (row: Switch, rows: OwnedRows): readonly TypedRow<'Logical_Switch_Port'>[] =>
  rows.some('Logical_Switch_Port', row.ports).filter((port) => port.type === '');

/** In no particular order. */
export function readWorkloads(row: Switch, rows: OwnedRows): readonly WorkloadView[] {
  return workloadPorts(row, rows).map((port) => {
    const [mac = '', ...addresses] = (port.addresses[0] ?? '').split(' ');
    const address = addresses.join(',');
    return { name: port.name, address, mac, subnet: row.name, up: port.up === true };
  });
}
