// Border of the room: what routes are planned from, and what comes of it.
import type { Service } from '../api/service.ts';
import type { Problem } from '../base/problem.ts';
import type { GatewayConfig } from '../config/gateway.ts';
import type { JsonObject } from '../status/json.ts';
import type { DesiredObject } from './desired-object.ts';
import type { ForeignObject } from './foreign-object.ts';
import type { Cluster } from './foreign-objects.ts';

/** What people write, as far as routes depend on it. `ExposedServices` is one. */
export interface RouteObjects {
  all(): readonly Service[];
  get(key: string): Service | undefined;
  isRejected(key: string): boolean;
  readonly namespaces: ReadonlySet<string>;
  vpcOf(namespace: string): string | undefined;
  /** By the key of an EIp. */
  addressesOf(eip: string): readonly string[];
  /** Whether `{service}-ext` leads somewhere, by the key of the Service. */
  hasExternal(service: string): boolean;
}

export interface GatewayInput {
  readonly config: GatewayConfig;
  readonly managementVpc: string;
  readonly objects: RouteObjects;
  readonly cluster: Cluster;
  /**
   * False: the plan is what can be written now, one step after the other as the cluster gets there. True: it is what all
   * will be in the end, whatever the cluster has.
   */
  readonly isFinal: boolean;
}

/** A listener as it stands in a Gateway or ListenerSet. */
export type Listener = JsonObject & { readonly name: string };

/** All listeners of ours on one Gateway, sorted by name: one server-side apply holds them all. */
export interface DesiredListeners {
  /** `Gateway/envoy-gateway-system/eg` */
  readonly gateway: string;
  readonly listeners: readonly Listener[];
  /** Whether the Gateway has exactly these of us already. */
  readonly isInPlace: boolean;
}

/** What is told of a Service's route. */
export interface RouteStatus {
  /** Key of the Service. */
  readonly service: string;
  /** All of ours; one that is not among them is to go. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What keeps the route from being ready; undefined: it is. */
  readonly problem: Problem | undefined;
}

/** What should be written now. All of it is in place already when nothing is left to do. */
export interface GatewayPlan {
  /** In the order in which they are to be applied; those in place are not among them, unless the plan is final. */
  readonly objects: readonly DesiredObject[];
  /** Those of Gateways that exist. Applied after Certificates and before routes, which is the order of `objects` anyhow. */
  readonly listeners: readonly DesiredListeners[];
  /** To be deleted. */
  readonly removals: readonly ForeignObject[];
  /** Of every Service that asks for a route, or has been told of one. */
  readonly statuses: readonly RouteStatus[];
}
