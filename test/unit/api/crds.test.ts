// The printed CustomResourceDefinitions are structural, and are Kube-DC's where Kube-DC has the kind.
import { describe, expect, test } from 'vitest';
import { customResourceDefinitions } from '../../../src/api/crds.ts';
import { kinds } from '../../../src/api/kind.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly required?: string[];
  readonly default?: unknown;
  readonly [keyword: string]: unknown;
}
interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: {
      readonly name: string;
      readonly subresources: object;
      readonly additionalPrinterColumns?: { name: string; jsonPath: string }[];
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}
const definitions = JSON.parse(JSON.stringify(customResourceDefinitions())) as Definition[];
const byKind = new Map(definitions.map((definition) => [definition.spec.names.kind, definition]));
const version = (kind: string) => byKind.get(kind)!.spec.versions[0]!;
const schemaOf = (kind: string) => version(kind).schema.openAPIV3Schema;

/** A field of the node, or one of those that every object has. */
function isField({ properties }: Schema, path: string, field: string): boolean {
  return properties?.[field] !== undefined || (field === 'metadata' && !path.includes('.'));
}

/** Every node of a schema with its path. */
function nodes(schema: Schema, path: string): [string, Schema][] {
  const children = Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    nodes(child, `${path}.${name}`),
  );
  const items = schema.items === undefined ? [] : nodes(schema.items, `${path}[]`);
  const values =
    schema.additionalProperties === undefined ? [] : nodes(schema.additionalProperties, `${path}{}`);
  return [[path, schema], ...children, ...items, ...values];
}

const allowed = new Set(
  `type description properties items required enum default format additionalProperties minimum maximum minLength maxLength minItems maxItems
  pattern x-kubernetes-validations x-kubernetes-list-type x-kubernetes-list-map-keys`.split(/\s+/),
);
const types = new Set(['object', 'array', 'string', 'integer', 'boolean', 'number']);

/** What a structural schema must not have, below one node. */
function violations([path, node]: [string, Schema]): string[] {
  const { required = [], properties = {} } = node;
  return [
    ...(types.has(node.type ?? '') ? [] : [`${path} has no type`]),
    ...(node.type === 'array' && node.items === undefined ? [`${path} has no items`] : []),
    ...Object.keys(node)
      .filter((keyword) => !allowed.has(keyword))
      .map((keyword) => `${path} has ${keyword}`),
    ...required
      .filter((field) => properties[field] === undefined)
      .map((field) => `${path} requires ${field}, which it has not`),
    // A default makes a required field pointless: the API server fills in before it validates.
    ...required
      .filter((field) => properties[field]?.default !== undefined)
      .map((field) => `${path} requires ${field} despite its default`),
  ];
}

describe.each([...byKind.keys()])('%s', (kind) => {
  test('every node is typed and has no keyword that a structural schema must not have', () => {
    expect(nodes(schemaOf(kind), kind).flatMap(violations)).toEqual([]);
  });

  test('is called as its group says, and has a status subresource', () => {
    const { metadata, spec } = byKind.get(kind)!;
    expect(metadata.name).toBe(`${spec.names.plural}.${spec.group}`);
    expect(version(kind).subresources).toEqual({ status: {} });
    const known = kinds[kind as keyof typeof kinds];
    expect(`${spec.group}/${version(kind).name} ${spec.scope}`).toBe(`${known.apiVersion} ${known.scope}`);
  });

  test('its rules have a message and name fields that it has', () => {
    const wrong = nodes(schemaOf(kind), kind).flatMap(([path, node]) => {
      // What `self` is in the rules of a text has functions, not fields.
      const isText = node.type === 'string';
      const rules = (node['x-kubernetes-validations'] ?? []) as { rule: string; message: string }[];
      return rules
        .filter(({ rule, message }) => {
          const fields = [...rule.matchAll(/(?:self|oldSelf)\.(\w+)/g)].map(([, field]) => field!);
          return message === '' || (!isText && fields.some((field) => !isField(node, path, field)));
        })
        .map(({ rule }) => `${path}: ${rule}`);
    });
    expect(wrong).toEqual([]);
  });
});

test('every kind of ours is printed', () => {
  const ours = Object.entries(kinds).filter(([, { fields }]) => fields === 'closed');
  expect([...byKind.keys()].toSorted()).toEqual(ours.map(([kind]) => kind).toSorted());
});

// Source: the CustomResourceDefinitions of Kube-DC's chart 0.5.70.
test.each([
  [
    'EIp',
    [
      'External IP .status.ipAddress',
      'Ready .status.ready',
      'Age .metadata.creationTimestamp',
      'Ownership .status.ownershipType',
    ],
  ],
  [
    'FIp',
    [
      'Target IP .status.resolvedTargetIP',
      'External IP .status.externalIP',
      'VM .status.targetVMInterface.vmName',
      'Interface .status.targetVMInterface.interfaceName',
      'Ready .status.ready',
    ],
  ],
])('the columns of %s are those of Kube-DC, and then why it is not ready', (kind, columns) => {
  const printed = version(kind).additionalPrinterColumns ?? [];
  expect(printed.map(({ name, jsonPath }) => `${name} ${jsonPath}`)).toEqual([
    ...columns,
    'Reason .status.conditions[?(@.type=="Ready")].reason',
  ]);
});

test.each([
  ['Project', 'egressNetworkType'],
  ['EIp', 'externalNetworkType'],
  ['EIp', 'childRef'],
  ['FIp', 'externalNetworkType'],
])('%s.%s is immutable in the words of Kube-DC', (kind, field) => {
  expect(schemaOf(kind).properties?.['spec']?.properties?.[field]).toMatchObject({
    'x-kubernetes-validations': expect.arrayContaining([
      { rule: 'self == oldSelf', message: `${field} is immutable` },
    ]),
  });
});
