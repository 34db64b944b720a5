// Findings: problems of one object before it is said which object it is, and the notation of field paths.
import type { Problem, ProblemCode } from '../base/problem.ts';

/** A problem without its object. */
export type Finding = Omit<Problem, 'object'>;

/** A {@link Finding} in one line. */
export function finding(code: ProblemCode, path: string, message: string, hint: string): Finding {
  return { code, path, message, hint };
}

/** The same findings, said of an object. */
export function problemsOf(object: string, findings: readonly Finding[]): Problem[] {
  return findings.map((each) => ({ ...each, object }));
}

/**
 * Appends a step to a path: `('spec', 'ports')` → `spec.ports`, `('spec.ports', 0)` → `spec.ports[0]`. A key that is no
 * identifier stands in brackets: `metadata.annotations[network.kube-dc.com/ip-address]`.
 */
export function fieldPath(parent: string, step: string | number): string {
  if (typeof step === 'number' || !/^[A-Za-z_][\w-]*$/.test(step)) return `${parent}[${step}]`;
  return parent === '' ? step : `${parent}.${step}`;
}

/** Path of an annotation. */
export function annotationPath(key: string): string {
  return fieldPath('metadata.annotations', key);
}
