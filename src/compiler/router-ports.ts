// The pair of ports that joins a router and a switch of the same VPC.
import { formatAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';
import { macFromAddress } from '../net/mac.ts';
import { routerPortName, switchPortName } from '../northbound/names.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

export interface RouterAttachment {
  readonly router: string;
  readonly subnet: string;
  /** The router's own on that subnet. */
  readonly address: Address;
  readonly prefixLength: number;
  readonly source: string;
}

/** Neither port is written without the other. */
export function attachmentRows(attachment: RouterAttachment, unit: UnitContext): DesiredRow[] {
  const { router, subnet, address, source } = attachment;
  const routerPortId = rowIds.routerPort(router, subnet);
  const switchPortId = rowIds.switchPort(subnet, router);
  const routerPort = unit.row(
    'Logical_Router_Port',
    routerPortId,
    {
      name: routerPortName(router, subnet),
      mac: macFromAddress(address),
      networks: [`${formatAddress(address)}/${attachment.prefixLength}`],
    },
    {
      source,
      parents: [unit.place('Logical_Router', rowIds.router(router), 'ports')],
      requires: [unit.uuid('Logical_Switch_Port', switchPortId)],
    },
  );
  const switchPort = unit.row(
    'Logical_Switch_Port',
    switchPortId,
    {
      name: switchPortName(subnet, router),
      type: 'router',
      addresses: ['router'],
      options: { 'router-port': routerPortName(router, subnet) },
    },
    {
      source,
      parents: [unit.place('Logical_Switch', rowIds.subnetSwitch(subnet), 'ports')],
      requires: [unit.uuid('Logical_Router_Port', routerPortId)],
    },
  );
  return [routerPort, switchPort];
}
