// The house stands as DESIGN §3 draws it; and the checker that says so is known to see what is wrong.
import { describe, expect, test } from 'vitest';
import { layers } from './architecture/layers.ts';
import { readSources } from './architecture/read-sources.ts';
import {
  checkCycles,
  checkFiles,
  checkLayers,
  checkOvnWords,
  checkPurity,
  checkReadmes,
  checkTable,
  readHouse,
} from './architecture/rules.ts';
import type { Violation } from './architecture/rules.ts';
import { scan } from './architecture/scan.ts';

/** One line per violation, so that a failure reads like a compiler's. */
const lines = (violations: readonly Violation[]): string[] =>
  violations.map(({ file, rule, detail }) => `${file}: ${rule}: ${detail}`);

describe('this checkout', () => {
  const sources = readSources();
  const house = readHouse(sources);
  const edges = house.flatMap((file) => file.edges);

  test('was read at all', () => {
    expect(house.length).toBeGreaterThan(150);
    expect(edges.length).toBeGreaterThan(400);
    expect(edges.filter((edge) => edge.isType).length).toBeGreaterThan(100);
    expect(new Set(house.map((file) => file.room)).size).toBeGreaterThan(12);
    // Every line that looks like an import to the eye was seen by the scanner.
    const byEye = house.flatMap((file) => file.text.match(/^(?:import .*|export .*|\} )from '.*';$/gm) ?? []);
    expect(edges.length).toBeGreaterThanOrEqual(byEye.length);
  });
  test('imports only what the layer table allows', () =>
    expect(lines(checkLayers(house, layers))).toEqual([]));
  test('the layer table runs one way', () => expect(lines(checkTable(layers))).toEqual([]));
  test('has no cycles between files', () => expect(lines(checkCycles(house))).toEqual([]));
  test('pure rooms are pure', () => expect(lines(checkPurity(house, layers))).toEqual([]));
  test('the OVSDB client knows no word of OVN', () => expect(lines(checkOvnWords(sources))).toEqual([]));
  test('files are short, open with a sentence, export by name, have no enum', () =>
    expect(lines(checkFiles(sources))).toEqual([]));
  test('every folder has a README of at most a page', () => expect(lines(checkReadmes(sources))).toEqual([]));
});

/** Everything that the rules say about a house of these files. */
function violationsOf(files: Readonly<Record<string, string>>): Violation[] {
  const sources = new Map(Object.entries(files).map(([path, text]) => [path, `// Opens.\n${text}`]));
  for (const path of sources.keys()) {
    if (path.startsWith('src/')) sources.set(path.replace(/\/[^/]*$/, '/README.md'), 'text');
  }
  const house = readHouse(sources);
  return [
    ...checkLayers(house, layers),
    ...checkCycles(house),
    ...checkPurity(house, layers),
    ...checkOvnWords(sources),
    ...checkFiles(sources),
    ...checkReadmes(sources),
  ];
}

describe('the checker', () => {
  test('is content with a house in order', () => {
    const violations = violationsOf({
      'src/base/errors.ts': "export const a = `fetch ${'process'} { `;\n",
      'src/net/address.ts':
        "import ip from 'ipaddr.js';\nimport { a } from '../base/errors.ts';\nexport { ip, a };\n",
      'src/compiler/vpc.ts':
        "import type { Row } from '../ovsdb/value.ts';\nexport type B = Row; // await Promise\n",
      'src/northbound/identity.ts':
        "import { hash } from 'node:crypto';\nexport const d = hash('sha1', '');\n",
      'src/ovsdb/value.ts': "import { connect } from 'node:net';\nexport type Row = typeof connect;\n",
      'src/plan/plan.ts':
        "import type { Row } from '../ovsdb/value.ts';\nexport type D = { process: Row };\nx.process();\n",
    }).filter((violation) => !violation.detail.includes('process'));
    expect(violations).toEqual([]);
  });

  const row = 'export type Row = 1;\n';
  test.each<[string, Record<string, string>, string, RegExp]>([
    [
      'an upward import',
      { 'src/net/a.ts': "import { b } from '../api/b.ts';\n", 'src/api/b.ts': row },
      'layers',
      /src\/api\/b\.ts/,
    ],
    [
      'an upward type import',
      { 'src/net/a.ts': "import type { Row } from '../api/b.ts';\n", 'src/api/b.ts': row },
      'layers',
      /src\/api\/b\.ts/,
    ],
    [
      'a re-export',
      { 'src/net/a.ts': "export * from '../api/b.ts';\n", 'src/api/b.ts': row },
      'layers',
      /src\/api\/b\.ts/,
    ],
    [
      'an import over several lines',
      { 'src/net/a.ts': "import {\n  b,\n} from '../api/b.ts';\n", 'src/api/b.ts': row },
      'layers',
      /src\/api\/b\.ts/,
    ],
    [
      'an import for its effects',
      { 'src/net/a.ts': "import '../api/b.ts';\n", 'src/api/b.ts': row },
      'layers',
      /src\/api\/b\.ts/,
    ],
    [
      'a dynamic import',
      { 'src/net/a.ts': "const b = import('../api/b.ts');\n", 'src/api/b.ts': row },
      'layers',
      /src\/api\/b\.ts/,
    ],
    [
      'an import in a type',
      { 'src/net/a.ts': "type B = import('../api/b.ts').Row;\n", 'src/api/b.ts': row },
      'layers',
      /src\/api\/b\.ts/,
    ],
    ['a computed import', { 'src/net/a.ts': 'const b = import(name);\n' }, 'layers', /computed/],
    [
      'a value where types are allowed',
      { 'src/compiler/a.ts': "import { r } from '../ovsdb/b.ts';\n", 'src/ovsdb/b.ts': row },
      'layers',
      /only types/,
    ],
    [
      'a package that the room has no business with',
      { 'src/model/a.ts': "import { parse } from 'yaml';\n" },
      'layers',
      /package yaml/,
    ],
    [
      "a part of Node's",
      { 'src/ipam/a.ts': "import { readFileSync } from 'node:fs';\n" },
      'layers',
      /node:fs/,
    ],
    ['an import of nothing', { 'src/net/a.ts': "import { b } from './b.ts';\n" }, 'layers', /not there/],
    ['a room that nobody planned', { 'src/utils/a.ts': row }, 'layers', /not in the table/],
    [
      'a cycle',
      {
        'src/net/a.ts': "import { b } from './b.ts';\n",
        'src/net/b.ts': "import type { A } from './a.ts';\n",
      },
      'cycle',
      /a\.ts → src\/net\/b\.ts → src\/net\/a\.ts/,
    ],
    [
      'a cycle of one',
      { 'src/net/a.ts': "import { b } from './a.ts';\n" },
      'cycle',
      /a\.ts → src\/net\/a\.ts/,
    ],
    ['a clock', { 'src/plan/a.ts': 'const now = Date.now();\n' }, 'purity', /Date/],
    [
      'a clock in a template',
      { 'src/plan/a.ts': 'const now = `at ${{ t: Date.now() }.t}`;\n' },
      'purity',
      /Date/,
    ],
    [
      'code after a regular expression with a quote',
      { 'src/plan/a.ts': "const q = /'/.test(x); const now = Date.now(); const r = '';\n" },
      'purity',
      /Date/,
    ],
    ['randomness', { 'src/plan/a.ts': 'const r = Math.random();\n' }, 'purity', /Math\.random/],
    ['a random uuid', { 'src/northbound/a.ts': "import { v4 } from 'uuid';\n" }, 'purity', /random uuid/],
    [
      'more than a digest',
      { 'src/northbound/a.ts': "import { hash, randomUUID } from 'node:crypto';\n" },
      'purity',
      /node:crypto/,
    ],
    ['waiting', { 'src/status/a.ts': 'export const f = async () => 1;\n' }, 'purity', /async/],
    ['the environment', { 'src/api/a.ts': "const e = process.env['A'];\n" }, 'purity', /process/],
    [
      'impurity at second hand',
      {
        'src/ipam/a.ts': "import { c } from '../base/b.ts';\n",
        'src/base/b.ts': "import { t } from './c.ts';\n",
        'src/base/c.ts': 'export const t = Date.now();\n',
      },
      'purity',
      /reaches src\/base\/c\.ts: Date/,
    ],
    [
      'Node at second hand',
      {
        'src/plan/a.ts': "import { c } from '../ovsdb/b.ts';\n",
        'src/ovsdb/b.ts': "import { connect } from 'node:net';\n",
      },
      'purity',
      /reaches src\/ovsdb\/b\.ts: node:net/,
    ],
    [
      'an OVN word in a comment',
      { 'src/ovsdb/a.ts': '/** Like Logical_Switch. */\n' },
      'ovn-word',
      /Logical_Switch/,
    ],
    ['an OVN word in a name', { 'src/ovsdb/a.ts': 'export const ovnRemote = 1;\n' }, 'ovn-word', /ovnRemote/],
    [
      'an OVN word in the title of a test',
      { 'test/ovsdb/a.test.ts': "test.each([])('reads a northbound row', () => 1);\n test('x');" },
      'ovn-word',
      /^$/,
    ],
    ['a long file', { 'src/net/a.ts': 'export {};\n'.repeat(600) }, 'length', /601 lines/],
    ['a default export', { 'src/net/a.ts': 'export default 1;\n' }, 'default-export', /default/],
    ['an enum', { 'src/net/a.ts': 'export const enum Colour { red }\n' }, 'enum', /enum/],
  ])('sees %s', (_, files, rule, detail) => {
    const hits = violationsOf(files).filter((violation) => violation.rule === rule);
    expect(hits.map((violation) => violation.detail).join('\n')).toMatch(detail);
  });

  test('sees a file without an opening sentence', () => {
    const opening = (text: string): number => checkFiles(new Map([['src/net/a.ts', text]])).length;
    expect(['export {};\n', '// no full stop\nexport {};\n', '/* Block. */\n', ''].map(opening)).toEqual([
      1, 1, 1, 1,
    ]);
    expect(
      ['// One.\n', '// Two\n// lines.\nexport {};\n', '#!/usr/bin/env node\n// One.\n'].map(opening),
    ).toEqual([0, 0, 0]);
  });
  test('sees a folder without a README, and one that is too long', () => {
    const files = new Map([
      ['src/README.md', 'short'],
      ['src/net/a.ts', ''],
      ['src/base/a.ts', ''],
      ['src/base/README.md', 'line\n'.repeat(61)],
    ]);
    expect(checkReadmes(files).map((violation) => violation.file)).toEqual(['src/base', 'src/net']);
  });
  test('sees a table that runs in a circle', () => {
    const circle = { a: { rooms: ['b'] }, b: { rooms: ['a'] }, c: { rooms: [], types: ['nowhere'] } };
    expect(checkTable(circle).map((violation) => violation.file)).toEqual(['a', 'c']);
  });
});

describe('the scanner', () => {
  test.each([
    ["'it''s' // c", "'  '' '     "],
    ['a / b / c', 'a / b / c'],
    ['x = /[\'"`]/g;', 'x = /      /;'],
    ['`a ${b + `${c}`} d`', '`  ${b + `${c}`}  `'],
    ["'\\'' + d", "'  ' + d"],
    ['/* a\nb */ c', '    \n     c'],
  ])('%j', (source, code) => expect(scan(source).code).toBe(code));
});
