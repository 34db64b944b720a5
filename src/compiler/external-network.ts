// An external network: one switch for the VLAN, the localnet port that joins it to the physical network, its wall, and the
// set of addresses that it gives out.
import type { ExternalNetworkModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { poolRows } from './isolation.ts';
import { localnetRow } from './localnet.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';
import { wallRows } from './wall.ts';

/** Source: ovn-nb(5) Logical_Switch:other_config. */
export function externalNetworkRows(network: ExternalNetworkModel, unit: UnitContext): DesiredRow[] {
  const { name, source } = network;
  const switchId = rowIds.networkSwitch(name);
  return [
    unit.row(
      'Logical_Switch',
      switchId,
      // Without it some 300 routers on one VLAN make a broadcast ARP exceed the resubmit limit of OVS.
      { name, other_config: { 'broadcast-arps-to-all-routers': 'false' } },
      { source },
    ),
    localnetRow(network, rowIds.localnetPort(name), switchId, unit),
    ...wallRows(network, unit),
    ...poolRows(network, unit),
  ];
}
