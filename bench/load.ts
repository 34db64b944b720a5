// Opening a database that has N projects already, against the bare bytes and the C IDL.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { record } from './converge.ts';
import { callDaemon, startNbctlDaemon } from './nbctl.ts';
import { startNorthbound } from './northbound-server.ts';
import type { BenchOptions } from './options.ts';
import type { BenchmarkResult, Measurement, Progress } from './result.ts';
import { medians, nowMs } from './samples.ts';
import { runSubject } from './subject.ts';
import type { LoadRawResult } from './subjects/load-raw.ts';
import type { LoadReplicaResult } from './subjects/load-replica.ts';

interface Round {
  readonly raw: LoadRawResult;
  readonly replica: LoadReplicaResult;
  readonly indexed: LoadReplicaResult;
  readonly daemonMs: number;
  readonly listMs: number;
}

export async function benchLoad(
  projects: number,
  options: BenchOptions,
  progress: Progress,
): Promise<BenchmarkResult> {
  const folder = await mkdtemp(join(tmpdir(), 'ovn-projector-bench-'));
  try {
    await using server = await startNorthbound();
    await runSubject('raw', [server.remote, await record(folder, projects), 16]);
    const rounds: Round[] = [];
    for (let round = 1; round <= options.runs; round++) {
      rounds.push(await runRound(server.remote));
      const { raw, indexed } = rounds.at(-1)!;
      progress(`round ${round}: replica ${indexed.totalMs.toFixed(0)} ms, raw ${raw.totalMs.toFixed(0)} ms`);
    }
    return summarize(projects, rounds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runRound(remote: string): Promise<Round> {
  return {
    raw: await runSubject<LoadRawResult>('load-raw', [remote]),
    replica: await runSubject<LoadReplicaResult>('load-replica', [remote, 'none']),
    indexed: await runSubject<LoadReplicaResult>('load-replica', [remote, 'indexes']),
    daemonMs: await daemonLoad(remote),
    listMs: await nbctlList(remote),
  };
}

/** As a daemon the IDL of ovn-nbctl holds every table, as the replica does. */
async function daemonLoad(remote: string): Promise<number> {
  const start = nowMs();
  await using daemon = await startNbctlDaemon(remote);
  await callDaemon(daemon, ['get', 'NB_Global', '.', 'nb_cfg']);
  return nowMs() - start;
}

/** Without a daemon it loads the one table only, and prints it. */
async function nbctlList(remote: string): Promise<number> {
  const start = nowMs();
  const command = `ovn-nbctl --no-leader-only --db=${remote} list Logical_Switch_Port | tail -n 1`;
  await promisify(execFile)('sh', ['-c', command]);
  return nowMs() - start;
}

function summarize(projects: number, rounds: readonly Round[]): BenchmarkResult {
  const raw = medians(rounds.map((round) => round.raw));
  const replica = medians(rounds.map((round) => round.replica));
  const indexed = medians(rounds.map((round) => round.indexed));
  const { daemonMs, listMs } = medians(rounds.map(({ daemonMs, listMs }) => ({ daemonMs, listMs })));
  const line = (
    subject: string,
    { totalMs, ...values }: { totalMs: number; [name: string]: number },
  ): Measurement => ({
    benchmark: 'load',
    projects,
    subject,
    values: { totalMs, ratio: totalMs / raw.totalMs, ...values },
  });
  const verdict = (what: string, value: number, aim: number) => ({
    benchmark: 'load',
    projects,
    what,
    value,
    aim,
  });
  return {
    measurements: [
      line('raw bytes', { ...raw }),
      line('replica', { ...replica }),
      line("replica with the planner's indexes", { ...indexed }),
      line('ovn-nbctl daemon (C IDL, all tables)', { totalMs: daemonMs }),
      line('ovn-nbctl list Logical_Switch_Port', { totalMs: listMs }),
    ],
    verdicts: [
      verdict('replica / raw bytes', indexed.totalMs / raw.totalMs, 1.5),
      verdict('replica / ovn-nbctl daemon', indexed.totalMs / daemonMs, 1),
      verdict('heap bytes per row', replica.heapBytesPerRow, 700),
      verdict('heap bytes per row with indexes', indexed.heapBytesPerRow, 700),
    ],
  };
}
