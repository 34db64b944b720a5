// The pair of ports that joins a router and a switch of the same VPC.
import { invariant } from '../base/errors.ts';
import { formatAddress } from '../net/address.ts';
import { macFromAddress } from '../net/mac.ts';
import type { PortRange } from '../model/network-model.ts';
import { routerPortName, switchPortName } from '../northbound/names.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

export interface RouterAttachment {
  readonly router: string;
  readonly subnet: string;
  /** The router's own addresses on that subnet. */
  readonly ranges: readonly PortRange[];
  /** `ipv6_ra_configs` of its port; undefined: it sends no router advertisements. */
  readonly advertisements?: Readonly<Record<string, string>>;
  readonly source: string;
}

/** MAC of a router's port: that of its first address, so that IPv6 beside IPv4 does not change it. */
export function routerMac([first]: readonly PortRange[]): string {
  invariant(first !== undefined, 'a router port without an address');
  return macFromAddress(first.address);
}

/** `10.0.10.1/24`, as Logical_Router_Port:networks has it; IPv4 first. */
export const routerNetworks = (ranges: readonly PortRange[]): string[] =>
  ranges.map(({ address, prefixLength }) => `${formatAddress(address)}/${prefixLength}`);

/** Neither port is written without the other. */
export function attachmentRows(attachment: RouterAttachment, unit: UnitContext): DesiredRow[] {
  const { router, subnet, ranges, advertisements, source } = attachment;
  const routerPortId = rowIds.routerPort(router, subnet);
  const switchPortId = rowIds.switchPort(subnet, router);
  const routerPort = unit.row(
    'Logical_Router_Port',
    routerPortId,
    {
      name: routerPortName(router, subnet),
      mac: routerMac(ranges),
      networks: routerNetworks(ranges),
      ...(advertisements !== undefined && { ipv6_ra_configs: advertisements }),
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
