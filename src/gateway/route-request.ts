// What the annotations of a Service ask for, decoded; and what is wrong with them.
import { annotation } from '../api/annotations.ts';
import { objectKey } from '../api/api-object.ts';
import { exposeRoute, routedPort, routeTypes } from '../api/exposure.ts';
import type { RouteType } from '../api/exposure.ts';
import { annotationPath, finding } from '../api/finding.ts';
import type { Finding } from '../api/finding.ts';
import { isDnsSubdomain } from '../api/name-field.ts';
import type { Service, ServicePort } from '../api/service.ts';
import type { GatewayConfig } from '../config/gateway.ts';
import { hostnameOf } from './hostname.ts';

export interface RouteRequest {
  /** `Service/shalb-demo/web` */
  readonly key: string;
  readonly service: Service;
  readonly type: RouteType;
  readonly hostname: string;
  readonly port: ServicePort;
  /** The port speaks HTTP/2 without TLS, as gRPC does. */
  readonly isGrpc: boolean;
  /** Who issues the certificate of an `https` route. */
  readonly issuer: { readonly kind: 'Issuer' | 'ClusterIssuer'; readonly name: string };
  /** Name of a Secret with a certificate that is there already; undefined: one is issued. */
  readonly secret: string | undefined;
}

export type ParsedRoute =
  { readonly ok: true; readonly request: RouteRequest } | { readonly ok: false; readonly problem: Finding };

/** `namespaces`: all that there are. Only for Services that ask for a route. */
export function parseRoute(
  service: Service,
  config: GatewayConfig,
  namespaces: ReadonlySet<string>,
): ParsedRoute {
  const text = exposeRoute(service) ?? '';
  const type = routeTypes.find((each) => each === text);
  if (type === undefined) return refuse(unknownType(text));
  const port = routedPort(service);
  if (port === undefined) return refuse(noPort(service));
  const hostname = hostnameOf(service, config, namespaces);
  if (typeof hostname !== 'string') return refuse(hostname);
  const secret = annotated(service, annotation.tlsSecret);
  if (secret !== undefined && !isDnsSubdomain(secret)) return refuse(badName(annotation.tlsSecret, secret));
  const issuer = issuerOf(service, config);
  if (!isDnsSubdomain(issuer.name)) return refuse(badName(annotation.tlsIssuer, issuer.name));
  const { appProtocol } = port;
  const isGrpc =
    type !== 'tls-passthrough' && (appProtocol === 'kubernetes.io/h2c' || appProtocol === 'grpc');
  return {
    ok: true,
    request: { key: objectKey(service), service, type, hostname, port, isGrpc, issuer, secret },
  };
}

function refuse(problem: Finding): ParsedRoute {
  return { ok: false, problem };
}

function annotated({ metadata }: Service, key: string): string | undefined {
  const text = metadata.annotations[key];
  return text === undefined || text === '' ? undefined : text;
}

/** `letsencrypt`, or with its kind: `ClusterIssuer/letsencrypt`. */
function issuerOf(service: Service, { issuer }: GatewayConfig): RouteRequest['issuer'] {
  const text = annotated(service, annotation.tlsIssuer);
  if (text === undefined) return issuer;
  const match = /^(Issuer|ClusterIssuer)\/(.*)$/.exec(text);
  if (match === null) return { kind: 'Issuer', name: text };
  return { kind: match[1] === 'ClusterIssuer' ? 'ClusterIssuer' : 'Issuer', name: match[2] ?? '' };
}

function unknownType(text: string): Finding {
  const path = annotationPath(annotation.exposeRoute);
  return finding(
    'Invalid',
    path,
    `${JSON.stringify(text)} is no type of route`,
    `write ${routeTypes.join(', ')}`,
  );
}

function noPort({ metadata, spec }: Service): Finding {
  const text = metadata.annotations[annotation.routePort] ?? '';
  const ports = spec.ports.filter(({ protocol }) => protocol === 'TCP').map(({ port }) => port);
  const hint =
    ports.length === 0 ? 'give the Service a TCP port' : `write one of its TCP ports: ${ports.join(', ')}`;
  const message =
    text === ''
      ? 'its first port is not TCP, or it has none'
      : `${JSON.stringify(text)} is not the number of a TCP port of the Service`;
  return finding('Invalid', annotationPath(annotation.routePort), message, hint);
}

function badName(key: string, text: string): Finding {
  const hint = 'use lower-case letters, digits, "-" and "."';
  return finding(
    'Invalid',
    annotationPath(key),
    `${JSON.stringify(text)} is not the name of an object`,
    hint,
  );
}
