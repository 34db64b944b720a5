// Listeners of our own: their form, and the grant by which a Gateway may read a certificate elsewhere.
import type { Service } from '../api/service.ts';
import type { JsonObject } from '../status/json.ts';
import { desiredObject } from './desired-object.ts';
import type { DesiredObject } from './desired-object.ts';
import { gatewayGroup } from './foreign-kind.ts';
import type { Listener } from './gateway-input.ts';
import type { Cluster } from './foreign-objects.ts';
import type { RouteRequest } from './route-request.ts';

export const securePort = 443;

/** Where a listener of ours stands. */
export type ListenerPlace =
  | { readonly kind: 'gateway'; readonly gateway: GatewayName; readonly listener: string }
  | { readonly kind: 'set'; readonly gateway: GatewayName; readonly set: string; readonly setKind: SetKind }
  /** Somebody else's, for all. */
  | { readonly kind: 'shared'; readonly gateway: GatewayName; readonly listener: string };

export type SetKind = 'ListenerSet' | 'XListenerSet';

export interface GatewayName {
  readonly name: string;
  readonly namespace: string;
}

/** `https-web-shalb-demo`. The other form is for the second of two that would be called the same. */
export function listenerName({ type, service }: RouteRequest, isFirst: boolean): string {
  const { name, namespace } = service.metadata;
  return `${type === 'https' ? 'https' : 'tls'}-${name}${isFirst ? '-' : '.'}${namespace}`;
}

/** Routes of the Service's namespace alone may use it. Source: Gateway API, Listener; `secret` is for HTTPS. */
export function ownListener(request: RouteRequest, name: string, secret: string, isInSet: boolean): Listener {
  const { namespace } = request.service.metadata;
  const reference = { group: '', kind: 'Secret', name: secret, namespace: isInSet ? undefined : namespace };
  const tls: JsonObject =
    request.type === 'https' ? { mode: 'Terminate', certificateRefs: [reference] } : { mode: 'Passthrough' };
  const selector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  const from: JsonObject = isInSet ? { from: 'Same' } : { from: 'Selector', selector };
  return {
    name,
    hostname: request.hostname,
    port: securePort,
    protocol: request.type === 'https' ? 'HTTPS' : 'TLS',
    tls,
    allowedRoutes: { namespaces: from },
  };
}

/** A ListenerSet with the one listener of a Service. Source: Gateway API, ListenerSet. */
export function listenerSet(
  request: RouteRequest,
  place: ListenerPlace & { readonly kind: 'set' },
  secret: string,
  cluster: Cluster,
): DesiredObject {
  const { name, namespace } = place.gateway;
  const spec = {
    parentRef: { group: gatewayGroup, kind: 'Gateway', name, namespace },
    listeners: [ownListener(request, listenerName(request, true), secret, true)],
  };
  return desiredObject(request.service, place.setKind, place.set, spec, cluster);
}

/** Source: Gateway API, ReferenceGrant. */
export function certificateGrant(
  service: Service,
  { namespace }: GatewayName,
  secret: string,
  cluster: Cluster,
): DesiredObject | undefined {
  if (namespace === service.metadata.namespace) return undefined;
  const spec = {
    from: [{ group: gatewayGroup, kind: 'Gateway', namespace }],
    to: [{ group: '', kind: 'Secret', name: secret }],
  };
  const name = `allow-gateway-cert-${service.metadata.name}`;
  return desiredObject(service, 'ReferenceGrant', name, spec, cluster);
}

/** A parentRef of a route. Source: Gateway API, ParentReference. */
export function parentRef(place: ListenerPlace, request: RouteRequest): JsonObject {
  if (place.kind === 'set') {
    const { group } = {
      group: place.setKind === 'ListenerSet' ? gatewayGroup : 'gateway.networking.x-k8s.io',
    };
    return { group, kind: place.setKind, name: place.set, sectionName: listenerName(request, true) };
  }
  const { name, namespace } = place.gateway;
  return { group: gatewayGroup, kind: 'Gateway', name, namespace, sectionName: place.listener };
}
