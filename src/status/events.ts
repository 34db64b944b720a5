// What is said of problems as Kubernetes events: each once when it comes, not again while it lasts.
import type { Problem } from '../base/problem.ts';
import { currentConditions } from './condition.ts';
import { problemText } from './problem-text.ts';
import type { StatusContext, UnitOutcome } from './unit-outcome.ts';

export interface DesiredEvent {
  /** Key of the object that it is about. */
  readonly object: string;
  /** `Normal`: it passes by itself, or harms nothing. */
  readonly type: 'Normal' | 'Warning';
  /** UpperCamelCase. */
  readonly reason: string;
  /** At most 1024 characters (Kubernetes API, events/v1 Event: note). */
  readonly message: string;
}

/** What was said of a unit and still holds; undefined: nothing has been heard of it, or it is gone. */
export type ToldProblems = ReadonlySet<string> | undefined;

export interface Telling {
  readonly events: readonly DesiredEvent[];
  readonly told: ToldProblems;
}

/**
 * A reducer: give it every outcome of a unit and the `told` of the one before. The first time, what the conditions say
 * already counts as said: a restart repeats nothing. Use one context for events and statuses.
 */
export function nextEvents(
  told: ToldProblems,
  outcome: UnitOutcome,
  context: Pick<StatusContext, 'objects' | 'written'>,
): Telling {
  const problems = new Map(outcome.problems.map((problem) => [identityOf(problem), problem]));
  const fresh = [...problems].filter(([identity, problem]) =>
    told === undefined ? !isSaid(problem, context) : !told.has(identity),
  );
  const isGone = outcome.result?.state === 'absent' && problems.size === 0;
  return {
    events: fresh.map(([, problem]) => eventOf(problem)),
    told: isGone ? undefined : new Set(problems.keys()),
  };
}

function identityOf({ object, code, path, message }: Problem): string {
  return JSON.stringify([object, code, path, message]);
}

function isSaid(problem: Problem, { objects, written }: Pick<StatusContext, 'objects' | 'written'>): boolean {
  const object = objects.get(problem.object);
  const status =
    written.get(problem.object) ?? (object !== undefined && 'status' in object ? object.status : {});
  const said = Object.values(currentConditions({ ...status }));
  const text = problemText(problem);
  return said.some(({ message }) => message.includes(text));
}

function eventOf(problem: Problem): DesiredEvent {
  const { object, code, severity } = problem;
  const isHarmless = code === 'Pending' || severity === 'warning';
  return {
    object,
    type: isHarmless ? 'Normal' : 'Warning',
    reason: code,
    message: problemText(problem).slice(0, 1024),
  };
}
