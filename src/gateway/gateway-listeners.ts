// All listeners of ours on each Gateway: what one server-side apply of it says.
import { sortBy } from '../base/order.ts';
import { isApplied } from '../status/is-applied.ts';
import { asArray, asObject, asText } from '../status/json.ts';
import { makerOf } from './foreign-object.ts';
import type { GatewayState } from './gateway-state.ts';
import type { DesiredListeners, GatewayInput, Listener } from './gateway-input.ts';
import type { ListenerPlace } from './listener.ts';
import { routeKinds } from './routes.ts';

export interface PlacedListener {
  readonly place: ListenerPlace;
  readonly listener: Listener;
  /** False: what stands there stays as it is for now. */
  readonly may: boolean;
}

/**
 * A listener that nobody wants any more stays while a route of ours refers to it. Source: Kubernetes, server-side apply:
 * what a field manager applied before and does not now goes; what others have applied stays.
 */
export function gatewayListeners(
  placed: readonly PlacedListener[],
  gateways: readonly GatewayState[],
  input: GatewayInput,
): readonly DesiredListeners[] {
  const used = input.isFinal ? new Set<string>() : referredListeners(input);
  return gateways.map((gateway) => {
    const { key, name, own } = gateway;
    const here = placed.filter(
      ({ place }) => place.gateway.name === name.name && place.gateway.namespace === name.namespace,
    );
    const listeners = new Map<string, Listener>();
    for (const [each, listener] of own) if (used.has(`${key}#${each}`)) listeners.set(each, listener);
    for (const { listener, may } of here) {
      const existing = own.get(listener.name);
      const next = may ? listener : existing;
      if (next !== undefined && !isInTheWay(next, listeners)) listeners.set(next.name, next);
    }
    const sorted = sortBy(listeners.values(), (listener) => listener.name);
    return { gateway: key, listeners: sorted, isInPlace: isThere(sorted, gateway) };
  });
}

/** Two on one port with one hostname are refused, or one of them is not served. */
function isInTheWay(next: Listener, listeners: ReadonlyMap<string, Listener>): boolean {
  return [...listeners.values()].some(
    ({ name, port, hostname }) =>
      name !== next.name && port === next['port'] && hostname === next['hostname'],
  );
}

function isThere(listeners: readonly Listener[], { own }: GatewayState): boolean {
  return (
    listeners.length === own.size &&
    listeners.every((listener) => isApplied(listener, own.get(listener.name)))
  );
}

/** `Gateway/envoy-gateway-system/eg#https-web-shalb-demo` for every listener that a route of ours names. */
function referredListeners({ cluster }: GatewayInput): ReadonlySet<string> {
  const routes = routeKinds
    .flatMap((kind) => cluster.ofKind(kind))
    .filter((route) => makerOf(route) !== undefined);
  return new Set(
    routes.flatMap(({ namespace, spec }) =>
      asArray(spec['parentRefs'])
        .map(asObject)
        .map((ref) => {
          const place = asText(ref['namespace']) || namespace;
          return `Gateway/${place}/${asText(ref['name'])}#${asText(ref['sectionName'])}`;
        }),
    ),
  );
}
