// Walls between the subnets of one VPC: rules on the switch of whoever is called.
import type { VpcModel, WallModel } from '../model/network-model.ts';
import type { Family } from '../net/address.ts';
import { families } from '../net/family-list.ts';
import { formatPrefix } from '../net/prefix.ts';
import { addressSetName } from '../northbound/identity.ts';
import { addressSet, compare, formatMatch } from '../northbound/match.ts';
import type { NewRow } from '../northbound/managed-columns.ts';
import { markKeys } from '../northbound/ownership.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { trackedRule } from './isolation.ts';
import { rowIds } from './row-ids.ts';
import { bandColumns } from './rule-band.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * | packet | direction | verdict |
 * |---|---|---|
 * | from a subnet that may not call | to-lport | drop |
 * | anything else | from-lport | allow-related |
 *
 * Connections are remembered, as isolation has it (`isolation.ts`), so that replies and the router's errors pass. Routers
 * speak under addresses of the subnet itself there, and who comes from outside under his own, so neither is concerned. The
 * set is per switch: a subnet that comes or goes changes sets, never a rule. Source: ovn-northd(8) ls_out_acl_eval.
 */
export function neighbourRows(vpc: VpcModel, unit: UnitContext): DesiredRow[] {
  return vpc.walls.flatMap((wall) => wallRows(wall, unit));
}

function wallRows(wall: WallModel, unit: UnitContext): DesiredRow[] {
  const { subnet, source } = wall;
  const parents = [unit.place('Logical_Switch', rowIds.subnetSwitch(subnet), 'acls')];
  const rule = (what: string, columns: NewRow<'ACL'>): DesiredRow =>
    unit.row('ACL', rowIds.neighbourWall(subnet, what), columns, { source, parents });
  const drops = families.flatMap((family) => {
    const set = setRow(wall, family, unit);
    if (set === undefined) return [];
    const match = formatMatch(compare(`ip${family}.src`, '==', addressSet(setName(subnet, family))));
    const meaning = 'who is in another subnet of this network';
    const drop = rule(`ip${family}`, {
      ...bandColumns('neighbours'),
      direction: 'to-lport',
      match,
      action: 'drop',
      external_ids: { [markKeys.meaning]: meaning },
    });
    return [set, drop];
  });
  const external_ids = { [markKeys.meaning]: trackedRule.meaning };
  return [
    ...drops,
    rule('tracked', { ...trackedRule.columns, ...bandColumns(trackedRule.band), external_ids }),
  ];
}

function setRow(
  { subnet, source, forbiddenSources }: WallModel,
  family: Family,
  unit: UnitContext,
): DesiredRow | undefined {
  const prefixes = forbiddenSources.filter((prefix) => prefix.family === family);
  if (prefixes.length === 0) return undefined;
  const columns = { name: setName(subnet, family), addresses: prefixes.map(formatPrefix).toSorted() };
  return unit.row('Address_Set', rowIds.neighbours(subnet, family), columns, { source });
}

const setName = (subnet: string, family: Family): string =>
  addressSetName(`neighbours-ip${family}`, '', subnet);
