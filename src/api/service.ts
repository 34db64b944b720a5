// Service (v1): the fields that decide about load balancing.
import { Type, type Static } from 'typebox';
import { annotation } from './annotations.ts';
import { bindingRules, brokenAnnotations } from './annotation-rules.ts';
import { conditionsSchema } from './condition.ts';
import { defaultGatewayEIpName } from './eip.ts';
import { annotationPath, fieldPath, finding, type Finding } from './finding.ts';
import type { KubernetesObject } from './metadata.ts';
import { parseAddress } from '../net/address.ts';
import { parsePrefix, hostBits, formatPrefix } from '../net/prefix.ts';
import { stringMap, word, type Immutable } from './schema.ts';

const portNumber = Type.Integer({ minimum: 1, maximum: 65_535 });

const servicePortSchema = Type.Object({
  name: Type.Optional(Type.String()),
  protocol: word(['TCP', 'UDP', 'SCTP'], { default: 'TCP' }),
  port: portNumber,
  /** Absent: the same as `port`. A string is the name of a port of the pod. */
  targetPort: Type.Optional(Type.Union([portNumber, Type.String({ minLength: 1 })])),
  nodePort: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  appProtocol: Type.Optional(Type.String()),
});

export const serviceSpecSchema = Type.Object(
  {
    type: word(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'], { default: 'ClusterIP' }),
    /** Empty: no selector, so somebody else keeps the EndpointSlices. */
    selector: stringMap(),
    ports: Type.Array(servicePortSchema, { default: [] }),
    clusterIP: Type.Optional(Type.String()),
    clusterIPs: Type.Array(Type.String(), { default: [] }),
    /** Of its addresses in the cluster; see `service-families.ts`. */
    ipFamilies: Type.Array(word(['IPv4', 'IPv6']), { default: [] }),
    ipFamilyPolicy: Type.Optional(word(['SingleStack', 'PreferDualStack', 'RequireDualStack'])),
    externalIPs: Type.Array(Type.String(), { default: [] }),
    loadBalancerIP: Type.Optional(Type.String()),
    loadBalancerClass: Type.Optional(Type.String()),
    loadBalancerSourceRanges: Type.Array(Type.String(), { default: [] }),
    sessionAffinity: word(['None', 'ClientIP'], { default: 'None' }),
    sessionAffinityConfig: Type.Optional(
      Type.Object({
        clientIP: Type.Optional(
          Type.Object({ timeoutSeconds: Type.Integer({ default: 10_800, minimum: 1, maximum: 86_400 }) }),
        ),
      }),
    ),
    externalTrafficPolicy: word(['Cluster', 'Local'], { default: 'Cluster' }),
    internalTrafficPolicy: word(['Cluster', 'Local'], { default: 'Cluster' }),
    publishNotReadyAddresses: Type.Boolean({ default: false }),
  },
  { default: {} },
);

export const serviceStatusSchema = Type.Object(
  {
    loadBalancer: Type.Object(
      {
        ingress: Type.Array(
          Type.Object({
            ip: Type.Optional(Type.String()),
            hostname: Type.Optional(Type.String()),
            ports: Type.Array(
              Type.Object({
                port: Type.Integer(),
                protocol: Type.String(),
                error: Type.Optional(Type.String()),
              }),
              { default: [] },
            ),
          }),
          { default: [] },
        ),
      },
      { default: {} },
    ),
    conditions: conditionsSchema(),
  },
  { default: {} },
);

export type ServicePort = Immutable<Static<typeof servicePortSchema>>;
export type ServiceSpec = Immutable<Static<typeof serviceSpecSchema>>;
export type ServiceStatus = Immutable<Static<typeof serviceStatusSchema>>;

export interface Service extends KubernetesObject<'v1', 'Service'> {
  readonly spec: ServiceSpec;
  readonly status: ServiceStatus;
}

/** `spec.loadBalancerClass` of a Service that is meant for us by name; without a class it is ours, too. */
export const ownLoadBalancerClass = 'kube-dc.com/ovn-projector';

/** Whether it is a Service of type LoadBalancer that no other controller serves. */
export function isOwnLoadBalancer({ spec }: Pick<Service, 'spec'>): boolean {
  return (
    spec.type === 'LoadBalancer' && (spec.loadBalancerClass ?? ownLoadBalancerClass) === ownLoadBalancerClass
  );
}

/** Addresses of a Service inside the cluster as they are written; none for a headless one. */
export function clusterIps({ clusterIP, clusterIPs, type }: ServiceSpec): string[] {
  if (type === 'ExternalName') return [];
  const written = new Set([clusterIP ?? '', ...clusterIPs]);
  return [...written].filter((text) => text !== '' && text !== 'None');
}

/** What is wrong with a Service, as far as it makes rows. */
export function checkService({ metadata, spec }: Pick<Service, 'metadata' | 'spec'>): Finding[] {
  const found = checkClusterIps(spec);
  if (spec.type !== 'LoadBalancer')
    return clusterIps(spec).length === 0 ? [] : [...found, ...checkPorts(spec.ports)];
  return [
    ...found,
    ...checkPorts(spec.ports),
    ...spec.loadBalancerSourceRanges.flatMap((text, index) => checkSourceRange(index, text.trim())),
    ...checkBinding(metadata.annotations),
  ];
}

function checkClusterIps(spec: ServiceSpec): Finding[] {
  return clusterIps(spec)
    .filter((text) => parseAddress(text) === undefined)
    .map((text) => {
      const path = text === spec.clusterIP ? 'spec.clusterIP' : 'spec.clusterIPs';
      const hint = 'write an address (10.101.0.10), or None for a Service without one';
      return finding('Invalid', path, `${JSON.stringify(text)} is not an IP address`, hint);
    });
}

function checkPorts(ports: readonly ServicePort[]): Finding[] {
  if (ports.length === 0)
    return [finding('Invalid', 'spec.ports', 'spec.ports is empty', 'name at least one port')];
  const seen = new Set<string>();
  return ports.flatMap(({ protocol, port }, index) => {
    const text = `${port}/${protocol}`;
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    const at = fieldPath('spec.ports', index);
    return [
      finding('Invalid', at, `port ${text} stands there twice`, 'remove one of them, or change its port'),
    ];
  });
}

function checkSourceRange(index: number, text: string): Finding[] {
  if (parsePrefix(text) !== undefined) return [];
  const meant = hostBits(text);
  const hint = meant === undefined ? 'write it as 203.0.113.0/24' : `did you mean ${formatPrefix(meant)}?`;
  const at = fieldPath('spec.loadBalancerSourceRanges', index);
  return [finding('Invalid', at, `${JSON.stringify(text)} is not a range in CIDR notation`, hint)];
}

function checkBinding(annotations: Readonly<Record<string, string>>): Finding[] {
  const found = brokenAnnotations(bindingRules, annotations);
  const name = annotations[annotation.bindOnEIp] ?? '';
  const flag = annotations[annotation.bindOnDefaultGatewayEIp];
  if (flag === 'true' && name !== '' && name !== defaultGatewayEIpName) {
    const message = `it asks for the EIp ${name} and for ${defaultGatewayEIpName} at the same time`;
    found.push(
      finding('Invalid', annotationPath(annotation.bindOnEIp), message, 'remove one of the two annotations'),
    );
  }
  return found;
}
