// Telling sets, maps and atoms apart, and JSON objects from other JSON.
import type { Atom, AtomMap, Value } from './value.ts';

export function isSet(value: Value): value is readonly Atom[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is AtomMap {
  return typeof value === 'object' && !Array.isArray(value);
}

export function isJsonObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
