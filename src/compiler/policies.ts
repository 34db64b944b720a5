// NetworkPolicies: a group of the ports that each is for, a rule that shuts them, and rules that let some in or out.
import type { EdgeModel } from '../model/network-model.ts';
import type { AllowModel, PolicyDirection, PolicyModel } from '../model/policy-model.ts';
import { and, ethernetSource } from '../northbound/match.ts';
import type { Match } from '../northbound/match.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { isolationMatch } from './policy-match.ts';
import { groupName, groupRows, peerSetRows, ruleMatches, ruleRow } from './policy-rows.ts';
import type { PolicyPlace } from './policy-rows.ts';
import { platformPolicyRows } from './platform-policies.ts';
import { routerMac } from './router-ports.ts';
import { rowIds } from './row-ids.ts';
import { bandColumns } from './rule-band.ts';
import { marksReplies } from './steering.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * | what | row | match | action |
 * |---|---|---|---|
 * | whom it is for | Port_Group | | |
 * | they are shut | ACL of the group | port of the group, any IP packet | drop |
 * | who is let in or out | ACL of the group | port of the group, one set of peers or list of ranges, one field of ports | allow-related |
 * | peers | Address_Set, shared by all that select the same | | |
 *
 * One set and one field of ports in each rule: OVN makes flows of their sum, not of their product. Each policy shuts its
 * ports itself, so that a policy whose rows are kept (a file that cannot be read, deletes that wait) keeps them shut; a
 * port in several groups has whatever any of them allows. Out of a port, addresses are those that a load balancer has
 * chosen. Sources: ovn-nb(5) ACL:options:apply-after-lb, Port_Group; Kubernetes API, NetworkPolicySpec.
 */
export function policyRows(place: PolicyPlace, unit: UnitContext): DesiredRow[] {
  return [
    ...platformPolicyRows(place, unit),
    ...peerSetRows(place, unit),
    ...place.policies.policies.flatMap((policy) => [
      ...groupRows({ ...policy, rules: policy.allows }, place, unit),
      ...policy.isolates.map((direction) => isolationRow(direction, policy, place, unit)),
      ...policy.allows.flatMap((allow) => allowRows(allow, policy, place, unit)),
    ]),
  ];
}

function isolationRow(
  direction: PolicyDirection,
  { source }: PolicyModel,
  place: PolicyPlace,
  unit: UnitContext,
): DesiredRow {
  const group = rowIds.policyPorts(place.unit, source);
  return ruleRow(
    {
      id: rowIds.isolation(place.unit, source, direction),
      source,
      direction,
      group,
      rule: direction,
      meaning: `nothing else ${direction === 'ingress' ? 'gets in' : 'gets out'}`,
      ...bandColumns('policyIsolation'),
      action: 'drop',
      match: isolationMatch(direction, groupName(group)),
    },
    unit,
  );
}

function allowRows(
  allow: AllowModel,
  { source }: PolicyModel,
  place: PolicyPlace,
  unit: UnitContext,
): DesiredRow[] {
  const { direction, peer, rule, text: meaning } = allow;
  const group = rowIds.policyPorts(place.unit, source);
  const row = (suffix: string, match: Match, edge?: EdgeModel): DesiredRow => {
    const band = bandColumns(edge === undefined ? 'policyAllow' : 'policyEdge');
    const id = rowIds.allow(place.unit, source, allow.id + suffix);
    const common = { id, source, direction, group, rule, meaning, match, ...band };
    return ruleRow({ ...common, action: 'allow-related', label: edge?.label }, unit);
  };
  const isFromOutside = direction === 'ingress' && peer.kind !== 'set' && marksReplies(unit);
  const edges = isFromOutside ? place.edges : [];
  return ruleMatches(allow, source, place).flatMap(({ suffix, match }) =>
    [row(suffix, match)].concat(
      edges.map((edge) => row(`/${edge.gateway.network}`, and([match, fromEdge(edge)]), edge)),
    ),
  );
}

/**
 * What comes in through an edge is from outside, so that no set of workloads has it. The rule that lets it in is the one
 * that remembers where it came from (`steering.ts`): OVN takes the label of the rule that decides.
 */
const fromEdge = ({ ports }: EdgeModel): Match =>
  ethernetSource(ports.map(({ ranges }) => routerMac(ranges)));
