// Plain data as it is written to the API.

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A member that is undefined is absent in what is written. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** A value that came from outside, as an object; empty when it is none. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A value that came from JSON, as such; functions and the like are left out. */
export function asJson(value: unknown): JsonValue | undefined {
  if (Array.isArray(value)) return value.map((item) => asJson(item) ?? null);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asJson(item)]));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
