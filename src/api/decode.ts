// From parsed YAML or JSON to an object of the union, or to the problems that it has.
import { Type } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { Problem } from '../base/problem.ts';
import { formatObjectKey, type ApiObject, type Kind } from './api-object.ts';
import { checkLabel, isDnsSubdomain } from './name-field.ts';
import { finding, problemsOf, type Finding } from './finding.ts';
import { checkObject, checkTransition, isKind, kinds, shortcomings, type KindDefinition } from './kind.ts';
import { metadataSchema, type ObjectMeta } from './metadata.ts';
import { schemaFindings } from './schema-findings.ts';
import { isRecord, shape, type SchemaNode } from './shape.ts';
import { unknownField } from './unknown-field.ts';
import { unknownKind } from './unknown-kind.ts';

/** What became of one document. */
export type Decoded =
  | { readonly ok: true; readonly object: ApiObject; readonly warnings: readonly Problem[] }
  | {
      readonly ok: false;
      /**
       * True for an object of a kind that is not read: it is left alone, and what is said about it is a warning.
       * False for one that was meant for us and rejected.
       */
      readonly ignored: boolean;
      readonly problems: readonly Problem[];
      /** Object key where the document names itself well enough to know what it is about. */
      readonly key?: string;
    };

/** Validates, defaults and types one document. Never throws; the result shares no container with `raw`. */
export function decodeObject(raw: unknown): Decoded {
  if (!isRecord(raw)) return notAnObject('', 'it is no object with fields');
  const { apiVersion, kind } = raw;
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return notAnObject('apiVersion', 'apiVersion is missing');
  if (typeof kind !== 'string' || kind === '') return notAnObject('kind', 'kind is missing');
  if (isKind(kind) && kinds[kind].apiVersion === apiVersion) return decodeKind(kind, raw);
  const problems = unknownKind(apiVersion, kind, keyOf(kind, raw, 'Namespaced') ?? kind);
  return { ok: false, ignored: true, problems };
}

/**
 * What a new version of an object changes although it must not: `Immutable` problems; empty when all is well.
 * Both versions are of one object, not of one that was deleted and created again.
 */
export function transitionProblems(old: ApiObject, object: ApiObject): Problem[] {
  const { kind, metadata } = object;
  return problemsOf(formatObjectKey(kind, metadata.namespace, metadata.name), checkTransition(old, object));
}

function decodeKind(kind: Kind, raw: Readonly<Record<string, unknown>>): Decoded {
  const definition = kinds[kind];
  const key = keyOf(kind, raw, definition.scope);
  const { body, unknown } = shapeBody(kind, raw);
  const { schema, validator, status } = validatorsOf(kind);
  const reject = (findings: readonly Finding[]): Decoded => ({
    ok: false,
    ignored: false,
    problems: problemsOf(key ?? kind, [...unknown, ...findings]),
    ...(key === undefined ? {} : { key }),
  });
  if (!validator.Check(body)) return reject(schemaFindings(schema, body, validator.Errors(body), ''));
  const shapedStatus = shape(definition.status, raw['status'] ?? {}, 'status', {});
  const statusOk = status.Check(shapedStatus);
  const object = assemble(kind, body, statusOk ? shapedStatus : shape(definition.status, {}, 'status', {}));
  const findings = [...checkNames(definition, object.metadata), ...checkObject(object)];
  if (unknown.length + findings.length > 0) return reject(findings);
  const warnings = [
    ...problemsOf(key ?? kind, shortcomings(object)),
    ...(statusOk ? [] : [statusWarning(key ?? kind, status.Errors(shapedStatus)[0]?.message ?? '')]),
  ];
  return { ok: true, object, warnings };
}

/** The one place where validated data is given its static type: schema and type come from the same declaration. */
function assemble(kind: Kind, body: ShapedBody, status: unknown): ApiObject {
  const { apiVersion, scope } = kinds[kind];
  const metadata = scope === 'Cluster' ? { ...body.metadata, namespace: '' } : body.metadata;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema of the kind has accepted it
  return { apiVersion, kind, ...body, metadata, status } as unknown as ApiObject;
}

function shapeBody(
  kind: Kind,
  raw: unknown,
): { readonly body: unknown; readonly unknown: readonly Finding[] } {
  const unknown: Finding[] = [];
  const isClosed = kinds[kind].fields === 'closed';
  const onUnknown = (path: string, field: string, known: readonly string[]): void => {
    if (path.startsWith('metadata.') || path === 'apiVersion' || path === 'kind' || path === 'status') return;
    unknown.push(unknownField(path, field, known));
  };
  const options = isClosed ? { onUnknown, emptyIsAbsent: true } : {};
  return { body: shape(validatorsOf(kind).schema, raw, '', options), unknown };
}

/** What passes the validator of every kind. */
interface ShapedBody {
  readonly metadata: ObjectMeta;
}

interface Validators {
  readonly schema: SchemaNode;
  readonly validator: { Check(value: unknown): value is ShapedBody } & Pick<Validator, 'Errors'>;
  readonly status: Validator;
}

const compiled = new Map<Kind, Validators>();

/** Compiled on first use: most runs see few kinds. */
function validatorsOf(kind: Kind): Validators {
  const known = compiled.get(kind);
  if (known !== undefined) return known;
  const { body, status } = kinds[kind];
  const schema = Type.Object({ metadata: metadataSchema, ...body.properties });
  const validators = { schema, validator: Compile(schema), status: Compile(status) };
  compiled.set(kind, validators);
  return validators;
}

function checkNames({ name, scope }: KindDefinition, metadata: ObjectMeta): Finding[] {
  const isName = name === 'subdomain' && isDnsSubdomain(metadata.name);
  return [
    ...(isName ? [] : checkLabel('metadata.name', metadata.name, 'a name')),
    ...(scope === 'Cluster'
      ? []
      : checkLabel('metadata.namespace', metadata.namespace, 'the name of a namespace')),
  ];
}

function keyOf(
  kind: string,
  raw: Readonly<Record<string, unknown>>,
  scope: KindDefinition['scope'],
): string | undefined {
  const metadata = isRecord(raw['metadata']) ? raw['metadata'] : {};
  const { name } = metadata;
  const namespace = scope === 'Cluster' ? '' : (metadata['namespace'] ?? 'default');
  if (typeof name !== 'string' || name === '' || typeof namespace !== 'string') return undefined;
  return formatObjectKey(kind, namespace, name);
}

function notAnObject(path: string, message: string): Decoded {
  const hint = 'every object begins with apiVersion and kind, for example kube-dc.com/v1 and Project';
  return {
    ok: false,
    ignored: false,
    problems: [{ ...finding('Invalid', path, message, hint), object: '' }],
  };
}

function statusWarning(object: string, message: string): Problem {
  const hint = 'remove the status from the manifest: it is written, not read';
  return {
    ...finding('Invalid', 'status', `the status is not used: ${message}`, hint),
    object,
    severity: 'warning',
  };
}
