// One Service of one project changes while the program follows: how long until it is committed, and does N matter?
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Database } from '../src/ovsdb/index.ts';
import { record } from './converge.ts';
import { benchConfig, projectManifests, projectNamespace, serviceManifest } from './fleet.ts';
import { projectFile, writeFleet, yamlStream } from './fleet-folder.ts';
import { startNorthbound } from './northbound-server.ts';
import type { BenchOptions } from './options.ts';
import type { BenchmarkResult, Measurement, Progress, Verdict } from './result.ts';
import { cpuMs, median, nowMs } from './samples.ts';
import { nextMessage, runSubject, startSubject } from './subject.ts';
import type { ChangeRequest } from './subjects/follow.ts';

/** Changes per run; the first ones, with cold code, are not counted. */
const changes = 20;
const coldChanges = 5;

/** A program that is in step, and how to change a Service of one project under it. */
interface Follower {
  readonly child: ChildProcess;
  readonly change: (request: ChangeRequest) => Promise<void>;
}

export async function benchChange(
  projects: number,
  _options: BenchOptions,
  progress: Progress,
): Promise<BenchmarkResult> {
  const folder = await mkdtemp(join(tmpdir(), 'ovn-projector-bench-'));
  try {
    const recording = await record(folder, projects);
    const measure = async (
      subject: string,
      start: (remote: string) => Promise<Follower>,
    ): Promise<Measurement> => {
      await using server = await startNorthbound();
      await runSubject('raw', [server.remote, recording, 16]);
      const values = await measureFollower(await start(server.remote), server.remote, projects);
      progress(`${subject} ${values.medianMs.toFixed(1)} ms`);
      return { benchmark: 'change', projects, subject, values };
    };
    const manifests = await writeFleet(join(folder, 'manifests'), projects);
    return {
      measurements: [
        await measure('object in memory', (remote) => followMemory(remote, projects)),
        await measure('file in a folder', (remote) => followFolder(remote, manifests, folder)),
      ],
      verdicts: [],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How the time of a change grows from the smallest to the largest number of projects: the aim is that it does not. */
export function changeGrowth(measurements: readonly Measurement[]): Verdict[] {
  const changes = measurements.filter(({ benchmark }) => benchmark === 'change');
  return [...Map.groupBy(changes, ({ subject }) => subject)].flatMap(([subject, group]) => {
    const [least, most] = [group[0], group.at(-1)];
    if (least === undefined || most === undefined || least === most) return [];
    const value = (most.values['medianMs'] ?? Number.NaN) / (least.values['medianMs'] ?? Number.NaN);
    const what = `${subject}, time at ${most.projects} / at ${least.projects} projects`;
    return [{ benchmark: 'change', projects: most.projects, what, value, aim: 1.2 }];
  });
}

/** Times are from the end of the event (message sent, file written) until another client of the database sees the row. */
async function measureFollower(
  { child, change }: Follower,
  remote: string,
  projects: number,
): Promise<Record<'medianMs' | 'worstMs' | 'cpuMsPerChange', number>> {
  await using observer = await observe(remote);
  const times: number[] = [];
  let cpu = 0;
  for (let count = 0; count < coldChanges + changes; count++) {
    if (count === coldChanges) cpu = cpuMs(child.pid!);
    const request = { project: (Math.floor(projects / 2) + count) % projects, port: 10_000 + count };
    const seen = observer.sees(`${projectNamespace(request.project)}-api-tcp`, request.port);
    await change(request);
    const start = nowMs();
    times.push((await seen) - start);
  }
  const cpuMsPerChange = (cpuMs(child.pid!) - cpu) / changes;
  await end(child);
  const counted = times.slice(coldChanges);
  return { medianMs: median(counted), worstMs: Math.max(...counted), cpuMsPerChange };
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  if (child.connected) child.disconnect();
  else child.kill('SIGTERM');
  await exited;
}

interface Observer extends AsyncDisposable {
  /** Resolves with the time when the load balancer has a VIP on the port. */
  sees(name: string, port: number): Promise<number>;
}

async function observe(remote: string): Promise<Observer> {
  const database = await Database.connect({
    remote,
    database: 'OVN_Northbound',
    monitor: { Load_Balancer: ['name', 'vips'] },
  });
  return {
    sees: (name, port) =>
      new Promise((resolve) => {
        const stop = database.onChange((rows) => {
          const match = rows.find(({ after }) => after?.['name'] === name);
          if (!Object.keys(match?.after?.['vips'] ?? {}).some((vip) => vip.endsWith(`:${port}`))) return;
          stop();
          resolve(nowMs());
        });
      }),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

async function followMemory(remote: string, projects: number): Promise<Follower> {
  const child = startSubject('follow', [remote, String(projects)]);
  await nextMessage(child);
  return {
    child,
    change: async (request) => {
      child.send(request);
    },
  };
}

/** `ovn-projector run` itself. */
async function followFolder(remote: string, manifests: string, scratch: string): Promise<Follower> {
  const config = join(scratch, 'config.yaml');
  const { gatewayChassis, routerLimitPerNetwork } = benchConfig();
  await writeFile(config, JSON.stringify({ gatewayChassis, routerLimitPerNetwork }));
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const args = [main, 'run', '-f', manifests, '--nb', remote, '--config', config];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const lines = createInterface(child.stderr);
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => (line.includes('"in step"') ? resolve() : undefined));
    child.once('exit', (code) => reject(new Error(`run ended with ${code}`)));
  });
  return {
    child,
    change: async ({ project, port }) => {
      const others = projectManifests(project).slice(0, -1);
      const service = serviceManifest(projectNamespace(project), 'api', port);
      await writeFile(projectFile(manifests, project), yamlStream([...others, service]));
    },
  };
}
