// Objects created one after the other while the program follows: when each is seen, and when its row is there.
import type { ApiServer } from '../test/support/api-server.ts';
import type { ArrivalWatch } from './arrivals.ts';
import { type Manifest, projectNamespace } from './fleet.ts';
import { nowMs, quantile } from './samples.ts';

/** Of all that are created these, with cold code, are not counted. */
const cold = 5;

interface Creation {
  readonly collection: string;
  readonly object: (
    index: number,
    project: number,
  ) => Manifest & { readonly kind: string; readonly metadata: { name: string } };
}

export const created: Readonly<Record<string, Creation>> = {
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

export interface CreationOptions {
  readonly server: ApiServer;
  readonly arrivals: ArrivalWatch;
  /** One of {@link created}. */
  readonly kind: string;
  readonly projects: number;
  /** How many objects, beside those with cold code. */
  readonly objects: number;
}

interface Spread {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly [name: string]: number;
}

export interface CreationTimes {
  /** From before the request is sent until a bare watch tells of the object. */
  readonly seen: Spread;
  /** One server-side apply of an object that nobody watches, in the same moments: a claim is one of these, or several. */
  readonly written: Spread;
  /** From before the request is sent until another client of the database has the row. */
  readonly committed: Spread;
  /** How many were created, those with cold code included. */
  readonly count: number;
}

export async function measureCreation(options: CreationOptions): Promise<CreationTimes> {
  const count = cold + options.objects;
  const times: { seen: number; written: number; committed: number }[] = [];
  for (let index = 0; index < count; index++) {
    const written = await writeOne(options.server, index);
    times.push({ written, ...(await createOne(options, index)) });
  }
  const warm = times.slice(cold);
  return {
    seen: spread(warm.map(({ seen }) => seen)),
    written: spread(warm.map(({ written }) => written)),
    committed: spread(warm.map(({ committed }) => committed)),
    count,
  };
}

async function createOne({ server, arrivals, kind, projects }: CreationOptions, index: number) {
  const { collection, object: make } = created[kind]!;
  // Neighbours of the middle of the fleet.
  const project = (Math.floor(projects / 2) + index) % projects;
  const namespace = projectNamespace(project);
  const object = make(index, project);
  const arrived = arrivals.of(`${kind}/${namespace}/${object.metadata.name}`);
  const startMs = nowMs();
  await server.create(collection.replace('{}', namespace), object);
  const { seen, committed } = await arrived;
  return { seen: seen - startMs, committed: committed - startMs };
}

/** A ConfigMap, which nobody watches. */
async function writeOne(server: ApiServer, index: number): Promise<number> {
  const path = '/api/v1/namespaces/default/configmaps/bench?fieldManager=bench&force=true';
  const data = { index: String(index) };
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'bench', namespace: 'default' },
    data,
  };
  const startMs = nowMs();
  await server.request('PATCH', path, body, 'application/apply-patch+yaml');
  return nowMs() - startMs;
}

function spread(times: readonly number[]): Spread {
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}
