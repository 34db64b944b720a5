// Vpc (ovn.kube-dc.com/v1alpha1, cluster-scoped): one isolated routing domain, for networks that no Project makes.
import { Type, type Static } from 'typebox';
import { addressListText, addressText, labelText, oneFamily, prefixText } from './cel.ts';
import { conditionsSchema } from './condition.ts';
import { checkAddress, checkAddresses, checkPrefix } from './field.ts';
import { fieldPath, finding, type Finding } from './finding.ts';
import { parseAddress, type Family } from '../net/address.ts';
import { parsePrefix } from '../net/prefix.ts';
import type { KubernetesObject } from './metadata.ts';
import { checkLabel, checkLabels } from './name-field.ts';
import type { Project } from './project.ts';
import type { KindRules } from './rule.ts';
import { checkOpenings, openingsSchema } from './openings.ts';
import { checkPeerings, peeringsSchema } from './peering.ts';
import { word, type Immutable } from './schema.ts';

const externalNetworkSchema = Type.Object({
  name: Type.String({
    ...labelText('the name of an ExternalNetwork'),
    description: 'Name of an ExternalNetwork.',
  }),
  address: Type.Optional(
    Type.String({
      ...addressListText,
      description:
        'Address of the router there, or one of each family. Absent, as a whole or for a family: any free one of the network.',
    }),
  ),
});

const mixed = 'a route has addresses of one family: write one for IPv4 and one for IPv6';

const staticRouteSchema = Type.Object(
  {
    cidr: Type.String({
      ...prefixText,
      description: 'Range that the route is for, for example 0.0.0.0/0 or ::/0.',
    }),
    nextHop: Type.String({ ...addressText, description: 'Address of the next router, of the same family.' }),
    policy: word(['dst-ip', 'src-ip'], {
      default: 'dst-ip',
      description: 'Whether cidr is compared with the destination or the source of a packet.',
    }),
  },
  { 'x-kubernetes-validations': [oneFamily('self.cidr', 'self.nextHop', mixed)] },
);

const policyRouteSchema = Type.Object({
  priority: Type.Integer({
    minimum: 0,
    maximum: 18_999,
    description:
      'From 0 to 18999, above which are the rules of the platform; the highest one that matches wins.',
  }),
  match: Type.Object(
    {
      sourceCidr: Type.Optional(Type.String({ ...prefixText, description: 'Range of the source address.' })),
      destinationCidr: Type.Optional(
        Type.String({ ...prefixText, description: 'Range of the destination address.' }),
      ),
    },
    {
      description: 'All that is given must match.',
      'x-kubernetes-validations': [oneFamily('self.sourceCidr', 'self.destinationCidr', mixed)],
    },
  ),
  action: word(['allow', 'drop', 'reroute'], { description: 'What happens to a packet that matches.' }),
  nextHops: Type.Array(Type.String(addressText), {
    default: [],
    description:
      'Only for reroute: addresses of the next routers, all of one family, among which connections are spread.',
    maxItems: 16,
  }),
});

export const vpcSpecSchema = Type.Object(
  {
    externalNetworks: Type.Array(externalNetworkSchema, {
      default: [],
      description: 'Ways out; the first is the default one.',
      maxItems: 32,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
    staticRoutes: Type.Array(staticRouteSchema, {
      default: [],
      description: 'Routes besides those to its subnets and the default route.',
      maxItems: 1024,
    }),
    policyRoutes: Type.Array(policyRouteSchema, {
      default: [],
      description: 'Decisions that are taken before routing.',
      maxItems: 1024,
    }),
    organizations: Type.Array(Type.String(labelText('the name of a namespace')), {
      default: [],
      description:
        'Organizations, which are namespaces of Projects, whose Projects may be in this Vpc. None by default: who may write a Project could be in any network else.',
      maxItems: 1024,
      'x-kubernetes-list-type': 'set',
    }),
    openings: openingsSchema,
    peerings: peeringsSchema,
  },
  { default: {}, description: 'Ways out of the Vpc and routes in it.' },
);

export const vpcStatusSchema = Type.Object(
  {
    ready: Type.Boolean({ default: false, description: 'True when the network is programmed and realised.' }),
    conditions: conditionsSchema(),
  },
  { default: {}, description: 'Whether the Vpc is in place.' },
);

export type VpcSpec = Immutable<Static<typeof vpcSpecSchema>>;
export type VpcStatus = Immutable<Static<typeof vpcStatusSchema>>;
type PolicyRoute = VpcSpec['policyRoutes'][number];

export interface Vpc extends KubernetesObject<'ovn.kube-dc.com/v1alpha1', 'Vpc'> {
  readonly spec: VpcSpec;
  readonly status: VpcStatus;
}

export const vpcRules: KindRules<VpcSpec> = {
  immutable: [],
  rules: [
    {
      field: 'policyRoutes',
      rule: '!has(self.policyRoutes) || self.policyRoutes.all(r, has(r.match.sourceCidr) || has(r.match.destinationCidr))',
      message: 'a policy route must match a sourceCidr or a destinationCidr',
      hint: 'to match every packet, write 0.0.0.0/0, and another route with ::/0',
      holds: ({ policyRoutes }) =>
        policyRoutes.every(
          ({ match }) => match.sourceCidr !== undefined || match.destinationCidr !== undefined,
        ),
    },
    {
      field: 'policyRoutes',
      rule: '!has(self.policyRoutes) || self.policyRoutes.all(r, (r.action == "reroute") == (has(r.nextHops) && size(r.nextHops) > 0))',
      message: 'a policy route has nextHops if, and only if, its action is reroute',
      hint: 'add nextHops to the routes with the action reroute, and remove them from the others',
      holds: ({ policyRoutes }) =>
        policyRoutes.every(({ action, nextHops }) => (action === 'reroute') === nextHops.length > 0),
    },
  ],
};

/** Whether a Project may be in the Vpc: what one says that may not is nothing to those in it. */
export function isOpenTo({ spec }: Pick<Vpc, 'spec'>, { metadata }: Pick<Project, 'metadata'>): boolean {
  return spec.organizations.includes(metadata.namespace);
}

/** What is wrong with the values of a Vpc, apart from {@link vpcRules}. */
export function checkVpc({ spec }: Pick<Vpc, 'spec'>): Finding[] {
  return [
    ...checkExternalNetworks(spec.externalNetworks),
    ...checkPeerings('spec.peerings', spec.peerings),
    ...spec.staticRoutes.flatMap(({ cidr, nextHop }, index) => {
      const at = fieldPath('spec.staticRoutes', index);
      return [
        ...checkPrefix(`${at}.cidr`, cidr),
        ...checkAddress(`${at}.nextHop`, nextHop),
        ...checkOneFamily(at, [cidr, nextHop]),
      ];
    }),
    ...spec.policyRoutes.flatMap((route, index) =>
      checkPolicyRoute(fieldPath('spec.policyRoutes', index), route),
    ),
    ...checkLabels('spec.organizations', spec.organizations, 'the name of a namespace'),
    ...checkOpenings(spec.openings),
  ];
}

function checkExternalNetworks(networks: VpcSpec['externalNetworks']): Finding[] {
  const seen = new Set<string>();
  return networks.flatMap(({ name, address }, index) => {
    const at = fieldPath('spec.externalNetworks', index);
    const found = checkLabel(`${at}.name`, name, 'the name of an ExternalNetwork');
    if (address !== undefined) found.push(...checkAddresses(`${at}.address`, address));
    if (seen.has(name))
      found.push(finding('Invalid', `${at}.name`, `${name} stands there twice`, 'remove one of them'));
    seen.add(name);
    return found;
  });
}

function checkPolicyRoute(at: string, { match, nextHops }: PolicyRoute): Finding[] {
  const { sourceCidr, destinationCidr } = match;
  return [
    ...(sourceCidr === undefined ? [] : checkPrefix(`${at}.match.sourceCidr`, sourceCidr)),
    ...(destinationCidr === undefined ? [] : checkPrefix(`${at}.match.destinationCidr`, destinationCidr)),
    ...nextHops.flatMap((hop, index) => checkAddress(fieldPath(`${at}.nextHops`, index), hop)),
    ...checkOneFamily(at, [sourceCidr ?? '', destinationCidr ?? '', ...nextHops]),
  ];
}

/** No packet is of two families, and none can be sent to a next hop of another one. */
function checkOneFamily(at: string, texts: readonly string[]): Finding[] {
  const found = texts.flatMap((text): Family[] => {
    const family = parseAddress(text)?.family ?? parsePrefix(text)?.family;
    return family === undefined ? [] : [family];
  });
  if (new Set(found).size < 2) return [];
  const message = 'the route has addresses of IPv4 and of IPv6';
  return [finding('Invalid', at, message, 'write a route for each family')];
}
