// The fleet on an API server: smaller projects, since every object costs the server a few milliseconds.
import type { ApiServer } from '../test/support/api-server.ts';
import { isKind } from '../src/api/kind.ts';
import { resourceOf } from '../src/source/kubernetes/resources.ts';
import { externalNetwork, type Manifest, projectManifests, projectNamespace } from './fleet.ts';

/** Of the twenty of each project of the fleet. */
const podsKept = 4;
const parallel = 16;

export async function fillApiServer(server: ApiServer, projects: number): Promise<void> {
  await createAll(server, [namespaceObject('bench'), externalNetwork]);
  const indexes = Array.from({ length: projects }, (_, index) => index);
  await createAll(
    server,
    indexes.map((index) => namespaceObject(projectNamespace(index))),
  );
  await createAll(server, indexes.flatMap(smallProject));
}

function smallProject(index: number): Manifest[] {
  let pods = 0;
  return projectManifests(index).filter(({ kind }) => kind !== 'Pod' || ++pods <= podsKept);
}

const namespaceObject = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
});

async function createAll(server: ApiServer, objects: readonly Manifest[]): Promise<void> {
  const left = objects.values();
  const work = async (): Promise<void> => {
    for (const object of left) await server.create(collectionOf(object), asServed(object));
  };
  await Promise.all(Array.from({ length: parallel }, work));
}

function collectionOf({ kind, metadata }: Manifest): string {
  const { path } = resourceOf(isKind(String(kind)) ? (kind as 'Pod') : 'Pod');
  const { namespace } = metadata as { namespace?: string };
  const at = path.lastIndexOf('/');
  return namespace === undefined ? path : `${path.slice(0, at)}/namespaces/${namespace}${path.slice(at)}`;
}

/** With what the API server insists on. There are fewer than three thousand node ports. */
function asServed(object: Manifest): Manifest {
  const { kind } = object;
  if (kind === 'Service')
    return { ...object, spec: { ...(object['spec'] as object), allocateLoadBalancerNodePorts: false } };
  if (kind !== 'Pod') return object;
  const { containers } = object['spec'] as { containers: readonly object[] };
  return {
    ...object,
    spec: { containers: containers.map((container) => Object.assign({ image: 'app' }, container)) },
  };
}
