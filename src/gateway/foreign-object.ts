// Objects of others as the API server has them: what of them decides about routes.
import { label, managedBy } from '../api/annotations.ts';
import { formatObjectKey } from '../api/api-object.ts';
import { asArray, asObject, asText } from '../status/json.ts';
import type { ForeignKind } from './foreign-kind.ts';

/** The name under which we apply whatever makes routes. */
export const gatewayFieldManager = 'ovn-projector-gateway';

export type Fields = Readonly<Record<string, unknown>>;

export interface ForeignObject {
  /** `HTTPRoute/shalb-demo/web-route` */
  readonly key: string;
  readonly kind: ForeignKind;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** 0: unknown. */
  readonly generation: number;
  /** RFC 3339. */
  readonly creationTimestamp: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Its deletion has begun. */
  readonly isEnding: boolean;
  readonly spec: Fields;
  readonly status: Fields;
  /** Of a Gateway: names of the listeners that we have applied. */
  readonly ownListeners: ReadonlySet<string>;
}

/** Takes an object of the API server; what is missing in it is empty. */
export function decodeForeign(kind: ForeignKind, raw: Fields): ForeignObject {
  const metadata = asObject(raw['metadata']);
  const { generation } = metadata;
  const namespace = asText(metadata['namespace']);
  const name = asText(metadata['name']);
  return {
    key: formatObjectKey(kind, namespace, name),
    kind,
    namespace,
    name,
    uid: asText(metadata['uid']),
    resourceVersion: asText(metadata['resourceVersion']),
    generation: typeof generation === 'number' ? generation : 0,
    creationTimestamp: asText(metadata['creationTimestamp']),
    labels: Object.fromEntries(
      Object.entries(asObject(metadata['labels'])).map(([key, value]) => [key, asText(value)]),
    ),
    isEnding: asText(metadata['deletionTimestamp']) !== '',
    spec: asObject(raw['spec']),
    status: asObject(raw['status']),
    ownListeners: kind === 'Gateway' ? ownListeners(metadata) : new Set(),
  };
}

/** Source: Kubernetes API, meta/v1 FieldsV1: an item of a list of maps is `k:` and its keys as JSON. */
function ownListeners(metadata: Fields): ReadonlySet<string> {
  const names = asArray(metadata['managedFields'])
    .map(asObject)
    .filter(({ manager, operation }) => manager === gatewayFieldManager && operation === 'Apply')
    .flatMap(({ fieldsV1 }) =>
      Object.keys(asObject(asObject(asObject(fieldsV1)['f:spec'])['f:listeners'])).map(nameInKey),
    );
  return new Set(names.filter((name) => name !== ''));
}

function nameInKey(key: string): string {
  const match = /^k:\{"name":"([^"]*)"\}$/.exec(key);
  return match?.[1] ?? '';
}

/** Key of the Service for which we made an object; undefined: we did not make it. */
export function makerOf({ namespace, labels }: ForeignObject): string | undefined {
  const service = labels[label.sourceService];
  if (labels[label.managedBy] !== managedBy.projector || service === undefined) return undefined;
  return formatObjectKey('Service', namespace, service);
}

/** Conditions of a status, or of a part of one. */
export interface Conditions {
  /** True only while it is said of at least that generation. Conditions that name none count for every one. */
  isTrue(type: string, generation: number): boolean;
  /** `reason: message` of the first of these types that is False; undefined: none is. */
  failure(types: readonly string[]): string | undefined;
}

/** `status`: an object with a list `conditions`. */
export function conditionsOf(status: unknown): Conditions {
  const all = asArray(asObject(status)['conditions']).map(asObject);
  const find = (type: string): Fields => all.find((condition) => condition['type'] === type) ?? {};
  return {
    isTrue: (type, generation) => {
      const { status: value, observedGeneration } = find(type);
      const isOld = typeof observedGeneration === 'number' && observedGeneration < generation;
      return value === 'True' && !isOld;
    },
    failure: (types) => {
      const failed = types.map(find).find((condition) => condition['status'] === 'False');
      return failed && `${asText(failed['reason'])}: ${asText(failed['message'])}`;
    },
  };
}
