// The program as a daemon on an API server: how long it takes to be in step, what it asks for, what memory it takes.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../src/embedded/child.ts';
import type { ApiServer } from '../test/support/api-server.ts';
import { freePort } from '../test/support/free-port.ts';
import { benchConfig } from './fleet.ts';
import { readRequests, type RecordedRequest } from './recorded-requests.ts';
import { cpuMs, nowMs } from './samples.ts';

export interface BenchDaemon extends AsyncDisposable {
  /** Of {@link nowMs}, before the process was made. */
  readonly startMs: number;
  /** From then on. */
  readonly inStepMs: number;
  /** CPU time until then. */
  readonly inStepCpuMs: number;
  /** Rows of NB by then. */
  readonly rowsWritten: number;
  /** So far. */
  requests(): Promise<RecordedRequest[]>;
  /** Memory now; garbage counts. */
  memory(): Promise<{ readonly rssMib: number; readonly peakRssMib: number; readonly heapMib: number }>;
  cpuMs(): number;
  /** Resolves when it has nothing left to write, and has had nothing for two seconds. */
  settled(): Promise<void>;
}

const quietMs = 2000;

const recorder = fileURLToPath(new URL('subjects/request-recorder.ts', import.meta.url));
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const live = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of live) child.kill('SIGKILL');
});

/** Resolves when it is in step. It ends when it is disposed of, and at the latest with this process. */
export async function startBenchDaemon(server: ApiServer, remote: string): Promise<BenchDaemon> {
  const port = await freePort();
  const requestsFile = join(server.directory, `requests-${port}.jsonl`);
  const config = join(server.directory, 'bench-config.yaml');
  const { gatewayChassis, routerLimitPerNetwork } = benchConfig();
  await writeFile(config, JSON.stringify({ gatewayChassis, routerLimitPerNetwork }));
  const startMs = nowMs();
  const child = spawnTied(
    ['--max-semi-space-size=64', '--import', recorder, main, 'run', '--no-lease'].concat(
      ['--kubeconfig', server.kubeconfig, '--nb', remote, '--config', config],
      ['--listen', `127.0.0.1:${port}`],
    ),
    { BENCH_REQUESTS: requestsFile },
  );
  const line = await loggedLine(child, '"in step"');
  const inStepMs = nowMs() - startMs;
  const { insert, update, delete: deleted } = JSON.parse(line) as Record<string, number>;
  return {
    startMs,
    inStepMs,
    inStepCpuMs: cpuMs(child.pid!),
    rowsWritten: (insert ?? 0) + (update ?? 0) + (deleted ?? 0),
    requests: () => readRequests(requestsFile),
    memory: async () => ({ ...residentMib(child), heapMib: await heapMib(port) }),
    cpuMs: () => cpuMs(child.pid!),
    settled: () => settled(port, requestsFile),
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** The kernel ends it when we are killed. */
function spawnTied(args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  const setpriv = findProgram('setpriv');
  const tied = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL'];
  const [program = '', ...rest] = [...tied, process.execPath, ...args];
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  live.add(child);
  child.once('exit', () => live.delete(child));
  return child;
}

async function loggedLine(child: ChildProcess, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  createInterface(child.stderr!).on('line', (line) => {
    if (line.includes(text)) resolve(line);
  });
  child.once('exit', (code) => reject(new Error(`the daemon ended with ${code}`)));
  return promise;
}

/** Source: proc(5), /proc/pid/status. */
function residentMib({ pid }: ChildProcess): { readonly rssMib: number; readonly peakRssMib: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024;
  return { rssMib: mib('VmRSS'), peakRssMib: mib('VmHWM') };
}

async function heapMib(port: number): Promise<number> {
  return (await metric(port, 'nodejs_heap_size_used_bytes')) / 1024 / 1024;
}

async function metric(port: number, name: string): Promise<number> {
  // A connection of its own each time: the daemon may be about to close an idle one.
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } });
  const text = await response.text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** On a busy machine seconds may pass between two writes: that there are none is not enough. */
async function settled(port: number, requestsFile: string): Promise<void> {
  for (let before = -1; ;) {
    const { size } = await stat(requestsFile);
    const isWaiting = (await metric(port, 'ovn_projector_api_writes_waiting')) > 0;
    if (!isWaiting && size === before) return;
    before = isWaiting ? -1 : size;
    await delay(quietMs);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
