// Policies of the platform: a group of the ports that each is for, and rules in their order, before and after tenants'.
import type { PlatformPolicyModel } from '../model/policy-model.ts';
import type { DesiredRow } from '../plan/desired.ts';
import { groupRows, ruleMatches, ruleRow } from './policy-rows.ts';
import type { PolicyPlace } from './policy-rows.ts';
import { platformPriority } from './priorities.ts';
import { rowIds } from './row-ids.ts';
import type { UnitContext } from './unit-context.ts';

/**
 * A rule that denies is a drop, any other an allow-related, so that replies pass whatever comes later. The place of a rule
 * is its priority: before tenants', or after what they forbid (`rule-band.ts` says why it is no tier of OVN's). Nobody comes
 * in through an edge under the address of a pod or with a rule that allows, so no label is lost (`steering.ts`).
 */
export function platformPolicyRows(place: PolicyPlace, unit: UnitContext): DesiredRow[] {
  return place.policies.platform.flatMap((policy) => [
    ...groupRows(policy, place, unit),
    ...ruleRows(policy, place, unit),
  ]);
}

function ruleRows(
  { source, tier, rules }: PlatformPolicyModel,
  place: PolicyPlace,
  unit: UnitContext,
): DesiredRow[] {
  const group = rowIds.policyPorts(place.unit, source);
  return rules.flatMap((one) => {
    const { id, direction, rule, rank, text: meaning } = one;
    const priority = platformPriority({ tier, rank });
    const action = one.action === 'deny' ? 'drop' : 'allow-related';
    return ruleMatches(one, source, place).map(({ suffix, match }) =>
      ruleRow(
        {
          id: rowIds.allow(place.unit, source, id + suffix),
          source,
          direction,
          group,
          rule,
          meaning,
          priority,
          action,
          match,
        },
        unit,
      ),
    );
  });
}
