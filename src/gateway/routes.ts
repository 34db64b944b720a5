// Routes of a Service: HTTPRoute, GRPCRoute or TLSRoute, and the one that sends plain HTTP to HTTPS.
import type { JsonObject } from '../status/json.ts';
import { desiredObject } from './desired-object.ts';
import type { DesiredObject } from './desired-object.ts';
import type { ForeignKind } from './foreign-kind.ts';
import type { Cluster } from './foreign-objects.ts';
import type { RouteRequest } from './route-request.ts';

export const routeKinds: readonly ForeignKind[] = ['HTTPRoute', 'GRPCRoute', 'TLSRoute'];

/** `{service}-route`. Source: Gateway API, HTTPRoute, GRPCRoute, TLSRoute. */
export function serviceRoute(
  request: RouteRequest,
  parent: JsonObject,
  backend: JsonObject,
  cluster: Cluster,
): DesiredObject {
  const { service, type, hostname, isGrpc } = request;
  const name = `${service.metadata.name}-route`;
  const common = { parentRefs: [parent], hostnames: [hostname] };
  if (type === 'tls-passthrough')
    return desiredObject(
      service,
      'TLSRoute',
      name,
      { ...common, rules: [{ backendRefs: [backend] }] },
      cluster,
    );
  if (isGrpc)
    return desiredObject(
      service,
      'GRPCRoute',
      name,
      { ...common, rules: [{ backendRefs: [backend] }] },
      cluster,
    );
  const matches = [{ path: { type: 'PathPrefix', value: '/' } }];
  return desiredObject(
    service,
    'HTTPRoute',
    name,
    { ...common, rules: [{ matches, backendRefs: [backend] }] },
    cluster,
  );
}

/**
 * `{service}-redirect`: everything but what a more exact path of somebody else's route takes, as that of an HTTP-01
 * challenge is. Source: Gateway API, HTTPRouteRule (precedence), HTTPRequestRedirectFilter.
 */
export function redirectRoute(
  { service, hostname }: RouteRequest,
  parent: JsonObject,
  cluster: Cluster,
): DesiredObject {
  const filters = [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https', statusCode: 301 } }];
  const rules = [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], filters }];
  const spec = { parentRefs: [parent], hostnames: [hostname], rules };
  return desiredObject(service, 'HTTPRoute', `${service.metadata.name}-redirect`, spec, cluster);
}
