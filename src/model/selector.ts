// Label selectors as requirements in one form, so that equal ones are seen to be equal.
import type { LabelSelector } from '../api/label-selector.ts';
import { sortBy } from '../base/order.ts';

/** One condition on the labels of an object. */
interface Requirement {
  readonly key: string;
  readonly operator: string;
  /** Sorted, each once. */
  readonly values: readonly string[];
}

/** All have to hold; none: everything matches. */
export type Requirements = readonly Requirement[];

/** Order and repetition mean nothing, and `matchLabels` is `In` with one value. */
export function requirementsOf({ matchLabels, matchExpressions }: LabelSelector): Requirements {
  const all = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    ...matchExpressions.map(({ key, operator, values }) => ({
      key,
      operator,
      values: [...new Set(values)].toSorted(),
    })),
  ];
  const unique = new Map(all.map((one) => [JSON.stringify(one), one]));
  return sortBy(unique, ([text]) => text).map(([, one]) => one);
}

/** Whether labels fulfil all of them. Source: Kubernetes documentation, "Labels and Selectors". */
export function fulfils(labels: Readonly<Record<string, string>>, requirements: Requirements): boolean {
  return requirements.every(({ key, operator, values }) => {
    const value = labels[key];
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}

/** As kubectl takes it: `app=web,tier in (a, b),!old`; empty for none. */
export function formatRequirements(requirements: Requirements): string {
  return requirements.map(formatRequirement).join(',');
}

function formatRequirement({ key, operator, values }: Requirement): string {
  const list = `(${values.join(', ')})`;
  if (operator === 'In') return values.length === 1 ? `${key}=${values.join('')}` : `${key} in ${list}`;
  if (operator === 'NotIn')
    return values.length === 1 ? `${key}!=${values.join('')}` : `${key} notin ${list}`;
  return operator === 'Exists' ? key : `!${key}`;
}
