// The rules of the house (DESIGN §3, §8) as functions of the sources: every one returns what breaks it.
import { posix } from 'node:path';
import { impureWord, maxFileLines, maxReadmeLines, ovnWord } from './layers.ts';
import type { LayerTable } from './layers.ts';
import { scan } from './scan.ts';
import type { Import } from './scan.ts';

/** Path from the root of the checkout (`src/net/mac.ts`) → text. */
export type Sources = ReadonlyMap<string, string>;

export interface Violation {
  readonly rule: string;
  readonly file: string;
  readonly detail: string;
}

interface Edge extends Import {
  /** Path of the imported file, or undefined for a package. */
  readonly target: string | undefined;
}

export interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly code: string;
  readonly edges: readonly Edge[];
}

/** The TypeScript files below src/, in the order of their paths. */
export function readHouse(sources: Sources): readonly SourceFile[] {
  return [...sources]
    .filter(([path]) => path.startsWith('src/') && path.endsWith('.ts'))
    .map(([path, text]) => {
      const { code, imports } = scan(text);
      const edges = imports.map(({ specifier, isType, names }) => ({
        specifier,
        isType,
        names,
        target: resolve(path, specifier),
      }));
      return { path, room: path.split('/')[1] ?? '', text, code, edges };
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function resolve(from: string, specifier: string | undefined): string | undefined {
  return specifier?.startsWith('.') ? posix.join(posix.dirname(from), specifier) : undefined;
}

const roomOf = (path: string): string => path.split('/')[1] ?? '';
const packageOf = (specifier: string): string =>
  specifier.startsWith('node:')
    ? 'node:*'
    : specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Only imports that the table allows; rooms that are not in the table import nothing and may not exist. */
export function checkLayers(house: readonly SourceFile[], layers: LayerTable): Violation[] {
  const paths = new Set(house.map((file) => file.path));
  return house.flatMap((file) => {
    const room = layers[file.room];
    if (room === undefined) return [{ rule: 'layers', file: file.path, detail: 'room is not in the table' }];
    return file.edges.flatMap(({ specifier, target, isType }) => {
      const broken = (detail: string): Violation[] => [{ rule: 'layers', file: file.path, detail }];
      if (specifier === undefined) return broken('imports something computed');
      if (target === undefined) {
        return room.packages?.includes(packageOf(specifier)) ? [] : broken(`imports package ${specifier}`);
      }
      if (!paths.has(target)) return broken(`imports ${target}, which is not there`);
      const to = roomOf(target);
      if (to === file.room || room.rooms.includes(to)) return [];
      if (room.types?.includes(to))
        return isType ? [] : broken(`imports ${target} as a value; only types are allowed`);
      return broken(`imports ${target}`);
    });
  });
}

/** The table itself runs one way: every room stands below those that it imports. */
export function checkTable(layers: LayerTable): Violation[] {
  const order = Object.keys(layers);
  return order.flatMap((name, index) =>
    [...(layers[name]?.rooms ?? []), ...(layers[name]?.types ?? [])]
      .filter((other) => order.indexOf(other) < 0 || order.indexOf(other) >= index)
      .map((other) => ({ rule: 'table', file: name, detail: `${other} does not stand above it` })),
  );
}

/** No file reaches itself through imports, type imports included. Each cycle is reported once. */
export function checkCycles(house: readonly SourceFile[]): Violation[] {
  const files = new Map(house.map((file) => [file.path, file]));
  const finished = new Set<string>();
  const cycles: Violation[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const detail = [...trail.slice(start), path].join(' → ');
      cycles.push({ rule: 'cycle', file: path, detail });
      return;
    }
    if (finished.has(path)) return;
    for (const { target } of files.get(path)?.edges ?? [])
      if (target !== undefined) visit(target, [...trail, path]);
    finished.add(path);
  };
  for (const { path } of house) visit(path, []);
  return cycles;
}

/** Pure rooms have no impure word, and reach no file that has one (or anything of Node's) through value imports. */
export function checkPurity(house: readonly SourceFile[], layers: LayerTable): Violation[] {
  const files = new Map(house.map((file) => [file.path, file]));
  return house
    .filter((file) => layers[file.room]?.pure)
    .flatMap((file) => {
      const own = impurities(file).map((detail) => ({ rule: 'purity', file: file.path, detail }));
      const reached = [...reachable(file, files)].flatMap((path) => {
        const other = files.get(path);
        if (other === undefined || layers[other.room]?.pure) return []; // reported where it is
        const words = impurities(other);
        return words.length === 0
          ? []
          : [{ rule: 'purity', file: file.path, detail: `reaches ${path}: ${words[0]}` }];
      });
      return own.concat(reached);
    });
}

function impurities({ code, edges }: SourceFile): string[] {
  const words = [...code.matchAll(impureWord)].map((hit) => hit[0]);
  // A digest depends on nothing but what it is given.
  const isDigest = ({ specifier, names }: Edge): boolean =>
    specifier === 'node:crypto' && names === '{ hash }';
  const node = edges.filter((edge) => !edge.isType && edge.specifier?.startsWith('node:') && !isDigest(edge));
  const random = edges.filter(({ specifier, names }) => specifier === 'uuid' && /\bv[1467]\b/.test(names));
  return [...words, ...node.map(({ specifier }) => specifier ?? ''), ...random.map(() => 'a random uuid')];
}

/** Files that `start` imports as values, directly or not. */
function reachable(start: SourceFile, files: ReadonlyMap<string, SourceFile>): Set<string> {
  const seen = new Set<string>();
  const queue = [start];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    for (const { target, isType } of file.edges) {
      const next = target === undefined ? undefined : files.get(target);
      if (isType || next === undefined || seen.has(next.path)) continue;
      seen.add(next.path);
      queue.push(next);
    }
  }
  return seen;
}

/** src/ovsdb/ is OVN-blind to the last comment; so are the names of its tests. */
export function checkOvnWords(sources: Sources): Violation[] {
  return [...sources].flatMap(([file, text]) => {
    if (file.startsWith('src/ovsdb/')) return wordsIn(file, text.split('\n'));
    if (!/^test\/(unit\/|property\/)?ovsdb(\/|\.)/.test(file)) return [];
    const titles = [...text.matchAll(/\b(?:describe|test)(?:\.\w+)*\(\s*(['"`])(.*?)\1/g)].map(
      (hit) => hit[2] ?? '',
    );
    return wordsIn(file, [file, ...titles]);
  });
}

function wordsIn(file: string, lines: readonly string[]): Violation[] {
  return lines
    .filter((line) => ovnWord.test(line))
    .map((line) => ({ rule: 'ovn-word', file, detail: line.trim() }));
}

/** What every TypeScript file keeps to, tests and scripts included. */
export function checkFiles(sources: Sources): Violation[] {
  return [...sources]
    .filter(([path]) => path.endsWith('.ts'))
    .flatMap(([file, text]) => {
      const broken = (rule: string, detail: string): Violation => ({ rule, file, detail });
      const { code } = scan(text);
      const lines = text.trimEnd().split('\n');
      const violations: Violation[] = [];
      if (lines.length > maxFileLines) violations.push(broken('length', `${lines.length} lines`));
      if (!opensWithSentence(lines)) violations.push(broken('opening', `begins with: ${lines[0] ?? ''}`));
      if (/\bexport\s+default\b/.test(code) && !file.endsWith('vitest.config.ts'))
        violations.push(broken('default-export', 'has a default export'));
      if (/\benum\s+[\w$]+\s*\{/.test(code)) violations.push(broken('enum', 'has an enum'));
      return violations;
    });
}

function opensWithSentence(lines: readonly string[]): boolean {
  const rest = lines[0]?.startsWith('#!') ? lines.slice(1) : lines;
  const end = rest.findIndex((line) => !line.startsWith('// '));
  const comment = rest.slice(0, end < 0 ? rest.length : end).join(' ');
  return /^\/\/ \S.*[.?]$/.test(comment);
}

/** Every folder below src/ that holds files says what it is, in a page; what is generated is told of a floor higher. */
export function checkReadmes(sources: Sources): Violation[] {
  const folders = new Set(
    [...sources.keys()].filter((path) => path.startsWith('src/')).map((path) => posix.dirname(path)),
  );
  const written = [...folders].filter((folder) => !folder.endsWith('/generated'));
  return written.toSorted().flatMap((folder) => {
    const readme = sources.get(`${folder}/README.md`);
    if (readme === undefined) return [{ rule: 'readme', file: folder, detail: 'has no README.md' }];
    const length = readme.trimEnd().split('\n').length;
    return length > maxReadmeLines
      ? [{ rule: 'readme', file: folder, detail: `README.md has ${length} lines` }]
      : [];
  });
}
