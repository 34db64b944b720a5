// Objects that we make for a Service: their form, and how ours are told from others.
import { label, managedBy } from '../api/annotations.ts';
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import type { Service } from '../api/service.ts';
import { isApplied } from '../status/is-applied.ts';
import type { JsonObject } from '../status/json.ts';
import { bestApiVersion, foreignKinds } from './foreign-kind.ts';
import type { ForeignKind } from './foreign-kind.ts';
import { makerOf } from './foreign-object.ts';
import type { Cluster } from './foreign-objects.ts';

/** An object that should be, to be applied as it stands. */
export interface DesiredObject {
  /** `HTTPRoute/shalb-demo/web-route` */
  readonly key: string;
  readonly kind: ForeignKind;
  readonly namespace: string;
  readonly name: string;
  readonly body: JsonObject & { readonly apiVersion: string; readonly spec: JsonObject };
}

/** In the namespace of the Service, which owns it: what we do not take away the garbage collector does. */
export function desiredObject(
  service: Service,
  kind: ForeignKind,
  name: string,
  spec: JsonObject,
  cluster: Cluster,
): DesiredObject {
  const { namespace, name: source, uid } = service.metadata;
  const owner = { apiVersion: 'v1', kind: 'Service', name: source, uid, controller: true };
  return {
    key: formatObjectKey(kind, namespace, name),
    kind,
    namespace,
    name,
    body: {
      apiVersion: cluster.apiVersion(kind) ?? newest(kind),
      kind,
      metadata: {
        name,
        namespace,
        labels: { [label.managedBy]: managedBy.projector, [label.sourceService]: source },
        ownerReferences: uid === undefined ? undefined : [owner],
      },
      spec,
    },
  };
}

function newest(kind: ForeignKind): string {
  const { group, versions } = foreignKinds[kind];
  return bestApiVersion(kind, new Set(versions.map((version) => `${group}/${version}`))) ?? '';
}

/** Whether the cluster has the object as it should be. */
export function isInPlace({ key, body }: DesiredObject, cluster: Cluster): boolean {
  const existing = cluster.get(key);
  return existing !== undefined && !existing.isEnding && isApplied(body.spec, existing.spec);
}

/** Whether somebody else has an object of that name. */
export function isTaken({ key }: DesiredObject, service: Service, cluster: Cluster): boolean {
  const existing = cluster.get(key);
  return existing !== undefined && makerOf(existing) !== objectKey(service);
}
