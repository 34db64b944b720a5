// The text of one file as its documents: objects, problems and the lines that they are on.
import { hash } from 'node:crypto';
import { objectKey, type ApiObject } from '../../api/api-object.ts';
import { decodeObject } from '../../api/decode.ts';
import { expandList } from '../../api/list.ts';
import type { Problem } from '../../base/problem.ts';
import { lineOf, readDocument, type SyntaxProblem } from './read-document.ts';
import { splitDocuments, type DocumentText } from './split-documents.ts';

/** What a document says about one object. `object` undefined: it is there, but rejected. */
export interface Entry {
  readonly key: string;
  readonly object: ApiObject | undefined;
}

/** `line` counts from 0 in the document. */
export interface LocatedProblem {
  readonly problem: Problem;
  readonly line: number;
}

export interface ParsedDocument {
  /** Of the text: a document with the digest of an older one is that older one. */
  readonly digest: string;
  readonly entries: readonly Entry[];
  readonly problems: readonly LocatedProblem[];
  /** Why the text is no YAML; then there are no entries. */
  readonly syntaxErrors: readonly SyntaxProblem[];
  /** True when it may hold objects that cannot even be named. */
  readonly isIncomplete: boolean;
}

/** A document and the line of its file that it begins on, from 1. */
export interface PlacedDocument {
  readonly line: number;
  readonly document: ParsedDocument;
}

/**
 * Parses a file. Documents whose text is that of a document in `previous` are taken over as they are, objects
 * included, so that one changed document in a large file costs one document. Never throws.
 */
export function parseManifest(text: string, previous: readonly PlacedDocument[] = []): PlacedDocument[] {
  const known = new Map(previous.map(({ document }) => [document.digest, document]));
  return splitDocuments(text).map((part: DocumentText) => {
    const digest = hash('sha1', part.text, 'base64');
    return { line: part.line, document: known.get(digest) ?? parseDocument(part.text, digest) };
  });
}

function parseDocument(text: string, digest: string): ParsedDocument {
  const read = readDocument(text);
  if (!read.ok) return { digest, entries: [], problems: [], syntaxErrors: read.errors, isIncomplete: true };
  const entries: Entry[] = [];
  const problems: LocatedProblem[] = [];
  let isIncomplete = false;
  const items = expandList(read.value);
  // Only a document that is itself the object has lines that fit the paths.
  const isList = items[0] !== read.value;
  for (const item of items) {
    const decoded = decodeObject(item);
    for (const problem of decoded.ok ? decoded.warnings : decoded.problems) {
      problems.push({ problem, line: isList ? 0 : lineOf(text, problem.path) });
    }
    if (decoded.ok) entries.push({ key: objectKey(decoded.object), object: decoded.object });
    else if (!decoded.ignored && decoded.key !== undefined)
      entries.push({ key: decoded.key, object: undefined });
    else if (!decoded.ignored) isIncomplete = true;
  }
  return { digest, entries, problems, syntaxErrors: [], isIncomplete };
}
