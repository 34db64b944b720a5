// What a schema has against a value, in words that a person can act on.
import type { TLocalizedValidationError } from 'typebox/error';
import { fieldPath, finding, type Finding } from './finding.ts';
import { nearestWord } from './nearest-word.ts';
import { isRecord, type SchemaNode } from './shape.ts';

/**
 * One finding per field (or missing field) for the errors that validation of `value` against `schema` gave.
 * `root` is the path of `value` itself, for example `metadata`; empty for a whole object.
 */
export function schemaFindings(
  schema: SchemaNode,
  value: unknown,
  errors: readonly TLocalizedValidationError[],
  root: string,
): Finding[] {
  const found = new Map<string, Finding>();
  for (const error of errors) {
    const steps = error.instancePath.split('/').slice(1).map(unescapePointer);
    const place = follow(schema, value, steps, root);
    for (const each of findingsOf(error, place)) {
      // A union reports each of its members before itself: the last word on a path is the one that says it all.
      if (error.keyword === 'anyOf' || !found.has(each.path)) found.set(each.path, each);
    }
  }
  return [...found.values()];
}

interface Place {
  readonly node: SchemaNode | undefined;
  readonly value: unknown;
  readonly path: string;
}

function follow(schema: SchemaNode, value: unknown, steps: readonly string[], root: string): Place {
  let place: Place = { node: schema, value, path: root };
  for (const step of steps) place = stepInto(place, step);
  return place;
}

function stepInto({ node, value, path }: Place, step: string): Place {
  if (Array.isArray(value)) {
    const index = Number(step);
    return { node: node?.items, value: value[index] as unknown, path: fieldPath(path, index) };
  }
  const child = node?.properties?.[step] ?? Object.values(node?.patternProperties ?? {})[0];
  return { node: child, value: isRecord(value) ? value[step] : undefined, path: fieldPath(path, step) };
}

function findingsOf(error: TLocalizedValidationError, place: Place): Finding[] {
  const { node, value, path } = place;
  const { keyword } = error;
  const invalid = (message: string): Finding[] => [
    finding('Invalid', path, message, node?.description ?? 'correct it'),
  ];
  if (keyword === 'required') return error.params.requiredProperties.map((field) => missing(place, field));
  if (keyword === 'enum') return [wrongWord(path, value, error.params.allowedValues.map(String))];
  if (keyword === 'type') return [wrongType(place, [error.params.type].flat())];
  if (keyword === 'anyOf')
    return [
      wrongType(
        place,
        (node?.anyOf ?? []).flatMap((each) => each.type ?? []),
      ),
    ];
  if (keyword === 'minimum') return invalid(`${show(value)} is smaller than ${error.params.limit}`);
  if (keyword === 'maximum') return invalid(`${show(value)} is larger than ${error.params.limit}`);
  if (keyword === 'minLength') return invalid(`${path} is empty`);
  if (keyword === 'pattern' || keyword === 'format')
    return invalid(`${show(value)} is not written as it must be`);
  return invalid(`${show(value)} ${error.message}`);
}

function missing({ node, path }: Place, field: string): Finding {
  const at = fieldPath(path, field);
  return finding('Invalid', at, `${at} is missing`, node?.properties?.[field]?.description ?? `set ${at}`);
}

function wrongWord(path: string, value: unknown, words: readonly string[]): Finding {
  const nearest = typeof value === 'string' ? nearestWord(value, words) : undefined;
  const list = words.join(', ');
  const hint = nearest === undefined ? `use one of: ${list}` : `did you mean ${nearest}?`;
  return finding('Invalid', path, `${show(value)} is not one of: ${list}`, hint);
}

function wrongType({ node, value, path }: Place, expected: readonly string[]): Finding {
  const message = `expected ${expected.map(article).join(' or ')}, found ${show(value)}`;
  return finding('Invalid', path, message, quoting(value, expected) ?? node?.description ?? 'correct it');
}

/** The commonest slip of YAML: a number or boolean where a string belongs, or the other way round. */
function quoting(value: unknown, expected: readonly string[]): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') {
    return expected.includes('string') ? `put it in quotes: "${value}"` : undefined;
  }
  if (typeof value !== 'string' || expected.includes('string')) return undefined;
  return /^(\d+|true|false)$/.test(value) ? `write it without quotes: ${value}` : undefined;
}

function article(type: string): string {
  return type === 'array' ? 'a list' : /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

/** A value for a message: at most some 60 characters of it. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'an object';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
