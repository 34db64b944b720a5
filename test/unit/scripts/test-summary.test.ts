// The count at the end of scripts/test: what fails a run, and that the last line is the plain count.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const script = new URL('../../../scripts/test-summary.ts', import.meta.url).pathname;
const repeats = new URL('../../../scripts/files-to-repeat.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'test-summary-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Statuses = Readonly<Record<string, readonly string[]>>;

interface Run {
  readonly gates?: string;
  /** File → status of each test in it; `broken` is a file that could not be loaded. */
  readonly files?: Statuses;
  /** The same of the second run. */
  readonly again?: Statuses;
  readonly tiers?: readonly string[];
  readonly vitestStatus?: number;
  readonly env?: Readonly<Record<string, string>>;
}

function report(files: Statuses): string {
  const testResults = Object.entries(files).map(([name, statuses]) => ({
    name: join(process.cwd(), name),
    status: statuses.includes('broken') || statuses.includes('failed') ? 'failed' : 'passed',
    assertionResults: statuses
      .filter((status) => status !== 'broken')
      .map((status, index) => ({
        status,
        fullName: `test ${index}`,
        failureMessages: status === 'failed' ? ['Error: too late\n    at x.ts'] : [],
      })),
  }));
  return JSON.stringify({ testResults });
}

function summary({ gates = '', files = {}, again = {}, tiers = [], vitestStatus = 0, env = {} }: Run) {
  writeFileSync(join(folder, 'gates'), gates);
  writeFileSync(join(folder, 'vitest.json'), report(files));
  writeFileSync(join(folder, 'vitest-again.json'), report(again));
  const { CI: _, SKIPS_ALLOWED: __, ...inherited } = process.env;
  const args = [script, folder, `${vitestStatus}`, ...tiers];
  const { status, stdout } = spawnSync(process.execPath, args, {
    env: { ...inherited, ...env },
    encoding: 'utf8',
  });
  return { status, lastLine: stdout.trimEnd().split('\n').at(-1), stdout };
}

const unit = 'test/unit/net/a.test.ts';
const packet = 'test/packet/out.test.ts';

describe('scripts/test-summary', () => {
  test.each<[string, Run, number, string]>([
    [
      'all is well',
      { gates: 'passed types\n', files: { [unit]: ['passed'] } },
      0,
      '2 passed, 0 failed, 0 skipped',
    ],
    ['a gate failed', { gates: 'failed types\npassed lint\n' }, 1, '1 passed, 1 failed, 0 skipped'],
    ['a test failed', { files: { [unit]: ['passed', 'failed'] } }, 1, '1 passed, 1 failed, 0 skipped'],
    ['a file could not be loaded', { files: { [unit]: ['broken'] } }, 1, '0 passed, 1 failed, 0 skipped'],
    ['nothing ran', {}, 1, '0 passed, 0 failed, 0 skipped'],
    [
      'a tier ran nothing',
      { gates: 'passed types\n', tiers: ['golden'] },
      1,
      '1 passed, 1 failed, 0 skipped',
    ],
    [
      'a tier only skipped',
      { files: { [unit]: ['pending'] }, tiers: ['unit'] },
      0,
      '0 passed, 0 failed, 1 skipped',
    ],
    [
      'a tier only skipped under CI',
      { files: { [unit]: ['pending'] }, tiers: ['unit'], env: { CI: 'true' } },
      1,
      '0 passed, 0 failed, 1 skipped',
    ],
    ['a test was skipped', { files: { [unit]: ['passed', 'skipped'] } }, 0, '1 passed, 0 failed, 1 skipped'],
    [
      'the same under CI',
      { files: { [unit]: ['passed', 'todo'] }, env: { CI: 'true' } },
      1,
      '1 passed, 0 failed, 1 skipped',
    ],
    [
      'the same under CI, allowed',
      { files: { [unit]: ['passed', 'todo'] }, env: { CI: 'true', SKIPS_ALLOWED: 'true' } },
      0,
      '1 passed, 0 failed, 1 skipped',
    ],
    [
      'an error outside any test',
      { files: { [unit]: ['passed'] }, vitestStatus: 1 },
      1,
      '1 passed, 1 failed, 0 skipped',
    ],
  ])('%s', (_, run, status, lastLine) => expect(summary(run)).toMatchObject({ status, lastLine }));

  test('names what was not run, and counts by tier', () => {
    const { stdout } = summary({ files: { [unit]: ['skipped'], 'test/architecture.test.ts': ['passed'] } });
    expect(stdout).toContain(`skipped: ${unit}: test 0\n`);
    expect(stdout).toContain('architecture: 1 passed, 0 failed, 0 skipped.\n');
  });

  test('says of a tier that it was not run at all', () => {
    const { stdout } = summary({ files: { [unit]: ['skipped'] }, tiers: ['unit'] });
    expect(stdout).toContain('tier unit was not run at all: what it needs is not here, see above.\n');
    expect(summary({ files: { [unit]: ['passed', 'skipped'] }, tiers: ['unit'] }).stdout).not.toContain(
      'at all',
    );
  });

  test('a test that passed in the second run is counted as passed, and named with what was wrong', () => {
    const { status, stdout, lastLine } = summary({
      files: { [unit]: ['passed'], [packet]: ['passed', 'failed'] },
      again: { [packet]: ['passed', 'passed'] },
      vitestStatus: 1,
    });
    expect({ status, lastLine }).toEqual({ status: 0, lastLine: '3 passed, 0 failed, 0 skipped' });
    expect(stdout).toContain(`unsteady, passed at its second try: ${packet}: test 1\n  Error: too late\n`);
  });

  test('a test that failed in the second run failed, though it passed in the first', () => {
    const files = { [packet]: ['passed', 'failed'] };
    const { status, stdout } = summary({ files, again: { [packet]: ['failed', 'passed'] }, vitestStatus: 1 });
    expect(status).toBe(1);
    expect(stdout).toContain(`failed: ${packet}: test 0\n`);
    expect(summary({ files, again: { [packet]: ['broken'] }, vitestStatus: 1 }).status).toBe(1);
  });
});

describe('scripts/files-to-repeat', () => {
  const failing = (count: number): Statuses =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`test/cli/${index}.test.ts`, ['failed']]),
    );

  test.each<[string, Statuses, readonly string[]]>([
    ['nothing failed', { [unit]: ['passed'], [packet]: ['skipped'] }, []],
    ['a test of real processes failed', { [unit]: ['passed'], [packet]: ['passed', 'failed'] }, [packet]],
    ['its file could not be loaded', { [packet]: ['broken'] }, [packet]],
    ['a test failed that depends on nothing else', { [unit]: ['failed'], [packet]: ['failed'] }, []],
    ['many files failed', failing(7), []],
  ])('%s', (_, files, expected) => {
    writeFileSync(join(folder, 'report.json'), report(files));
    const { stdout } = spawnSync(process.execPath, [repeats, join(folder, 'report.json')], {
      encoding: 'utf8',
    });
    expect(stdout.split('\n').filter(Boolean)).toEqual(expected);
  });
});
