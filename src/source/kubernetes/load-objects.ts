// Reading every object of an API server once, for commands that do not stay.
import { CodedError } from '../../base/errors.ts';
import { sortBy } from '../../base/order.ts';
import { sortProblems } from '../../base/problem.ts';
import type { LoadedObjects } from '../source.ts';
import { isAbsent } from './absence.ts';
import { KindStore } from './kind-store.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import { listAll } from './paged-list.ts';
import { resources, type Resource } from './resources.ts';

const pageLimit = 500;

/**
 * Lists every kind that is read.
 * @throws KUBE_NOT_SERVED when our definitions are not there; KubeError; KUBE_NO_CONFIG, KUBE_CONFIG
 */
export async function loadObjects(client: KubeClient, signal: AbortSignal): Promise<LoadedObjects> {
  const stores = await Promise.all(resources.map((resource) => listOf(client, resource, signal)));
  const changes = stores.flatMap(({ store, objects }) => store.replace(objects));
  return {
    objects: sortBy(changes, ({ key }) => key).flatMap(({ object }) => object ?? []),
    problems: sortProblems(stores.flatMap(({ store }) => store.problems())),
    invalidKeys: new Set(changes.filter(({ invalid }) => invalid === true).map(({ key }) => key)),
    complete: true,
  };
}

async function listOf(client: KubeClient, resource: Resource, signal: AbortSignal) {
  try {
    const { objects } = await listAll(client, resource, pageLimit, signal);
    return { store: new KindStore(resource), objects };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    if (await isAbsent(client, resource, error, signal))
      return { store: new KindStore(resource), objects: [] };
    if (error.code !== 'KUBE_NOT_FOUND' || resource.isOptional) throw error;
    const message = `the API server at ${await client.server()} does not serve ${resource.name}`;
    throw new CodedError('KUBE_NOT_SERVED', message, { retryable: false, cause: error });
  }
}
