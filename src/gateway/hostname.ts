// Hostnames of routes: which a Service gets, and which it may not have.
import { annotation } from '../api/annotations.ts';
import { annotationPath, finding } from '../api/finding.ts';
import type { Finding } from '../api/finding.ts';
import { isDnsSubdomain } from '../api/name-field.ts';
import type { Service } from '../api/service.ts';
import type { GatewayConfig } from '../config/gateway.ts';
import { parseAddress } from '../net/address.ts';

const path = annotationPath(annotation.routeHostname);

/** The name that the Service asks for, else `{service}-{namespace}.{baseDomain}`; or why it cannot have it. */
export function hostnameOf(
  { metadata }: Service,
  config: GatewayConfig,
  namespaces: ReadonlySet<string>,
): string | Finding {
  const { name, namespace, annotations } = metadata;
  const text = annotations[annotation.routeHostname] ?? '';
  const hostname = text === '' ? `${name}-${namespace}.${config.baseDomain}` : text;
  const wrong = malformed(hostname) ?? forbidden(hostname, namespace, config, namespaces);
  return wrong ?? hostname;
}

/** Source: Gateway API, Hostname; RFC 1123. What is not exactly a name of a host goes nowhere near the Gateway. */
function malformed(hostname: string): Finding | undefined {
  const quoted = JSON.stringify(hostname);
  if (hostname.includes('*'))
    return finding('Invalid', path, `${quoted} is a wildcard`, 'write one hostname in full');
  if (parseAddress(hostname) !== undefined || /^[\d.]+$/.test(hostname))
    return finding('Invalid', path, `${quoted} is an address`, 'write a hostname');
  if (hostname.split('.').some((part) => part.length > 63))
    return finding(
      'Invalid',
      path,
      `${quoted} has a label of more than 63 characters`,
      'write a shorter hostname',
    );
  if (!isDnsSubdomain(hostname) || !hostname.includes('.')) {
    const hint = 'write it in full and in lower case, without a dot at the end: app.example.com';
    return finding('Invalid', path, `${quoted} is not a hostname`, hint);
  }
  return undefined;
}

function forbidden(
  hostname: string,
  namespace: string,
  { baseDomain, customHostnames }: GatewayConfig,
  namespaces: ReadonlySet<string>,
): Finding | undefined {
  if (hostname === baseDomain || hostname.endsWith(`.${baseDomain}`)) {
    const owner = ownerOf(hostname.slice(0, -baseDomain.length - 1), new Set([...namespaces, namespace]));
    if (owner === namespace) return undefined;
    const message =
      owner === undefined
        ? `${hostname} is below ${baseDomain}, where names belong to the namespace in them`
        : `${hostname} belongs to the namespace ${owner}`;
    const hint = `use a name such as app-${namespace}.${baseDomain}, or one outside ${baseDomain}`;
    return finding('Forbidden', path, message, hint);
  }
  const rule = customHostnames.namespaces.find((each) => each.namespace === namespace);
  const isAllowed =
    rule === undefined
      ? customHostnames.default === 'any'
      : rule.domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
  if (isAllowed) return undefined;
  const allowed = rule === undefined ? [] : rule.domains;
  const hint =
    allowed.length === 0
      ? `remove the annotation to have a name below ${baseDomain}, or ask the platform's operators`
      : `use a name in ${allowed.join(', ')}, or ask the platform's operators`;
  return finding('Forbidden', path, `${namespace} may not use ${hostname}`, hint);
}

/**
 * The namespace in `web-shalb-demo` or `api.shalb-demo`: of several that could be meant the longest one that leaves a
 * name before it, so that no namespace can be called as another one's hostname.
 */
function ownerOf(prefix: string, namespaces: ReadonlySet<string>): string | undefined {
  const parts = prefix.split(/(?<=[-.])/);
  const tails = parts.map((_, index) => parts.slice(index).join(''));
  return [...tails.slice(1), prefix].find((tail) => namespaces.has(tail));
}
