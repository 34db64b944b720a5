// Standard conditions: three verdicts about an object, and since when each of them stands.
import { asArray, asObject, asText } from './json.ts';
import type { JsonObject } from './json.ts';

/**
 * `Accepted`: the object makes sense, and nothing is in its way. `Programmed`: what it asks for is in the database.
 * `Ready`: every hypervisor has it.
 */
export const conditionTypes = ['Accepted', 'Programmed', 'Ready'] as const;

export type ConditionType = (typeof conditionTypes)[number];

export interface Verdict {
  readonly status: 'True' | 'False' | 'Unknown';
  /** UpperCamelCase: a problem code, or one of `Accepted`, `Programmed`, `Ready`, `Pending`, `Realising`, `Failed`, `Deleting`. */
  readonly reason: string;
  readonly message: string;
}

export type Verdicts = Readonly<Record<ConditionType, Verdict>>;

/** A condition as it stands in a status now. */
export interface CurrentCondition extends Verdict {
  readonly lastTransitionTime: string;
  readonly observedGeneration: number | undefined;
}

export type CurrentConditions = Readonly<Partial<Record<ConditionType, CurrentCondition>>>;

/** Reads ours from a status, whoever wrote it. */
export function currentConditions(status: Readonly<Record<string, unknown>>): CurrentConditions {
  const found: Partial<Record<ConditionType, CurrentCondition>> = {};
  for (const raw of asArray(status['conditions']).map(asObject)) {
    const type = conditionTypes.find((known) => known === raw['type']);
    const word = raw['status'];
    if (type === undefined || (word !== 'True' && word !== 'False' && word !== 'Unknown')) continue;
    const generation = raw['observedGeneration'];
    found[type] = {
      status: word,
      reason: asText(raw['reason']),
      message: asText(raw['message']),
      lastTransitionTime: asText(raw['lastTransitionTime']),
      observedGeneration: typeof generation === 'number' ? generation : undefined,
    };
  }
  return found;
}

/**
 * The conditions to write, in the order of {@link conditionTypes}. A verdict that was the same before keeps its time.
 * Source: Kubernetes API, meta/v1 Condition.
 */
export function mergeConditions(
  verdicts: Verdicts,
  current: CurrentConditions,
  generation: number | undefined,
  now: string,
): readonly JsonObject[] {
  return conditionTypes.map((type) => {
    const { status, reason, message } = verdicts[type];
    const before = current[type];
    const isSame = before?.status === status && before.lastTransitionTime !== '';
    return {
      type,
      status,
      reason,
      message,
      lastTransitionTime: isSame ? before.lastTransitionTime : now,
      observedGeneration: generation,
    };
  });
}
