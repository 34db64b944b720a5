// What the controllers of others say of a route that is written: whether it is served.
import type { Finding } from '../api/finding.ts';
import { finding } from '../api/finding.ts';
import { asArray, asObject } from '../status/json.ts';
import { conditionsOf } from './foreign-object.ts';
import type { ForeignObject } from './foreign-object.ts';
import type { GatewayState } from './gateway-state.ts';
import type { GatewayInput } from './gateway-input.ts';
import { listenerName } from './listener.ts';
import type { RouteParts } from './route-steps.ts';

export interface RouteVerdict {
  readonly problem: Finding;
  /** True: somebody said no. False: nobody said yes yet. */
  readonly isRefusal: boolean;
}

/** Undefined: listener and route are accepted. Of a route whose objects are all in place. */
export function routeVerdict(
  parts: RouteParts,
  gateway: GatewayState | undefined,
  { cluster, isFinal }: GatewayInput,
): RouteVerdict | undefined {
  if (isFinal) return undefined;
  const set = parts.set && cluster.get(parts.set.key);
  const listener = set === undefined ? gatewayVerdict(parts, gateway) : setVerdict(parts, set);
  return listener ?? parentVerdict(parts, cluster.get(parts.route.key));
}

const listenerTypes = ['Accepted', 'ResolvedRefs', 'Programmed'] as const;

/** Source: Gateway API, ListenerStatus conditions. */
function gatewayVerdict({ place }: RouteParts, gateway: GatewayState | undefined): RouteVerdict | undefined {
  if (place.kind === 'set' || gateway === undefined) return undefined;
  const conditions = gateway.conditionsOf(place.listener);
  const failure = conditions.failure(listenerTypes);
  if (failure !== undefined) return refusal(`the listener ${place.listener} of ${gateway.key}`, failure);
  // What is said of an older Gateway was said of this listener, too, unless it is new.
  return conditions.isTrue('Programmed', 0)
    ? undefined
    : silence(`${gateway.key}, listener ${place.listener}`);
}

function setVerdict({ request }: RouteParts, set: ForeignObject): RouteVerdict | undefined {
  const own = conditionsOf(set.status).failure(['Accepted', 'Programmed']);
  if (own !== undefined) return refusal(set.key, own);
  const name = listenerName(request, true);
  const entry = asArray(set.status['listeners'])
    .map(asObject)
    .find((each) => each['name'] === name);
  const conditions = conditionsOf(entry);
  const failure = conditions.failure(listenerTypes);
  if (failure !== undefined) return refusal(`the listener of ${set.key}`, failure);
  return conditions.isTrue('Programmed', 0) ? undefined : silence(set.key);
}

/** Source: Gateway API, RouteParentStatus. */
function parentVerdict({ route }: RouteParts, existing: ForeignObject | undefined): RouteVerdict | undefined {
  const parents = asArray(existing?.status['parents']).map(asObject);
  const [wanted] = asArray(route.body.spec['parentRefs']).map(asObject);
  const entry = parents.find(({ parentRef }) => {
    const { name, sectionName } = asObject(parentRef);
    return name === wanted?.['name'] && sectionName === wanted?.['sectionName'];
  });
  const conditions = conditionsOf(entry);
  const failure = conditions.failure(['Accepted', 'ResolvedRefs']);
  if (failure !== undefined) return refusal(route.key, failure);
  const generation = existing?.generation ?? 0;
  const isServed = conditions.isTrue('Accepted', generation) && conditions.isTrue('ResolvedRefs', generation);
  return isServed ? undefined : silence(route.key);
}

function refusal(what: string, said: string): RouteVerdict {
  const hint = "that is what the Gateway says: correct what it names, or ask the platform's operators";
  return { problem: finding('Refused', '', `${what} is not accepted: ${said}`, hint), isRefusal: true };
}

function silence(what: string): RouteVerdict {
  const hint = "wait; if it lasts, the platform's operators look at the Gateway's controller";
  return { problem: finding('Pending', '', `the Gateway has not taken ${what} yet`, hint), isRefusal: false };
}
