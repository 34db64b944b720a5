// NetworkPolicies: a group of the ports that each is for, a rule that shuts them, and rules that let some in or out.
import type { EdgeModel } from '../model/network-model.ts';
import { peerSetSource } from '../model/policy-model.ts';
import type {
  AllowModel,
  PeerSetModel,
  PoliciesModel,
  PolicyDirection,
  PolicyModel,
} from '../model/policy-model.ts';
import { formatAddress } from '../net/address.ts';
import type { Family } from '../net/address.ts';
import { addressSetName, portGroupName } from '../northbound/identity.ts';
import { and, ethernetSource, formatMatch } from '../northbound/match.ts';
import type { Match } from '../northbound/match.ts';
import { markKeys } from '../northbound/ownership.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { allowMatch, isolationMatch } from './policy-match.ts';
import type { RuleBand } from './priorities.ts';
import { routerMac } from './router-ports.ts';
import { rowIds } from './row-ids.ts';
import { bandColumns } from './rule-band.ts';
import { shortened } from './shortened.ts';
import { marksReplies } from './steering.ts';
import type { UnitContext } from './unit-context.ts';

/** The policies of one unit. `edges`: of a VPC. */
export interface PolicyPlace {
  readonly unit: string;
  readonly policies: PoliciesModel;
  readonly edges: readonly EdgeModel[];
}

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
  const { policies, peerSets, families } = place.policies;
  return [
    ...peerSets.flatMap((set) => families.map((family) => peerSetRow(set, family, place, unit))),
    ...policies.flatMap((policy) => onePolicyRows(policy, place, unit)),
  ];
}

function peerSetRow(set: PeerSetModel, family: Family, place: PolicyPlace, unit: UnitContext): DesiredRow {
  const name = peerSetName(set.key, family, place);
  const addresses = set.addresses.filter((address) => address.family === family).map(formatAddress);
  const external_ids = { [markKeys.meaning]: shortened(set.text) };
  const columns = { name, addresses: addresses.toSorted(), external_ids };
  return unit.row('Address_Set', rowIds.peers(place.unit, name), columns, { source: peerSetSource });
}

const peerSetName = (key: string, family: Family, { unit }: PolicyPlace): string =>
  addressSetName(`peers${family}`, unit, key);

function onePolicyRows(policy: PolicyModel, place: PolicyPlace, unit: UnitContext): DesiredRow[] {
  const { source } = policy;
  const groups = new Map(
    policy.allows.flatMap(({ subjects }) => (subjects === undefined ? [] : [[subjects.id, subjects]])),
  );
  return [
    groupRow(rowIds.policyPorts(place.unit, source), policy.subjects, policy, unit),
    ...[...groups.values()].map(({ id, ports }) =>
      groupRow(rowIds.policySubjects(place.unit, source, id), ports, policy, unit),
    ),
    ...policy.isolates.map((direction) => isolationRow(direction, policy, place, unit)),
    ...policy.allows.flatMap((allow) => allowRows(allow, policy, place, unit)),
  ];
}

/** `id`: also what its name is made of. */
function groupRow(
  id: string,
  ports: readonly string[],
  { source }: PolicyModel,
  unit: UnitContext,
): DesiredRow {
  const uuids = ports.map((port) => unit.uuid('Logical_Switch_Port', rowIds.workloadPort(port)));
  return unit.row('Port_Group', id, { name: groupName(id), ports: uuids.toSorted() }, { source });
}

const groupName = (id: string): string => portGroupName('policy', '', id);

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
      band: 'policyIsolation',
      match: isolationMatch(direction, groupName(group)),
      label: undefined,
    },
    unit,
  );
}

function allowRows(
  allow: AllowModel,
  policy: PolicyModel,
  place: PolicyPlace,
  unit: UnitContext,
): DesiredRow[] {
  const { direction, peer, subjects, rule } = allow;
  const { source } = policy;
  const ports = rowIds.policyPorts(place.unit, source);
  const group = subjects === undefined ? ports : rowIds.policySubjects(place.unit, source, subjects.id);
  const { families } = place.policies;
  const row = (suffix: string, match: Match, edge?: EdgeModel): DesiredRow => {
    const band = edge === undefined ? 'policyAllow' : 'policyEdge';
    const id = rowIds.allow(place.unit, source, allow.id + suffix);
    const meaning = shortened(allow.text);
    const label = edge?.label;
    return ruleRow({ id, source, direction, group: ports, rule, meaning, band, match, label }, unit);
  };
  if (peer.kind === 'set')
    return families.map((family) =>
      row(`/ip${family}`, allowMatch(allow, groupName(group), family, peerSetName(peer.key, family, place))),
    );
  if (peer.kind === 'prefixes' && !families.includes(peer.family)) return [];
  const match = allowMatch(allow, groupName(group), undefined, '');
  const edges = direction === 'ingress' && marksReplies(unit) ? place.edges : [];
  return [
    row('', match),
    ...edges.map((edge) => row(`/${edge.gateway.network}`, and([match, fromEdge(edge)]), edge)),
  ];
}

/**
 * What comes in through an edge is from outside, so that no set of workloads has it. The rule that lets it in is the one
 * that remembers where it came from (`steering.ts`): OVN takes the label of the rule that decides.
 */
const fromEdge = ({ ports }: EdgeModel): Match =>
  ethernetSource(ports.map(({ ranges }) => routerMac(ranges)));

/** An ACL of a group, before its columns. */
interface Rule {
  readonly id: string;
  readonly source: string;
  readonly direction: PolicyDirection;
  /** Id of the Port_Group that it hangs in. */
  readonly group: string;
  readonly rule: string;
  readonly meaning: string;
  readonly band: RuleBand;
  readonly match: Match;
  readonly label: number | undefined;
}

function ruleRow(rule: Rule, unit: UnitContext): DesiredRow {
  const { id, source, direction, group, band, match, label } = rule;
  return unit.row(
    'ACL',
    id,
    {
      ...bandColumns(band),
      direction: direction === 'ingress' ? 'to-lport' : 'from-lport',
      match: formatMatch(match),
      action: band === 'policyIsolation' ? 'drop' : 'allow-related',
      ...(label !== undefined && { label }),
      ...(direction === 'egress' && { options: { 'apply-after-lb': 'true' } }),
      external_ids: { [markKeys.rule]: rule.rule, [markKeys.meaning]: rule.meaning },
    },
    { source, parents: [unit.place('Port_Group', group, 'acls')] },
  );
}
