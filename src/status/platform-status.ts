// Status of a policy of the platform, which is for pods of many units: what all of them say of it together.
import { objectKey } from '../api/api-object.ts';
import { shortcomings } from '../api/kind.ts';
import type { PlatformPolicy } from '../api/platform-policy.ts';
import type { Problem } from '../base/problem.ts';
import { currentConditions, mergeConditions } from './condition.ts';
import type { Verdict } from './condition.ts';
import { problemsOf, problemsText } from './problem-text.ts';
import type { DesiredStatus } from './subject.ts';
import type { UnitOutcome } from './unit-outcome.ts';
import { verdictsOf } from './verdicts.ts';

/** A unit as it was looked at last. */
export interface PlatformLook {
  readonly outcome: UnitOutcome;
  readonly isRealised: boolean;
  /** Whether the policy was as it is now. */
  readonly isCurrent: boolean;
}

/**
 * `Accepted`: every rule can be carried out; what means nobody in some network is said in its message. `Programmed`,
 * `Ready`: in all networks with pods that it may be for. The API leaves open what conditions say.
 */
export function platformStatus(
  policy: PlatformPolicy,
  looks: readonly PlatformLook[],
  now: string,
): DesiredStatus {
  const key = objectKey(policy);
  const { apiVersion, kind, metadata, status } = policy;
  const { name, generation } = metadata;
  const own = shortcomings(policy).map(({ code, path, message, hint }): Problem => {
    return { object: key, code, path, message, hint };
  });
  const told = looks.flatMap(({ outcome }) => outcome.problems.filter(({ object }) => object === key));
  const open = looks.filter((look) => isOpen(look, key));
  const current = currentConditions({ ...status });
  const verdicts = verdictsOf({
    problems: problemsOf(key, distinct([...own, ...told])),
    state: open.length === 0 ? 'written' : 'waiting',
    failure: undefined,
    reason: `waits for ${namesOf(open)}`,
    isRealised: looks.every((look) => look.isRealised || !concerns(look.outcome, key)),
    current,
    generation,
    isUnchanged: true,
  });
  const warnings = distinct(told.filter(({ severity }) => severity === 'warning'));
  const conditions = mergeConditions(
    { ...verdicts, Accepted: withWarnings(verdicts.Accepted, warnings) },
    current,
    generation,
    now,
  );
  return { key, apiVersion, kind, namespace: '', name, status: { conditions } };
}

/** Units of which somebody has to ask whether their hypervisors have the policy. */
export function unrealisedUnits(policy: PlatformPolicy, looks: readonly PlatformLook[]): readonly string[] {
  const key = objectKey(policy);
  return looks
    .filter((look) => !look.isRealised && look.outcome.isCommitted && concerns(look.outcome, key))
    .map(({ outcome }) => outcome.unit);
}

/** Whether it is not known to be there as it is. A unit that has no network has no pods either. */
function isOpen({ outcome, isCurrent }: PlatformLook, key: string): boolean {
  if (outcome.result?.state === 'absent') return false;
  if (!isCurrent) return true;
  return !outcome.isCommitted && (outcome.result?.model === undefined || concerns(outcome, key));
}

function concerns({ result }: UnitOutcome, key: string): boolean {
  const model = result?.model;
  if (model === undefined || model.kind === 'network') return false;
  return model.policies.platform.some(({ source }) => source === key);
}

function withWarnings(accepted: Verdict, warnings: readonly Problem[]): Verdict {
  if (accepted.status !== 'True' || warnings.length === 0) return accepted;
  return { ...accepted, message: `${accepted.message}; but ${problemsText(warnings)}` };
}

/** `vpc/a, vpc/b and 3 more` */
function namesOf(looks: readonly PlatformLook[]): string {
  const units = looks.map(({ outcome }) => outcome.unit).toSorted();
  const more = units.length > 3 ? ` and ${units.length - 3} more` : '';
  return units.slice(0, 3).join(', ') + more;
}

/** Several units may say the same. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  const known = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...known].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, problem]) => problem);
}
