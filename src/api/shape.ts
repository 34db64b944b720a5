// Bringing raw data into the shape of a schema: known fields copied, nulls dropped, defaults filled in.
import type { TSchema } from 'typebox';
import { fieldPath } from './finding.ts';

/** A schema as the plain JSON Schema that it is. */
export interface SchemaNode extends TSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

export interface ShapeOptions {
  /** Called for each field that the schema does not have, with the names that it does have. */
  readonly onUnknown?: (path: string, field: string, known: readonly string[]) => void;
  /** Takes `''` in an optional field for an absent one, as Kube-DC's rules do. */
  readonly emptyIsAbsent?: boolean;
}

/**
 * A copy of `raw` with the fields of `schema` only, null treated as absent (as the API server does) and defaults
 * applied at every level. What does not fit (a number where an object belongs) is left for validation to find.
 * Maps get no prototype. Terminates on any input, cyclic input included: schemas have no cycles.
 */
export function shape(schema: SchemaNode, raw: unknown, path: string, options: ShapeOptions): unknown {
  if (schema.properties !== undefined) return shapeObject(schema, raw, path, options);
  if (schema.patternProperties !== undefined) return shapeMap(raw);
  const { items } = schema;
  if (items === undefined || !Array.isArray(raw)) return raw;
  return raw.map((item: unknown, index) => shape(items, item, fieldPath(path, index), options));
}

/** True for an object that is neither null nor an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shapeObject(schema: SchemaNode, raw: unknown, path: string, options: ShapeOptions): unknown {
  if (!isRecord(raw)) return raw;
  const properties = schema.properties ?? {};
  const shaped: Record<string, unknown> = {};
  for (const [field, node] of Object.entries(properties)) {
    const value = Object.hasOwn(raw, field) ? raw[field] : undefined;
    const given = isAbsent(value, schema.required?.includes(field) === true, options) ? node.default : value;
    if (given !== undefined) shaped[field] = shape(node, given, fieldPath(path, field), options);
  }
  if (options.onUnknown !== undefined) {
    for (const field of Object.keys(raw)) {
      if (!Object.hasOwn(properties, field)) {
        options.onUnknown(fieldPath(path, field), field, Object.keys(properties));
      }
    }
  }
  return shaped;
}

function isAbsent(value: unknown, required: boolean, options: ShapeOptions): boolean {
  return (
    value === undefined || value === null || (value === '' && !required && options.emptyIsAbsent === true)
  );
}

/** One for all: most objects have no annotations, and an object without prototype is a large one. */
const emptyMap: Readonly<Record<string, unknown>> = Object.freeze(Object.create(null));

/** Null as a value of a map from string to string is the empty string, as in Kubernetes. */
function shapeMap(raw: unknown): unknown {
  if (!isRecord(raw)) return raw;
  const entries = Object.entries(raw);
  if (entries.length === 0) return emptyMap;
  const shaped: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) shaped[key] = value === null ? '' : value;
  return shaped;
}
