// Objects as the API server sends them: plain JSON of which little is sure.

export type RawObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is RawObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text, or the empty string for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `metadata` of an object; empty when it has none. */
export function metadataOf(object: RawObject): RawObject {
  const { metadata } = object;
  return isObject(metadata) ? metadata : {};
}
