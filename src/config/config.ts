// Configuration of one instance: its fields, their types and their defaults.
import { Type, type Static } from 'typebox';
import { word, type Immutable } from '../api/schema.ts';
import { gatewaySchema } from './gateway.ts';

const networkType = (what: string) =>
  Type.Optional(
    Type.String({
      description: `Type of external network for ${what} that names none. Absent: that by which its project leaves.`,
    }),
  );

const allowlist = (description: string) =>
  Type.Array(Type.String(), {
    default: [],
    description: `${description} Addresses, 203.0.113.0/24 or 203.0.113.7..203.0.113.9.`,
  });

/** Every field has a default, so an empty file is a valid configuration. */
export const configSchema = Type.Object(
  {
    owner: Type.String({
      default: 'default',
      minLength: 1,
      description: 'Mark on every row of this instance; two instances on one database need different ones.',
    }),
    projectRange: Type.Object(
      {
        cidr: Type.String({ default: '10.0.0.0/8', description: 'Where blocks of IPv4 are taken from.' }),
        prefixLength: Type.Integer({
          default: 24,
          minimum: 8,
          maximum: 29,
          description: 'Length of each block.',
        }),
        exclude: Type.Array(Type.String(), {
          default: ['10.100.0.0/16', '10.101.0.0/16'],
          description:
            'Ranges of either family that no block is taken from: the pods and the Services of the platform.',
        }),
        ipv6: Type.Optional(
          Type.Object(
            {
              cidr: Type.String({ description: 'Where blocks are taken from, for example fd00:10::/48.' }),
              prefixLength: Type.Integer({
                default: 64,
                minimum: 8,
                maximum: 125,
                description: 'Length of each block.',
              }),
            },
            { description: 'Set: projects that name no cidrBlock have a block of IPv6 as well.' },
          ),
        ),
      },
      { default: {}, description: 'Blocks for projects that name no cidrBlock.' },
    ),
    defaultEgressNetworkType: word(['cloud', 'public'], {
      default: 'cloud',
      description: 'Type of the external network that a project leaves by when it does not say.',
    }),
    defaultEIpNetworkType: networkType('an EIp'),
    defaultFIpNetworkType: networkType('a FIp'),
    defaultServiceNetworkType: networkType('a Service'),
    reservedRanges: Type.Array(
      Type.Object({
        name: Type.String({ minLength: 1, description: 'For messages, for example nodes.' }),
        cidr: Type.String({ description: 'For example 192.168.0.0/24, or fd00:168::/64.' }),
      }),
      {
        default: [],
        description:
          'Ranges that no project may overlap: nodes, Services, and whatever else must stay reachable.',
      },
    ),
    isolation: Type.Object(
      {
        egress: Type.Object(
          {
            enabled: Type.Boolean({
              default: true,
              description:
                'Whether projects reach the addresses of others on external networks only when allowed.',
            }),
            allowlist: allowlist('What every project may reach there: the VIPs of the platform.'),
          },
          { default: {}, description: 'Connections that a project begins.' },
        ),
        ingress: Type.Object(
          {
            enabled: Type.Boolean({
              default: false,
              description:
                'Whether only those who are allowed reach projects from external networks. Off: only where a Project asks for it by annotation.',
            }),
            allowlist: allowlist(
              'Who may come in everywhere. The addresses of the management VPC always may.',
            ),
          },
          {
            default: {},
            description: 'Connections from the external networks themselves, not from beyond them.',
          },
        ),
      },
      { default: {}, description: 'Walls between projects on shared external networks.' },
    ),
    sharedHost: Type.Boolean({
      default: false,
      description:
        'OVN-Kubernetes runs on the same hosts: its join and masquerade ranges are reserved as well.',
    }),
    managementVpc: Type.String({
      default: 'ovn-cluster',
      description: 'Name of the Vpc of the platform itself; no project may overlap its subnets.',
    }),
    gatewayChassis: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description:
        'System-ids of chassis that may host gateway ports, where there is no Southbound database to ask.',
    }),
    mtu: Type.Integer({
      default: 1400,
      minimum: 576,
      maximum: 65_535,
      description: 'Largest IP packet inside a VPC, in bytes.',
    }),
    dhcp: Type.Object(
      {
        leaseSeconds: Type.Integer({
          default: 3600,
          minimum: 60,
          maximum: 4_294_967_295,
          description: 'How long a workload may keep its address without asking again.',
        }),
      },
      { default: {}, description: 'What workloads are told that ask by DHCP.' },
    ),
    dns: Type.Object(
      {
        domain: Type.String({
          default: 'cluster.local',
          description: 'Domain under which Services and virtual machines have names inside their VPC.',
        }),
        servers: Type.Array(Type.String(), {
          default: [],
          description:
            'Resolvers that workloads are told by DHCP, those of IPv6 by DHCPv6. Empty: none. OVN answers the names inside a VPC on the way to them and passes all other questions on.',
        }),
        responder: Type.Boolean({
          default: true,
          description:
            'Whether OVN answers the names inside a VPC, to whichever resolver a question is addressed.',
        }),
      },
      { default: {}, description: 'Names inside a VPC.' },
    ),
    gateway: Type.Optional(gatewaySchema),
    deletionBrake: Type.Object(
      {
        fraction: Type.Number({ default: 0.5, minimum: 0, maximum: 1 }),
        minimum: Type.Integer({ default: 50, minimum: 0 }),
      },
      {
        default: {},
        description:
          'A plan that deletes more than `minimum` rows and more than `fraction` of what is owned is refused.',
      },
    ),
    routerLimitPerNetwork: Type.Integer({
      default: 200,
      minimum: 1,
      description:
        'Routers on one external network from which on there is a warning: a broadcast reaches them all.',
    }),
  },
  { default: {} },
);

/** What an operator may set; `configSchema` says what each field means. */
export type Config = Immutable<Static<typeof configSchema>>;
