// What a run of the benchmarks is told on its command line.
import { parseArgs } from 'node:util';

export const benchmarkNames = ['converge', 'change', 'load', 'middle', 'policies', 'kubernetes'] as const;
export type BenchmarkName = (typeof benchmarkNames)[number];

export interface BenchOptions {
  readonly names: readonly BenchmarkName[];
  /** Numbers of projects, ascending. */
  readonly projects: readonly number[];
  /** Repetitions of each measurement; the median counts. */
  readonly runs: number;
  /** ovn-nbctl is left out above this number of projects: its time per call grows with the database. */
  readonly nbctlLimit: number;
  /** Bare writes to an API server are left out above this number of projects: they take as long as the program. */
  readonly replayLimit: number;
  /** Objects of each kind that `kubernetes` creates in a run. */
  readonly objects: number;
  /** File that the results are written to as JSON. */
  readonly json: string | undefined;
}

export const usage = `usage: scripts/bench [${benchmarkNames.join('|')}]… [--projects N[,N]…] [--runs K] [--nbctl-limit N] [--replay-limit N] [--objects N] [--json FILE]`;

/** @throws Error with a line for the user */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      projects: { type: 'string', default: '100,1000,3000' },
      runs: { type: 'string', default: '3' },
      'nbctl-limit': { type: 'string', default: '1000' },
      'replay-limit': { type: 'string', default: '1000' },
      objects: { type: 'string', default: '30' },
      json: { type: 'string' },
    },
  });
  return {
    names: positionals.length === 0 ? benchmarkNames : positionals.map(benchmarkName),
    projects: values.projects
      .split(',')
      .map((text) => positive(text, '--projects'))
      .toSorted((a, b) => a - b),
    runs: positive(values.runs, '--runs'),
    nbctlLimit: Number(values['nbctl-limit']),
    replayLimit: Number(values['replay-limit']),
    objects: positive(values.objects, '--objects'),
    json: values.json,
  };
}

function benchmarkName(text: string): BenchmarkName {
  const name = benchmarkNames.find((candidate) => candidate === text);
  if (name === undefined) throw new Error(`there is no benchmark ${text}\n${usage}`);
  return name;
}

function positive(text: string, option: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new Error(`${option}: ${text} is no count\n${usage}`);
  return number;
}
