// Where the objects of a command come from: the paths of `-f`, stdin among them, or an API server.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../base/errors.ts';
import type { Problem } from '../base/problem.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../base/logger.ts';
import { loadManifests } from '../source/manifests/load-manifests.ts';
import { createManifestSource } from '../source/manifests/manifest-source.ts';
import type { KubernetesSource } from '../source/kubernetes/kubernetes-source.ts';
import type { LeaderElection } from '../source/kubernetes/leader-election.ts';
import type { LeaseName } from '../source/kubernetes/lease.ts';
import type { GatewayWriter } from '../source/kubernetes/gateway/gateway-writer.ts';
import type { StatusWriter } from '../source/kubernetes/status-writer.ts';
import type { LoadedObjects, Source } from '../source/source.ts';
import type { InputFlags } from './flags.ts';
import type { Terminal } from './terminal.ts';

/** Reads every object once. @throws SOURCE_NOT_FOUND; KUBE_… */
export async function loadInput(
  flags: InputFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<LoadedObjects> {
  if (flags.file !== undefined) return loadFiles(flags.file, terminal);
  const { KubeClient, loadObjects } = await kubernetes();
  const client = new KubeClient(flags);
  try {
    return await loadObjects(client, signal);
  } finally {
    await client.close();
  }
}

/** What `run` follows; `close` ends its connections. */
export interface FollowedInput {
  readonly source: Source;
  /** Of those who follow the same API server; undefined: whoever runs writes. */
  readonly election: LeaderElection | undefined;
  /** Writes back what became of the objects; undefined: there is nobody to write to. */
  readonly writer: StatusWriter | undefined;
  /** Keeps the routes of Services; undefined: there is nobody to write to, or the configuration has no Gateway. */
  routes(config: Config): Promise<GatewayWriter | undefined>;
  /** The source, when it is an API server. */
  readonly watches: KubernetesSource | undefined;
  close(): Promise<void>;
}

/** @throws CLI_STDIN */
export async function followInput(
  flags: InputFlags,
  lease: LeaseName | undefined,
  logger: Logger,
): Promise<FollowedInput> {
  if (flags.file?.includes('-') === true)
    throw new CodedError('CLI_STDIN', 'run follows files, and stdin cannot be followed: use apply -f -', {
      retryable: false,
    });
  if (flags.file !== undefined)
    return {
      source: createManifestSource(flags.file, { logger }),
      election: undefined,
      writer: undefined,
      routes: () => Promise.resolve(undefined),
      watches: undefined,
      close: () => Promise.resolve(),
    };
  const { KubeClient, KubernetesSource, StatusWriter, createElection } = await kubernetes();
  const client = new KubeClient(flags);
  logger.info({ server: await client.server() }, 'following the API server');
  const source = new KubernetesSource({ client, logger });
  return {
    source,
    election: lease === undefined ? undefined : createElection(client, lease, logger),
    writer: new StatusWriter({ client, server: source, logger }),
    routes: async (config) => {
      if (config.gateway === undefined) return undefined;
      const { GatewayWriter } = await import('../source/kubernetes/gateway/gateway-writer.ts');
      return new GatewayWriter({ client, server: source, config, logger });
    },
    watches: source,
    close: () => client.close(),
  };
}

/** Loaded only when it is wanted: an HTTP client, and all that goes with it. */
async function kubernetes() {
  const [{ KubeClient }, { loadObjects }, { KubernetesSource }, { StatusWriter }, { createElection }] =
    await Promise.all([
      import('../source/kubernetes/kube-client.ts'),
      import('../source/kubernetes/load-objects.ts'),
      import('../source/kubernetes/kubernetes-source.ts'),
      import('../source/kubernetes/status-writer.ts'),
      import('./leadership.ts'),
    ]);
  return { KubeClient, loadObjects, KubernetesSource, StatusWriter, createElection };
}

async function loadFiles(paths: readonly string[], terminal: Terminal): Promise<LoadedObjects> {
  if (!paths.includes('-')) return loadManifests(paths);
  const folder = await mkdtemp(join(tmpdir(), 'ovn-projector-stdin-'));
  try {
    const file = join(folder, 'stdin.yaml');
    await writeFile(file, await terminal.readInput());
    const loaded = await loadManifests(paths.map((path) => (path === '-' ? file : path)));
    const named = (text: string): string => text.replaceAll(file, 'stdin');
    const problems = loaded.problems.map((problem): Problem => {
      const { object, message, hint } = problem;
      return { ...problem, object: named(object), message: named(message), hint: named(hint) };
    });
    return { ...loaded, problems };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
