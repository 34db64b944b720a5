// The place of every rule of the platform in its tier: where its policy's priority puts it, or else close together.
import { tierSizes } from './policy-model.ts';

/** The rules of one policy, before they have places. */
export interface RankedPolicy {
  /** 0 to 1000, the lower one goes first; equal ones in the order in which they are given. */
  readonly priority: number;
  /** Rules of the direction that has more of them. */
  readonly rules: number;
}

/**
 * The first place of each policy, in the order given, which is by priority. Each priority has as many places of its own as
 * there is room for, so that a policy which comes or goes moves no other. Where those are not enough, rules are put close
 * together; then some may be beyond the last place of the tier.
 */
export function firstRanks(
  policies: readonly RankedPolicy[],
  tier: keyof typeof tierSizes,
): readonly number[] {
  const stride = Math.floor(tierSizes[tier] / 1001);
  const used = new Map<number, number>();
  const own = policies.map(({ priority, rules }) => {
    const before = used.get(priority) ?? 0;
    used.set(priority, before + rules);
    return priority * stride + before;
  });
  if ([...used.values()].every((count) => count <= stride)) return own;
  let next = 0;
  return policies.map(({ rules }) => {
    const first = next;
    next += rules;
    return first;
  });
}
