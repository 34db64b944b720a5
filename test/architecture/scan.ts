// Reads TypeScript just far enough: comments and strings told from code, and the imports of a file.

/** One import or re-export, also `import('…')` in code or in a type. */
export interface Import {
  /** As written; undefined for a dynamic import of something computed. */
  readonly specifier: string | undefined;
  readonly isType: boolean;
  /** The names between `import` and `from`, as written. */
  readonly names: string;
}

export interface Scanned {
  /** The source with comments and the inside of strings replaced by blanks; same length, same lines. */
  readonly code: string;
  readonly imports: readonly Import[];
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

/** A `/` after one of these (or at the start) begins a regular expression, not a division. */
const beforeRegex =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|delete|throw|yield|await))\s*$/;

const tokens = {
  lineComment: /\/\/[^\n]*/y,
  blockComment: /\/\*[^]*?(?:\*\/|$)/y,
  single: /'(?:[^'\\\n]|\\[^])*'?/y,
  double: /"(?:[^"\\\n]|\\[^])*"?/y,
  regex: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
  templatePart: /(?:[^`\\$]|\\[^]|\$(?!\{))*/y,
};

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

/** Blanks comments, strings, regular expressions and the text of templates; keeps quotes and what is in `${…}`. */
function blankedCode(source: string): string {
  let code = '';
  /** For every open `${`, how many `{` are open inside it. */
  const templates: number[] = [];
  const takeTemplate = (opening: string): void => {
    const part = match(tokens.templatePart, source, code.length + opening.length) ?? '';
    code += opening + blank(part);
    const closing = source[code.length] === '`' ? '`' : source.slice(code.length, code.length + 2);
    code += closing;
    if (closing === '${') templates.push(0);
  };
  while (code.length < source.length) {
    const at = code.length;
    const char = source[at] ?? '';
    const comment = match(tokens.lineComment, source, at) ?? match(tokens.blockComment, source, at);
    const text = match(tokens.single, source, at) ?? match(tokens.double, source, at);
    const regex =
      char === '/' && beforeRegex.test(code.slice(-40)) ? match(tokens.regex, source, at) : undefined;
    const depth = templates.at(-1);
    if (comment !== undefined) code += blank(comment);
    else if (text !== undefined) code += char + blank(text.slice(1, -1)) + (text.length > 1 ? char : '');
    else if (regex !== undefined) code += `/${blank(regex.slice(1, -1))}/`;
    else if (char === '`') takeTemplate('`');
    else if (char === '}' && depth === 0) {
      templates.pop();
      takeTemplate('}');
    } else {
      if (depth !== undefined && char === '{') templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && char === '}') templates[templates.length - 1] = depth - 1;
      code += char;
    }
  }
  return code;
}

const fromClause = /(?<![.\w])(?:import|export)\s([^'"`;()=]*?)\bfrom\s*(?=['"])/g;
const sideEffect = /(?<![.\w])import\s*(?=['"])/g;
const call = /(?<![.\w])import\s*\(\s*/g;

export function scan(source: string): Scanned {
  const code = blankedCode(source);
  const specifierAt = (at: number): string | undefined =>
    /^(['"])(.*?)\1/.exec(source.slice(at, at + 300))?.[2];
  const found = (pattern: RegExp, isType: (names: string) => boolean): Import[] =>
    [...code.matchAll(pattern)].map((hit) => {
      const names = (hit[1] ?? '').trim();
      return { specifier: specifierAt(hit.index + hit[0].length), isType: isType(names), names };
    });
  return {
    code,
    imports: [
      ...found(fromClause, (names) => names.startsWith('type ')),
      ...found(sideEffect, () => false),
      ...found(call, () => false),
    ],
  };
}
