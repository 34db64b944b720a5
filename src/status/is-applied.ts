// Whether something that should be is so already: what is never written again.
import { conditionTypes } from './condition.ts';
import { asArray, asObject } from './json.ts';
import type { JsonValue } from './json.ts';

/**
 * True when every member of `desired` is in `current`, which may have more: members of others, defaults. An empty text,
 * an empty list and null are as good as nothing. Of conditions, ours alone are compared.
 */
export function isApplied(desired: JsonValue | undefined, current: unknown, member = ''): boolean {
  if (isNothing(desired)) return isNothing(current);
  if (member === 'conditions')
    return areApplied(asArray(desired).map(asObject), asArray(current).map(asObject));
  if (Array.isArray(desired)) {
    const items = asArray(current);
    return desired.length === items.length && desired.every((item, index) => isApplied(item, items[index]));
  }
  if (typeof desired !== 'object' || desired === null) return desired === current;
  const object = asObject(current);
  // Here an empty text is a value like any other.
  if (member === 'labels' || member === 'annotations')
    return Object.entries(desired).every(([key, value]) => value === object[key]);
  return Object.entries(desired).every(([key, value]) => isApplied(value, object[key], key));
}

function areApplied(desired: readonly Fields[], current: readonly Fields[]): boolean {
  return conditionTypes.every((type) => {
    const wanted = desired.find((condition) => condition['type'] === type);
    const found = current.find((condition) => condition['type'] === type);
    if (wanted === undefined || found === undefined) return wanted === found;
    return Object.entries(wanted).every(([key, value]) => found[key] === value);
  });
}

type Fields = Readonly<Record<string, unknown>>;

function isNothing(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}
