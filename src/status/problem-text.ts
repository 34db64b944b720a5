// Problems in the words of conditions and events.
import { sortProblems } from '../base/problem.ts';
import type { Problem, ProblemCode } from '../base/problem.ts';

/** Kubernetes API, meta/v1 Condition: a message has at most 32768 characters. Nobody reads that many. */
const maximumLength = 2048;

/** What, where, remedy: `spec.gateway: 10.9.0.1 is not in 172.30.0.0/22; use an address of it`. */
export function problemText({ path, message, hint }: Problem): string {
  const where = path === '' ? '' : `${path}: `;
  return cut(`${where}${message}${hint === '' ? '' : `; ${hint}`}`);
}

/** All of them, the one that the reason names first. */
export function problemsText(problems: readonly Problem[]): string {
  return cut(problems.map(problemText).join(' | '));
}

/** What passes by itself, or when somebody else does something: nothing is wrong with the object. */
const passing: ReadonlySet<ProblemCode> = new Set(['Pending', 'Exhausted', 'NoGatewayChassis']);

/** Whether the object must be changed for the problem to go. */
export function isOwnFault({ code }: Problem): boolean {
  return !passing.has(code);
}

/** Problems of one object that keep it from being programmed: own faults first, then as problems are sorted. */
export function problemsOf(key: string, problems: Iterable<Problem>): readonly Problem[] {
  const own = [...problems].filter(({ object, severity }) => object === key && severity !== 'warning');
  const sorted = sortProblems(own);
  return [...sorted.filter(isOwnFault), ...sorted.filter((problem) => !isOwnFault(problem))];
}

function cut(text: string): string {
  return text.length <= maximumLength ? text : `${text.slice(0, maximumLength - 1)}…`;
}
