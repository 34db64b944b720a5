// Object metadata as every room sees it: complete, with empty maps where the object has none.
import { Type } from 'typebox';
import { stringMap } from './schema.ts';

const timestamp = () =>
  Type.Optional(
    Type.String({ pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$` }),
  );

export const metadataSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, description: 'name the object' }),
    namespace: Type.String({ default: 'default' }),
    uid: Type.Optional(Type.String()),
    resourceVersion: Type.Optional(Type.String()),
    generation: Type.Optional(Type.Integer()),
    creationTimestamp: timestamp(),
    deletionTimestamp: timestamp(),
    labels: stringMap(),
    annotations: stringMap(),
    finalizers: Type.Array(Type.String(), { default: [] }),
  },
  { default: {} },
);

/** The part of Kubernetes' ObjectMeta that means something here. Always decoded: no field is null. */
export interface ObjectMeta {
  readonly name: string;
  /** Empty for cluster-scoped kinds; `default` when a namespaced object names none. */
  readonly namespace: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  /** RFC 3339, for example `2026-03-01T10:00:00Z`. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  /** Has no prototype, so `labels['constructor']` is undefined when there is no such label. */
  readonly labels: Readonly<Record<string, string>>;
  /** Has no prototype, as `labels`. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
}

/** What every kind has in common. */
export interface KubernetesObject<Group extends string, Kind extends string> {
  readonly apiVersion: Group;
  readonly kind: Kind;
  readonly metadata: ObjectMeta;
}
