// From our schemas to the structural OpenAPI schemas that a CustomResourceDefinition must have.
import { labelName } from './cel.ts';
import type { KindRules } from './rule.ts';
import type { SchemaNode } from './shape.ts';

const validations = 'x-kubernetes-validations';

/** What the schema of a kind is made from. */
export interface KindSchema {
  readonly description: string;
  readonly spec: SchemaNode;
  readonly status: SchemaNode;
  readonly rules: KindRules<never>;
  /** True when an object without a spec makes no sense. */
  readonly isSpecRequired: boolean;
  /** True when a name must be one DNS label. */
  readonly isNameLabel: boolean;
}

/** `openAPIV3Schema` of a kind. Source: Kubernetes, "Extend the API with CustomResourceDefinitions", structural schemas. */
export function structuralSchema({
  description,
  spec,
  status,
  rules,
  isSpecRequired,
  isNameLabel,
}: KindSchema): object {
  return {
    description,
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: withRules(structural(spec), rules),
      status: structural(status),
    },
    ...(isSpecRequired ? { required: ['spec'] } : {}),
    ...(isNameLabel ? { [validations]: [labelName] } : {}),
  };
}

interface Structural {
  readonly properties?: Readonly<Record<string, Structural>>;
  readonly [keyword: string]: unknown;
}

/** Keywords that mean the same in both. */
const copied = new Set([
  'description',
  'type',
  'format',
  'enum',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
]);

function structural(node: SchemaNode): Structural {
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(node)) {
    if (copied.has(keyword) || keyword.startsWith('x-kubernetes-')) result[keyword] = value;
  }
  // An empty default (a list, an object) is ours, so that code need not ask; in an API server it would be noise.
  if (node.default !== undefined && typeof node.default !== 'object') result['default'] = node.default;
  if (node.items !== undefined) result['items'] = structural(node.items);
  if (node.patternProperties !== undefined) {
    result['additionalProperties'] = structural(Object.values(node.patternProperties)[0] ?? {});
  }
  const { properties } = node;
  if (properties === undefined) return result;
  const required = (node.required ?? []).filter((field) => properties[field]?.default === undefined);
  if (required.length > 0) result['required'] = required;
  result['properties'] = Object.fromEntries(
    Object.entries(properties).map(([field, child]) => [field, structural(child)]),
  );
  return result;
}

function withRules(spec: Structural, { immutable, rules, cel = [] }: KindRules<never>): Structural {
  const properties = Object.entries(spec.properties ?? {}).map(([field, child]): [string, Structural] => {
    if (!immutable.some((each) => each === field)) return [field, child];
    const kept = { rule: 'self == oldSelf', message: `${field} is immutable` };
    const own = Array.isArray(child[validations]) ? child[validations] : [];
    return [field, { ...child, [validations]: [kept, ...own] }];
  });
  const all = [
    ...rules.map(({ rule, message }) => ({ rule, message })),
    ...cel,
    // `self == oldSelf` is not asked when the field comes or goes.
    ...immutable.map((field) => ({
      rule: `has(self.${field}) == has(oldSelf.${field})`,
      message: `${field} is immutable`,
    })),
  ];
  return {
    ...spec,
    properties: Object.fromEntries(properties),
    ...(all.length > 0 ? { [validations]: all } : {}),
  };
}
