// Rules between the fields of one object: each written once, as CEL for the API server and as a predicate for us.
import type { CelRule } from './cel.ts';
import { finding, type Finding } from './finding.ts';

/** A rule over a spec. `holds` must say what `rule` says; absent fields are undefined. */
export interface Rule<Spec> {
  /** CEL expression, `self` being the spec. */
  readonly rule: string;
  readonly message: string;
  readonly hint: string;
  /** The field to blame, below the spec; empty for the spec itself. */
  readonly field: string;
  readonly holds: (spec: Spec) => boolean;
}

/** All rules of a kind. */
export interface KindRules<Spec> {
  /** Fields that keep the value, or the absence, that they had at creation. */
  readonly immutable: readonly (keyof Spec & string)[];
  readonly rules: readonly Rule<Spec>[];
  /** What the API server can refuse, too, of that which is checked in better words elsewhere. */
  readonly cel?: readonly CelRule[];
}

/** What a spec breaks of its kind's rules. */
export function brokenRules<Spec>({ rules }: KindRules<Spec>, spec: Spec): Finding[] {
  return rules
    .filter((rule) => !rule.holds(spec))
    .map(({ field, message, hint }) =>
      finding('Invalid', field === '' ? 'spec' : `spec.${field}`, message, hint),
    );
}

/** What changed from `old` to `spec` although it must not. */
export function brokenTransition<Spec>({ immutable }: KindRules<Spec>, old: Spec, spec: Spec): Finding[] {
  return immutable
    .filter((field) => old[field] !== spec[field])
    .map((field) => {
      const [before, after] = [old[field], spec[field]].map((value) =>
        value === undefined ? 'unset' : String(value),
      );
      const hint = `set it back to ${before}, or delete the object and create it again`;
      return finding(
        'Immutable',
        `spec.${field}`,
        `${field} is immutable: it was ${before} and is now ${after}`,
        hint,
      );
    });
}
