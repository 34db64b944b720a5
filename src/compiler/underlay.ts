// An underlay: one switch for the VLAN, the localnet port that joins it to the physical network, and its workloads.
import { sortBy } from '../base/order.ts';
import type { UnderlayModel } from '../model/network-model.ts';
import { hasPolicies } from '../model/policy-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { dhcpRows } from './dhcp.ts';
import { underlayLedgerRows } from './ledger.ts';
import { localnetRow } from './localnet.ts';
import { neededTrafficRows } from './needed-traffic.ts';
import { policyRows } from './policies.ts';
import { rowIds } from './row-ids.ts';
import { subnetRuleRows } from './subnet-rules.ts';
import { workloadPortRow } from './subnet.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * Sorted by table and identity. No router port, load balancer or name: what comes and goes is the VLAN's own. Where OVN
 * answers by DHCP, it takes the question of its workload off the wire and asks no other port.
 */
export function underlayRows(underlay: UnderlayModel, unit: UnitContext): DesiredRow[] {
  const { name, source } = underlay;
  const switchId = rowIds.underlaySwitch(name);
  const dhcp = dhcpRows(underlay, switchId, unit);
  const passage = { switchId, gateway: 'physical' } as const;
  const isJudged = hasPolicies(underlay.policies) || underlay.rules.length > 0;
  const rows = [
    unit.row('Logical_Switch', switchId, { name }, { source }),
    localnetRow(underlay, rowIds.underlayPort(name), switchId, unit),
    ...dhcp.values(),
    ...underlay.ports.map((port) => workloadPortRow(port, switchId, dhcp, unit)),
    ...policyRows({ ...underlay, edges: [] }, unit),
    ...subnetRuleRows({ ...underlay, switchId, edges: [] }, unit),
    ...(isJudged ? neededTrafficRows({ ...underlay, ...passage }, unit) : []),
    ...underlayLedgerRows(underlay, unit),
  ];
  return sortBy(rows, (row) => `${row.table} ${row.id}`);
}
