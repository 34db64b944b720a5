// Certificates of `https` routes: what is asked of cert-manager, and how far it is.
import { annotation } from '../api/annotations.ts';
import { formatObjectKey } from '../api/api-object.ts';
import { annotationPath, finding } from '../api/finding.ts';
import type { Finding } from '../api/finding.ts';
import { desiredObject, isInPlace } from './desired-object.ts';
import type { DesiredObject } from './desired-object.ts';
import { certificateGroup } from './foreign-kind.ts';
import { conditionsOf } from './foreign-object.ts';
import type { GatewayInput } from './gateway-input.ts';
import type { RouteRequest } from './route-request.ts';

export interface RouteCertificate {
  /** Name of the Secret that holds it. */
  readonly secret: string;
  /** Undefined: the Secret is somebody else's. */
  readonly object: DesiredObject | undefined;
  /** Why it cannot be used yet; undefined: it can. */
  readonly missing: Finding | undefined;
}

/** Source: cert-manager API, CertificateSpec. A new name or issuer replaces the Secret's content when it is issued. */
export function routeCertificate(request: RouteRequest, input: GatewayInput): RouteCertificate {
  const { service, hostname, issuer, secret } = request;
  if (secret !== undefined) return { secret, object: undefined, missing: undefined };
  const name = `${service.metadata.name}-tls`;
  const spec = {
    secretName: name,
    dnsNames: [hostname],
    issuerRef: { group: certificateGroup, kind: issuer.kind, name: issuer.name },
  };
  const object = desiredObject(service, 'Certificate', name, spec, input.cluster);
  return { secret: name, object, missing: input.isFinal ? undefined : missing(object, request, input) };
}

function missing(
  object: DesiredObject,
  request: RouteRequest,
  { cluster }: GatewayInput,
): Finding | undefined {
  const existing = cluster.get(object.key);
  const conditions = conditionsOf(existing?.status);
  const isReady =
    existing !== undefined && isInPlace(object, cluster) && conditions.isTrue('Ready', existing.generation);
  if (isReady) return undefined;
  const { issuer, hostname, service } = request;
  const { namespace } = service.metadata;
  const key = formatObjectKey(issuer.kind, issuer.kind === 'Issuer' ? namespace : '', issuer.name);
  if (cluster.apiVersion(issuer.kind) !== undefined && cluster.get(key) === undefined) {
    const place = issuer.kind === 'Issuer' ? ` in ${namespace}` : '';
    const hint = `create it, or name another one in ${annotation.tlsIssuer} (ClusterIssuer/name for one of the platform)`;
    const message = `there is no ${issuer.kind} ${issuer.name}${place}`;
    return finding('NotFound', annotationPath(annotation.tlsIssuer), message, hint);
  }
  const said = conditions.failure(['Ready']) ?? 'cert-manager has not said anything of it yet';
  const hint = `look at it with kubectl describe certificate ${object.name} -n ${namespace}; ${hostname} must lead to the Gateway, and the quota must have room for a solver pod`;
  return finding('Pending', '', `the Certificate ${object.name} is not ready: ${said}`, hint);
}
