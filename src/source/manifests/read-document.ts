// The text of one document as plain data, and the way back from a mistake or a field to its line.
// js-yaml reads, ten times as fast as yaml; yaml is asked only where something is.
import { CORE_SCHEMA, load } from 'js-yaml';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';

/** Why a text is no YAML. `line` counts from 0 in the document, `column` from 1. */
export interface SyntaxProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type DocumentRead =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly errors: readonly SyntaxProblem[] };

/** Reads one document of YAML or JSON. Never throws. */
export function readDocument(text: string): DocumentRead {
  const value = readJson(text) ?? readYaml(text);
  if (value !== undefined) return { ok: true, value };
  try {
    const { document } = locate(text);
    const errors = document.errors.map(syntaxProblem);
    return errors.length > 0
      ? { ok: false, errors }
      : { ok: true, value: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    // Deeper than the parser can go, or aliases that multiply: it gives no place then.
    const message = error instanceof Error ? error.message : 'it cannot be parsed';
    return { ok: false, errors: [{ line: 0, column: 1, message }] };
  }
}

/**
 * Line, from 0 in the document, of a field path such as `spec.ports[0].port`, or of as much of it as there is.
 * Parses the text again: for problems only.
 */
export function lineOf(text: string, path: string): number {
  try {
    const { document, lineCounter } = locate(text);
    return lineCounter.linePos(offsetOf(document, path)).line - 1;
  } catch {
    return 0;
  }
}

/** Undefined when the text is no JSON object. */
function readJson(text: string): unknown {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/**
 * YAML 1.2 core, in which a time is a string. Undefined when js-yaml does not accept the text, or when there may be
 * merge keys (`<<`) in it, which core does not have but kubectl does.
 */
function readYaml(text: string): unknown {
  if (text.includes('<<')) return undefined;
  try {
    return load(text, { schema: CORE_SCHEMA });
  } catch {
    return undefined;
  }
}

function locate(text: string): { readonly document: Document.Parsed; readonly lineCounter: LineCounter } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, stringKeys: true, merge: true, logLevel: 'silent' });
  return { document, lineCounter };
}

/** Offset of the deepest part of the path that there is. */
function offsetOf(document: Document, path: string): number {
  let node: Node | undefined = document.contents ?? undefined;
  let offset = node?.range?.[0] ?? 0;
  for (const step of path.matchAll(/\[([^\]]+)\]|([^.[\]]+)/g)) {
    const next = child(resolve(node, document), step[1] ?? step[2] ?? '');
    if (next === undefined) break;
    node = next.value;
    offset = next.at ?? offset;
  }
  return offset;
}

interface Child {
  readonly value: Node | undefined;
  readonly at: number | undefined;
}

function child(node: Node | undefined, step: string): Child | undefined {
  if (isSeq(node)) {
    const item = asNode(node.items[Number(step)]);
    return item === undefined ? undefined : { value: item, at: item.range?.[0] };
  }
  const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === step) : undefined;
  return pair === undefined ? undefined : { value: asNode(pair.value), at: asNode(pair.key)?.range?.[0] };
}

function resolve(node: Node | undefined, document: Document): Node | undefined {
  return isAlias(node) ? node.resolve(document) : node;
}

function asNode(value: unknown): Node | undefined {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : undefined;
}

/** The parser's message without the place (told apart) and the excerpt. */
function syntaxProblem({ message, linePos }: Document.Parsed['errors'][number]): SyntaxProblem {
  const [first = ''] = message.split('\n');
  return {
    line: (linePos?.[0].line ?? 1) - 1,
    column: linePos?.[0].col ?? 1,
    message: first.replace(/ at line \d+, column \d+:?$/, ''),
  };
}
