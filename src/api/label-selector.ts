// Label selectors (meta/v1 LabelSelector): their schema, and what can be wrong with one.
import { Type, type Static } from 'typebox';
import { fieldPath, finding, type Finding } from './finding.ts';
import { stringMap, type Immutable } from './schema.ts';

const requirementSchema = Type.Object({
  key: Type.String({ default: '' }),
  operator: Type.String({ default: '' }),
  values: Type.Array(Type.String(), { default: [] }),
});

/** Operators are checked by {@link checkSelector}: a selector in the wrong words is none, not another one. */
export const labelSelectorSchema = Type.Object({
  matchLabels: stringMap(),
  matchExpressions: Type.Array(requirementSchema, { default: [] }),
});

/** Without requirements it matches everything. */
export type LabelSelector = Immutable<Static<typeof labelSelectorSchema>>;
type Requirement = LabelSelector['matchExpressions'][number];

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'];
const namePart = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const domain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What no label could match. Source: Kubernetes API, LabelSelectorRequirement; "Labels and Selectors", syntax. */
export function checkSelector(path: string, { matchLabels, matchExpressions }: LabelSelector): Finding[] {
  const labels = fieldPath(path, 'matchLabels');
  return [
    ...Object.entries(matchLabels).flatMap(([key, value]) =>
      checkKey(fieldPath(labels, key), key).concat(checkValue(fieldPath(labels, key), value)),
    ),
    ...matchExpressions.flatMap((requirement, index) =>
      checkRequirement(fieldPath(fieldPath(path, 'matchExpressions'), index), requirement),
    ),
  ];
}

function checkRequirement(path: string, { key, operator, values }: Requirement): Finding[] {
  const at = fieldPath(path, 'values');
  return [
    ...checkKey(fieldPath(path, 'key'), key),
    ...checkOperator(fieldPath(path, 'operator'), operator),
    ...values.flatMap((value, index) => checkValue(fieldPath(at, index), value)),
    ...checkCount(at, operator, values.length),
  ];
}

function checkOperator(path: string, operator: string): Finding[] {
  if (operators.includes(operator)) return [];
  const list = operators.join(', ');
  const message = `${JSON.stringify(operator)} is not one of: ${list}`;
  return [finding('Invalid', path, message, `use one of: ${list}`)];
}

function checkCount(path: string, operator: string, count: number): Finding[] {
  if ((operator === 'In' || operator === 'NotIn') && count === 0)
    return [finding('Invalid', path, `${operator} needs values to compare with`, 'name at least one value')];
  if ((operator === 'Exists' || operator === 'DoesNotExist') && count > 0)
    return [finding('Invalid', path, `${operator} takes no values`, 'remove them, or use In or NotIn')];
  return [];
}

function checkKey(path: string, key: string): Finding[] {
  const slash = key.lastIndexOf('/');
  const [prefix, name] = slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  const isPrefix = prefix === undefined || (prefix.length <= 253 && domain.test(prefix));
  if (isPrefix && namePart.test(name)) return [];
  const hint = 'write it as app or example.com/app: letters, digits, "-", "_" and ".", at most 63';
  return [finding('Invalid', path, `${JSON.stringify(key)} is no label key`, hint)];
}

function checkValue(path: string, value: string): Finding[] {
  if (value === '' || namePart.test(value)) return [];
  const hint = 'use at most 63 letters, digits, "-", "_" and "."';
  return [finding('Invalid', path, `${JSON.stringify(value)} is no label value`, hint)];
}
