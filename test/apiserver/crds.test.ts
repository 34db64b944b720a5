// Our CustomResourceDefinitions on a real API server: accepted whole, and what they refuse is refused in our words.
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { decodeObject } from '../../src/api/decode.ts';
import { customResourceDefinitions } from '../../src/api/crds.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer, describeKubectl } from '../support/api-server-programs.ts';
import { installThirdParty } from '../support/gateway-daemon.ts';
import { installKubeVirt } from '../support/kubevirt.ts';
import { runProgram } from '../support/program.ts';
import { policyCrds } from '../support/third-party-crds.ts';

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: object;
  readonly status?: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

const definitions = customResourceDefinitions() as readonly Definition[];
const collections: Readonly<Record<string, string>> = {
  Project: '/apis/kube-dc.com/v1/namespaces/default/projects',
  EIp: '/apis/kube-dc.com/v1/namespaces/default/eips',
  FIp: '/apis/kube-dc.com/v1/namespaces/default/fips',
  ExternalNetwork: '/apis/ovn.kube-dc.com/v1alpha1/externalnetworks',
  Vpc: '/apis/ovn.kube-dc.com/v1alpha1/vpcs',
  Subnet: '/apis/ovn.kube-dc.com/v1alpha1/subnets',
};

/** Namespaces that the examples name, as they make them: a person would have them. */
function exampleNamespaces(): readonly object[] {
  const files = readdirSync('examples', { recursive: true, encoding: 'utf8' });
  const written = files
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => parseAllDocuments(readFileSync(`examples/${file}`, 'utf8')))
    .map((document) => document.toJS() as { kind: string; metadata: { name: string; namespace?: string } });
  const made = written.filter(({ kind }) => kind === 'Namespace');
  const names = new Set(written.flatMap(({ metadata }) => metadata.namespace ?? []));
  for (const { metadata } of made) names.delete(metadata.name);
  return [
    ...made,
    ...[...names].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
  ];
}

let serial = 0;
const objectOf = (kind: string, spec: object | undefined, name = `x${serial++}`) => ({
  apiVersion: (collections[kind] ?? '').split('/').slice(2, 4).join('/'),
  kind,
  metadata: { name },
  ...(spec === undefined ? {} : { spec }),
});

const longName = 'metadata.name must have at most 63 lower-case letters';

const network = { type: 'cloud', cidr: '192.0.2.0/24', gateway: '192.0.2.1', physicalNetwork: 'ext' };

const underlay = { physicalNetwork: 'ext', vlan: 7 };

const acl = { name: 'a', direction: 'ingress', action: 'drop', priority: 0 };
const subnet = { vpc: 'ovn-cluster', cidr: '10.100.0.0/16' };
const withAcl = (more: object) => ({ ...subnet, acls: [{ ...acl, ...more }] });

/** Kind and spec. */
const accepted: readonly [string, object | undefined][] = [
  ['Project', undefined],
  ['Project', { cidrBlock: '10.0.10.0/24', egressNetworkType: 'cloud', gwLanIp: '10.0.10.1' }],
  ['Project', { gwLanIp: '' }],
  ['Project', { cidrBlock: 'fd00:10::/64, 10.0.10.0/24', gwLanIp: '10.0.10.1 ,fd00:10::1' }],
  ['EIp', { ipAddress: '192.0.2.7,2001:db8::7' }],
  ['EIp', {}],
  ['EIp', { externalNetworkType: '', childRef: 'shalb-demo-ext-cloud' }],
  ['EIp', { externalNetworkType: 'a-word-of-our-own', ipAddress: '192.0.2.7' }],
  ['FIp', { ipAddress: '10.0.10.171', externalNetworkType: 'public' }],
  ['FIp', { vmTarget: { vmName: 'vm' }, eip: 'mine' }],
  [
    'ExternalNetwork',
    { ...network, vlan: 0, excludeIps: ['192.0.2.9', '192.0.2.10..192.0.2.20', '192.0.2.32/28'] },
  ],
  ['Vpc', {}],
  ['Vpc', { openings: [{ from: 'a-b-default', to: '*' }] }],
  [
    'Vpc',
    {
      externalNetworks: [{ name: 'ext-cloud', address: '192.0.2.4' }],
      staticRoutes: [{ cidr: '0.0.0.0/0', nextHop: '192.0.2.1' }],
      policyRoutes: [
        { priority: 1, match: { sourceCidr: '10.0.0.0/8' }, action: 'reroute', nextHops: ['192.0.2.1'] },
        { priority: 2, match: { destinationCidr: '10.0.0.0/8' }, action: 'drop' },
      ],
    },
  ],
  ['Subnet', { vpc: 'ovn-cluster', cidr: '10.100.0.0/16', snat: false, dhcp: false }],
  [
    'Vpc',
    {
      peerings: [
        { vpc: 'a', localPrefixes: ['10.0.0.0/8', 'fd00::/8'], remotePrefixes: ['11.0.0.0/8', 'fd01::/16'] },
      ],
    },
  ],
  ['Subnet', { vpc: 'a', cidr: '10.100.0.0/16', egress: { network: 'ext-cloud', address: '192.0.2.7' } }],
  ['Subnet', { underlay, cidr: '10.100.0.0/16', gateway: '10.100.0.1' }],
  ['Project', { subnetAcls: [acl, { ...acl, name: 'b' }] }],
  [
    'Subnet',
    {
      ...subnet,
      acls: [
        {
          ...acl,
          direction: 'egress',
          action: 'allow-stateless',
          priority: 1000,
          protocol: 'sctp',
          ports: [{ port: 1, endPort: 65_535 }],
          from: ['10.0.0.0/8', 'fd00::/8'],
          to: ['fd01::/64'],
          log: true,
          logSeverity: 'alert',
          logRate: 1000,
        },
      ],
    },
  ],
  ['Subnet', { ...subnet, acls: [{ ...acl, protocol: 'icmp', ports: [] }] }],
];

/** Kind, spec, and part of what the server says to it. */
const refused: readonly [string, object | undefined, string][] = [
  ['Project', { egressNetworkType: 'private' }, 'spec.egressNetworkType: Unsupported value: "private"'],
  ['Project', { gwLanIp: '10.0.10.1' }, 'gwLanIp needs cidrBlock'],
  ['Project', { cidrBlock: '', gwLanIp: '10.0.10.1' }, 'gwLanIp needs cidrBlock'],
  ['EIp', { externalNetworkType: 'cloud', childRef: 'x' }, 'externalNetworkType and childRef cannot be set'],
  ['EIp', { ipAddress: '192.0.2.7', childRef: 'x' }, 'ipAddress and childRef cannot be set'],
  ['FIp', undefined, 'spec: Required value'],
  ['FIp', {}, 'either ipAddress or vmTarget must be specified'],
  ['FIp', { ipAddress: '10.0.0.1', vmTarget: { vmName: 'vm' } }, 'ipAddress and vmTarget cannot be set'],
  ['FIp', { vmTarget: {} }, 'spec.vmTarget.vmName: Required value'],
  [
    'FIp',
    { ipAddress: '10.0.0.1', eip: 'x', externalNetworkType: 'cloud' },
    'eip and externalNetworkType cannot',
  ],
  ['ExternalNetwork', { ...network, vlan: 4095 }, 'spec.vlan: Invalid value: 4095'],
  ['ExternalNetwork', { ...network, physicalNetwork: '' }, 'spec.physicalNetwork'],
  [
    'Vpc',
    { policyRoutes: [{ priority: 1, match: {}, action: 'drop' }] },
    'must match a sourceCidr or a destinationCidr',
  ],
  [
    'Vpc',
    { policyRoutes: [{ priority: 1, match: { sourceCidr: '10.0.0.0/8' }, action: 'reroute' }] },
    'has nextHops if, and only if, its action is reroute',
  ],
  ['Vpc', { externalNetworks: [{ name: 'a' }, { name: 'a' }] }, 'Duplicate value'],
  [
    'Vpc',
    { peerings: [{ vpc: 'a', localPrefixes: [], remotePrefixes: ['10.0.0.0/8'] }] },
    'spec.peerings[0].localPrefixes: Invalid value',
  ],
  [
    'Vpc',
    { peerings: [{ vpc: 'A', localPrefixes: ['10.0.0.0/8'], remotePrefixes: ['11.0.0.0/8'] }] },
    'must be the name of a Vpc',
  ],
  [
    'Vpc',
    { peerings: [{ vpc: 'a', localPrefixes: ['10.0.0.1/8'], remotePrefixes: ['11.0.0.0/8'] }] },
    'has bits set after its prefix',
  ],
  ['Subnet', { cidr: '10.0.0.0/24' }, 'a Subnet has either a vpc or an underlay'],
  ['Subnet', { cidr: '10.0.0.0/24', vpc: 'a', underlay, gateway: '10.0.0.1' }, 'either a vpc or an underlay'],
  ['Subnet', { cidr: '10.0.0.0/24', underlay }, 'an underlay needs a gateway'],
  ['Subnet', withAcl({ priority: 1001 }), 'spec.acls[0].priority: Invalid value: 1001'],
  ['Subnet', withAcl({ action: 'pass' }), 'spec.acls[0].action: Unsupported value: "pass"'],
  ['Subnet', withAcl({ direction: 'to-lport' }), 'spec.acls[0].direction: Unsupported value'],
  ['Subnet', withAcl({ name: 'a"b' }), 'must be the name of a rule'],
  ['Subnet', withAcl({ ports: [{ port: 80 }] }), 'ports need a protocol that has ports'],
  ['Subnet', withAcl({ protocol: 'icmp', ports: [{ port: 80 }] }), 'ports need a protocol that has ports'],
  [
    'Subnet',
    withAcl({ protocol: 'tcp', ports: [{ port: 0 }] }),
    'spec.acls[0].ports[0].port: Invalid value: 0',
  ],
  [
    'Subnet',
    withAcl({ protocol: 'tcp', ports: [{ port: 80, endPort: 79 }] }),
    'endPort must not be below port',
  ],
  ['Subnet', withAcl({ from: ['10.0.0.0/8 || 1'] }), 'must be a range in CIDR notation'],
  ['Subnet', withAcl({ to: ['10.0.0.1/8'] }), 'has bits set after its prefix'],
  ['Subnet', withAcl({ from: ['10.0.0.0/8'], to: ['fd00::/8'] }), 'from and to have no family in common'],
  ['Subnet', { ...subnet, acls: [acl, acl] }, 'spec.acls[1]: Duplicate value'],
  ['Project', { subnetAcls: [{ ...acl, priority: -1 }] }, 'spec.subnetAcls[0].priority: Invalid value: -1'],
  [
    'Subnet',
    { cidr: '10.0.0.0/24', underlay, gateway: '10.0.0.1', egress: { network: 'a' } },
    'an underlay has no egress',
  ],
  [
    'Subnet',
    { cidr: '10.0.0.0/24', vpc: 'a', snat: false, egress: { network: 'a' } },
    'a Subnet without snat has no egress',
  ],
  // Single texts.
  ['Project', { cidrBlock: '10.0.10.0' }, 'spec.cidrBlock: Invalid value: "string": must be a range'],
  [
    'Project',
    { cidrBlock: '10.0.10.0/24,fd00::/64,fd01::/64' },
    'must be a range in CIDR notation, or one of',
  ],
  ['Project', { cidrBlock: '10.0.10.7/24' }, 'has bits set after its prefix: write 10.0.10.0/24, not'],
  ['Project', { cidrBlock: '10.0.10.0/24,fd00::7/64' }, 'has bits set after its prefix'],
  ['Project', { cidrBlock: '10.0.10.0/24,10.0.11.0/24' }, 'has two ranges of one family'],
  ['Project', { cidrBlock: '10.0.10.0/30' }, 'must have a length from /8 to /29, of IPv6 from /8 to /125'],
  ['Project', { cidrBlock: 'fd00::/126' }, 'must have a length from /8 to /29, of IPv6 from /8 to /125'],
  [
    'Project',
    { cidrBlock: '169.254.7.0/24' },
    'overlaps a range that no host can have an address of: 0.0.0.0/8',
  ],
  ['Project', { cidrBlock: '10.0.10.0/24,fe80::/64' }, 'overlaps a range that no host can have'],
  ['Project', { cidrBlock: '10.0.10.0/24', gwLanIp: '10.0.11.1' }, 'gwLanIp must be in cidrBlock'],
  ['Project', { cidrBlock: '10.0.10.0/24', gwLanIp: '10.0.10.1,fd00::1' }, 'gwLanIp must be in cidrBlock'],
  ['EIp', { externalNetworkType: 'Cloud' }, 'must be a type of network: lower-case letters'],
  ['EIp', { ipAddress: '192.0.2.256' }, 'must be an IP address, or one of each family'],
  ['EIp', { ipAddress: '192.0.2.7,192.0.2.8' }, 'has two addresses of one family'],
  ['FIp', { ipAddress: '10.0.0.1/32' }, 'must be an IP address, or one of each family'],
  ['ExternalNetwork', { ...network, type: 'a b' }, 'must be a type of network'],
  [
    'ExternalNetwork',
    { ...network, cidr: '192.0.2.0/31' },
    'must have a length from /8 to /30, of IPv6 from /8 to',
  ],
  ['ExternalNetwork', { ...network, gateway: '192.0.3.1' }, 'gateway must be in cidr'],
  [
    'ExternalNetwork',
    { ...network, cidr: '192.0.2.0/24,fd00::/64' },
    'gateway must have an address of each family',
  ],
  ['ExternalNetwork', { ...network, physicalNetwork: 'a:b' }, 'without blanks, commas and colons'],
  ['ExternalNetwork', { ...network, excludeIps: ['192.0.2.7-9'] }, 'must be an address (10.0.0.1), a range'],
  ['Vpc', { openings: [{ from: 'A', to: '*' }] }, 'must be the name of a subnet'],
  ['Vpc', { externalNetworks: [{ name: 'A' }] }, 'must be the name of an ExternalNetwork'],
  [
    'Vpc',
    { externalNetworks: [{ name: 'a', address: 'b' }] },
    'must be an IP address, or one of each family',
  ],
  ['Vpc', { staticRoutes: [{ cidr: '0.0.0.0/0', nextHop: 'a' }] }, 'must be an IP address: 10.0.10.4'],
  ['Vpc', { staticRoutes: [{ cidr: '10.0.0.7/8', nextHop: '10.0.0.1' }] }, 'has bits set after its prefix'],
  [
    'Vpc',
    { staticRoutes: [{ cidr: '10.0.0.1', nextHop: '10.0.0.1' }] },
    'must be a range in CIDR notation: 10',
  ],
  ['Vpc', { staticRoutes: [{ cidr: '::/0', nextHop: '10.0.0.1' }] }, 'a route has addresses of one family'],
  [
    'Vpc',
    {
      policyRoutes: [
        { priority: 1, match: { sourceCidr: '::/0', destinationCidr: '0.0.0.0/0' }, action: 'drop' },
      ],
    },
    'a route has addresses of one family',
  ],
  ['Subnet', { vpc: 'a.b', cidr: '10.0.0.0/24' }, 'must be the name of a Vpc'],
  ['Subnet', { vpc: 'a', cidr: '10.0.0.0/24', gateway: '10.0.1.1' }, 'gateway must be in cidr'],
  ['Subnet', { vpc: 'a', cidr: '10.0.0.0/24', namespaces: ['A'] }, 'must be the name of a namespace'],
];

/** Kind, field, spec, and the value that the field cannot be changed to. */
const fixed: readonly [string, string, object, string | null][] = [
  ['Project', 'egressNetworkType', { egressNetworkType: 'cloud' }, 'public'],
  ['Project', 'egressNetworkType', {}, 'public'],
  ['Project', 'egressNetworkType', { egressNetworkType: 'cloud' }, null],
  ['EIp', 'externalNetworkType', { externalNetworkType: 'cloud' }, 'public'],
  ['EIp', 'childRef', {}, 'x'],
  ['EIp', 'ipAddress', { ipAddress: '192.0.2.7' }, '192.0.2.8'],
  ['FIp', 'externalNetworkType', { ipAddress: '10.0.0.1', externalNetworkType: 'cloud' }, 'public'],
  ['Subnet', 'vpc', { vpc: 'a', cidr: '10.0.0.0/24' }, 'b'],
];

describeApiServer('CustomResourceDefinitions', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer({ crds: true });
  });
  afterAll(() => server?.stop());

  const create = (kind: string, spec: object | undefined, name?: string) =>
    server.request('POST', collections[kind] ?? '', objectOf(kind, spec, name));

  test.each(definitions.map((definition) => [definition.metadata.name, definition] as const))(
    '%s is served, structural, and kept as it was written',
    async (name, definition) => {
      const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
      const { spec, status } = (await server.request('GET', path)).body as Definition;
      expect(spec).toMatchObject(definition.spec);
      const conditions = Object.fromEntries(status?.conditions.map((each) => [each.type, each.status]) ?? []);
      // A schema that is not structural would have a third one.
      expect(conditions).toEqual({ NamesAccepted: 'True', Established: 'True' });
    },
  );

  test.each(accepted)('accepts a %s with %j', async (kind, spec) => {
    const { status, body } = await create(kind, spec);
    expect(body).toMatchObject(spec === undefined ? {} : { spec });
    expect(status).toBe(201);
    expect(decodeObject(objectOf(kind, spec)).ok).toBe(true);
  });
  test('fills defaults in that a person would want to see, and no empty lists', async () => {
    const { body } = await create('ExternalNetwork', network);
    expect(body).toMatchObject({ spec: { ...network, mtu: 1400, default: false } });
    expect((body as { spec: object }).spec).not.toHaveProperty('excludeIps');
  });

  test.each(refused)('refuses a %s with %j', async (kind, spec, message) => {
    const { status, body } = await create(kind, spec);
    expect(body).toMatchObject({ reason: 'Invalid', message: expect.stringContaining(message) });
    expect(status).toBe(422);
    expect(decodeObject(objectOf(kind, spec)).ok).toBe(false);
  });

  test('refuses a name that cannot be a name in OVN', async () => {
    const { body } = await create('ExternalNetwork', network, 'ext.cloud');
    expect(body).toMatchObject({ message: expect.stringContaining(longName) });
  });

  test.each(fixed)('refuses to change %s.spec.%s of %j to %j', async (kind, field, spec, value) => {
    const { body } = await create(kind, spec);
    const { name } = (body as { metadata: { name: string } }).metadata;
    const path = `${collections[kind]}/${name}`;
    const patch = { spec: { [field]: value } };
    const answer = await server.request('PATCH', path, patch, 'application/merge-patch+json');
    expect(answer.body).toMatchObject({ message: expect.stringContaining(`${field} is immutable`) });
    expect(answer.status).toBe(422);
  });

  test('every rule of ours is tried above', () => {
    const messages = [...JSON.stringify(definitions).matchAll(/"rule":"[^]*?[^\\]","message":"(.*?)"/g)].map(
      ([, message]) => message ?? '',
    );
    const tried = [
      ...refused.map(([, , message]) => message),
      ...fixed.map(([, field]) => `${field} is immutable`),
      longName,
    ];
    expect(messages.length).toBeGreaterThan(15);
    expect(messages.filter((message) => !tried.some((part) => message.includes(part)))).toEqual([]);
  });

  test('a status is written through its subresource only', async () => {
    await create('EIp', {}, 'held');
    const path = `${collections['EIp']}/held`;
    const patch = { status: { ipAddress: '192.0.2.7', ownershipType: 'Shared' } };
    await server.request('PATCH', path, patch, 'application/merge-patch+json');
    expect((await server.request('GET', path)).body).not.toHaveProperty('status.ipAddress');
    const { body } = await server.request('PATCH', `${path}/status`, patch, 'application/merge-patch+json');
    expect(body).toMatchObject({ status: { ipAddress: '192.0.2.7', ready: false } });
  });

  describeKubectl('as a person', () => {
    const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
      const { code, stdout, stderr } = await server.kubectl(args, input);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      return stdout;
    };

    test('`ovn-projector crd | kubectl apply` works, and again', async () => {
      const { stdout } = await runProgram(['crd']);
      const apply = ['apply', '--server-side', '--force-conflicts', '-f', '-'];
      expect((await kubectl(apply, stdout)).trim().split('\n')).toHaveLength(definitions.length);
      expect(await kubectl(apply, stdout)).toContain('eips.kube-dc.com serverside-applied');
    });

    test('a misspelt field is refused, not swallowed', async () => {
      const input = JSON.stringify(objectOf('ExternalNetwork', { ...network, vlna: 7 }));
      const { stderr } = await server.kubectl(['apply', '-f', '-'], input);
      expect(stderr).toContain('unknown field "spec.vlna"');
    });

    test('the examples are accepted', async () => {
      const namespaces = { apiVersion: 'v1', kind: 'List', items: exampleNamespaces() };
      await kubectl(['apply', '-f', '-'], JSON.stringify(namespaces));
      await installKubeVirt(server);
      await installThirdParty(server, policyCrds ?? []);
      const folders = readdirSync('examples', { withFileTypes: true }).filter(
        ({ name }) => name !== 'README.md' && (policyCrds !== undefined || name !== 'platform-policies'),
      );
      expect(folders.length).toBeGreaterThan(5);
      // Each by itself: some call different things by one name.
      for (const { name } of folders) {
        const files = readdirSync(`examples/${name}`, { recursive: true, encoding: 'utf8' })
          // What stands for KubeVirt is not to be applied, as it says.
          .filter((file) => file.endsWith('.yaml') && file !== 'running.yaml')
          .flatMap((file) => ['-f', `examples/${name}/${file}`]);
        await kubectl(['apply', '--dry-run=server', ...files]);
      }
      for (const folder of ['minimal', 'architecture'])
        await kubectl(['apply', '-R', '-f', `examples/${folder}`]);
      expect(await kubectl(['get', 'eips,fips,projects', '-A', '-o', 'name'])).toContain(
        'project.kube-dc.com/first',
      );
    });

    test('columns say what matters', async () => {
      const condition = { type: 'Ready', status: 'False', reason: 'NotFound', message: 'there is none' };
      const conditions = [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }];
      const status = { ipAddress: '192.0.2.9', ready: false, ownershipType: 'Exclusive', conditions };
      await create('EIp', {}, 'seen');
      await server.request(
        'PATCH',
        `${collections['EIp']}/seen/status`,
        { status },
        'application/merge-patch+json',
      );
      const [head, row] = (await kubectl(['get', 'eip', 'seen'])).split('\n');
      expect(head?.split(/ {2,}/)).toEqual(['NAME', 'EXTERNAL IP', 'READY', 'AGE', 'OWNERSHIP', 'REASON']);
      expect(row?.split(/ +/)).toEqual([
        'seen',
        '192.0.2.9',
        'false',
        expect.any(String),
        'Exclusive',
        'NotFound',
      ]);
    });
  });
});
