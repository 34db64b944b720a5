// What Kubernetes' own controllers do about a Namespace and about owners, as far as tests need it: nobody else is here to.
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiServer } from './api-server.ts';

/** Collections of a namespace that a Namespace which goes takes along. */
const collections = [
  '/apis/kube-dc.com/v1/namespaces/{}/fips',
  '/apis/kube-dc.com/v1/namespaces/{}/eips',
  '/api/v1/namespaces/{}/services',
  '/api/v1/namespaces/{}/pods',
  '/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices',
];

interface Listed {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  }[];
}

/**
 * Empties a Namespace whose deletion has begun, waits until its objects are gone, and lets it go.
 * @param signal ends it, should an object never go
 */
export async function finalizeNamespace(server: ApiServer, name: string, signal: AbortSignal): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  for (const collection of collections) await removeAll(server, collection.replace('{}', name));
  while (!signal.aborted) {
    const left = await Promise.all(collections.map((each) => count(server, each.replace('{}', name))));
    if (left.every((many) => many === 0)) break;
    await delay(25);
  }
  const { body } = await server.request('GET', path);
  const namespace = body as { readonly spec: object };
  await server.request('PUT', `${path}/finalize`, { ...namespace, spec: { finalizers: [] } });
}

async function removeAll(server: ApiServer, collection: string): Promise<void> {
  const { body } = await server.request('GET', collection);
  for (const { metadata } of (body as Listed).items)
    await server.request('DELETE', `${collection}/${metadata.name}?gracePeriodSeconds=0`);
}

async function count(server: ApiServer, collection: string): Promise<number> {
  const { body } = await server.request('GET', collection);
  return (body as Listed).items.length;
}
