// Object metadata as every room sees it: complete, with empty maps where the object has none.

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
