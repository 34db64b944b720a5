// Which kinds of Gateway API, cert-manager and Envoy Gateway the API server has, and in which version.
import { bestApiVersion, foreignKindNames, foreignKinds } from '../../../gateway/foreign-kind.ts';
import type { ForeignKind } from '../../../gateway/foreign-kind.ts';
import type { KubeClient } from '../kube-client.ts';
import { KubeError } from '../kube-error.ts';
import { isObject, textOf } from '../raw-object.ts';

/**
 * The best version of each kind that is served. Source: Kubernetes API, meta/v1 APIGroup and APIResourceList.
 * @throws KubeError, but not for groups and versions that there are not
 */
export async function servedKinds(
  client: Pick<KubeClient, 'request'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<ForeignKind, string>> {
  const groups = new Set(foreignKindNames.map((kind) => foreignKinds[kind].group));
  const served = await Promise.all([...groups].map((group) => kindsOf(group, client, signal)));
  const found = new Map<string, Set<string>>();
  for (const { apiVersion, plural } of served.flat()) {
    const versions = found.get(plural) ?? new Set<string>();
    found.set(plural, versions.add(apiVersion));
  }
  const best = foreignKindNames.map((kind): [ForeignKind, string | undefined] => [
    kind,
    bestApiVersion(kind, found.get(foreignKinds[kind].plural) ?? new Set()),
  ]);
  return new Map(best.filter((entry): entry is [ForeignKind, string] => entry[1] !== undefined));
}

interface ServedKind {
  readonly apiVersion: string;
  readonly plural: string;
}

async function kindsOf(
  group: string,
  client: Pick<KubeClient, 'request'>,
  signal: AbortSignal,
): Promise<readonly ServedKind[]> {
  const answer = await ask(`/apis/${group}`, client, signal);
  const versions = listOf(answer['versions']).map(({ groupVersion }) => textOf(groupVersion));
  const lists = versions.map(async (apiVersion) => {
    const { resources } = await ask(`/apis/${apiVersion}`, client, signal);
    return listOf(resources).map(({ name }): ServedKind => ({ apiVersion, plural: textOf(name) }));
  });
  return (await Promise.all(lists)).flat();
}

/** Empty for what the server does not have. */
async function ask(path: string, client: Pick<KubeClient, 'request'>, signal: AbortSignal) {
  try {
    const answer = await client.request({ path }, signal);
    return isObject(answer) ? answer : {};
  } catch (error) {
    if (error instanceof KubeError && error.code === 'KUBE_NOT_FOUND') return {};
    throw error;
  }
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
