// Cutting a YAML stream into its documents before any of them is parsed.

/** One document of a stream. */
export interface DocumentText {
  readonly text: string;
  /** Number of the document's first line in the stream, from 1. */
  readonly line: number;
}

const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;

/**
 * The documents of a stream, in order, empty ones left out. A line that begins with `---` or `...` ends a document
 * wherever it stands, even in a quoted or block scalar (YAML 1.2 §9.1.2, c-forbidden): cutting there is exact, and an
 * error in one document cannot spoil the next. Directives (`%YAML 1.2`) stay with the document that they precede.
 */
export function splitDocuments(stream: string): DocumentText[] {
  const documents: DocumentText[] = [];
  let [from, line] = [0, 1];
  const cut = (to: number, next: number): void => {
    const text = stream.slice(from, to);
    if (hasContent(text)) documents.push({ text, line });
    line += countLines(text);
    from = next;
  };
  for (const { 0: mark, index } of stream.matchAll(marker)) {
    if (mark === '...') cut(index, index + mark.length);
    else if (!isOnlyDirectives(stream.slice(from, index))) cut(index, index);
  }
  cut(stream.length, stream.length);
  return documents;
}

/** Some line is neither blank, nor a comment, nor a bare marker. */
function hasContent(text: string): boolean {
  return /^(?!---[ \t\r]*(?:#.*)?$)[ \t\r]*[^\s#]/m.test(text);
}

/** The only lines with content are directives. */
function isOnlyDirectives(text: string): boolean {
  return text.startsWith('%') || /^(?:[ \t\r]*(?:#.*)?\n)*%/.test(text);
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
