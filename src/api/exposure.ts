// Services that are reached through a shared Gateway: what their annotations ask for, as far as one Service tells.
import { annotation, label } from './annotations.ts';
import { isOwnLoadBalancer } from './service.ts';
import type { Service, ServicePort } from './service.ts';

export const routeTypes = ['http', 'https', 'tls-passthrough'] as const;

export type RouteType = (typeof routeTypes)[number];

/** What the annotation `expose-route` says, be it nonsense; undefined: the Service asks for no route. */
export function exposeRoute({ metadata: { annotations } }: Pick<Service, 'metadata'>): string | undefined {
  const text = annotations[annotation.exposeRoute];
  return text === '' ? undefined : text;
}

/** A Service that cert-manager made to answer an HTTP-01 challenge: the Gateway must reach it for a while. */
export function isAcmeSolver({ metadata: { labels } }: Pick<Service, 'metadata'>): boolean {
  return labels[label.acmeSolver] === 'true';
}

/** Whether a Backend of Envoy Gateway is asked for, whatever routes lead to elsewhere. */
export function wantsEnvoyBackend({ metadata: { annotations } }: Pick<Service, 'metadata'>): boolean {
  return annotations[annotation.createGatewayBackend] === 'true';
}

/**
 * The port that a route leads to: the one that `route-port` names by number, else the first. Undefined: there is no such
 * port, or it is not TCP.
 */
export function routedPort({ metadata, spec }: Pick<Service, 'metadata' | 'spec'>): ServicePort | undefined {
  const text = metadata.annotations[annotation.routePort] ?? '';
  const port =
    text === ''
      ? spec.ports[0]
      : spec.ports.find((each) => String(each.port) === text && each.protocol === 'TCP');
  return port?.protocol === 'TCP' ? port : undefined;
}

/** The part of the configuration that decides what a route leads to. */
export interface BackendRule {
  readonly backendRef: 'auto' | 'service' | 'external' | 'envoy-backend';
  readonly vpc?: string | undefined;
  readonly routedVpcs: readonly string[];
}

export type BackendKind = 'service' | 'external' | 'envoy-backend';

/**
 * What a route of a Service leads to. `vpc`: the one that the Service is in, undefined for none of ours, whose pods are
 * where the cluster's are; `managementVpc`: where the proxies are unless the rule says otherwise.
 */
export function backendKind(
  service: Pick<Service, 'metadata'>,
  vpc: string | undefined,
  rule: BackendRule,
  managementVpc: string,
): BackendKind {
  if (wantsEnvoyBackend(service)) return 'envoy-backend';
  if (rule.backendRef !== 'auto') return rule.backendRef;
  const isReached = vpc === undefined || vpc === (rule.vpc ?? managementVpc) || rule.routedVpcs.includes(vpc);
  return isReached ? 'service' : 'external';
}

/**
 * Whether a Service that is no LoadBalancer needs an external address all the same, since its routes lead to it. The
 * other arguments are those of {@link backendKind}.
 */
export function needsRouteAddress(
  service: Service,
  vpc: string,
  rule: BackendRule,
  managementVpc: string,
): boolean {
  const { type } = service.spec;
  if (isOwnLoadBalancer(service) || type === 'LoadBalancer' || type === 'ExternalName') return false;
  const isRouted = exposeRoute(service) !== undefined || isAcmeSolver(service) || wantsEnvoyBackend(service);
  return (
    isRouted &&
    routedPort(service) !== undefined &&
    backendKind(service, vpc, rule, managementVpc) !== 'service'
  );
}
