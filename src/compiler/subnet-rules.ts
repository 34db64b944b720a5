// Rules of a subnet: a group of the ports of its workloads, ACLs of that group, and meters for those that are logged.
import type { EdgeModel, SubnetModel } from '../model/network-model.ts';
import type { SubnetRuleModel } from '../model/subnet-rule-model.ts';
import type { Family } from '../net/address.ts';
import { portGroupName } from '../northbound/identity.ts';
import type { NewRow } from '../northbound/managed-columns.ts';
import {
  and,
  compare,
  ethernetSource,
  formatMatch,
  portGroup,
  predicate,
  prefixMatch,
} from '../northbound/match.ts';
import type { Match } from '../northbound/match.ts';
import { logMeterName, subnetRuleName } from '../northbound/names.ts';
import { markKeys } from '../northbound/ownership.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { portsMatch } from './policy-match.ts';
import { subnetRulePriority } from './priorities.ts';
import { routerMac } from './router-ports.ts';
import { rowIds } from './row-ids.ts';
import { shortened } from './shortened.ts';
import { marksReplies } from './steering.ts';
import type { UnitContext } from './unit-context.ts';

/** A subnet or an underlay with its switch. */
export interface RuledSwitch extends Pick<SubnetModel, 'name' | 'source' | 'ports' | 'rules'> {
  readonly switchId: string;
  readonly edges: readonly EdgeModel[];
}

/**
 * | what | row |
 * |---|---|
 * | the workloads of the subnet | Port_Group |
 * | a rule | ACL of the group, one per family |
 * | an `allow` for what comes in through an edge | one more, which labels the connection as `steering.ts` has it |
 * | what is logged at some rate | Meter with a band, each rule by itself (`fair`) |
 *
 * A group, not the switch: what a router or the physical network sends into the subnet is none of its workloads'. Rules
 * for egress are asked after load balancing, in one stage with those of tenants: in another an `allow` would not be the
 * last word. Sources: ovn-nb(5) ACL:options:apply-after-lb, Meter:fair.
 */
export function subnetRuleRows(place: RuledSwitch, unit: UnitContext): DesiredRow[] {
  const { rules, ports, source, switchId } = place;
  if (rules.length === 0) return [];
  const uuids = ports.map((port) => unit.uuid('Logical_Switch_Port', rowIds.workloadPort(port.source)));
  const columns = { name: groupName(switchId), ports: uuids.toSorted() };
  const rates = new Set(rules.flatMap(({ log }) => (log === undefined ? [] : [log.linesPerSecond])));
  return [
    unit.row('Port_Group', rowIds.subnetPorts(switchId), columns, { source }),
    ...rules.flatMap((rule) => oneRuleRows(rule, place, unit)),
    ...[...rates].toSorted((a, b) => a - b).flatMap((rate) => meterRows(rate, place, unit)),
  ];
}

const groupName = (switchId: string): string => portGroupName('subnet', '', switchId);

function oneRuleRows(rule: SubnetRuleModel, place: RuledSwitch, unit: UnitContext): DesiredRow[] {
  const edges =
    rule.direction === 'ingress' && rule.action === 'allow' && marksReplies(unit) ? place.edges : [];
  return rule.families.flatMap((family) => {
    const match = ruleMatch(rule, groupName(place.switchId), family);
    return [
      aclRow(
        rule,
        `ip${family}`,
        { ...columnsOf(rule, rule.action), match: formatMatch(match) },
        place,
        unit,
      ),
      ...edges.flatMap(({ gateway, label, ports }) =>
        ports
          .filter(({ subnet }) => subnet === place.name)
          .map(({ ranges }) => {
            const fromEdge = and([match, ethernetSource([routerMac(ranges)])]);
            const columns = { ...columnsOf(rule, 'edge'), match: formatMatch(fromEdge), label };
            return aclRow(rule, `ip${family}/${gateway.network}`, columns, place, unit);
          }),
      ),
    ];
  });
}

function ruleMatch({ direction, protocol, from, to }: SubnetRuleModel, group: string, family: Family): Match {
  const sides = [
    ['src', from],
    ['dst', to],
  ] as const;
  return and([
    compare(direction === 'ingress' ? 'outport' : 'inport', '==', portGroup(group)),
    predicate(`ip${family}`),
    ...sides.flatMap(([side, prefixes]) => {
      const own = prefixes.filter((prefix) => prefix.family === family);
      return own.length === 0 || own.some(({ length }) => length === 0) ? [] : [prefixMatch(side, own)];
    }),
    ...protocolMatch(protocol, family),
  ]);
}

function protocolMatch(protocol: SubnetRuleModel['protocol'], family: Family): readonly Match[] {
  if (protocol === undefined) return [];
  return [protocol === 'icmp' ? predicate(`icmp${family}`) : portsMatch(protocol)];
}

/** `verdict`: the rule's own, or that of its twin for an edge. */
function columnsOf(
  { direction, action, priority }: SubnetRuleModel,
  verdict: SubnetRuleModel['action'] | 'edge',
): NewRow<'ACL'> {
  return {
    priority: subnetRulePriority(priority, verdict),
    direction: direction === 'ingress' ? 'to-lport' : 'from-lport',
    action: action === 'allow' ? 'allow-related' : action,
    ...(direction === 'egress' && { options: { 'apply-after-lb': 'true' } }),
  };
}

function aclRow(
  { name, text, log }: SubnetRuleModel,
  part: string,
  columns: NewRow<'ACL'>,
  { name: subnet, source, switchId }: RuledSwitch,
  unit: UnitContext,
): DesiredRow {
  return unit.row(
    'ACL',
    rowIds.subnetRule(switchId, name, part),
    {
      ...columns,
      name: subnetRuleName(subnet, name),
      ...(log && { log: true, severity: log.severity, meter: logMeterName(subnet, log.linesPerSecond) }),
      external_ids: { [markKeys.rule]: name, [markKeys.meaning]: shortened(text) },
    },
    { source, parents: [unit.place('Port_Group', rowIds.subnetPorts(switchId), 'acls')] },
  );
}

/** As many lines at once as in a second. Without it a flood of packets would be a flood of lines. */
function meterRows(
  rate: number,
  { name: subnet, source, switchId }: RuledSwitch,
  unit: UnitContext,
): DesiredRow[] {
  const id = rowIds.logMeter(switchId, rate);
  const band = { action: 'drop', rate, burst_size: rate } as const;
  return [
    unit.row('Meter', id, { name: logMeterName(subnet, rate), unit: 'pktps', fair: true }, { source }),
    unit.row('Meter_Band', id, band, { source, parents: [unit.place('Meter', id, 'bands')] }),
  ];
}
