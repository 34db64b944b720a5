// The place of a rule among the others of its switch, as the server can express it.
import { ruleBands } from './priorities.ts';
import type { RuleBand } from './priorities.ts';
import type { UnitContext } from './unit-context.ts';

/** Columns of an ACL. Tiers came with OVN 23.06 (ovn-nb(5) ACL:tier). */
export function bandColumns(
  band: RuleBand,
  { capabilities }: Pick<UnitContext, 'capabilities'>,
): { readonly priority: number; readonly tier?: number } {
  const { tier, priority } = ruleBands[band];
  return capabilities.hasColumn('ACL', 'tier') ? { tier, priority } : { priority };
}
