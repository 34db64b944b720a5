// Objects that we make beside those of people: their form, and how ours are told from others.
import { label, managedBy } from '../api/annotations.ts';
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import type { ApiObject } from '../api/api-object.ts';
import type { JsonObject } from './json.ts';

export type CompanionKind = 'Namespace' | 'EIp' | 'Service' | 'EndpointSlice' | 'Endpoints';

/** An object that should be, to be applied as it stands. */
export interface Companion {
  /** `EIp/shalb-demo/slb-web` */
  readonly key: string;
  readonly kind: CompanionKind;
  readonly object: CompanionObject;
}

/** apiVersion, kind, metadata and the rest. */
export type CompanionObject = JsonObject & { readonly apiVersion: string; readonly metadata: JsonObject };

const apiVersions: Readonly<Record<CompanionKind, string>> = {
  Namespace: 'v1',
  EIp: 'kube-dc.com/v1',
  Service: 'v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  Endpoints: 'v1',
};

export interface CompanionParts {
  readonly kind: CompanionKind;
  /** Empty for a Namespace. */
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly owner?: ApiObject | undefined;
  readonly finalizers?: readonly string[];
  readonly rest: JsonObject;
}

export function companion(parts: CompanionParts): Companion {
  const { kind, namespace, name, labels, owner, finalizers, rest } = parts;
  const ownerReferences = owner === undefined ? undefined : ownerReferencesTo(owner);
  return {
    key: formatObjectKey(kind, namespace, name),
    kind,
    object: {
      apiVersion: apiVersions[kind],
      kind,
      metadata: {
        name,
        namespace: namespace === '' ? undefined : namespace,
        labels,
        ownerReferences,
        finalizers,
      },
      ...rest,
    },
  };
}

/** Source: Kubernetes API, meta/v1 OwnerReference: the owner is in the same namespace, and known by its uid. */
function ownerReferencesTo({ apiVersion, kind, metadata }: ApiObject): readonly JsonObject[] | undefined {
  const { name, uid } = metadata;
  return uid === undefined ? undefined : [{ apiVersion, kind, name, uid, controller: true }];
}

/** Whether we made an object; one of that name which somebody else wrote is theirs, and left as it is. */
export function isOurs({ metadata: { labels } }: Pick<ApiObject, 'metadata'>): boolean {
  const by = labels[label.managedBy];
  return by === managedBy.projector || by === managedBy.serviceLoadBalancer;
}

/** Whether we may make or keep an object of that name. */
export function isFree(key: string, existing: ApiObject | undefined): boolean {
  return existing === undefined || (objectKey(existing) === key && isOurs(existing));
}
