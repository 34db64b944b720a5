// The program on a real API server: starts beside bare lists and bare writes; from an object to its row, beside a bare watch.
import { KubeClient } from '../src/source/kubernetes/kube-client.ts';
import { listAll } from '../src/source/kubernetes/paged-list.ts';
import { resources } from '../src/source/kubernetes/resources.ts';
import { type ApiServer, startApiServer } from '../test/support/api-server.ts';
import { hasApiServer } from '../test/support/api-server-programs.ts';
import { watchArrivals } from './arrivals.ts';
import { replayWrites } from './bare-writes.ts';
import { created, measureCreation } from './creation.ts';
import { fillApiServer } from './fleet-server.ts';
import { type BenchDaemon, startBenchDaemon } from './kubernetes-daemon.ts';
import { startNorthbound } from './northbound-server.ts';
import type { BenchOptions } from './options.ts';
import { countRequests, type RecordedRequest, writesOf } from './recorded-requests.ts';
import type { BenchmarkResult, Measurement, Progress, Verdict } from './result.ts';
import { nowMs } from './samples.ts';

export async function benchKubernetes(
  projects: number,
  options: BenchOptions,
  progress: Progress,
): Promise<BenchmarkResult> {
  if (!hasApiServer) {
    progress('left out: no kube-apiserver here; run scripts/envtest');
    return { measurements: [], verdicts: [] };
  }
  await using server = await startApiServer({ crds: true });
  await using northbound = await startNorthbound();
  const filled = nowMs();
  await fillApiServer(server, projects);
  progress(`the API server is filled, ${since(filled)}`);
  const run = { projects, options, progress, server, remote: northbound.remote };
  const { writes, ...fromNothing } = await benchFirstStart(run);
  const bare = await benchBareWrites(run, writes, fromNothing.value);
  const changes = await benchFollowing(run);
  return {
    measurements: [...fromNothing.measurements, ...bare.measurements, ...changes.measurements],
    verdicts: [...bare.verdicts, ...changes.verdicts],
  };
}

interface Run {
  readonly projects: number;
  readonly options: BenchOptions;
  readonly progress: Progress;
  readonly server: ApiServer;
  readonly remote: string;
}

async function benchFirstStart({ projects, progress, server, remote }: Run) {
  await using daemon = await startBenchDaemon(server, remote);
  progress(`first start: in step after ${daemon.inStepMs.toFixed(0)} ms`);
  await daemon.settled();
  const requests = await daemon.requests();
  const writes = writesOf(requests);
  const values = await startValues(daemon, writes);
  progress(`first start: all written after ${values.settledMs.toFixed(0)} ms`);
  const measurements = [
    measurement(projects, 'start, nothing programmed', values),
    ...requestsPer(projects, 'project at the first start', writes, projects),
  ];
  return { measurements, writes, value: values.settledMs };
}

/** On a second API server with the same objects. */
async function benchBareWrites(
  { projects, options, progress }: Run,
  writes: readonly RecordedRequest[],
  settledMs: number,
): Promise<BenchmarkResult> {
  if (projects > options.replayLimit) {
    progress(`bare writes left out: more than --replay-limit ${options.replayLimit}`);
    return { measurements: [], verdicts: [] };
  }
  await using server = await startApiServer({ crds: true });
  await fillApiServer(server, projects);
  const bareMs = await replayWrites(server, writes);
  progress(`the same writes alone: ${bareMs.toFixed(0)} ms`);
  const values = { settledMs: bareMs, writes: writes.length };
  return {
    measurements: [measurement(projects, 'the same writes, sent again alone', values)],
    verdicts: [verdict(projects, 'start from nothing / its writes alone', settledMs / bareMs, 2)],
  };
}

async function benchFollowing(run: Run): Promise<BenchmarkResult> {
  const { projects, progress, server, remote } = run;
  const listMs = await listEverything(server);
  await using daemon = await startBenchDaemon(server, remote);
  await daemon.settled();
  const writes = writesOf(await daemon.requests());
  progress(`second start: in step after ${daemon.inStepMs.toFixed(0)} ms, ${writes.length} writes`);
  const measurements = [
    measurement(projects, 'start, all programmed', await startValues(daemon, writes)),
    measurement(projects, 'bare lists of every kind', { inStepMs: listMs }),
  ];
  for (const kind of Object.keys(created)) measurements.push(...(await benchCreation(run, daemon, kind)));
  return {
    measurements,
    verdicts: [
      verdict(projects, 'rows written when all is programmed', daemon.rowsWritten, 0),
      verdict(projects, 'API writes when all is programmed', writes.length, 0),
    ],
  };
}

async function benchCreation(
  { projects, options, progress, server, remote }: Run,
  daemon: BenchDaemon,
  kind: string,
): Promise<Measurement[]> {
  await using arrivals = await watchArrivals(server.kubeconfig, remote);
  const before = writesOf(await daemon.requests()).length;
  const objects = options.runs * options.objects;
  const times = await measureCreation({ server, arrivals, kind, projects, objects });
  await daemon.settled();
  progress(`${kind} done`);
  const requests = writesOf(await daemon.requests()).slice(before);
  return [
    measurement(projects, `${kind} created: bare watch`, times.seen),
    measurement(projects, `${kind} created: one bare write`, times.written),
    measurement(projects, `${kind} created: committed`, times.committed),
    ...requestsPer(projects, `${kind} created`, requests, times.count),
  ];
}

/** As the program reads them, one kind after the other, and nothing done with them. */
async function listEverything({ kubeconfig }: ApiServer): Promise<number> {
  const client = new KubeClient({ kubeconfig });
  await client.server();
  const start = nowMs();
  for (const resource of resources.filter(({ isOptional }) => !isOptional))
    await listAll(client, resource, 500, new AbortController().signal);
  const durationMs = nowMs() - start;
  await client.close();
  return durationMs;
}

async function startValues(daemon: BenchDaemon, writes: readonly RecordedRequest[]) {
  const { inStepMs, inStepCpuMs, rowsWritten } = daemon;
  const settledMs = writes.length === 0 ? inStepMs : (writes.at(-1)?.atMs ?? 0) - daemon.startMs;
  const common = { inStepMs, settledMs, inStepCpuMs, cpuMs: daemon.cpuMs(), rowsWritten };
  return { ...common, writes: writes.length, ...(await daemon.memory()) };
}

function requestsPer(
  projects: number,
  what: string,
  requests: readonly RecordedRequest[],
  count: number,
): Measurement[] {
  return countRequests(requests).map(([sort, number]) => ({
    benchmark: 'kubernetes requests',
    projects,
    subject: `${what}: ${sort}`,
    values: { each: number / count },
  }));
}

function measurement(projects: number, subject: string, values: Measurement['values']): Measurement {
  return { benchmark: 'kubernetes', projects, subject, values };
}

function verdict(projects: number, what: string, value: number, aim: number): Verdict {
  return { benchmark: 'kubernetes', projects, what, value, aim };
}

function since(startMs: number): string {
  return `${((nowMs() - startMs) / 1000).toFixed(1)} s`;
}
