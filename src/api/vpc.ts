// Vpc (ovn.kube-dc.com/v1alpha1, cluster-scoped): one isolated routing domain, for networks that no Project makes.
import { Type, type Static } from 'typebox';
import { conditionsSchema } from './condition.ts';
import type { KubernetesObject } from './metadata.ts';
import { word, type Immutable } from './schema.ts';

const externalNetworkSchema = Type.Object({
  name: Type.String({ description: 'Name of an ExternalNetwork.' }),
  address: Type.Optional(
    Type.String({ description: 'Address of the router there. Absent: any free one of the network.' }),
  ),
});

const staticRouteSchema = Type.Object({
  cidr: Type.String({ description: 'Range that the route is for, for example 0.0.0.0/0.' }),
  nextHop: Type.String({ description: 'Address of the next router.' }),
  policy: word(['dst-ip', 'src-ip'], {
    default: 'dst-ip',
    description: 'Whether cidr is compared with the destination or the source of a packet.',
  }),
});

const policyRouteSchema = Type.Object({
  priority: Type.Integer({ minimum: 0, maximum: 32_767, description: 'The highest one that matches wins.' }),
  match: Type.Object(
    {
      sourceCidr: Type.Optional(Type.String({ description: 'Range of the source address.' })),
      destinationCidr: Type.Optional(Type.String({ description: 'Range of the destination address.' })),
    },
    { description: 'All that is given must match.' },
  ),
  action: word(['allow', 'drop', 'reroute'], { description: 'What happens to a packet that matches.' }),
  nextHops: Type.Array(Type.String(), {
    default: [],
    description: 'Only for reroute: addresses of the next routers, among which connections are spread.',
  }),
});

export const vpcSpecSchema = Type.Object(
  {
    externalNetworks: Type.Array(externalNetworkSchema, {
      default: [],
      description: 'Ways out; the first is the default one.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    }),
    staticRoutes: Type.Array(staticRouteSchema, {
      default: [],
      description: 'Routes besides those to its subnets and the default route.',
    }),
    policyRoutes: Type.Array(policyRouteSchema, {
      default: [],
      description: 'Decisions that are taken before routing.',
    }),
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
export type StaticRoute = VpcSpec['staticRoutes'][number];
export type PolicyRoute = VpcSpec['policyRoutes'][number];

export interface Vpc extends KubernetesObject<'ovn.kube-dc.com/v1alpha1', 'Vpc'> {
  readonly spec: VpcSpec;
  readonly status: VpcStatus;
}
