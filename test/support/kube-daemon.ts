// The whole daemon on a real API server and a real OVN central, in this process: what it writes is counted.
import { setTimeout as delay } from 'node:timers/promises';
import { silentLogger } from '../../src/base/logger.ts';
import type { Logger } from '../../src/base/logger.ts';
import { KubeClient, type KubeRequest } from '../../src/source/kubernetes/kube-client.ts';
import { KubernetesSource } from '../../src/source/kubernetes/kubernetes-source.ts';
import { GatewayWriter } from '../../src/source/kubernetes/gateway/gateway-writer.ts';
import { StatusWriter } from '../../src/source/kubernetes/status-writer.ts';
import type { Engine } from '../../src/controller/engine.ts';
import { inBackground } from './background.ts';
import { openEngine } from './engine-world.ts';
import { gatewayConfig } from './gateway-world.ts';
import { SeenObjects } from './seen-objects.ts';

export interface KubeDaemonOptions {
  readonly kubeconfig: string;
  readonly nb: string;
  readonly sb?: string;
  readonly logger?: Logger;
  /** As of the source. */
  readonly graceMs?: number;
  /** Sees every write before it is sent; what it throws is what comes of it. */
  readonly onWrite?: (request: KubeRequest) => void | Promise<void>;
  /** What the server is taken to say of its version: `32` of 1.32. */
  readonly serverMinor?: string;
  /** The section `gateway` of the configuration, with defaults for what is not given; absent: none. */
  readonly gateway?: object;
}

export interface KubeDaemon extends AsyncDisposable {
  readonly engine: Engine;
  readonly writer: StatusWriter;
  /** `PATCH /apis/kube-dc.com/v1/namespaces/shalb/projects/demo/status`, in the order in which they were sent. */
  readonly writes: readonly string[];
  /** Resolves when everything was seen, nothing waits to be written, and nothing has been for a moment. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Longer than a round through the API server takes, and than hypervisors are asked for. */
const quietMs = 1200;

/** Starts it; it ends with `stop`. */
export async function startKubeDaemon(options: KubeDaemonOptions): Promise<KubeDaemon> {
  const { kubeconfig, nb, sb, logger = silentLogger, graceMs = 60_000, onWrite, serverMinor } = options;
  const gateway = options.gateway && gatewayConfig(options.gateway);
  const real = new KubeClient({ kubeconfig });
  const seen = new SeenObjects(real);
  const writes: string[] = [];
  const client: Pick<KubeClient, 'request' | 'watch'> = {
    request: async (request, signal) => {
      const { method = 'GET', path } = request;
      if (path === '/version' && serverMinor !== undefined) return { major: '1', minor: serverMinor };
      if (method !== 'GET') {
        await onWrite?.(request);
        writes.push(`${method} ${path}`);
      }
      return seen.client.request(request, signal);
    },
    watch: (watch, signal) => seen.client.watch(watch, signal),
  };
  const timing = { minDelayMs: 50, maxDelayMs: 500 };
  const source = new KubernetesSource({ client, logger, timing, graceMs });
  const writer = new StatusWriter({ client, server: source, logger });
  const { engine, target } = await openEngine({
    nb,
    ...(sb !== undefined && { sb }),
    logger,
    outcomes: writer,
    ...(gateway !== undefined && { config: { gateway } }),
  });
  const config = { ...(gateway !== undefined && { gateway }), managementVpc: 'ovn-cluster' };
  const routes = new GatewayWriter({ client, server: source, config, logger, timing, discoveryMs: 300 });
  writer.attach({ view: engine.view, realise: (signal) => target.realise(signal), mtuBytes: 1400 });
  writer.begin();
  const { stop } = inBackground(
    (signal) =>
      Promise.all([
        source.run(routes.tap(writer.tap(engine.sink)), signal),
        engine.run(signal),
        routes.run(signal),
      ]),
    async () => {
      await writer.close();
      await target.close();
      await real.close();
    },
  );
  const settled = async (): Promise<void> => {
    // Our writes come back by the watches, and are looked at again: quiet is when nothing came of that.
    for (let before = -1; before !== writes.length;) {
      before = writes.length;
      await seen.caughtUp();
      await writer.idle();
      await delay(quietMs);
    }
  };
  return { engine, writer, writes, settled, stop, [Symbol.asyncDispose]: stop };
}
