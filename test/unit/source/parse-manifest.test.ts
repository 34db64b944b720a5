// One file as documents: problems on the right line, one bad document alone, unchanged documents taken over.
import { describe, expect, test } from 'vitest';
import { parseManifest } from '../../../src/source/manifests/parse-manifest.ts';

const pod = (name: string, address = '10.0.0.1') =>
  `---
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  annotations:
    network.kube-dc.com/ip-address: ${address}
`;

/** Line of the file (from 1) and message of everything that is wrong. */
function complaints(text: string): [number, string][] {
  return parseManifest(text).flatMap(({ line, document }) => {
    const errors = document.syntaxErrors.map((each): [number, string] => [line + each.line, each.message]);
    const problems = document.problems.map((each): [number, string] => [line + each.line, each.problem.path]);
    return errors.concat(problems);
  });
}

/** A list of nine aliases of a list of nine aliases of …, with a merge key so that both parsers see it. */
const aliases = (names: readonly string[]): string => {
  const lines = names.map((name, index) => `${name}: &${name} [${`*${names[index - 1] ?? ''},`.repeat(9)}]`);
  return ['a: &a [1]', ...lines.slice(1), '<<: {}'].join('\n');
};

const keys = (text: string) =>
  parseManifest(text).flatMap(({ document }) => document.entries.map(({ key }) => key));

describe('places', () => {
  test.each<[string, string, [number, string][]]>([
    ['a field', pod('a') + pod('b', 'x'), [[14, 'metadata.annotations[network.kube-dc.com/ip-address]']]],
    [
      'a field in a list',
      `${pod('a')}spec:\n  containers:\n    - ports:\n        - containerPort: 0\n`,
      [[11, 'spec.containers[0].ports[0].containerPort']],
    ],
    [
      'a missing field: its parent',
      'apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n',
      [[3, 'metadata.name']],
    ],
    [
      'a field below an alias',
      'x: &m {name: 5}\napiVersion: v1\nkind: Pod\nmetadata: *m\n',
      [[1, 'metadata.name']],
    ],
    ['an open quote', `${pod('a')}---\na: "x\n`, [[10, 'Missing closing "quote']]],
    ['a tab', `${pod('a')}---\na:\n\tb: 1\n`, [[10, 'Tabs are not allowed as indentation']]],
    ['a key twice', '---\na: 1\nb: 2\na: 3\n', [[4, 'Map keys must be unique']]],
  ])('%s', (_name, text, expected) => {
    expect(complaints(text)).toEqual(expected);
  });
});

describe('what is read', () => {
  test.each([
    [
      'both sides of a broken document',
      `${pod('a')}---\na: "\n${pod('b')}`,
      ['Pod/default/a', 'Pod/default/b'],
    ],
    [
      'a List',
      '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}]}',
      ['Pod/default/a'],
    ],
    [
      'JSON with a comma too many, which is YAML',
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a",},}',
      ['Pod/default/a'],
    ],
    ['merge keys', 'x: &x {apiVersion: v1, kind: Pod}\n<<: *x\nmetadata: {name: a}\n', ['Pod/default/a']],
    [
      'a time, which stays a string',
      pod('a').replace('metadata:', 'metadata:\n  creationTimestamp: 2026-01-01T00:00:00Z'),
      ['Pod/default/a'],
    ],
    ['a rejected object, by name', pod('a', 'x'), ['Pod/default/a']],
    ['nothing of another kind', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n', []],
  ])('%s', (_name, text, expected) => {
    expect(keys(text)).toEqual(expected);
  });

  test.each([
    ['broken YAML', 'a: "', true],
    ['an object without a name', 'apiVersion: v1\nkind: Pod\nmetadata: {}\n', true],
    ['an object without a kind', 'metadata: {name: a}\n', true],
    ['a rejected object', pod('a', 'x'), false],
    ['another kind', 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n', false],
  ])('%s: may hide an object: %s %s', (_name, text, expected) => {
    expect(parseManifest(text).some(({ document }) => document.isIncomplete)).toBe(expected);
  });

  test.each([
    ['aliases that multiply', aliases(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])],
    ['nesting deeper than a stack', `a: ${'['.repeat(20_000)}`],
    [
      'an object that holds itself',
      'apiVersion: kube-dc.com/v1\nkind: Project\nmetadata: &m {name: a, labels: *m}\nspec: &s {cidrBlock: *s}\n',
    ],
  ])('%s does no harm', (_name, text) => {
    expect(() => parseManifest(text)).not.toThrow();
  });
});

test('documents that did not change are taken over, objects included', () => {
  const before = parseManifest(pod('a') + pod('b') + pod('c'));
  const after = parseManifest(`# new\n${pod('a')}${pod('b', '10.0.0.9')}${pod('c')}`, before);
  const object = (documents: typeof before, index: number) => documents[index]?.document.entries[0]?.object;
  expect(object(after, 0)).toBe(object(before, 0));
  expect(object(after, 1)).not.toBe(object(before, 1));
  expect(object(after, 2)).toBe(object(before, 2));
  expect(after.map(({ line }) => line)).toEqual([2, 9, 16]);
});
