// The pure middle without a server: what each step from objects to the text of a transaction costs per project.
import type { BenchOptions } from './options.ts';
import type { BenchmarkResult, Progress } from './result.ts';
import { medians } from './samples.ts';
import { runSubject } from './subject.ts';
import type { MiddleResult } from './subjects/middle.ts';

export async function benchMiddle(
  projects: number,
  options: BenchOptions,
  progress: Progress,
): Promise<BenchmarkResult> {
  const rounds: MiddleResult[] = [];
  for (let round = 1; round <= options.runs; round++) {
    rounds.push(await runSubject<MiddleResult>('middle', [projects]));
    progress(`round ${round}`);
  }
  const values = medians(rounds);
  const budgeted = values.modelUs + values.compileUs + values.planUs;
  return {
    measurements: [{ benchmark: 'middle', projects, subject: 'µs per project', values }],
    verdicts: [
      {
        benchmark: 'middle',
        projects,
        what: 'model + compile + plan, µs per project',
        value: budgeted,
        aim: 400,
      },
    ],
  };
}
