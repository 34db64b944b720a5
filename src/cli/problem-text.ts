// Problems in words: one line each, the same in every command.
import type { Problem } from '../base/problem.ts';

/** `FIp/shalb-demo/fedora-arti: spec.eip: no EIp of that name (create it, or …)`. No line end. */
export function formatProblem({ object, path, message, hint, severity }: Problem): string {
  const where = path === '' ? object : `${object}: ${path}`;
  const kind = severity === 'warning' ? 'warning: ' : '';
  return `${kind}${where}: ${message}${hint === '' ? '' : ` (${hint})`}`;
}

/** One line per problem, in the order given; empty without problems. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map((problem) => `${formatProblem(problem)}\n`).join('');
}

/** True for a problem that keeps an object from being programmed. */
export function isRejection(problem: Problem): boolean {
  return problem.severity !== 'warning';
}
