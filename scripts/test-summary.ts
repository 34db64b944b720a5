// Counts gates and tests of one run of scripts/test, names what was skipped or needed a second try, and decides whether
// the run passed.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isFailed, readReport } from './test-report.ts';
import type { TestFile } from './test-report.ts';

interface Check {
  readonly tier: string;
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'skipped';
  /** Why its file was run a second time. */
  readonly firstFailure?: string | undefined;
}

const [folder = '', vitestStatus = '0', ...tiers] = process.argv.slice(2);
const isCi = process.env['CI'] === 'true' && process.env['SKIPS_ALLOWED'] !== 'true';

function read(name: string): string | undefined {
  const path = join(folder, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** `passed types` per line. */
function gates(): Check[] {
  const lines = (read('gates') ?? '').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [verdict, name = ''] = line.split(' ');
    return { tier: 'gates', name, verdict: verdict === 'passed' ? 'passed' : 'failed' };
  });
}

/** Results of the second run take the place of the first ones; what failed then is told beside a test that passed now. */
function tests(first: readonly TestFile[], second: readonly TestFile[]): Check[] {
  const again = new Map(second.map((file) => [file.name, file]));
  return first.flatMap((file) => {
    const failures = new Map(file.tests.map(({ name, failure }) => [name, failure]));
    const { name, tier, tests: results, isBroken } = again.get(file.name) ?? file;
    const checks = results.map((test) => {
      const firstFailure = again.has(name) ? failures.get(test.name) : undefined;
      return { tier, name: `${name}: ${test.name}`, verdict: test.verdict, firstFailure };
    });
    return isBroken ? [...checks, { tier, name, verdict: 'failed' as const }] : checks;
  });
}

const first = readReport(join(folder, 'vitest.json')) ?? [];
const second = readReport(join(folder, 'vitest-again.json')) ?? [];
const checks = [...gates(), ...tests(first, second)];
// A tier without tests proves nothing. One whose tests were all skipped lacks something, which only CI has to have.
for (const tier of tiers) {
  const has = checks.some((check) => check.tier === tier);
  if (!has) checks.push({ tier, name: `tier ${tier}: no test was found`, verdict: 'failed' });
}
const count = (verdict: Check['verdict'], of: readonly Check[] = checks): number =>
  of.filter((check) => check.verdict === verdict).length;
// vitest also fails for errors outside any test.
if (vitestStatus !== '0' && !first.some(isFailed))
  checks.push({ tier: 'tests', name: 'vitest ended with an error outside the tests', verdict: 'failed' });

for (const [tier, of] of Map.groupBy(checks, (check) => check.tier)) {
  console.log(
    `${tier}: ${count('passed', of)} passed, ${count('failed', of)} failed, ${count('skipped', of)} skipped.`,
  );
}
for (const { name, verdict } of checks) if (verdict !== 'passed') console.log(`${verdict}: ${name}`);
for (const { name, verdict, firstFailure } of checks)
  if (verdict === 'passed' && firstFailure)
    console.log(`unsteady, passed at its second try: ${name}\n  ${firstFailure}`);
for (const tier of tiers) {
  const own = checks.filter((check) => check.tier === tier);
  if (own.every(({ verdict }) => verdict === 'skipped'))
    console.log(`tier ${tier} was not run at all: what it needs is not here, see above.`);
}
const isRefused = isCi && count('skipped') > 0;
if (isRefused) console.log('CI does not accept skipped tests (SKIPS_ALLOWED=true does).');
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
process.exitCode = count('failed') > 0 || isRefused || checks.length === 0 ? 1 : 0;
