// What is printed, and when: errors, problems, progress, colours.
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { CodedError, InvariantError } from '../../../src/base/errors.ts';
import { formatError } from '../../../src/cli/error-text.ts';
import { formatProblem } from '../../../src/cli/problem-text.ts';
import { createProgress } from '../../../src/cli/progress.ts';
import { massDeleteText, reportJson } from '../../../src/cli/report-output.ts';
import { columns, counted } from '../../../src/cli/table.ts';
import { processTerminal, type Terminal, useColor } from '../../../src/cli/terminal.ts';

const lines: string[] = [];
const terminal = (more: Partial<Terminal> = {}): Terminal => {
  lines.length = 0;
  return {
    out: (text) => void lines.push(text),
    err: (text) => void lines.push(text),
    readInput: () => Promise.resolve(''),
    environment: {},
    outIsTerminal: true,
    errIsTerminal: true,
    ...more,
  };
};

describe('errors', () => {
  const coded = (message: string, cause?: unknown) =>
    new CodedError('OVSDB_UNREACHABLE', message, { retryable: true, cause });

  test('tell causes that the message does not tell, and a remedy', () => {
    const text = formatError(coded('no remote answered', new Error('connect ENOENT /run/nb.sock')));
    expect(text).toMatch(
      /^error: no remote answered: connect ENOENT \/run\/nb\.sock\n {2}\S.*ovn-nbctl.*\n$/,
    );
    expect(formatError(coded('connect ENOENT: gone', new Error('connect ENOENT')))).not.toMatch(
      /gone: connect/,
    );
  });

  test('tell all of an aggregate, and where', () => {
    const cause = new AggregateError([new Error('first'), new Error('second')]);
    expect(formatError(new Error('both failed', { cause }), 'vpc/x')).toBe(
      'error: vpc/x: both failed: first; second\n',
    );
  });

  test('a bug of ours is called one', () => {
    expect(formatError(new InvariantError('row twice'))).toContain('bug in ovn-projector');
  });

  test('something thrown that is no error', () => {
    expect(formatError('text')).toBe('error: text\n');
  });
});

test.each([
  [{ path: 'spec.eip', hint: 'create it' }, 'FIp/a/b: spec.eip: no such EIp (create it)'],
  [{ path: '', hint: '' }, 'FIp/a/b: no such EIp'],
  [{ path: '', hint: '', severity: 'warning' as const }, 'warning: FIp/a/b: no such EIp'],
])('a problem is one line: %j', (more, expected) => {
  const problem = { code: 'NotFound', object: 'FIp/a/b', message: 'no such EIp', ...more } as const;
  expect(formatProblem(problem)).toBe(expected);
});

describe('the report as JSON', () => {
  const report = {
    changeSets: [],
    problems: [],
    addresses: { 'EIp/a/b': '192.0.2.1', 'Project/o/p': '10.0.10.0/24' },
    summary: { transactions: 1, delete: 4, update: 3, insert: 2 },
    blocked: [],
    heldDeletes: [],
    failures: [],
  };

  test('has exactly its fields, in order, and addresses without blocks', () => {
    expect(JSON.stringify(reportJson(report))).toBe(
      '{"summary":{"insert":2,"update":3,"delete":4,"transactions":1},"problems":[],"addresses":{"EIp/a/b":"192.0.2.1"}}',
    );
  });
});

test('a mass delete is told with count, some names, and the way round', () => {
  const names = Array.from({ length: 25 }, (_, index) => `Project/o/p${index}`);
  const text = massDeleteText({ deletes: 90, owned: 100, names });
  expect(text).toMatch(
    /deletes 90 of the 100 rows.*Project\/o\/p0, .*Project\/o\/p19 and 5 more\n.*--allow-mass-delete/,
  );
});

describe('progress', () => {
  const clock = () => {
    let now = 0;
    return { now: () => now, pass: (ms: number) => (now += ms) };
  };

  test('appears after half a second, at most ten times a second, and goes away', () => {
    const time = clock();
    const progress = createProgress(terminal(), time.now);
    progress.update(1, 10);
    expect(lines).toEqual([]);
    time.pass(501);
    progress.update(2, 10);
    progress.update(3, 10);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('2 of 10');
    progress.clear();
    expect(lines).toHaveLength(2);
  });

  test('is silent where nobody watches', () => {
    const time = clock();
    const progress = createProgress(terminal({ errIsTerminal: false }), time.now);
    time.pass(1000);
    progress.update(2, 10);
    progress.clear();
    expect(lines).toEqual([]);
  });
});

describe('colours', () => {
  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { outIsTerminal: false }, false],
    [true, { environment: { NO_COLOR: '1' } }, false],
    [true, { environment: { NO_COLOR: '' } }, true],
  ])('flag %s, %j: %s', (color, more, expected) => {
    expect(useColor(terminal(more), { color })).toBe(expected);
  });
});

test('a reader that goes away is no error', () => {
  const stdout = new PassThrough();
  const { out } = processTerminal({ stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {} });
  stdout.destroy(new Error('EPIPE'));
  expect(() => out('more')).not.toThrow();
});

test('columns are as wide as their widest cell, without blanks at the end', () => {
  expect(columns([['a', 'bb', 'c'], ['aaa', 'b'], []])).toEqual(['a    bb  c', 'aaa  b', '']);
});

test.each([
  [0, '0 rows'],
  [1, '1 row'],
  [2, '2 rows'],
])('counted(%d)', (count, expected) => {
  expect(counted(count, 'row')).toBe(expected);
});
