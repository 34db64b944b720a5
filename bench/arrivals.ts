// When an object that was created is seen: by a bare watch of the API server, and as a row in NB.
import { sourceOf } from '../src/northbound/ownership.ts';
import { Database } from '../src/ovsdb/index.ts';
import { resourceOf } from '../src/source/kubernetes/resources.ts';
import { KubeClient } from '../src/source/kubernetes/kube-client.ts';
import { metadataOf } from '../src/source/kubernetes/raw-object.ts';
import { nowMs } from './samples.ts';

/** Times of {@link nowMs}. */
interface Arrival {
  readonly seen: number;
  readonly committed: number;
}

export interface ArrivalWatch extends AsyncDisposable {
  /** Resolves when both have seen `Kind/namespace/name`. */
  of(key: string): Promise<Arrival>;
}

const kinds = ['Service', 'Pod', 'FIp'] as const;
const tables = ['Load_Balancer', 'Logical_Switch_Port', 'NAT'] as const;

export async function watchArrivals(kubeconfig: string, remote: string): Promise<ArrivalWatch> {
  const waiting = new Map<string, () => void>();
  const arrive = (name: string): void => {
    waiting.get(name)?.();
    waiting.delete(name);
  };
  const arrival = (name: string): Promise<number> =>
    new Promise((resolve) => waiting.set(name, () => resolve(nowMs())));
  const client = new KubeClient({ kubeconfig });
  const end = new AbortController();
  const watches = kinds.map((kind) => watchKind(client, kind, end.signal, arrive));
  await Promise.all(watches.map(({ open }) => open));
  const monitor = Object.fromEntries(tables.map((table) => [table, ['external_ids']]));
  const database = await Database.connect({ remote, database: 'OVN_Northbound', monitor });
  database.onChange((changes) => {
    for (const { after } of changes) if (after !== undefined) arrive(`row of ${sourceOf(after)}`);
  });
  return {
    of: async (key) => {
      const [seen, committed] = await Promise.all([arrival(`event of ${key}`), arrival(`row of ${key}`)]);
      return { seen, committed };
    },
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await Promise.allSettled(watches.map(({ ended }) => ended));
      await client.close();
      await database.close();
    },
  };
}

function watchKind(
  client: KubeClient,
  kind: (typeof kinds)[number],
  signal: AbortSignal,
  arrive: (name: string) => void,
): { readonly open: Promise<void>; readonly ended: Promise<void> } {
  const { path } = resourceOf(kind);
  const { promise: open, resolve, reject } = Promise.withResolvers<void>();
  const ended = (async () => {
    const { metadata } = (await client.request({ path, query: { limit: 1 } })) as {
      metadata: { resourceVersion: string };
    };
    const query = { resourceVersion: metadata.resourceVersion, timeoutSeconds: 3600 };
    for await (const events of client.watch({ path, query, inactivityMs: 600_000 }, signal)) {
      resolve();
      for (const { object } of events) {
        const { namespace, name } = metadataOf(object) as { namespace: string; name: string };
        arrive(`event of ${kind}/${namespace}/${name}`);
      }
    }
  })();
  ended.catch(reject);
  return { open, ended };
}
