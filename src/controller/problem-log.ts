// What the log says of problems: each when it comes, and when it is solved.
import type { Logger } from '../base/logger.ts';
import type { Problem } from '../base/problem.ts';

/**
 * Compares what was known with what is known now; `fields` stand beside each line. What keeps an object from being
 * programmed is a warning, what will pass by itself or harms nothing is information. O(problems).
 */
export function logProblems(
  logger: Logger,
  before: readonly Problem[],
  now: readonly Problem[],
  fields: object = {},
): void {
  if (before.length + now.length === 0) return;
  const known = byKey(before);
  const current = byKey(now);
  for (const [key, problem] of current) {
    if (known.has(key)) continue;
    const isHarmless = problem.code === 'Pending' || problem.severity === 'warning';
    logger[isHarmless ? 'info' : 'warn']({ ...fields, ...problem }, 'problem');
  }
  for (const [key, { code, object, path, message }] of known) {
    if (!current.has(key)) logger.info({ ...fields, code, object, path, message }, 'problem is gone');
  }
}

/** Each once, in the order in which they come. */
function byKey(problems: readonly Problem[]): ReadonlyMap<string, Problem> {
  return new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
}
