// The way out: the router's port on its external network, the chassis that may host it, and the default routes.
import { gatewayGroupName, routerPortName, switchPortName } from '../northbound/names.ts';
import type { GatewayModel } from '../model/network-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { highestChassisPriority } from './priorities.ts';
import { rowIds } from './row-ids.ts';
import { routerMac, routerNetworks } from './router-ports.ts';
import { staticRouteRow } from './routes.ts';
import type { UnitContext } from './unit-context.ts';

/** Source: ovn-nb(5) "Distributed Gateway Ports", Logical_Switch_Port:options nat-addresses. */
export function gatewayRows(gateway: GatewayModel, router: string, unit: UnitContext): DesiredRow[] {
  const { network } = gateway;
  const routerPortId = rowIds.routerPort(router, network);
  const switchPortId = rowIds.switchPort(network, router);
  const group = gatewayGroupRows(gateway, router, unit);
  const routerPort = unit.row(
    'Logical_Router_Port',
    routerPortId,
    {
      name: routerPortName(router, network),
      mac: routerMac(gateway.ranges),
      networks: routerNetworks(gateway.ranges),
      ha_chassis_group: group[0]?.uuid,
      // What is larger is answered with "fragmentation needed"; without it, it would vanish on the way.
      ...(gateway.mtuBytes !== undefined && { options: { gateway_mtu: String(gateway.mtuBytes) } }),
    },
    {
      source: gateway.source,
      parents: [unit.place('Logical_Router', rowIds.router(router), 'ports')],
      requires: [unit.uuid('Logical_Switch_Port', switchPortId)],
    },
  );
  const switchPort = unit.row(
    'Logical_Switch_Port',
    switchPortId,
    {
      name: switchPortName(network, router),
      type: 'router',
      addresses: ['router'],
      options: {
        'router-port': routerPortName(router, network),
        'nat-addresses': 'router',
        // Announcing every VIP on a failover is a broadcast storm on a VLAN with many load balancers.
        'exclude-lb-vips-from-garp': 'true',
      },
    },
    {
      source: gateway.source,
      parents: [unit.place('Logical_Switch', rowIds.networkSwitch(network), 'ports')],
      requires: [unit.uuid('Logical_Router_Port', routerPortId)],
    },
  );
  return [routerPort, switchPort, ...group, ...defaultRoutes(gateway, router, unit)];
}

function defaultRoutes({ ranges, source }: GatewayModel, router: string, unit: UnitContext): DesiredRow[] {
  return ranges.map(({ nextHop }) => {
    const prefix = { family: nextHop.family, base: 0n, length: 0 };
    return staticRouteRow({ prefix, nextHop, policy: 'dst-ip', source }, router, unit);
  });
}

/** The group first, then its members; nothing while no chassis is known. */
function gatewayGroupRows(gateway: GatewayModel, router: string, unit: UnitContext): DesiredRow[] {
  const { network, chassis, source } = gateway;
  if (chassis.length === 0) return [];
  const groupId = rowIds.gatewayGroup(router, network);
  const group = unit.row(
    'HA_Chassis_Group',
    groupId,
    { name: gatewayGroupName(router, network) },
    { source, requires: [unit.uuid('Logical_Router', rowIds.router(router))] },
  );
  const members = chassis.map((name, index) =>
    unit.row(
      'HA_Chassis',
      rowIds.gatewayChassis(router, network, name),
      { chassis_name: name, priority: highestChassisPriority - index },
      { source, parents: [unit.place('HA_Chassis_Group', groupId, 'ha_chassis')] },
    ),
  );
  return [group, ...members];
}
