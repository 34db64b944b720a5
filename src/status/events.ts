// What is said as Kubernetes events: of problems, each once when it comes, and of addresses when they can be used.
import type { Problem } from '../base/problem.ts';
import { currentConditions } from './condition.ts';
import { asArray, asObject, asText } from './json.ts';
import type { JsonObject } from './json.ts';
import { problemText } from './problem-text.ts';
import type { DesiredStatus } from './subject.ts';
import type { StatusContext, UnitOutcome } from './unit-outcome.ts';

export interface DesiredEvent {
  /** Key of the object that it is about. */
  readonly object: string;
  /** `Normal`: it passes by itself. */
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

/**
 * What is said of an EIp, FIp or Service that becomes Ready; undefined: nothing. `current`: its status until now. A
 * restart repeats nothing.
 */
export function readyEvent(
  { key, kind, status }: DesiredStatus,
  current: Readonly<Record<string, unknown>>,
): DesiredEvent | undefined {
  const isReady = (of: Readonly<Record<string, unknown>>): boolean =>
    currentConditions(of).Ready?.status === 'True';
  const message = addressText[kind]?.(status);
  if (message === undefined || !isReady(status) || isReady(current)) return undefined;
  return { object: key, type: 'Normal', reason: 'AddressAssigned', message };
}

const addressText: Readonly<Record<string, (status: JsonObject) => string>> = {
  EIp: ({ ipAddress }) => `the address is ${asText(ipAddress)}`,
  FIp: ({ externalIP, resolvedTargetIP }) => `${asText(externalIP)} leads to ${asText(resolvedTargetIP)}`,
  Service: ({ loadBalancer }) => {
    const ingress = asArray(asObject(loadBalancer)['ingress']).map((entry) => asText(asObject(entry)['ip']));
    return `reached at ${ingress.join(', ')}`;
  },
};

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
  const { object, code } = problem;
  return {
    object,
    type: code === 'Pending' ? 'Normal' : 'Warning',
    reason: code,
    message: problemText(problem).slice(0, 1024),
  };
}
