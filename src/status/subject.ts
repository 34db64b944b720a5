// One object whose status is asked for, with what its status is made from.
import { objectKey } from '../api/api-object.ts';
import type { ApiObject } from '../api/api-object.ts';
import { currentConditions, mergeConditions } from './condition.ts';
import type { Verdicts } from './condition.ts';
import { isApplied } from './is-applied.ts';
import type { JsonObject } from './json.ts';
import { problemsOf } from './problem-text.ts';
import type { StatusContext, UnitOutcome } from './unit-outcome.ts';
import { verdictsOf } from './verdicts.ts';

/** The status of one object as it should be. Members that are undefined must be absent. */
export interface DesiredStatus {
  /** `EIp/shalb-demo/ssh-arti` */
  readonly key: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly status: JsonObject;
}

/** What a kind says of itself, beside `ready` and conditions. */
export type StatusFields = JsonObject;

export interface Subject<T extends ApiObject> {
  readonly object: T;
  readonly key: string;
  readonly outcome: UnitOutcome;
  readonly context: StatusContext;
  /** As it was written last. */
  readonly current: Readonly<Record<string, unknown>>;
  /** Nothing of the object may be said anew: it, or its unit, stays as it is. */
  readonly isKept: boolean;
}

export function subjectOf<T extends ApiObject>(
  object: T,
  outcome: UnitOutcome,
  context: StatusContext,
): Subject<T> {
  const key = objectKey(object);
  const { result } = outcome;
  return {
    object,
    key,
    outcome,
    context,
    current: context.written.get(key) ?? ('status' in object ? { ...object.status } : {}),
    isKept: result === undefined || result.state === 'blocked' || result.heldSources.has(key),
  };
}

/** Verdicts, given the {@link ownStatus material} fields that will be written beside them. */
export function judge(
  { key, object, outcome, context, current, isKept }: Subject<ApiObject>,
  material: StatusFields,
): Verdicts {
  const { failure, result, pending, isCommitted } = outcome;
  const isFailed = failure !== undefined && (result === undefined || pending.has(key));
  return verdictsOf({
    problems: problemsOf(key, outcome.problems),
    state: isKept ? 'kept' : isCommitted ? 'written' : 'waiting',
    failure: isFailed && !isKept ? `${failure.message}; it is tried again from time to time` : undefined,
    reason: waitReason(outcome, isKept),
    isRealised: context.isRealised,
    current: currentConditions(current),
    generation: object.metadata.generation,
    isUnchanged: isApplied(material, current),
  });
}

/** The whole status of one of our own kinds. `material`: the fields that, when they change, must be programmed anew. */
export function ownStatus(
  subject: Subject<ApiObject>,
  fields: StatusFields,
  material: StatusFields,
): DesiredStatus {
  const verdicts = judge(subject, material);
  return desiredStatus(subject, { ...fields, ready: verdicts.Ready.status === 'True' }, verdicts);
}

export function desiredStatus(
  { object, key, current, context }: Subject<ApiObject>,
  fields: StatusFields,
  verdicts: Verdicts,
): DesiredStatus {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace, generation } = metadata;
  const conditions = mergeConditions(verdicts, currentConditions(current), generation, context.now);
  return { key, apiVersion, kind, namespace, name, status: { ...fields, conditions } };
}

function waitReason({ problems, result, failure }: UnitOutcome, isKept: boolean): string {
  if (failure !== undefined && result === undefined)
    return `${failure.message}; what is there stays as it is`;
  const first = problems.find(({ severity }) => severity !== 'warning');
  if (isKept && first !== undefined) return `waits for ${first.object}: ${first.message}`;
  return isKept ? 'stays as it is for now' : 'is about to be written';
}
