// What a route leads to: the Service, its external address under a name, or that address as a Backend.
import { formatObjectKey, objectKey } from '../api/api-object.ts';
import { backendKind, wantsEnvoyBackend } from '../api/exposure.ts';
import type { Service, ServicePort } from '../api/service.ts';
import type { Finding } from '../api/finding.ts';
import { finding } from '../api/finding.ts';
import type { JsonObject } from '../status/json.ts';
import { desiredObject } from './desired-object.ts';
import type { DesiredObject } from './desired-object.ts';
import { eipOf } from './exposed-services.ts';
import { backendGroup } from './foreign-kind.ts';
import type { GatewayInput } from './gateway-input.ts';

export interface RouteBackend {
  /** A backendRef of a route. Source: Gateway API, BackendRef. */
  readonly ref: JsonObject;
  /** The Backend that has to be there first. */
  readonly object: DesiredObject | undefined;
  /** Its key, also while its address is not known; empty: there is none. */
  readonly keys: readonly string[];
  /** Why nothing answers there yet; undefined: something does. */
  readonly missing: Finding | undefined;
}

export function routeBackend(service: Service, port: ServicePort, input: GatewayInput): RouteBackend {
  const { config, managementVpc, objects } = input;
  const { name, namespace } = service.metadata;
  const kind = backendKind(service, objects.vpcOf(namespace), config, managementVpc);
  if (kind === 'service')
    return { ref: serviceRef(name, port), object: undefined, keys: [], missing: undefined };
  if (kind === 'external') {
    const isThere = input.isFinal || objects.hasExternal(objectKey(service));
    return {
      ref: serviceRef(`${name}-ext`, port),
      object: undefined,
      keys: [],
      missing: isThere ? undefined : noAddress(service, input),
    };
  }
  const ref = { group: backendGroup, kind: 'Backend', name: `${name}-backend`, port: port.port };
  const object = envoyBackend(service, port, input);
  const keys = [formatObjectKey('Backend', namespace, `${name}-backend`)];
  return { ref, object, keys, missing: object === undefined ? noAddress(service, input) : undefined };
}

function serviceRef(name: string, { port }: ServicePort): JsonObject {
  return { kind: 'Service', name, port };
}

/** Source: Envoy Gateway API, Backend. Undefined: no address is known. */
function envoyBackend(service: Service, port: ServicePort, input: GatewayInput): DesiredObject | undefined {
  const addresses = input.objects.addressesOf(eipOf(service));
  if (addresses.length === 0) return undefined;
  const endpoints = addresses.map((address) => ({ ip: { address, port: port.port } }));
  const isHttp2 = port.appProtocol === 'kubernetes.io/h2c' || port.appProtocol === 'grpc';
  const spec = { endpoints, appProtocols: isHttp2 ? [`${backendGroup}/h2c`] : undefined };
  return desiredObject(service, 'Backend', `${service.metadata.name}-backend`, spec, input.cluster);
}

function noAddress(service: Service, { objects, config }: GatewayInput): Finding {
  const { namespace, name } = service.metadata;
  const vpc = objects.vpcOf(namespace);
  const isProject = vpc === undefined || vpc === namespace;
  const reason = wantsEnvoyBackend(service) ? 'its Backend' : `${name}-ext`;
  const message = `${reason} needs an external address, which the Service does not have yet`;
  if (!isProject)
    return finding(
      'Unsupported',
      '',
      `the Gateway does not reach the Vpc ${vpc}, whose Services have no external addresses`,
      `add ${vpc} to gateway.routedVpcs of the configuration, if there are routes to it`,
    );
  const hint = `see the conditions of ${eipOf(service)}; there must be an ExternalNetwork of type ${config.addressType} with free addresses`;
  return finding('Pending', '', message, hint);
}
