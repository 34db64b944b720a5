// Whether a kind that another program brings is there at all: without that program it need not be.
import type { KubeClient } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import { isObject, metadataOf, textOf, type RawObject } from './raw-object.ts';
import { definitionPath, type Resource } from './resources.ts';

/**
 * Whether `error`, which is why a kind cannot be listed, means that there can be no object of it. The
 * CustomResourceDefinition says so: while one is in force, the server that denies the kind is only not ready yet.
 * Whoever may not look at definitions has to believe a 404.
 * @throws KubeError when nobody can tell now
 */
export async function isAbsent(
  client: Pick<KubeClient, 'request'>,
  resource: Resource,
  error: KubeError,
  signal: AbortSignal,
): Promise<boolean> {
  if (!resource.isOptional || (error.status !== 404 && error.status !== 403)) return false;
  try {
    const definition = await client.request({ path: definitionPath(resource) }, signal);
    return !isInForce(definition, resource);
  } catch (reason) {
    if (!(reason instanceof KubeError)) throw reason;
    if (reason.code === 'KUBE_NOT_FOUND') return true;
    if (reason.code === 'KUBE_FORBIDDEN') return error.status === 404;
    throw reason;
  }
}

/** Source: apiextensions.k8s.io/v1 CustomResourceDefinition, `spec.versions[].served`, condition `Established`. */
function isInForce(definition: unknown, { apiVersion }: Resource): boolean {
  if (!isObject(definition) || textOf(metadataOf(definition)['deletionTimestamp']) !== '') return false;
  const version = apiVersion.split('/').at(-1);
  const isServed = listOf(definition, 'spec', 'versions').some(
    ({ name, served }) => name === version && served === true,
  );
  const isEstablished = listOf(definition, 'status', 'conditions').some(
    ({ type, status }) => type === 'Established' && status === 'True',
  );
  return isServed && isEstablished;
}

function listOf(object: RawObject, member: string, list: string): readonly RawObject[] {
  const inner = object[member];
  const items: unknown = isObject(inner) ? inner[list] : undefined;
  return Array.isArray(items) ? items.filter(isObject) : [];
}
