// Rows of policies, whoever wrote them: groups of ports, sets of peers, and rules that hang in a group.
import type { EdgeModel } from '../model/network-model.ts';
import { peerSetSource } from '../model/policy-model.ts';
import type { AllowModel, PeerSetModel, PoliciesModel, PolicyDirection } from '../model/policy-model.ts';
import { addressBits, formatAddress } from '../net/address.ts';
import type { Family } from '../net/address.ts';
import { formatPrefix } from '../net/prefix.ts';
import { addressSetName, portGroupName } from '../northbound/identity.ts';
import { formatMatch } from '../northbound/match.ts';
import type { Match } from '../northbound/match.ts';
import { markKeys } from '../northbound/ownership.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { allowMatch } from './policy-match.ts';
import { rowIds } from './row-ids.ts';
import { shortened } from './shortened.ts';
import type { UnitContext } from './unit-context.ts';

/** The policies of one unit. `edges`: of a VPC. */
export interface PolicyPlace {
  readonly unit: string;
  readonly policies: PoliciesModel;
  readonly edges: readonly EdgeModel[];
}

/** A set for each way to select peers, and family. */
export function peerSetRows(place: PolicyPlace, unit: UnitContext): DesiredRow[] {
  const { peerSets, families } = place.policies;
  return peerSets.flatMap((set) => families.map((family) => peerSetRow(set, family, place, unit)));
}

function peerSetRow(set: PeerSetModel, family: Family, place: PolicyPlace, unit: UnitContext): DesiredRow {
  const name = peerSetName(set.key, family, place);
  const addresses = [
    ...set.addresses.filter((address) => address.family === family).map(formatAddress),
    ...set.prefixes.filter((prefix) => prefix.family === family).map(memberText),
  ];
  const external_ids = { [markKeys.meaning]: shortened(set.text) };
  const columns = { name, addresses: addresses.toSorted(), external_ids };
  return unit.row('Address_Set', rowIds.peers(place.unit, name), columns, { source: peerSetSource });
}

/** A single address is written as one, so that a set reads the same however it came about. */
function memberText({ family, base, length }: PeerSetModel['prefixes'][number]): string {
  const isSingle = length === addressBits(family);
  return isSingle ? formatAddress({ family, value: base }) : formatPrefix({ family, base, length });
}

const peerSetName = (key: string, family: Family, { unit }: PolicyPlace): string =>
  addressSetName(`peers${family}`, unit, key);

/** What all rows of one policy have in common. */
export interface PolicyRowsOf {
  readonly source: string;
  readonly subjects: readonly string[];
  readonly rules: readonly Pick<AllowModel, 'subjects'>[];
}

/** The ports that a policy is for, and those of them that some of its rules are for. */
export function groupRows(
  { source, subjects, rules }: PolicyRowsOf,
  place: PolicyPlace,
  unit: UnitContext,
): DesiredRow[] {
  const groups = new Map(
    rules.flatMap((rule) => (rule.subjects === undefined ? [] : [[rule.subjects.id, rule.subjects]])),
  );
  const row = (id: string, ports: readonly string[]): DesiredRow => {
    const uuids = ports.map((port) => unit.uuid('Logical_Switch_Port', rowIds.workloadPort(port)));
    return unit.row('Port_Group', id, { name: groupName(id), ports: uuids.toSorted() }, { source });
  };
  return [
    row(rowIds.policyPorts(place.unit, source), subjects),
    ...[...groups.values()].map(({ id, ports }) => row(rowIds.policySubjects(place.unit, source, id), ports)),
  ];
}

/** `id`: of the group's row. */
export const groupName = (id: string): string => portGroupName('policy', '', id);

/** What a rule matches, a match for each row that it takes: `suffix` tells them apart. */
export function ruleMatches(
  rule: AllowModel,
  source: string,
  place: PolicyPlace,
): readonly { readonly suffix: string; readonly match: Match }[] {
  const { peer, subjects } = rule;
  const { families } = place.policies;
  const group = groupName(
    subjects === undefined
      ? rowIds.policyPorts(place.unit, source)
      : rowIds.policySubjects(place.unit, source, subjects.id),
  );
  if (peer.kind === 'set')
    return families
      .filter((family) => peer.only === undefined || peer.only === family)
      .map((family) => ({
        suffix: `/ip${family}`,
        match: allowMatch(rule, group, family, peerSetName(peer.key, family, place)),
      }));
  if (peer.kind === 'prefixes' && !families.includes(peer.family)) return [];
  return [{ suffix: '', match: allowMatch(rule, group, undefined, '') }];
}

/** An ACL of a group, before its columns. */
export interface RuleRow {
  readonly id: string;
  readonly source: string;
  readonly direction: PolicyDirection;
  /** Id of the Port_Group that it hangs in. */
  readonly group: string;
  readonly rule: string;
  readonly meaning: string;
  readonly priority: number;
  readonly action: 'allow-related' | 'drop';
  readonly match: Match;
  readonly label?: number | undefined;
}

export function ruleRow(rule: RuleRow, unit: UnitContext): DesiredRow {
  const { id, source, direction, group, priority, action, match, label } = rule;
  return unit.row(
    'ACL',
    id,
    {
      priority,
      direction: direction === 'ingress' ? 'to-lport' : 'from-lport',
      match: formatMatch(match),
      action,
      ...(label !== undefined && { label }),
      ...(direction === 'egress' && { options: { 'apply-after-lb': 'true' } }),
      external_ids: { [markKeys.rule]: shortened(rule.rule), [markKeys.meaning]: shortened(rule.meaning) },
    },
    { source, parents: [unit.place('Port_Group', group, 'acls')] },
  );
}
