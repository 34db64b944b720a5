// Several projects in one Vpc: what each has there, and what becomes of it when something is wrong with one.
import { describe, expect, test } from 'vitest';
import type { VpcModel } from '../../../src/model/network-model.ts';
import { formatAddress } from '../../../src/net/address.ts';
import { formatPrefix } from '../../../src/net/prefix.ts';
import { worldOf } from '../../support/model-world.ts';
import type { World } from '../../support/model-world.ts';
import { floatingIp, networks, platform, pod, project, service, subnet } from '../../support/shared-vpc.ts';

const two =
  networks +
  platform() +
  project('a', 'cidrBlock: 10.0.1.0/24, egressNetworkType: cloud') +
  project('b', 'cidrBlock: 10.0.2.0/24, egressNetworkType: public', '04');

const subnetsOf = ({ subnets }: VpcModel): string[] =>
  subnets.map(({ name, source, ranges, egress }) =>
    [
      name,
      source,
      ...ranges.map(({ prefix }) => formatPrefix(prefix)),
      egress?.network,
      ...(egress?.addresses ?? []).map(formatAddress),
    ].join(' '),
  );

const wallsOf = ({ walls }: VpcModel): Record<string, string[]> =>
  Object.fromEntries(walls.map((wall) => [wall.subnet, wall.forbiddenSources.map(formatPrefix)]));

const problemsOf = ({ problems }: World): string[] =>
  problems.map(({ severity, code, object, path }) => `${severity ?? 'error'} ${code} ${object} ${path}`);

describe('projects in a Vpc', () => {
  test('each has its subnet and leaves as its own EIP, by the network of its type', () => {
    const world = worldOf(two);
    expect(problemsOf(world)).toEqual([]);
    expect(world.units).toEqual(['network/cloud', 'network/public', 'vpc/platform']);
    const vpc = world.vpc('platform');
    expect(vpc.source).toBe('Vpc/platform');
    expect(subnetsOf(vpc)).toEqual([
      'acme-a-default Project/acme/a 10.0.1.0/24 cloud 192.0.2.3',
      'acme-b-default Project/acme/b 10.0.2.0/24 public 198.51.100.2',
    ]);
    expect(vpc.gateway?.ranges.map(({ address }) => formatAddress(address))).toEqual(['192.0.2.2']);
    const [edge] = vpc.edges;
    expect(edge?.gateway.ranges.map(({ address }) => formatAddress(address))).toEqual(['198.51.100.3']);
    expect(edge?.ports.map((port) => port.subnet)).toEqual(['acme-a-default', 'acme-b-default']);
  });

  test('what is in the namespace of one is its own', () => {
    const world = worldOf(
      two +
        pod('acme-a', 'web') +
        pod('acme-b', 'web') +
        service('acme-a', 'web') +
        service('acme-b', 'web', 'service.nlb.kube-dc.com/external-network-type: public') +
        floatingIp('acme-b', 'vm', '10.0.2.9'),
    );
    expect(problemsOf(world)).toEqual([]);
    const vpc = world.vpc('platform');
    expect(vpc.subnets.map(({ name, ports }) => [name, ports.map(({ source }) => source)])).toEqual([
      ['acme-a-default', ['Pod/acme-a/web']],
      ['acme-b-default', ['Pod/acme-b/web']],
    ]);
    expect(vpc.loadBalancers.map(({ source }) => source)).toEqual(['Service/acme-a/web']);
    expect(vpc.edges[0]?.loadBalancers.map(({ source }) => source)).toEqual(['Service/acme-b/web']);
    expect(vpc.floatingIps.map(({ source }) => source)).toEqual(['FIp/acme-b/vm']);
    expect([...vpc.names.keys()]).toEqual([]);
    const eips = world.results.get('vpc/platform')?.eips.map(({ key, ovnEIpRef }) => `${key} ${ovnEIpRef}`);
    expect(eips).toEqual([
      'EIp/acme-a/default-gw acme-a-cloud',
      'EIp/acme-a/slb-web acme-a-slb-web',
      'EIp/acme-b/default-gw acme-b-public',
      'EIp/acme-b/fip-vm acme-b-fip-vm',
      'EIp/acme-b/slb-web acme-b-slb-web',
    ]);
  });

  test('one reaches its own EIPs only, whoever else is in the Vpc', () => {
    const { isolations } = worldOf(two + service('acme-a', 'web')).vpc('platform');
    expect(
      isolations.map(({ name, subnet: on, own }) => [
        name,
        on,
        own === 'ledger' ? own : own.map(formatPrefix),
      ]),
    ).toEqual([
      ['acme-a', 'acme-a-default', ['192.0.2.3/32', '192.0.2.4/32']],
      ['acme-b', 'acme-b-default', ['198.51.100.2/32']],
    ]);
  });

  test('a block that is given out avoids what is in the Vpc', () => {
    const world = worldOf(
      networks + platform() + subnet('db', '10.0.0.0/23') + project('a', '') + project('b', '', '04'),
      { config: { projectRange: { cidr: '10.0.0.0/22', prefixLength: 24, exclude: [] } } },
    );
    expect(problemsOf(world)).toEqual([]);
    expect(subnetsOf(world.vpc('platform')).map((text) => text.split(' ')[2])).toEqual([
      '10.0.0.0/23',
      '10.0.2.0/24',
      '10.0.3.0/24',
    ]);
  });

  test('a floating IP or Service of one reaches no workload of another', () => {
    const slice = `
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { namespace: acme-b, name: web-1, labels: { kubernetes.io/service-name: web } }
addressType: IPv4
ports: [{ name: "", port: 80, protocol: TCP }]
endpoints: [{ addresses: [10.0.1.2] }, { addresses: [10.0.2.2] }]
`;
    const world = worldOf(two + service('acme-b', 'web') + slice + floatingIp('acme-b', 'vm', '10.0.1.2'));
    expect(problemsOf(world)).toEqual([
      'error OutOfRange FIp/acme-b/vm spec.ipAddress',
      'warning Forbidden Service/acme-b/web ',
    ]);
    const vpc = world.vpc('platform');
    const balancers = [...vpc.loadBalancers, ...vpc.edges.flatMap((edge) => edge.loadBalancers)];
    const backends = balancers.flatMap(({ vips }) => vips.flatMap((vip) => vip.backends));
    expect(backends.map(({ address }) => formatAddress(address))).toEqual(['10.0.2.2']);
    expect(vpc.floatingIps).toEqual([]);
  });

  test('pods of one are on its subnet alone, and no others are', () => {
    const on = (name: string) => `network.kube-dc.com/subnet: ${name}`;
    const world = worldOf(
      two +
        subnet('db', '10.0.9.0/24', ', namespaces: [data]') +
        pod('acme-a', 'own', on('acme-a-default')) +
        pod('acme-a', 'theirs', on('acme-b-default')) +
        pod('acme-a', 'platforms', on('db')) +
        pod('data', 'stray', on('acme-a-default')),
    );
    expect(problemsOf(world)).toEqual(
      ['Pod/acme-a/platforms', 'Pod/acme-a/theirs', 'Pod/data/stray'].map(
        (key) => `error Forbidden ${key} metadata.annotations[network.kube-dc.com/subnet]`,
      ),
    );
    const ports = world.vpc('platform').subnets.flatMap((each) => each.ports.map(({ source }) => source));
    expect(ports).toEqual(['Pod/acme-a/own']);
  });
});

describe('walls in a Vpc', () => {
  const open = (...openings: [string, string][]) =>
    networks +
    platform(openings) +
    subnet('db', '10.0.8.0/24') +
    subnet('web', '10.0.9.0/24') +
    project('a', 'cidrBlock: 10.0.1.0/24') +
    project('b', 'cidrBlock: 10.0.2.0/24', '04');

  test('stand wherever one side is a project', () => {
    expect(wallsOf(worldOf(open()).vpc('platform'))).toEqual({
      'acme-a-default': ['10.0.2.0/24', '10.0.8.0/24', '10.0.9.0/24'],
      'acme-b-default': ['10.0.1.0/24', '10.0.8.0/24', '10.0.9.0/24'],
      db: ['10.0.1.0/24', '10.0.2.0/24'],
      web: ['10.0.1.0/24', '10.0.2.0/24'],
    });
  });

  test('are opened for connections of one direction', () => {
    const world = worldOf(open(['acme-a-default', 'db'], ['db', '*'], ['*', 'acme-b-default']));
    expect(problemsOf(world)).toEqual([]);
    expect(wallsOf(world.vpc('platform'))).toEqual({
      'acme-a-default': ['10.0.2.0/24', '10.0.9.0/24'],
      db: ['10.0.2.0/24'],
      web: ['10.0.1.0/24', '10.0.2.0/24'],
    });
  });

  test('all are opened by one for all, and none is left', () => {
    expect(wallsOf(worldOf(open(['*', '*'])).vpc('platform'))).toEqual({});
  });

  test('what is opened for a subnet that is not there is said, and opens nothing', () => {
    const world = worldOf(open(['acme-c-default', 'db'], ['acme-a-default', 'dbb']));
    expect(problemsOf(world)).toEqual([
      'warning NotFound Vpc/platform spec.openings[0].from',
      'warning NotFound Vpc/platform spec.openings[1].to',
    ]);
    expect(wallsOf(world.vpc('platform'))['db']).toEqual(['10.0.1.0/24', '10.0.2.0/24']);
  });

  test('there are none in a Vpc without projects, nor around a project with a VPC of its own', () => {
    expect(worldOf(networks + platform() + subnet('db', '10.0.8.0/24')).vpc('platform').walls).toEqual([]);
    const own = networks + project('a', 'cidrBlock: 10.0.1.0/24').replace('vpc: platform, ', '');
    expect(worldOf(own).vpc('acme-a').walls).toEqual([]);
  });
});

describe('a project that cannot be in its Vpc', () => {
  test.each([
    ['no Vpc', networks + project('a', ''), 'error NotFound Project/acme/a spec.vpc'],
    [
      'no way out of its type',
      networks + platform([], ['cloud']) + project('a', 'egressNetworkType: public'),
      'error NotFound Project/acme/a spec.egressNetworkType',
    ],
    [
      'no way out at all',
      networks + platform([], []) + project('a', ''),
      'error NotFound Project/acme/a spec.egressNetworkType',
    ],
    [
      'the Vpc is not open to its organization',
      networks + platform([], ['cloud'], '[other]') + project('a', ''),
      'error Forbidden Project/acme/a spec.vpc',
    ],
    [
      'the Vpc is open to nobody',
      networks + platform([], ['cloud'], '[]') + project('a', ''),
      'error Forbidden Project/acme/a spec.vpc',
    ],
    [
      'a Subnet has its range',
      networks + platform() + subnet('db', '10.0.0.0/16') + project('a', 'cidrBlock: 10.0.1.0/24'),
      'error Overlap Project/acme/a spec.cidrBlock',
    ],
    [
      'an older project has its range',
      `${two}${project('c', 'cidrBlock: 10.0.2.128/25', '05')}`,
      'error Overlap Project/acme/c spec.cidrBlock',
    ],
    [
      'a Subnet has the name of its own',
      networks + platform() + subnet('acme-a-default', '10.0.0.0/24') + project('a', ''),
      'error Conflict Project/acme/a metadata.name',
    ],
    [
      'the Vpc has the name of its own',
      (networks + platform() + project('a', '')).replaceAll('platform', 'acme-a-default'),
      'error Conflict Project/acme/a metadata.name',
    ],
    [
      'not a project: a Subnet that has the name of its Vpc',
      networks + platform() + subnet('platform', '10.0.0.0/24'),
      'error Conflict Subnet/platform metadata.name',
    ],
  ])('waits: %s', (_, text, problem) => {
    const world = worldOf(text);
    expect(problemsOf(world)).toEqual([problem]);
    const name = problem.split(' ')[2] ?? '';
    expect(world.rows.filter(({ source }) => source === name)).toEqual([]);
  });

  test('keeps no block from the others when the Vpc is not open to it', () => {
    const stranger = project('x', 'cidrBlock: 10.0.0.0/24').replace(
      'namespace: acme,',
      'namespace: stranger,',
    );
    const world = worldOf(networks + platform() + stranger + project('a', '', '05'));
    expect(problemsOf(world)).toEqual(['error Forbidden Project/stranger/x spec.vpc']);
    expect(subnetsOf(world.vpc('platform'))).toEqual(
      subnetsOf(worldOf(networks + platform() + project('a', '', '05')).vpc('platform')),
    );
  });

  test('has its namespace from an older project', () => {
    const rival = `
---
apiVersion: kube-dc.com/v1
kind: Project
metadata: { namespace: acme-a, name: x, creationTimestamp: "2026-01-09T00:00:00Z" }
spec: { cidrBlock: 10.0.5.0/24 }
`;
    const world = worldOf(networks + platform() + project('a-x', 'cidrBlock: 10.0.1.0/24') + rival);
    expect(problemsOf(world)).toEqual(['error Conflict Project/acme-a/x metadata.name']);
    expect(subnetsOf(world.vpc('platform'))).toHaveLength(1);
  });
});

describe('a project that was in its Vpc', () => {
  const recorded = {
    'platform/acme-a-default': '10.0.1.1/24',
    'platform/acme-b-default': '10.0.2.1/24',
    'EIp/acme-a/default-gw': '192.0.2.77',
    'EIp/acme-b/default-gw': '198.51.100.77',
    'Pod/acme-a/web': '10.0.1.9',
  };
  const stands = ['acme-a-default Project/acme/a 10.0.1.0/24 cloud 192.0.2.77'];

  test.each([
    ['is rejected', project('a', 'cidrBlock: 10.0.1.7/24'), 'error Invalid Project/acme/a spec.cidrBlock'],
    [
      'wants the range of another one',
      project('a', 'cidrBlock: 10.0.2.0/24'),
      'error Overlap Project/acme/a spec.cidrBlock',
    ],
    [
      'wants to leave otherwise',
      project('a', 'cidrBlock: 10.0.1.0/24, egressNetworkType: public'),
      'error Immutable Project/acme/a spec.egressNetworkType',
    ],
  ])('stays with all that it has: it %s', (_, text, problem) => {
    const neighbour = project('b', 'cidrBlock: 10.0.2.0/24, egressNetworkType: public', '02');
    const before =
      networks + platform() + project('a', 'cidrBlock: 10.0.1.0/24') + neighbour + pod('acme-a', 'web');
    const after = networks + platform() + text + neighbour + pod('acme-a', 'web');
    const world = worldOf(after, { recorded });
    expect(problemsOf(world)).toEqual([problem]);
    expect(subnetsOf(world.vpc('platform')).filter((line) => line.includes('acme-a'))).toEqual(stands);
    expect(world.results.get('vpc/platform')?.heldSources).toContain('Project/acme/a');
    const rowsOf = (one: World, source: string) => one.rows.filter((row) => row.source === source);
    const standing = worldOf(before, { recorded });
    expect(rowsOf(world, 'Pod/acme-a/web')).toEqual(rowsOf(standing, 'Pod/acme-a/web'));
    expect(rowsOf(world, 'Project/acme/b')).toEqual(rowsOf(standing, 'Project/acme/b'));
    expect(world.vpc('platform').ledger).toEqual(
      expect.arrayContaining([
        { holder: 'platform/acme-a-default', kind: 'port', value: '10.0.1.1/24' },
        { holder: 'EIp/acme-a/default-gw', kind: 'eip', value: '192.0.2.77' },
      ]),
    );
  });

  test('stays when the Vpc is no longer open to its organization, and is told', () => {
    const shut = platform([], ['cloud', 'public'], '[]');
    const world = worldOf(two.replace(platform(), shut), { recorded });
    expect(problemsOf(world)).toEqual([
      'warning Forbidden Project/acme/a spec.vpc',
      'warning Forbidden Project/acme/b spec.vpc',
    ]);
    expect(world.rows).toEqual(worldOf(two, { recorded }).rows);
  });

  test('keeps a Subnet from its range', () => {
    const world = worldOf(two + subnet('db', '10.0.0.0/16'), { recorded });
    expect(problemsOf(world)).toEqual(['error Overlap Subnet/db spec.cidr']);
  });
});
