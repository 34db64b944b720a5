// NetworkPolicies in one shared Vpc: rows, first compile, one Pod more, and what ovn-northd makes of it.
import { startOvnCentral } from '../test/support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../test/support/ovn-programs.ts';
import type { BenchOptions } from './options.ts';
import type { BenchmarkResult, Measurement, Progress } from './result.ts';
import { medians } from './samples.ts';
import { runSubject } from './subject.ts';
import type { PoliciesResult } from './subjects/policies.ts';

/** More would be no more of the same: pods of a namespace meet each other. */
const namespaceLimit = 100;

/** `projects`: namespaces of 40 Pods and four policies. */
export async function benchPolicies(
  projects: number,
  options: BenchOptions,
  progress: Progress,
): Promise<BenchmarkResult> {
  const measurements: Measurement[] = [];
  const shapes = projects > namespaceLimit ? [] : (['none', 'sets', 'naive'] as const);
  for (const shape of shapes) {
    const rounds: Awaited<ReturnType<typeof measure>>[] = [];
    for (let round = 1; round <= options.runs; round++) {
      rounds.push(await measure(shape, projects));
      progress(`${shape}, round ${round}`);
    }
    measurements.push({ benchmark: 'policies', projects, subject: shape, values: medians(rounds) });
  }
  const value = measurements.find(({ subject }) => subject === 'sets')?.values['podUpdates'];
  if (value === undefined) return { measurements, verdicts: [] };
  const what = 'one Pod more: rows changed beside its own port';
  return { measurements, verdicts: [{ benchmark: 'policies', projects, what, value, aim: 6 }] };
}

async function measure(shape: 'none' | 'sets' | 'naive', namespaces: number) {
  const version = ovnVersions.find(hasOvn);
  if (version === undefined) throw new Error('no OVN is here; run scripts/fetch-ovn');
  await using central = await startOvnCentral({ version });
  const result = await runSubject<PoliciesResult>('policies', [central.nb, shape, namespaces]);
  const start = performance.now();
  await central.compiled();
  const northdMs = performance.now() - start;
  const flows = await central.sbctl('--bare', '--columns=_uuid', 'list', 'Logical_Flow');
  return { ...result, northdMs, logicalFlows: flows.split('\n').filter((line) => line !== '').length };
}
