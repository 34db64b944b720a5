// Runs benchmarks and prints what they measured; see README.md.
import { writeFile } from 'node:fs/promises';
import { arch, cpus, release } from 'node:os';
import { benchChange, changeGrowth } from './change.ts';
import { benchConverge } from './converge.ts';
import { benchKubernetes } from './kubernetes.ts';
import { benchLoad } from './load.ts';
import { benchMiddle } from './middle.ts';
import { parseOptions, type BenchmarkName, type BenchOptions } from './options.ts';
import { benchPolicies } from './policies.ts';
import type { BenchmarkResult, Progress } from './result.ts';
import { formatMeasurements, formatVerdicts } from './table.ts';

type Benchmark = (projects: number, options: BenchOptions, progress: Progress) => Promise<BenchmarkResult>;

const benchmarks: Readonly<Record<BenchmarkName, Benchmark>> = {
  converge: benchConverge,
  change: benchChange,
  load: benchLoad,
  middle: benchMiddle,
  policies: benchPolicies,
  kubernetes: benchKubernetes,
};

async function main(options: BenchOptions): Promise<void> {
  const results: BenchmarkResult[] = [];
  for (const name of options.names) {
    for (const projects of options.projects) {
      const progress: Progress = (text) => console.error(`${name} ${projects}: ${text}`);
      results.push(await benchmarks[name](projects, options, progress));
    }
  }
  const measurements = results.flatMap((result) => result.measurements);
  const verdicts = [...results.flatMap((result) => result.verdicts), ...changeGrowth(measurements)];
  console.log(`${formatMeasurements(measurements)}\n${formatVerdicts(verdicts)}`);
  if (options.json === undefined) return;
  const machine = {
    node: process.version,
    cpus: cpus().length,
    model: cpus()[0]?.model,
    arch: arch(),
    kernel: release(),
  };
  await writeFile(
    options.json,
    `${JSON.stringify({ machine, runs: options.runs, measurements, verdicts }, undefined, 2)}\n`,
  );
}

// Servers and programs that were started end when this process does, but not when a signal just kills it.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.once(signal, () => process.exit(code));

let options: BenchOptions;
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
await main(options);
