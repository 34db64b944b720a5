// The objects of one route, and which of them may be written now: Certificate, then listener, then route.
import { formatObjectKey } from '../api/api-object.ts';
import type { Finding } from '../api/finding.ts';
import { finding } from '../api/finding.ts';
import { isApplied } from '../status/is-applied.ts';
import { routeBackend } from './backend.ts';
import type { RouteBackend } from './backend.ts';
import { routeCertificate } from './certificate.ts';
import type { RouteCertificate } from './certificate.ts';
import { isInPlace, isTaken } from './desired-object.ts';
import type { DesiredObject } from './desired-object.ts';
import { foreignKinds } from './foreign-kind.ts';
import type { GatewayState } from './gateway-state.ts';
import type { GatewayInput, Listener } from './gateway-input.ts';
import { certificateGrant, listenerSet, ownListener, parentRef } from './listener.ts';
import type { ListenerPlace } from './listener.ts';
import type { RouteRequest } from './route-request.ts';
import { redirectRoute, serviceRoute } from './routes.ts';

/** What one route is made of. */
export interface RouteParts {
  readonly request: RouteRequest;
  readonly place: ListenerPlace;
  readonly backend: RouteBackend;
  readonly certificate: RouteCertificate | undefined;
  readonly grant: DesiredObject | undefined;
  readonly set: DesiredObject | undefined;
  /** Of ours on a Gateway. */
  readonly listener: Listener | undefined;
  readonly route: DesiredObject;
  readonly redirect: DesiredObject | undefined;
}

/** `httpPlace`: the listener for plain HTTP, when requests to it are to be sent to HTTPS. */
export function routeParts(
  request: RouteRequest,
  place: ListenerPlace,
  httpPlace: ListenerPlace | undefined,
  input: GatewayInput,
): RouteParts {
  const { cluster } = input;
  const { service, type, port } = request;
  const backend = routeBackend(service, port, input);
  const certificate = type === 'https' ? routeCertificate(request, input) : undefined;
  const secret = certificate?.secret ?? '';
  const isOnGateway = place.kind === 'gateway';
  const grant =
    isOnGateway && certificate !== undefined
      ? certificateGrant(service, place.gateway, secret, cluster)
      : undefined;
  const redirects = type === 'https' && httpPlace !== undefined;
  return {
    request,
    place,
    backend,
    certificate,
    grant,
    set: place.kind === 'set' ? listenerSet(request, place, secret, cluster) : undefined,
    listener: isOnGateway ? ownListener(request, place.listener, secret, false) : undefined,
    route: serviceRoute(request, parentRef(place, request), backend.ref, cluster),
    redirect: redirects ? redirectRoute(request, parentRef(httpPlace, request), cluster) : undefined,
  };
}

/** All objects of a route, in the order in which they come; the listener stands between set and route. */
export function objectsOf({
  backend,
  certificate,
  grant,
  set,
  route,
  redirect,
}: RouteParts): DesiredObject[] {
  return [backend.object, certificate?.object, grant, set, route, redirect].filter(
    (each) => each !== undefined,
  );
}

/** How far a route is. */
export interface RouteSteps {
  /** May be applied now; in order, those in place included. */
  readonly objects: readonly DesiredObject[];
  /** Whether its listener on a Gateway may become what it should be. */
  readonly listenerMay: boolean;
  /** What it waits for, or what is in its way; undefined: all is in place. */
  readonly waits: Finding | undefined;
  /** Waiting does not help: what there is stays as it is. */
  readonly isBlocked: boolean;
}

/** `gateway`: the one on which the listener stands; undefined: on none, or it does not exist. */
export function routeSteps(
  parts: RouteParts,
  gateway: GatewayState | undefined,
  input: GatewayInput,
): RouteSteps {
  const all = objectsOf(parts);
  if (input.isFinal) return { objects: all, listenerMay: true, waits: undefined, isBlocked: false };
  const obstacle = obstacleOf(all, parts, input);
  if (obstacle !== undefined) return { objects: [], listenerMay: false, waits: obstacle, isBlocked: true };
  const { backend, certificate, grant, set, route, redirect } = parts;
  const first = [backend.object, certificate?.object, grant].filter((each) => each !== undefined);
  const { cluster } = input;
  const listenerMay =
    certificate?.missing === undefined && (grant === undefined || isInPlace(grant, cluster));
  const second = listenerMay && set !== undefined ? [set] : [];
  const isOpen = isListenerThere(parts, gateway, input);
  const isAnswered =
    backend.missing === undefined && (backend.object === undefined || isInPlace(backend.object, cluster));
  const third = isOpen && isAnswered ? [route, ...(redirect === undefined ? [] : [redirect])] : [];
  const waits =
    certificate?.missing ??
    backend.missing ??
    (third.length > 0 && third.every((each) => isInPlace(each, cluster)) ? undefined : underWay());
  return { objects: [...first, ...second, ...third], listenerMay, waits, isBlocked: false };
}

function isListenerThere(
  { listener, set, place }: RouteParts,
  gateway: GatewayState | undefined,
  { cluster }: GatewayInput,
): boolean {
  if (set !== undefined) return isInPlace(set, cluster);
  if (gateway === undefined) return false;
  if (place.kind === 'shared') return gateway.foreign.has(place.listener);
  const existing = listener && gateway.own.get(listener.name);
  return existing !== undefined && isApplied(listener, existing);
}

function underWay(): Finding {
  return finding('Pending', '', 'its objects are being written', 'wait a moment');
}

/** What waiting does not help against. */
function obstacleOf(
  all: readonly DesiredObject[],
  parts: RouteParts,
  input: GatewayInput,
): Finding | undefined {
  const { cluster } = input;
  const { service } = parts.request;
  for (const object of all) {
    const { kind, name, key } = object;
    if (cluster.apiVersion(kind) === undefined) {
      const hint = `the platform's operators install ${foreignKinds[kind].project}; the route comes by itself then`;
      return finding('Unsupported', '', `the cluster does not serve ${kind}`, hint);
    }
    if (isTaken(object, service, cluster)) {
      const hint = 'rename or delete that one, or rename the Service';
      return finding('Conflict', '', `there is a ${kind} ${name} already that is not ours`, hint);
    }
    const refusal = cluster.refusal(key, object.body.spec);
    if (refusal !== undefined) return refused(`${kind} ${name}`, refusal);
  }
  const { place, listener } = parts;
  const refusal = listener && cluster.refusal(listenerKey(formatGateway(place), listener.name), listener);
  return refusal === undefined ? undefined : refused('listener', refusal);
}

/** Under which a refusal of one listener is known. */
export function listenerKey(gateway: string, listener: string): string {
  return `${gateway}#${listener}`;
}

function formatGateway({ gateway: { namespace, name } }: ListenerPlace): string {
  return formatObjectKey('Gateway', namespace, name);
}

function refused(what: string, message: string): Finding {
  const hint = "correct what it names, or ask the platform's operators; it is tried again every 5 minutes";
  return finding('Refused', '', `the API server refuses the ${what}: ${message}`, hint);
}
