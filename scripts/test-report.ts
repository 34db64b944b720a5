// Reads what one run of vitest found, and tells which of its files are worth a second run.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

export interface TestFile {
  /** `test/unit/net/address.test.ts` */
  readonly name: string;
  /** `unit` */
  readonly tier: string;
  /** A file that could not be loaded has no results of its own. */
  readonly isBroken: boolean;
  readonly tests: readonly {
    readonly name: string;
    readonly verdict: 'passed' | 'failed' | 'skipped';
    /** First line of why it failed; empty unless it did. */
    readonly failure: string;
  }[];
}

/** Undefined when vitest left no report at `path`. */
export function readReport(path: string): readonly TestFile[] | undefined {
  if (!existsSync(path)) return undefined;
  const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as Report;
  return testResults.map(({ name: absolute, status, assertionResults }) => {
    const name = relative(process.cwd(), absolute);
    const tests = assertionResults.map((result) => ({
      name: result.fullName,
      verdict: verdictOf(result.status),
      failure: result.failureMessages[0]?.split('\n')[0] ?? '',
    }));
    const isBroken = status === 'failed' && tests.every(({ verdict }) => verdict !== 'failed');
    return { name, tier: relative('test', name).split(/[./]/)[0] ?? '', isBroken, tests };
  });
}

function verdictOf(status: string): 'passed' | 'failed' | 'skipped' {
  return status === 'passed' || status === 'failed' ? status : 'skipped';
}

export const isFailed = ({ isBroken, tests }: TestFile): boolean =>
  isBroken || tests.some(({ verdict }) => verdict === 'failed');

/** Tiers whose tests wait for programs that are not ours on a machine that may be busy. */
const realTiers = new Set(['ovsdb', 'reconcile', 'cli', 'apiserver', 'packet']);

/** Above this, it is not the machine's mood. */
const mostUnsteady = 6;

/**
 * Names of the files that may have failed for the machine's sake, which a second run from the start would tell. Empty
 * when a file failed that has no such excuse: the run has failed then, whatever a second one says.
 */
export function filesToRepeat(files: readonly TestFile[]): readonly string[] {
  const failed = files.filter(isFailed);
  if (failed.length > mostUnsteady || failed.some(({ tier }) => !realTiers.has(tier))) return [];
  return failed.map(({ name }) => name);
}
