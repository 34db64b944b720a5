// What the running network tells back: chassis that host gateways, and ports that are up.
import type { Observations } from '../model/address-answers.ts';
import type { Capabilities } from '../northbound/capabilities.ts';
import { gatewayGroupName, routerPortName } from '../northbound/names.ts';
import { textColumn } from '../northbound/read-column.ts';
import type { CurrentRows } from '../plan/current-rows.ts';
import type { OwnershipPolicy } from '../plan/ownership-policy.ts';
import { atomsOf } from '../plan/value-shape.ts';
import { addressUses } from './address-uses.ts';
import type { GatewayChassis } from './gateway-chassis.ts';
import type { OwnedRows } from './owned-rows.ts';
import type { Records } from './records.ts';

/** Reads through to the replica. `chassis`, `bridged` and `capabilities` are asked anew every time. */
export function observe(
  current: CurrentRows,
  policy: OwnershipPolicy,
  records: Pick<Records, 'portOf'>,
  owned: Pick<OwnedRows, 'count'>,
  chassis: () => readonly GatewayChassis[],
  bridged: () => ReadonlySet<string> | undefined,
  capabilities: () => Capabilities,
  chassisOf: Observations['chassisOf'],
): Observations {
  return {
    get gatewayChassis() {
      return chassis();
    },
    gatewayGroup(router, network) {
      const name = gatewayGroupName(router, network);
      const group = current
        .byUnique('HA_Chassis_Group', ['name'], { name })
        .find((row) => policy.unitOf('HA_Chassis_Group', row) !== undefined);
      return atomsOf(group?.['ha_chassis'])
        .flatMap((uuid) => current.row('HA_Chassis', String(uuid)) ?? [])
        .toSorted((a, b) => Number(b['priority']) - Number(a['priority']))
        .map((row) => textColumn(row, 'chassis_name'));
    },
    get marksReplies() {
      return capabilities().allows('QoS', 'action', 'mark');
    },
    hasNetwork: (name) => owned.count(`network/${name}`) > 0,
    hasSubnet(vpc, name) {
      const port = { name: routerPortName(vpc, name) };
      const [row] = current.byUnique('Logical_Router_Port', ['name'], port);
      return row !== undefined && policy.unitOf('Logical_Router_Port', row) === `vpc/${vpc}`;
    },
    hasUnderlay: (name) => owned.count(`underlay/${name}`) > 0,
    get bridgedNetworks() {
      return bridged();
    },
    chassisOf,
    uses: (unit) => addressUses(current.unitRows(unit), policy),
    isPortUp(source) {
      const port = records.portOf(source);
      return port !== undefined && current.row('Logical_Switch_Port', port)?.['up'] === true;
    },
  };
}
