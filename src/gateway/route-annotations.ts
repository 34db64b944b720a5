// What a Service says of its route: its hostname once it is served, and what keeps it from that.
import { annotation } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import type { Finding } from '../api/finding.ts';
import type { Service } from '../api/service.ts';
import { problemText } from '../status/problem-text.ts';
import type { RouteStatus } from './gateway-input.ts';
import type { RouteRequest } from './route-request.ts';

/** Of a route that cannot be changed to what is asked for: what it has stays, and so does the hostname. */
export function blockedStatus(service: Service, problem: Finding): RouteStatus {
  return statusOf(service, service.metadata.annotations[annotation.routeHostnameStatus], problem);
}

/**
 * `waits`: what the route waits for; undefined: it is served. A hostname that was told stays while nobody says no
 * (`isRefusal`): between two words of the Gateway it goes on being served.
 */
export function requestStatus(
  { service, hostname }: RouteRequest,
  waits: Finding | undefined,
  isRefusal: boolean,
): RouteStatus {
  const told = service.metadata.annotations[annotation.routeHostnameStatus];
  const isTold = waits === undefined || (told === hostname && !isRefusal);
  return statusOf(service, isTold ? hostname : undefined, waits);
}

/** Of a Service that asks for nothing, but says something of a route. */
export function endedStatus(service: Service): RouteStatus {
  return { service: objectKey(service), annotations: {}, problem: undefined };
}

function statusOf(service: Service, hostname: string | undefined, finding: Finding | undefined): RouteStatus {
  const object = objectKey(service);
  const problem = finding && { ...finding, object };
  return {
    service: object,
    annotations: {
      ...(hostname !== undefined && hostname !== '' && { [annotation.routeHostnameStatus]: hostname }),
      [annotation.routeStatus]: problem === undefined ? 'Ready' : `${problem.code}: ${problemText(problem)}`,
    },
    problem,
  };
}
