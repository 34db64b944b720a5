// Which VLAN a switch is joined to.
import type { ExternalNetworkView } from './network-view.ts';
import type { OwnedRows, TypedRow } from './owned-rows.ts';

export function readSegment(
  row: TypedRow<'Logical_Switch'>,
  rows: OwnedRows,
): Pick<ExternalNetworkView, 'physicalNetwork' | 'vlan'> {
  const localnet = rows.some('Logical_Switch_Port', row.ports).find((port) => port.type === 'localnet');
  return { physicalNetwork: localnet?.options['network_name'] ?? '', vlan: localnet?.tag };
}
