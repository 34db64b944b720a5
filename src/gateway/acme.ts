// HTTP-01 challenges: what cert-manager routes to its solver is led to where the Gateway reaches it.
import { label } from '../api/annotations.ts';
import { backendKind, isAcmeSolver, routedPort } from '../api/exposure.ts';
import type { Service } from '../api/service.ts';
import { asArray, asJson, asObject, asText } from '../status/json.ts';
import { routeBackend } from './backend.ts';
import { desiredObject } from './desired-object.ts';
import type { DesiredObject } from './desired-object.ts';
import { makerOf } from './foreign-object.ts';
import type { Fields, ForeignObject } from './foreign-object.ts';
import type { GatewayInput } from './gateway-input.ts';

const challengePath = '/.well-known/acme-challenge/';

/**
 * Routes of our own beside those of cert-manager, which puts its own back when they are changed: the same hostname and
 * path, and a method, so that ours is the more exact one. Where the Gateway reaches the solver there is none. `routes`:
 * all HTTPRoutes.
 *
 * Source: cert-manager, pkg/issuer/acme/http/httproute.go; Gateway API, HTTPRouteRule (a method comes before none).
 */
export function solverObjects(
  service: Service,
  routes: readonly ForeignObject[],
  input: GatewayInput,
): readonly DesiredObject[] {
  const port = routedPort(service);
  const { namespace, name } = service.metadata;
  const vpc = input.objects.vpcOf(namespace);
  const kind = backendKind(service, vpc, input.config, input.managementVpc);
  if (!isAcmeSolver(service) || port === undefined || kind === 'service') return [];
  const backend = routeBackend(service, port, input);
  const found = routes.find((route) => route.namespace === namespace && leadsTo(route, name));
  const first = backend.object === undefined ? [] : [backend.object];
  if (found === undefined || backend.missing !== undefined) return first;
  const matches = challengesIn(found.spec);
  if (matches.length === 0) return first;
  const spec = {
    parentRefs: asJson(found.spec['parentRefs']),
    hostnames: asJson(found.spec['hostnames']),
    rules: [{ matches, backendRefs: [backend.ref] }],
  };
  return [...first, desiredObject(service, 'HTTPRoute', `${name}-route`, spec, input.cluster)];
}

/** Whether it is one of cert-manager's that leads to a solver. */
function leadsTo(route: ForeignObject, service: string): boolean {
  if (route.labels[label.acmeSolver] !== 'true' || makerOf(route) !== undefined) return false;
  return rulesOf(route.spec).some((rule) =>
    asArray(rule['backendRefs']).some((ref) => asText(asObject(ref)['name']) === service),
  );
}

function challengesIn(spec: Fields) {
  return rulesOf(spec)
    .flatMap((rule) => asArray(rule['matches']).map((match) => asObject(asObject(match)['path'])))
    .filter(({ type, value }) => type === 'Exact' && asText(value).startsWith(challengePath))
    .map(({ value }) => ({ path: { type: 'Exact', value: asText(value) }, method: 'GET' }));
}

function rulesOf(spec: Fields): readonly Fields[] {
  return asArray(spec['rules']).map(asObject);
}
