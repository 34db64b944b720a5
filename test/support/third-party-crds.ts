// The definitions of Gateway API, cert-manager, Envoy Gateway and the Network Policy API: from `THIRD_PARTY_CRDS`, else those of this repository.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** A CustomResourceDefinition, as far as tests look into it. */
export interface ThirdPartyCrd {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly scope: string;
    readonly versions: readonly ThirdPartyVersion[];
  };
}

interface ThirdPartyVersion {
  readonly name: string;
  readonly served: boolean;
  readonly schema: { readonly openAPIV3Schema: Schema };
}

type Schema = Readonly<Record<string, unknown>>;

const folder =
  process.env['THIRD_PARTY_CRDS'] ?? fileURLToPath(new URL('../third-party-crds', import.meta.url));

const allCrds: readonly ThirdPartyCrd[] | undefined = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .toSorted()
      .map((name) => parse(readFileSync(join(folder, name), 'utf8')))
  : undefined;

const isPolicy = ({ spec }: ThirdPartyCrd): boolean => spec.group === 'policy.networking.k8s.io';

/** Of gateway routes. Undefined: there is no such folder, so what needs it is skipped. */
export const thirdPartyCrds = allCrds?.filter((crd) => !isPolicy(crd));
/** Of policies of the platform; as {@link thirdPartyCrds}. */
export const policyCrds = allCrds?.filter(isPolicy);

/** What stands in the way of an object: `spec.listeners[0].port: missing`; empty: its schema takes it. */
export function schemaErrors(object: Schema): readonly string[] {
  const {
    apiVersion,
    kind,
    metadata: _,
    ...rest
  } = object as { apiVersion: string; kind: string; metadata: unknown };
  const crd = allCrds?.find(
    ({ spec }) => spec.names.kind === kind && apiVersion.startsWith(`${spec.group}/`),
  );
  const version = crd?.spec.versions.find(({ name }) => apiVersion.endsWith(`/${name}`));
  if (version === undefined) return [`there is no schema of ${apiVersion} ${kind}`];
  const { properties } = version.schema.openAPIV3Schema as { properties: Readonly<Record<string, Schema>> };
  return Object.entries(rest).flatMap(([member, value]) => errorsIn(value, properties[member], member));
}

/** Types, members, bounds and patterns; rules in CEL are left to a real API server. */
function errorsIn(value: unknown, schema: Schema | undefined, path: string): string[] {
  if (value === undefined) return [];
  if (schema === undefined) return [`${path}: unknown`];
  if (Array.isArray(value)) {
    const size = value.length > Number(schema['maxItems'] ?? Infinity) ? [`${path}: too many`] : [];
    return [
      ...(schema['type'] === 'array' ? size : [`${path}: a list`]),
      ...value.flatMap((item, index) => errorsIn(item, schema['items'] as Schema, `${path}[${index}]`)),
    ];
  }
  if (typeof value === 'object' && value !== null) return objectErrors(value as Schema, schema, path);
  const type = typeof value === 'number' ? 'integer' : typeof value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const pattern = typeof schema['pattern'] === 'string' ? new RegExp(schema['pattern']) : undefined;
  const isTooLong = text.length > Number(schema['maxLength'] ?? Infinity);
  const words = schema['enum'] as readonly unknown[] | undefined;
  return [
    ...(schema['type'] === type ? [] : [`${path}: ${type}, not ${JSON.stringify(schema['type'])}`]),
    ...(pattern === undefined || pattern.test(text) ? [] : [`${path}: ${text}`]),
    ...(isTooLong ? [`${path}: too long`] : []),
    ...(words === undefined || words.includes(value) ? [] : [`${path}: ${text} is no such word`]),
  ];
}

function objectErrors(value: Schema, schema: Schema, path: string): string[] {
  if (schema['type'] !== 'object') return [`${path}: an object`];
  const required = (schema['required'] ?? []) as readonly string[];
  const properties = schema['properties'] as Readonly<Record<string, Schema>> | undefined;
  const others = schema['additionalProperties'] as Schema | undefined;
  return [
    ...required.filter((member) => value[member] === undefined).map((member) => `${path}.${member}: missing`),
    ...Object.entries(value).flatMap(([member, each]) =>
      errorsIn(each, properties?.[member] ?? others, `${path}.${member}`),
    ),
  ];
}
