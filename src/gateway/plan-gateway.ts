// The plan over all routes of a cluster: pure, from the objects as they are to what should be written now.
import { objectKey } from '../api/api-object.ts';
import { exposeRoute, isAcmeSolver, routedPort, wantsEnvoyBackend } from '../api/exposure.ts';
import type { Finding } from '../api/finding.ts';
import { annotationPath, finding } from '../api/finding.ts';
import { annotation } from '../api/annotations.ts';
import type { Service } from '../api/service.ts';
import { sortBy } from '../base/order.ts';
import { solverObjects } from './acme.ts';
import { routeBackend } from './backend.ts';
import { isInPlace, isTaken } from './desired-object.ts';
import type { DesiredObject } from './desired-object.ts';
import type { ForeignObject } from './foreign-object.ts';
import { gatewayListeners } from './gateway-listeners.ts';
import type { PlacedListener } from './gateway-listeners.ts';
import { gatewayStates } from './gateway-state.ts';
import type { GatewayState } from './gateway-state.ts';
import type { GatewayInput, GatewayPlan, RouteStatus } from './gateway-input.ts';
import { hostnameHolders } from './hostname-claims.ts';
import { placeListeners, placeOnHttp } from './placement.ts';
import type { Placement } from './placement.ts';
import { removals } from './removals.ts';
import { blockedStatus, endedStatus, requestStatus } from './route-annotations.ts';
import { parseRoute } from './route-request.ts';
import type { RouteRequest } from './route-request.ts';
import { objectsOf, routeParts, routeSteps } from './route-steps.ts';
import { routeVerdict } from './route-verdict.ts';

/** What comes of one Service. */
interface ServicePlan {
  readonly service: string;
  /** May be applied now. */
  readonly objects: readonly DesiredObject[];
  /** Keys of all that it will have; undefined: what it has stays as it is. */
  readonly wanted: ReadonlySet<string> | undefined;
  readonly listener?: PlacedListener | undefined;
  readonly status: RouteStatus | undefined;
}

/** The same input gives the same plan, whatever the order of its objects. */
export function planGateway(input: GatewayInput): GatewayPlan {
  const gateways = gatewayStates(input);
  const plans = servicePlans(gateways, input);
  const placed = plans.flatMap(({ listener }) => listener ?? []);
  const listeners = gatewayListeners(placed, gateways, input);
  const objects = plans.flatMap((plan) => plan.objects);
  const standing = gateways.flatMap(({ own }) => own.values().toArray());
  const { cluster, isFinal } = input;
  return {
    objects: isFinal ? objects : objects.filter((object) => mayApply(object, input)),
    listeners,
    removals: isFinal ? [] : removals(wantedBy(plans), standing, cluster),
    statuses: sortBy(
      plans.flatMap(({ status }) => status ?? []),
      ({ service }) => service,
    ),
  };
}

/** One that is about to go has to be gone first. */
function mayApply(object: DesiredObject, { cluster }: GatewayInput): boolean {
  return cluster.get(object.key)?.isEnding !== true && !isInPlace(object, cluster);
}

function wantedBy(plans: readonly ServicePlan[]): ReadonlyMap<string, ReadonlySet<string> | undefined> {
  return new Map(plans.map(({ service, wanted }) => [service, wanted]));
}

function servicePlans(gateways: readonly GatewayState[], input: GatewayInput): readonly ServicePlan[] {
  const { objects, cluster, config } = input;
  const all = objects.all();
  const rejected = [...cluster.makers()].filter((service) => objects.isRejected(service));
  const routed = all.filter((service) => exposeRoute(service) !== undefined);
  const parsed = routed.map((service) => ({ service, ...parseRoute(service, config, objects.namespaces) }));
  const requests = parsed.flatMap((each) => (each.ok ? [each.request] : []));
  const holders = hostnameHolders(requests, [...routed.map(objectKey), ...rejected], cluster);
  const holding = requests.filter(({ key, hostname }) => holders.get(hostname) === key);
  const places = placeListeners(holding, gateways, input);
  const httpRoutes = cluster.ofKind('HTTPRoute');
  return [
    ...rejected.map((service): ServicePlan => ({
      service,
      objects: [],
      wanted: undefined,
      status: undefined,
    })),
    ...parsed.map((each): ServicePlan => {
      if (!each.ok) return blocked(each.service, each.problem);
      const { request } = each;
      const holder = holders.get(request.hostname) ?? request.key;
      if (holder !== request.key) return blocked(request.service, takenHostname(request.hostname, holder));
      return routePlan(request, places.get(request.key), gateways, input);
    }),
    ...all
      .filter((service) => exposeRoute(service) === undefined)
      .map((service) => otherPlan(service, httpRoutes, input)),
  ];
}

function blocked(service: Service, problem: Finding): ServicePlan {
  return {
    service: objectKey(service),
    objects: [],
    wanted: undefined,
    status: blockedStatus(service, problem),
  };
}

function takenHostname(hostname: string, holder: string): Finding {
  const path = annotationPath(annotation.routeHostname);
  const hint = 'use another hostname; the first Service to claim one keeps it';
  return finding('HostnameConflict', path, `${hostname} is held by ${holder}`, hint);
}

function routePlan(
  request: RouteRequest,
  placement: Placement | undefined,
  gateways: readonly GatewayState[],
  input: GatewayInput,
): ServicePlan {
  const { service, key } = request;
  if (placement === undefined || 'problem' in placement)
    return blocked(service, placement?.problem ?? finding('Pending', '', 'it has no place yet', ''));
  const { place } = placement;
  const http = placeOnHttp(gateways, input);
  const httpPlace = input.config.redirect && 'place' in http ? http.place : undefined;
  const parts = routeParts(request, place, httpPlace, input);
  const gateway = gateways.find(
    ({ name }) => name.name === place.gateway.name && name.namespace === place.gateway.namespace,
  );
  const { objects, listenerMay, waits, isBlocked } = routeSteps(parts, gateway, input);
  const verdict = waits === undefined ? routeVerdict(parts, gateway, input) : undefined;
  return {
    service: key,
    objects,
    wanted: isBlocked
      ? undefined
      : new Set([...objectsOf(parts).map((object) => object.key), ...parts.backend.keys]),
    listener: parts.listener && { place, listener: parts.listener, may: listenerMay },
    status: requestStatus(request, waits ?? verdict?.problem, verdict?.isRefusal ?? false),
  };
}

/** Of a Service without a route: a Backend, a challenge, or nothing any more. */
function otherPlan(service: Service, httpRoutes: readonly ForeignObject[], input: GatewayInput): ServicePlan {
  const port = routedPort(service);
  const backend =
    wantsEnvoyBackend(service) && port !== undefined ? routeBackend(service, port, input) : undefined;
  const solver = isAcmeSolver(service) ? solverObjects(service, httpRoutes, input) : [];
  const objects = backend?.object === undefined || solver.length > 0 ? solver : [backend.object];
  const { cluster, isFinal } = input;
  const free = objects.filter(
    (object) =>
      isFinal || (!isTaken(object, service, cluster) && cluster.apiVersion(object.kind) !== undefined),
  );
  return {
    service: objectKey(service),
    objects: free,
    wanted: new Set([...objects.map(({ key }) => key), ...(backend?.keys ?? [])]),
    status: endedStatus(service),
  };
}
