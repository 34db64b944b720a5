// The port that joins a switch to one VLAN of a physical network.
import { localnetPortName } from '../northbound/names.ts';
import type { ExternalNetworkModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import type { UnitContext } from './unit-context.ts';

/** Source: ovn-nb(5) Logical_Switch_Port "Options for localnet ports". */
export function localnetRow(
  network: Pick<ExternalNetworkModel, 'name' | 'source' | 'physicalNetwork' | 'vlan'>,
  id: string,
  switchId: string,
  unit: UnitContext,
): DesiredRow {
  return unit.row(
    'Logical_Switch_Port',
    id,
    {
      name: localnetPortName(network.name),
      type: 'localnet',
      addresses: ['unknown'],
      options: { network_name: network.physicalNetwork },
      tag: network.vlan,
    },
    { source: network.source, parents: [unit.place('Logical_Switch', switchId, 'ports')] },
  );
}
