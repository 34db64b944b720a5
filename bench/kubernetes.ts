// The program on a real API server: from an object that is created to the row, beside a bare watch; starts; memory.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type ApiServer, startApiServer } from '../test/support/api-server.ts';
import { hasApiServer } from '../test/support/api-server-programs.ts';
import { benchConfig, type Manifest, projectNamespace } from './fleet.ts';
import { fillApiServer, untilQuiet } from './fleet-server.ts';
import { type ArrivalWatch, watchArrivals } from './arrivals.ts';
import { startNorthbound } from './northbound-server.ts';
import type { BenchOptions } from './options.ts';
import type { BenchmarkResult, Measurement, Progress } from './result.ts';
import { nowMs, quantile } from './samples.ts';

/** Objects created per kind and run; the first ones of all, with cold code, are not counted. */
const perRun = 30;
const cold = 5;

export async function benchKubernetes(
  projects: number,
  options: BenchOptions,
  progress: Progress,
): Promise<BenchmarkResult> {
  const nothing = { measurements: [], verdicts: [] };
  if (!hasApiServer) {
    progress('left out: no kube-apiserver here; run scripts/envtest');
    return nothing;
  }
  if (projects > options.kubernetesLimit) {
    progress(`left out: more than --kubernetes-limit ${options.kubernetesLimit}`);
    return nothing;
  }
  await using server = await startApiServer({ crds: true });
  await using northbound = await startNorthbound();
  await fillApiServer(server, projects);
  progress('the API server is filled');
  const start = (): Promise<Daemon> => startDaemon(server, northbound.remote);
  const first = await start();
  progress(`first start ${first.inStepMs.toFixed(0)} ms`);
  await untilQuiet(server);
  const firstValues = startValues(first);
  await end(first.child);
  const again = await start();
  await untilQuiet(server);
  progress(`second start ${again.inStepMs.toFixed(0)} ms`);
  const measure = (subject: string, values: Measurement['values']): Measurement => {
    return { benchmark: 'kubernetes', projects, subject, values };
  };
  const measurements = [
    measure('start, nothing programmed', firstValues),
    measure('start, all programmed', startValues(again)),
  ];
  await using arrivals = await watchArrivals(server.kubeconfig, northbound.remote);
  for (const [subject, { collection, object }] of Object.entries(created)) {
    const times = await measureCreation(server, arrivals, options.runs * perRun, (index) => {
      const project = (Math.floor(projects / 2) + index) % projects;
      const namespace = projectNamespace(project);
      return { path: collection.replace('{}', namespace), object: object(index, project), namespace };
    });
    measurements.push(
      measure(`${subject}, bare watch`, quantiles(times.map(({ seen }) => seen))),
      measure(`${subject}, committed`, quantiles(times.map(({ committed }) => committed))),
    );
    progress(`${subject} done`);
  }
  await end(again.child);
  return { measurements, verdicts: [] };
}

interface Creation {
  readonly collection: string;
  readonly object: (
    index: number,
    project: number,
  ) => Manifest & { readonly kind: string; readonly metadata: { name: string } };
}

const created: Readonly<Record<'Service' | 'Pod' | 'FIp', Creation>> = {
  Service: {
    collection: '/api/v1/namespaces/{}/services',
    object: (index) => ({
      kind: 'Service',
      metadata: {
        name: `new-${index}`,
        annotations: { 'service.nlb.kube-dc.com/bind-on-default-gw-eip': 'true' },
      },
      spec: {
        type: 'LoadBalancer',
        allocateLoadBalancerNodePorts: false,
        selector: { app: 'web' },
        ports: [{ name: 'main', port: 10_000 + index }],
      },
    }),
  },
  Pod: {
    collection: '/api/v1/namespaces/{}/pods',
    object: (index) => ({
      kind: 'Pod',
      metadata: { name: `new-${index}` },
      spec: { containers: [{ name: 'app', image: 'nginx' }] },
    }),
  },
  FIp: {
    collection: '/apis/kube-dc.com/v1/namespaces/{}/fips',
    object: (index, project) => ({
      apiVersion: 'kube-dc.com/v1',
      kind: 'FIp',
      metadata: { name: `new-${index}` },
      spec: { ipAddress: `10.${project >> 8}.${project & 255}.${100 + (index % 150)}` },
    }),
  },
};

interface Times {
  readonly seen: number;
  readonly committed: number;
}

/** One object after the other; times are from before the request is sent. */
async function measureCreation(
  server: ApiServer,
  arrivals: ArrivalWatch,
  count: number,
  make: (index: number) => { path: string; namespace: string; object: ReturnType<Creation['object']> },
): Promise<Times[]> {
  const times: Times[] = [];
  for (let index = 0; index < cold + count; index++) {
    const { path, namespace, object } = make(index);
    const arrived = arrivals.of(`${object.kind}/${namespace}/${object.metadata.name}`);
    const start = nowMs();
    await server.create(path, object);
    const { seen, committed } = await arrived;
    times.push({ seen: seen - start, committed: committed - start });
  }
  return times.slice(cold);
}

function quantiles(times: readonly number[]): Measurement['values'] {
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

interface Daemon {
  readonly child: ChildProcess;
  /** From before the process is made. */
  readonly inStepMs: number;
  readonly rowsWritten: number;
}

async function startDaemon(server: ApiServer, remote: string): Promise<Daemon> {
  const config = join(server.directory, 'bench-config.yaml');
  const { gatewayChassis, routerLimitPerNetwork } = benchConfig();
  await writeFile(config, JSON.stringify({ gatewayChassis, routerLimitPerNetwork }));
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const args = ['run', '--no-lease', '--kubeconfig', server.kubeconfig, '--nb', remote, '--config', config];
  const start = nowMs();
  const child = spawn(process.execPath, ['--max-semi-space-size=64', main, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stderr).on('line', (text) => {
      if (text.includes('"in step"')) resolve(text);
    });
    child.once('exit', (code) => reject(new Error(`run ended with ${code}`)));
  });
  const inStepMs = nowMs() - start;
  const { insert, update, delete: deleted } = JSON.parse(line) as Record<string, number>;
  return { child, inStepMs, rowsWritten: (insert ?? 0) + (update ?? 0) + (deleted ?? 0) };
}

function startValues({ child, inStepMs, rowsWritten }: Daemon): Measurement['values'] {
  return { inStepMs, rowsWritten, peakRssMib: peakRssMib(child) };
}

/** Source: proc(5), /proc/pid/status. NaN when it has ended. */
function peakRssMib({ pid }: ChildProcess): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(text)?.[1]) / 1024;
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
