// What annotations of Services, Pods and Projects may say: as CEL for the API server, and as predicate where it counts here.
import { annotation, requestedFamilies } from './annotations.ts';
import { addressList, dnsLabelPattern, rangeOrAddressList } from './cel.ts';
import { annotationPath, finding, type Finding } from './finding.ts';
import { isDnsSubdomain } from './name-field.ts';

/** A rule over the value of one annotation. An empty value is an absent one. */
export interface AnnotationRule {
  readonly key: string;
  /** CEL over the expression of a text. */
  readonly rule: (value: string) => string;
  /** After the value, in quotes: `is neither "true" nor "false"`. */
  readonly complaint: string;
  readonly hint: string;
}

/** One that a Service is rejected for here as well. */
export interface CheckedAnnotationRule extends AnnotationRule {
  readonly holds: (value: string) => boolean;
}

const matches =
  (pattern: string) =>
  (value: string): string =>
    `${value}.matches(${JSON.stringify(pattern)})`;
const label = dnsLabelPattern.slice(1, -1);
const subdomain = matches(`^${label}([.]${label})*$`);

const flag = {
  rule: matches('^(true|false)$'),
  complaint: 'is neither "true" nor "false"',
  hint: 'write "true"',
  holds: (value: string) => value === 'true' || value === 'false',
};
const nameOf = (what: string) => ({ rule: subdomain, complaint: `is not a name of ${what}` });

/** How a Service is put on addresses. */
export const bindingRules: readonly CheckedAnnotationRule[] = [
  { key: annotation.bindOnDefaultGatewayEIp, ...flag },
  {
    key: annotation.bindOnEIp,
    ...nameOf('an EIp'),
    hint: 'write the name of an EIp of this namespace',
    holds: isDnsSubdomain,
  },
  {
    key: annotation.ipFamilies,
    rule: matches('^ *(IPv4|IPv6|IPv4 *, *IPv6|IPv6 *, *IPv4) *$'),
    complaint: 'is not a list of families',
    hint: 'write IPv4, IPv6 or IPv4,IPv6',
    holds: (value) =>
      requestedFamilies({ metadata: { annotations: { [annotation.ipFamilies]: value } } }) !== undefined,
  },
];

/** How a Service is exposed by a gateway, and what else is asked for by annotation. */
const routeRules: readonly AnnotationRule[] = [
  {
    key: annotation.exposeRoute,
    rule: matches('^(http|https|tls-passthrough)$'),
    complaint: 'is no way to expose a route',
    hint: 'write http, https or tls-passthrough',
  },
  { key: annotation.routeHostname, ...nameOf('a host'), hint: 'write a name such as web.example.org' },
  {
    key: annotation.routePort,
    rule: (value) => `(${matches('^[0-9]{1,5}$')(value)} && int(${value}) > 0 && int(${value}) < 65536)`,
    complaint: 'is not the number of a port',
    hint: 'write the number of a port of this Service',
  },
  {
    key: annotation.tlsIssuer,
    rule: matches(`^((Cluster)?Issuer/)?${label}([.]${label})*$`),
    complaint: 'is not a name of an Issuer',
    hint: 'write the name of an Issuer of this namespace, or ClusterIssuer/ and the name of one of the platform',
  },
  { key: annotation.tlsSecret, ...nameOf('a Secret'), hint: 'write the name of a Secret of this namespace' },
  { key: annotation.createGatewayBackend, ...flag },
  { key: annotation.autodelete, ...flag },
  {
    key: annotation.externalNetworkType,
    rule: matches(dnsLabelPattern),
    complaint: 'is not a type of network',
    hint: 'write the type of an ExternalNetwork, for example cloud or public',
  },
];

export const serviceAnnotationRules: readonly AnnotationRule[] = [...bindingRules, ...routeRules];

export const podAnnotationRules: readonly AnnotationRule[] = [
  {
    key: annotation.ipAddress,
    rule: addressList,
    complaint: 'is not an IP address, or one of each family',
    hint: 'write it as 10.0.10.4 or 10.0.10.4,fd00:10::4',
  },
  {
    key: annotation.macAddress,
    rule: matches('^[0-9A-Fa-f][02468ACEace]([:-][0-9A-Fa-f]{2}){5}$'),
    complaint: 'is not a MAC address that a single interface can have',
    hint: 'write it as 0a:58:0a:00:0a:04, with an even first octet',
  },
  {
    key: annotation.subnet,
    rule: matches(dnsLabelPattern),
    complaint: 'is not the name of a Subnet',
    hint: 'write the name of a Subnet of this Vpc, or of an underlay',
  },
];

const allowlist = {
  rule: rangeOrAddressList,
  complaint: 'is not a list of addresses and ranges',
  hint: 'write 203.0.113.9,198.51.100.0/24',
};
export const projectAnnotationRules: readonly AnnotationRule[] = [
  { key: annotation.egressAllowlist, ...allowlist },
  { key: annotation.ingressAllowlist, ...allowlist },
];

/** What of an object's annotations breaks a rule. */
export function brokenAnnotations(
  rules: readonly CheckedAnnotationRule[],
  annotations: Readonly<Record<string, string>>,
): Finding[] {
  return rules.flatMap(({ key, complaint, hint, holds }) => {
    const value = annotations[key] ?? '';
    if (value === '' || holds(value)) return [];
    return [finding('Invalid', annotationPath(key), `${JSON.stringify(value)} ${complaint}`, hint)];
  });
}
