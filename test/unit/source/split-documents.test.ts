// Where a YAML stream is cut, and the line that each piece begins on.
import { describe, expect, test } from 'vitest';
import { splitDocuments } from '../../../src/source/manifests/split-documents.ts';

test.each<[string, string, [number, string][]]>([
  ['nothing', '', []],
  ['blank lines and comments', '\n# a\n  # b\n---\n---  # c\n', []],
  ['one document', 'a: 1\n', [[1, 'a: 1\n']]],
  ['a marker first', '---\na: 1\n', [[1, '---\na: 1\n']]],
  [
    'two documents',
    'a: 1\n---\nb: 2\n',
    [
      [1, 'a: 1\n'],
      [2, '---\nb: 2\n'],
    ],
  ],
  [
    'an empty one between',
    'a: 1\n---\n# no\n---\nb: 2',
    [
      [1, 'a: 1\n'],
      [4, '---\nb: 2'],
    ],
  ],
  [
    'content beside the marker',
    '--- {a: 1}\n--- {b: 2}\n',
    [
      [1, '--- {a: 1}\n'],
      [2, '--- {b: 2}\n'],
    ],
  ],
  [
    'an end marker',
    'a: 1\n...\nb: 2\n',
    [
      [1, 'a: 1\n'],
      [2, '\nb: 2\n'],
    ],
  ],
  ['directives', '%YAML 1.2\n---\na: 1\n', [[1, '%YAML 1.2\n---\na: 1\n']]],
  [
    'directives later',
    'a: 1\n...\n%YAML 1.2\n---\nb: 1\n',
    [
      [1, 'a: 1\n'],
      [2, '\n%YAML 1.2\n---\nb: 1\n'],
    ],
  ],
  [
    'CRLF',
    'a: 1\r\n---\r\nb: 2\r\n',
    [
      [1, 'a: 1\r\n'],
      [2, '---\r\nb: 2\r\n'],
    ],
  ],
  ['dashes that are no marker', 'a: |\n  ---\n----\n', [[1, 'a: |\n  ---\n----\n']]],
  [
    'an open quote ends at the marker',
    'a: "\n---\nb: 2\n',
    [
      [1, 'a: "\n'],
      [2, '---\nb: 2\n'],
    ],
  ],
])('%s', (_name, stream, expected) => {
  expect(splitDocuments(stream).map(({ line, text }) => [line, text])).toEqual(expected);
});

describe('cost', () => {
  test('a million lines of comment with blanks at their ends take no time to speak of', () => {
    const stream = '#  \n'.repeat(1_000_000);
    const before = performance.now();
    expect(splitDocuments(stream)).toEqual([]);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
