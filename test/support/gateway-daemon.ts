// The writer of routes on a real API server, and stand-ins for the controllers of others that it waits for.
import { setTimeout as delay } from 'node:timers/promises';
import { describe } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { foreignKinds } from '../../src/gateway/foreign-kind.ts';
import type { ForeignKind } from '../../src/gateway/foreign-kind.ts';
import { GatewayWriter } from '../../src/source/kubernetes/gateway/gateway-writer.ts';
import { KubeClient, type KubeRequest } from '../../src/source/kubernetes/kube-client.ts';
import { KubeError } from '../../src/source/kubernetes/kube-error.ts';
import { KubernetesSource } from '../../src/source/kubernetes/kubernetes-source.ts';
import type { SourceSink } from '../../src/source/source.ts';
import type { ApiServer } from './api-server.ts';
import { describeApiServer } from './api-server-programs.ts';
import { gatewayConfig } from './gateway-world.ts';
import { SeenObjects } from './seen-objects.ts';
import { type ThirdPartyCrd, thirdPartyCrds } from './third-party-crds.ts';

/** A group of tests on a real API server with the definitions of Gateway API, cert-manager and Envoy Gateway. */
export function describeRoutes(title: string, declare: (crds: readonly ThirdPartyCrd[]) => void): void {
  if (thirdPartyCrds === undefined)
    console.warn(
      'tests of routes are skipped: THIRD_PARTY_CRDS names no folder of CustomResourceDefinitions',
    );
  const crds = thirdPartyCrds ?? [];
  describe.skipIf(thirdPartyCrds === undefined)('with the definitions of others', () => {
    describeApiServer(title, () => declare(crds));
  });
}

export interface GatewayDaemonOptions {
  readonly kubeconfig: string;
  readonly config?: object;
  /** Sees every write before it is sent; what it throws is what comes of it. */
  readonly onWrite?: (request: KubeRequest) => void | Promise<void>;
}

export interface GatewayDaemon extends AsyncDisposable {
  /** `PATCH /apis/…`, in the order in which they were sent. */
  readonly writes: readonly string[];
  /** Messages of what the server did not take, conflicts with who wrote at the same time left out. */
  readonly refused: readonly string[];
  /** Resolves when everything was seen, and nothing has been left to do for a moment. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

const ignored: SourceSink = {
  changed: () => {},
  problems: () => {},
  incomplete: () => {},
  missing: () => {},
  synced: () => {},
};

const quietMs = 400;

/** Starts it, without any network; it ends with `stop`. */
export function startGatewayDaemon({ kubeconfig, config, onWrite }: GatewayDaemonOptions): GatewayDaemon {
  const real = new KubeClient({ kubeconfig });
  const seen = new SeenObjects(real);
  const writes: string[] = [];
  const refused: string[] = [];
  const client: Pick<KubeClient, 'request' | 'watch'> = {
    request: async (request, signal) => {
      const { method = 'GET', path } = request;
      if (method === 'GET') return seen.client.request(request, signal);
      await onWrite?.(request);
      writes.push(`${method} ${path}`);
      try {
        return await real.request(request, signal);
      } catch (error) {
        // Somebody wrote at the same time: it is looked at again, as meant.
        if (!isConflict(error)) refused.push(error instanceof Error ? error.message : 'unknown');
        throw error;
      }
    },
    watch: (watch, signal) => seen.client.watch(watch, signal),
  };
  const timing = { minDelayMs: 50, maxDelayMs: 500 };
  const source = new KubernetesSource({ client, logger: silentLogger, timing });
  const writer = new GatewayWriter({
    client,
    server: source,
    config: { gateway: gatewayConfig({ backendRef: 'service', ...config }), managementVpc: 'ovn-cluster' },
    logger: silentLogger,
    timing,
    discoveryMs: 300,
  });
  const end = new AbortController();
  const running = Promise.all([source.run(writer.tap(ignored), end.signal), writer.run(end.signal)]);
  running.catch(() => undefined);
  const stop = async (): Promise<void> => {
    end.abort();
    try {
      await running;
    } finally {
      await real.close();
    }
  };
  const settled = async (): Promise<void> => {
    for (let quiet = 0, before = -1; quiet < 3;) {
      await delay(quietMs / 2);
      await seen.caughtUp();
      quiet = writer.isIdle && before === writes.length ? quiet + 1 : 0;
      before = writes.length;
    }
  };
  return { writes, refused, settled, stop, [Symbol.asyncDispose]: stop };
}

const isConflict = (error: unknown): boolean =>
  error instanceof KubeError && error.status === 409 && error.message.includes('has been modified');

export interface StandIns extends AsyncDisposable {
  stop(): Promise<void>;
}

interface Raw {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly generation: number };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/**
 * Stand-ins, not the real ones: every Certificate is Ready, every listener Programmed and every route Accepted as soon as
 * they are seen. No certificate is issued, and no packet is routed.
 */
export function startStandIns(
  server: ApiServer,
  versions: Partial<Record<ForeignKind, string>> = {},
): StandIns {
  const end = new AbortController();
  const run = async (): Promise<void> => {
    while (!end.signal.aborted) {
      for (const kind of answered) await answerAll(server, kind, versions[kind] ?? 'v1');
      await delay(100, undefined, { signal: end.signal }).catch(() => undefined);
    }
  };
  const running = run();
  const stop = async (): Promise<void> => {
    end.abort();
    await running;
  };
  return { stop, [Symbol.asyncDispose]: stop };
}

const answered = ['Certificate', 'Gateway', 'ListenerSet', 'HTTPRoute', 'GRPCRoute', 'TLSRoute'] as const;

async function answerAll(server: ApiServer, kind: ForeignKind, version: string): Promise<void> {
  const { group, plural } = foreignKinds[kind];
  const root = `/apis/${group}/${version}`;
  const { status, body } = await server.request('GET', `${root}/${plural}`);
  if (status !== 200) return;
  for (const raw of (body as { items: readonly Raw[] }).items) {
    const wanted = statusOf(kind, raw);
    if (isSaid(wanted, raw.status)) continue;
    const path = `${root}/namespaces/${raw.metadata.namespace}/${plural}/${raw.metadata.name}/status`;
    await server.request('PATCH', path, { status: wanted }, 'application/merge-patch+json');
  }
}

function statusOf(
  kind: ForeignKind,
  { metadata: { generation }, spec }: Raw,
): Readonly<Record<string, unknown>> {
  const condition = (type: string) => ({
    type,
    status: 'True',
    reason: 'StandIn',
    message: '',
    observedGeneration: generation,
    lastTransitionTime: '2026-01-01T00:00:00Z',
  });
  const conditions = ['Accepted', 'ResolvedRefs', 'Programmed'].map(condition);
  if (kind === 'Certificate') return { conditions: [condition('Ready')] };
  if (kind !== 'Gateway' && kind !== 'ListenerSet') {
    const refs = (spec['parentRefs'] ?? []) as readonly object[];
    return {
      parents: refs.map((parentRef) => ({ parentRef, controllerName: 'example.com/stand-in', conditions })),
    };
  }
  const names = (spec['listeners'] as readonly { readonly name: string }[]).map(({ name }) => name);
  const listeners = names.map((name) => ({ name, attachedRoutes: 0, supportedKinds: [], conditions }));
  return { conditions: [condition('Accepted')], listeners };
}

/** The generations are not looked at deeper than the first condition. */
function isSaid(wanted: Readonly<Record<string, unknown>>, current: Raw['status']): boolean {
  const key = (status: Raw['status']): string =>
    JSON.stringify([
      (status?.['conditions'] as { observedGeneration?: number }[] | undefined)?.[0]?.observedGeneration,
      (status?.['listeners'] as { name: string }[] | undefined)?.map(({ name }) => name),
      (
        status?.['parents'] as
          { parentRef: object; conditions: { observedGeneration: number }[] }[] | undefined
      )?.map(({ parentRef, conditions }) => [parentRef, conditions[0]?.observedGeneration]),
    ]);
  return key(wanted) === key(current);
}

/** Installs definitions and waits until their kinds are served. */
export async function installThirdParty(server: ApiServer, crds: readonly ThirdPartyCrd[]): Promise<void> {
  for (const crd of crds) await server.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
  for (const { spec } of crds) {
    const version = spec.versions.find(({ served }) => served);
    const path = `/apis/${spec.group}/${version?.name}/${spec.names.plural}`;
    while ((await server.request('GET', path)).status !== 200) await delay(50);
  }
}

export const gatewayPath = (name = 'eg'): string =>
  `/apis/gateway.networking.k8s.io/v1/namespaces/envoy-gateway-system/gateways/${name}`;

/** The Gateway of the platform, with the listener that all share. */
export async function createGateway(server: ApiServer, spec: object = {}, name = 'eg'): Promise<void> {
  const listeners = [
    { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } },
  ];
  await server.create('/apis/gateway.networking.k8s.io/v1/namespaces/envoy-gateway-system/gateways', {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace: 'envoy-gateway-system' },
    spec: { gatewayClassName: 'eg', listeners, ...spec },
  });
}

/** All listeners, in the order in which the server has them. */
export async function wholeListeners(
  server: ApiServer,
  name = 'eg',
): Promise<{ name: string; hostname?: string }[]> {
  const { body } = await server.request('GET', gatewayPath(name));
  return (body as { spec: { listeners: { name: string; hostname?: string }[] } }).spec.listeners;
}

/** Their names. */
export async function listenersOf(server: ApiServer, name = 'eg'): Promise<readonly string[]> {
  return (await wholeListeners(server, name)).map((each) => each.name);
}

/** Server-side apply by somebody else. */
export async function applyAs(
  server: ApiServer,
  manager: string,
  path: string,
  object: object,
): Promise<number> {
  const query = `?fieldManager=${manager}&force=true`;
  const { status } = await server.request('PATCH', path + query, object, 'application/apply-patch+yaml');
  return status;
}

/** `HTTPRoute/web-route`, sorted: everything of a namespace that is ours. */
export async function madeIn(server: ApiServer, namespace: string): Promise<readonly string[]> {
  const kinds = [
    'Certificate',
    'ReferenceGrant',
    'ListenerSet',
    'HTTPRoute',
    'GRPCRoute',
    'TLSRoute',
    'Backend',
  ] as const;
  const lists = kinds.map(async (kind) => {
    const { group, plural } = foreignKinds[kind];
    for (const version of ['v1', 'v1beta1', 'v1alpha2', 'v1alpha1']) {
      const path = `/apis/${group}/${version}/namespaces/${namespace}/${plural}?labelSelector=kube-dc.com%2Fmanaged-by%3Dovn-projector`;
      const { status, body } = await server.request('GET', path);
      if (status === 200)
        return (body as { items: readonly Raw[] }).items.map(({ metadata }) => `${kind}/${metadata.name}`);
    }
    return [];
  });
  return (await Promise.all(lists)).flat().toSorted();
}
