// Counts gates and tests of one run of scripts/test, names what was skipped or needed a second try, and decides whether
// the run passed.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      /** Of every try: a test that passed and has some passed at its second try. */
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

interface Check {
  readonly tier: string;
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'skipped';
  /** Why it had to be tried twice. */
  readonly firstFailure?: string;
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

/** `test/unit/net/address.test.ts` → `unit`; `test/architecture.test.ts` → `architecture`. */
function tierOf(file: string): string {
  return relative('test', relative(process.cwd(), file)).split(/[./]/)[0] ?? '';
}

function verdictOf(status: string): Check['verdict'] {
  if (status === 'passed' || status === 'failed') return status;
  return 'skipped';
}

function tests(report: Report): Check[] {
  return report.testResults.flatMap((file) => {
    const tier = tierOf(file.name);
    const results = file.assertionResults.map(({ status, fullName, failureMessages: [firstFailure] }) => ({
      tier,
      name: `${relative(process.cwd(), file.name)}: ${fullName}`,
      verdict: verdictOf(status),
      ...(firstFailure !== undefined && { firstFailure }),
    }));
    // A file that could not be loaded has no results of its own.
    const isBroken = file.status === 'failed' && results.every((result) => result.verdict !== 'failed');
    return isBroken ? [...results, { tier, name: file.name, verdict: 'failed' as const }] : results;
  });
}

const text = read('vitest.json');
const checks = [...gates(), ...(text === undefined ? [] : tests(JSON.parse(text) as Report))];
// A tier without tests proves nothing. One whose tests were all skipped lacks something, which only CI has to have.
for (const tier of tiers) {
  const has = checks.some((check) => check.tier === tier);
  if (!has) checks.push({ tier, name: `tier ${tier}: no test was found`, verdict: 'failed' });
}
const count = (verdict: Check['verdict'], of: readonly Check[] = checks): number =>
  of.filter((check) => check.verdict === verdict).length;
// vitest also fails for errors outside any test.
if (vitestStatus !== '0' && count('failed') === 0)
  checks.push({ tier: 'tests', name: 'vitest ended with an error outside the tests', verdict: 'failed' });

for (const [tier, of] of Map.groupBy(checks, (check) => check.tier)) {
  console.log(
    `${tier}: ${count('passed', of)} passed, ${count('failed', of)} failed, ${count('skipped', of)} skipped.`,
  );
}
for (const { name, verdict } of checks) if (verdict !== 'passed') console.log(`${verdict}: ${name}`);
for (const { name, verdict, firstFailure } of checks)
  if (verdict === 'passed' && firstFailure !== undefined)
    console.log(`unsteady, passed at its second try: ${name}\n  ${firstFailure.split('\n')[0]}`);
for (const tier of tiers) {
  const own = checks.filter((check) => check.tier === tier);
  if (own.every(({ verdict }) => verdict === 'skipped'))
    console.log(`tier ${tier} was not run at all: what it needs is not here, see above.`);
}
const isRefused = isCi && count('skipped') > 0;
if (isRefused) console.log('CI does not accept skipped tests (SKIPS_ALLOWED=true does).');
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
process.exitCode = count('failed') > 0 || isRefused || checks.length === 0 ? 1 : 0;
