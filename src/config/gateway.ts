// The part of the configuration that turns annotated Services into routes of a shared Gateway.
import { Type, type Static } from 'typebox';
import { checkLabel, isDnsSubdomain } from '../api/name-field.ts';
import { fieldPath, finding, type Finding } from '../api/finding.ts';
import { word, type Immutable } from '../api/schema.ts';

const gatewayName = (name?: string, namespace?: string) => ({
  name: Type.String({
    ...(name !== undefined && { default: name }),
    minLength: 1,
    description: 'Name of the Gateway.',
  }),
  namespace: Type.String({
    ...(namespace !== undefined && { default: namespace }),
    minLength: 1,
    description: 'Its namespace.',
  }),
});

/** Absent: annotations that ask for a route mean nothing. */
export const gatewaySchema = Type.Object(
  {
    baseDomain: Type.String({
      description:
        'Domain under which Services have their hostnames, {service}-{namespace}.{baseDomain}; a wildcard record of it leads to the Gateway.',
    }),
    ...gatewayName('eg', 'envoy-gateway-system'),
    vpc: Type.Optional(
      Type.String({
        description: "VPC in which the Gateway's proxies are. Absent: the managementVpc.",
      }),
    ),
    routedVpcs: Type.Array(Type.String(), {
      default: [],
      description:
        'VPCs whose pod addresses the proxies reach by routing, beside their own; none of them may overlap it.',
    }),
    backendRef: word(['auto', 'service', 'external', 'envoy-backend'], {
      default: 'auto',
      description:
        'What routes lead to. `service`: the Service itself. `external`: {service}-ext, its external address. `envoy-backend`: the same, as a Backend of Envoy Gateway. `auto`: the Service where the proxies reach its pods, else {service}-ext.',
    }),
    addressType: Type.String({
      default: 'cloud',
      description: 'Type of external network for the address of a routed Service that asks for none.',
    }),
    issuer: Type.Object(
      {
        kind: word(['Issuer', 'ClusterIssuer'], { default: 'Issuer', description: 'Kind of the issuer.' }),
        name: Type.String({ default: 'letsencrypt', minLength: 1, description: 'Its name.' }),
      },
      {
        default: {},
        description:
          'Who issues certificates for Services that name nobody. An Issuer is one of their own namespace.',
      },
    ),
    httpListener: Type.String({
      default: 'http',
      minLength: 1,
      description: 'Name of the listener for plain HTTP, which the Gateway must have.',
    }),
    redirect: Type.Boolean({
      default: true,
      description: 'Whether plain HTTP requests to the hostname of an `https` route are sent to HTTPS.',
    }),
    listenerLimit: Type.Integer({
      default: 64,
      minimum: 1,
      maximum: 64,
      description: 'Listeners on one Gateway, those of others included; the API allows no more than 64.',
    }),
    listenerSets: Type.Boolean({
      default: true,
      description: 'Whether Services beyond the limit get a ListenerSet, where the cluster has that kind.',
    }),
    overflow: Type.Array(Type.Object(gatewayName()), {
      default: [],
      description:
        'Further Gateways, for Services beyond the limit where there is no ListenerSet. Their hostnames need DNS records that lead there.',
    }),
    customHostnames: Type.Object(
      {
        default: word(['any', 'none'], {
          default: 'any',
          description: 'What namespaces may use that are not in the list.',
        }),
        namespaces: Type.Array(
          Type.Object({
            namespace: Type.String({ minLength: 1, description: 'For example shalb-demo.' }),
            domains: Type.Array(Type.String(), {
              description: 'Domains that it may use, with all names below them. Empty: none.',
            }),
          }),
          { default: [], description: 'Namespaces that may use certain domains only.' },
        ),
      },
      { default: {}, description: 'Hostnames outside the base domain.' },
    ),
  },
  { description: 'Set: Services with the annotation expose-route are published by a shared Gateway.' },
);

export type GatewayConfig = Immutable<Static<typeof gatewaySchema>>;

/** What is wrong with names in the section. */
export function checkGateway(gateway: GatewayConfig): Finding[] {
  const { baseDomain, name, namespace, overflow, customHostnames } = gateway;
  return [
    ...checkDomain('gateway.baseDomain', baseDomain),
    ...checkPlace('gateway', name, namespace),
    ...overflow.flatMap((other, index) =>
      checkPlace(fieldPath('gateway.overflow', index), other.name, other.namespace),
    ),
    ...customHostnames.namespaces.flatMap(({ domains }, index) =>
      domains.flatMap((domain, at) =>
        checkDomain(`gateway.customHostnames.namespaces[${index}].domains[${at}]`, domain),
      ),
    ),
  ];
}

function checkDomain(path: string, domain: string): Finding[] {
  if (isDnsSubdomain(domain)) return [];
  const hint =
    'use labels of lower-case letters, digits and "-" with dots between, for example stage.example.com';
  return [finding('Invalid', path, `${JSON.stringify(domain)} is not a domain`, hint)];
}

function checkPlace(at: string, name: string, namespace: string): Finding[] {
  const found = checkLabel(`${at}.namespace`, namespace, 'the name of a namespace');
  if (isDnsSubdomain(name)) return found;
  const hint = 'write metadata.name of the Gateway';
  const message = `${JSON.stringify(name)} is not the name of a Gateway`;
  return [finding('Invalid', `${at}.name`, message, hint), ...found];
}
