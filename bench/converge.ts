// First convergence and second run of N projects, against the server's floor and ovn-nbctl.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeNbctlScript, runNbctlScript } from './nbctl.ts';
import { startNorthbound } from './northbound-server.ts';
import type { BenchOptions } from './options.ts';
import { startRecorder } from './recorder.ts';
import type { BenchmarkResult, Measurement, Progress } from './result.ts';
import { cpuMs, medians } from './samples.ts';
import { runSubject } from './subject.ts';
import type { ConvergeResult } from './subjects/converge.ts';
import type { RawResult } from './subjects/raw.ts';

const window = 16;

interface Round {
  readonly program: ConvergeResult & ServerLoad;
  readonly second: ConvergeResult;
  readonly raw: RawResult & ServerLoad;
  readonly nbctlMs: number | undefined;
}

interface ServerLoad {
  readonly serverCpuMs: number;
}

/** The rounds are interleaved, so that a noisy machine is noisy for all of them. */
export async function benchConverge(
  projects: number,
  options: BenchOptions,
  progress: Progress,
): Promise<BenchmarkResult> {
  const folder = await mkdtemp(join(tmpdir(), 'ovn-projector-bench-'));
  try {
    const recording = await record(folder, projects);
    const script = join(folder, 'nbctl.sh');
    if (projects <= options.nbctlLimit) await writeNbctlScript(script, projects);
    const rounds: Round[] = [];
    for (let round = 1; round <= options.runs; round++) {
      rounds.push(await runRound(projects, recording, projects <= options.nbctlLimit ? script : undefined));
      const { program, raw } = rounds.at(-1)!;
      progress(`round ${round}: program ${program.totalMs.toFixed(0)} ms, raw ${raw.totalMs.toFixed(0)} ms`);
    }
    return summarize(projects, rounds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the program sends, captured once, one transaction per line. */
export async function record(folder: string, projects: number): Promise<string> {
  await using server = await startNorthbound();
  const file = join(folder, 'transactions.jsonl');
  const recorder = await startRecorder(server.remote, { socket: join(folder, 'relay.sock'), file });
  await runSubject<ConvergeResult>('converge', [recorder.remote, projects]);
  await recorder.close();
  return file;
}

async function runRound(projects: number, recording: string, script: string | undefined): Promise<Round> {
  const raw = await onEmptyServer((remote) => runSubject<RawResult>('raw', [remote, recording, window]));
  let second: ConvergeResult | undefined;
  const program = await onEmptyServer(
    (remote) => runSubject<ConvergeResult>('converge', [remote, projects]),
    async (remote) => {
      second = await runSubject<ConvergeResult>('converge', [remote, projects]);
    },
  );
  verify(program, second, projects);
  const nbctlMs = script === undefined ? undefined : await nbctl(script);
  return { program, second: second!, raw, nbctlMs };
}

async function onEmptyServer<T>(
  measure: (remote: string) => Promise<T>,
  then: (remote: string) => Promise<void> = async () => {},
): Promise<T & ServerLoad> {
  await using server = await startNorthbound();
  const before = cpuMs(server.pid);
  const result = await measure(server.remote);
  const serverCpuMs = cpuMs(server.pid) - before;
  await then(server.remote);
  return { ...result, serverCpuMs };
}

async function nbctl(script: string): Promise<number> {
  await using server = await startNorthbound();
  return await runNbctlScript(server.remote, script);
}

/** A benchmark of a program that does something else is worth nothing. */
function verify(first: ConvergeResult, second: ConvergeResult | undefined, projects: number): void {
  if (first.problems !== 0 || first.transactions !== projects + 1)
    throw new Error(`${first.transactions} transactions, ${first.problems} problems`);
  if (second?.transactions !== 0 || second.rows !== first.rows)
    throw new Error(`the second run wrote ${second?.transactions} transactions`);
}

function summarize(projects: number, rounds: readonly Round[]): BenchmarkResult {
  const program = medians(rounds.map((round) => round.program));
  const second = medians(rounds.map((round) => round.second));
  const raw = medians(rounds.map((round) => round.raw));
  const nbctl = medians(
    rounds.flatMap(({ nbctlMs }) => (nbctlMs === undefined ? [] : [{ totalMs: nbctlMs }])),
  );
  const line = (subject: string, values: Measurement['values']): Measurement => ({
    benchmark: 'converge',
    projects,
    subject,
    values,
  });
  const relative = (totalMs: number) => ({
    totalMs,
    msPerProject: totalMs / projects,
    ratio: totalMs / raw.totalMs,
  });
  const perProject = (bytes: number): number => Math.round(bytes / 1024 / projects);
  const ratio = program.totalMs / raw.totalMs;
  return {
    measurements: [
      line('raw pipelined JSON', {
        ...relative(raw.totalMs),
        cpuMs: raw.cpuMs,
        serverCpuMs: raw.serverCpuMs,
      }),
      line('program, first run', {
        ...relative(program.totalMs),
        cpuMs: program.cpuMs,
        serverCpuMs: program.serverCpuMs,
        rows: program.rows,
        heapKibPerProject: perProject(program.heapBytes),
        objectKibPerProject: perProject(program.objectBytes),
        rssKibPerProject: perProject(program.rssBytes),
      }),
      line('program, second run', { ...relative(second.totalMs), cpuMs: second.cpuMs, rows: second.rows }),
      ...('totalMs' in nbctl ? [line('ovn-nbctl daemon', relative(nbctl.totalMs))] : []),
    ],
    verdicts: [{ benchmark: 'converge', projects, what: 'program / raw', value: ratio, aim: 1.2 }],
  };
}
