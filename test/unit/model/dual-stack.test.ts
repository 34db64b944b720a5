// Both families: what has which, what comes and goes with an object, and what is said when a family is missing.
import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../../src/net/address.ts';
import { formatAddressList, formatPrefixList } from '../../../src/net/family-list.ts';
import { dualNetworks, projectWith } from '../../support/dual-stack-scenario.ts';
import { worldOf } from '../../support/model-world.ts';
import type { World, WorldOptions } from '../../support/model-world.ts';
import { defaultConfig } from '../../../src/config/parse-config.ts';
import {
  eip,
  fip,
  networks,
  onDefaultGateway,
  onEip,
  pod,
  project,
  service,
} from '../../support/scenario.ts';

const ports = 'selector: {app: nginx}, ports: [{port: 80}]';
const both = '10.0.10.0/24,fd00:10::/64';
const base = dualNetworks + projectWith(both);
const key = (name: string): string => `EIp/shalb-demo/${name}`;

const worldWith = (text: string, options?: WorldOptions): World => worldOf(base + text, options);
const ledgerOf = (world: World): Record<string, string> =>
  Object.fromEntries(world.vpc('shalb-demo').ledger.map(({ holder, value }) => [holder, value]));
const problemsOf = (world: World): string[] =>
  world.problems.map(({ code, object, path, severity = '' }) => `${severity}${code} ${object} ${path}`);

describe('a project', () => {
  test('of both families has a range, a gateway and an address of each', () => {
    const world = worldWith(pod('a'));
    const vpc = world.vpc('shalb-demo');
    expect(world.problems).toEqual([]);
    expect(vpc.gateway?.ranges.map(({ address, nextHop }) => [address, nextHop].map(formatAddress))).toEqual([
      ['100.65.0.101', '100.65.0.1'],
      ['2001:db8:65::2', '2001:db8:65::1'],
    ]);
    const [subnet] = vpc.subnets;
    expect(formatPrefixList(subnet?.ranges.map(({ prefix }) => prefix) ?? [])).toBe(both);
    expect(subnet?.ports.map(({ mac, addresses }) => [mac, formatAddressList(addresses)])).toEqual([
      ['0a:58:0a:00:0a:02', '10.0.10.2,fd00:10::2'],
    ]);
    expect(ledgerOf(world)).toEqual({ [key('default-gw')]: '100.65.0.101,2001:db8:65::2' });
  });

  test('of IPv6 alone has nothing of IPv4', () => {
    const vpc = worldOf(dualNetworks + projectWith('fd00:10::/64') + pod('a')).vpc('shalb-demo');
    expect(vpc.gateway?.ranges.map(({ address }) => formatAddress(address))).toEqual(['2001:db8:65::2']);
    expect(vpc.subnets[0]?.ports.map(({ addresses }) => formatAddressList(addresses))).toEqual([
      'fd00:10::2',
    ]);
  });

  test.each([
    ['fd00:10::9', '10.0.10.1,fd00:10::9'],
    ['10.0.10.9', '10.0.10.9,fd00:10::1'],
    ['fd00:10::9,10.0.10.9', '10.0.10.9,fd00:10::9'],
  ])('has the gateway %s where it says one, else the first address', (gwLanIp, expected) => {
    const text = dualNetworks + projectWith(both, `, gwLanIp: "${gwLanIp}"`);
    const ranges = worldOf(text).vpc('shalb-demo').subnets[0]?.ranges ?? [];
    expect(formatAddressList(ranges.map(({ gateway }) => gateway))).toBe(expected);
  });

  test('whose network lacks a family uses it inside only, and is told', () => {
    const world = worldOf(networks + projectWith(both) + pod('a'));
    expect(problemsOf(world)).toEqual(['warningFamilyMismatch Project/shalb/demo spec.cidrBlock']);
    expect(ledgerOf(world)).toEqual({ [key('default-gw')]: '100.65.0.101' });
    expect(world.vpc('shalb-demo').subnets[0]?.ports[0]?.addresses).toHaveLength(2);
  });

  test('that shares no family with its network stays as it is', () => {
    const world = worldOf(networks + projectWith('fd00:10::/64'));
    expect(problemsOf(world)).toEqual(['FamilyMismatch Project/shalb/demo spec.cidrBlock']);
    expect(world.results.get('vpc/shalb-demo')?.state).toBe('blocked');
  });

  test.each(['10.0.10.0/24,2001:db8:65:0:8000::/65', '10.0.10.0/24,fd69::/64'])(
    'with %s overlaps, and stays as it is',
    (cidr) => {
      const world = worldOf(dualNetworks + projectWith(cidr));
      expect(problemsOf(world)).toEqual(['Overlap Project/shalb/demo spec.cidrBlock']);
      expect(world.results.get('vpc/shalb-demo')?.state).toBe('blocked');
    },
  );

  test('that names no range has a block of each configured range', () => {
    const { projectRange } = defaultConfig();
    const config = { projectRange: { ...projectRange, ipv6: { cidr: 'fd00:10::/48', prefixLength: 64 } } };
    const text = dualNetworks + project.replace('cidrBlock: 10.0.10.0/24, ', '');
    const source = 'Project/shalb/demo';
    expect(ledgerOf(worldOf(text, { config }))[source]).toBe('10.0.0.0/24,fd00:10::/64');
    const recorded = { [source]: '10.0.7.0/24' };
    expect(ledgerOf(worldOf(text, { config, recorded }))[source]).toBe('10.0.7.0/24,fd00:10::/64');
    expect(ledgerOf(worldOf(text, { recorded: { [source]: '10.0.7.0/24,fd00:10:0:5::/64' } }))[source]).toBe(
      '10.0.7.0/24',
    );
  });

  test('stays as it is when an address on record cannot be had any more', () => {
    const recorded = {
      [key('default-gw')]: '100.65.0.101,2001:db8:65::9',
      'Vpc/old/ext-cloud': '2001:db8:65::9',
    };
    const older = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: old}
spec: {externalNetworks: [{name: ext-cloud, address: "2001:db8:65::9"}]}
---`;
    const world = worldOf(base + older, { recorded });
    expect(world.results.get('vpc/shalb-demo')?.state).toBe('blocked');
  });
});

describe('a family that comes or goes', () => {
  const recorded = { [key('default-gw')]: '100.65.0.150', [key('x')]: '100.65.0.151' };
  const objects =
    eip('x') + service('web', onEip('x'), ports) + pod('a') + fip('f', '{ipAddress: 10.0.10.2}');

  test('changes no row of the other, apart from those that hold both', () => {
    const rows = (text: string) =>
      new Map(worldOf(text, { recorded }).rows.map((row) => [`${row.table} ${row.id}`, row.columns]));
    const narrow = rows(dualNetworks + project + objects);
    const wide = rows(base + objects);
    const shared = ['Logical_Router_Port', 'Logical_Switch_Port', 'Load_Balancer', 'Address_Set'];
    const changed = [...narrow].filter(([id, columns]) => {
      const now = wide.get(id);
      return JSON.stringify(now) !== JSON.stringify(columns);
    });
    expect(changed.length).toBeGreaterThan(3);
    for (const [id, columns] of changed) {
      expect(shared).toContain(id.split(' ')[0]);
      expect(wide.get(id)?.['mac']).toBe(columns['mac']);
      expect(wide.get(id)?.['name']).toBe(columns['name']);
    }
  });

  test('keeps what is on record of the other', () => {
    const world = worldWith(objects, { recorded });
    expect(ledgerOf(world)).toMatchObject({
      [key('default-gw')]: '100.65.0.150,2001:db8:65::2',
      [key('x')]: '100.65.0.151,2001:db8:65::3',
    });
    const back = { [key('default-gw')]: '100.65.0.150,2001:db8:65::7' };
    expect(ledgerOf(worldOf(dualNetworks + project, { recorded: back }))).toEqual({
      [key('default-gw')]: '100.65.0.150',
    });
  });
});

describe('an EIp', () => {
  test.each([
    ['100.65.0.200', '100.65.0.200,2001:db8:65::3'],
    ['2001:db8:65::200', '100.65.0.102,2001:db8:65::200'],
    ['2001:db8:65::200,100.65.0.200', '100.65.0.200,2001:db8:65::200'],
  ])('that asks for %s is given the family that it leaves open', (ipAddress, expected) => {
    const world = worldWith(eip('x', `{ipAddress: "${ipAddress}"}`));
    expect(ledgerOf(world)[key('x')]).toBe(expected);
    expect(world.problems).toEqual([]);
  });

  test('that asks for a family which is not there is told, and has the other', () => {
    const text = networks + project + eip('x', '{ipAddress: "2001:db8:65::200"}');
    const world = worldOf(text);
    expect(problemsOf(world)).toEqual([`FamilyMismatch ${key('x')} spec.ipAddress`]);
    expect(ledgerOf(world)[key('x')]).toBe('100.65.0.102');
    expect(problemsOf(worldOf(dualNetworks + project + eip('x', '{ipAddress: "2001:db8:65::200"}')))).toEqual(
      [`FamilyMismatch ${key('x')} spec.ipAddress`],
    );
  });
});

describe('a FIp', () => {
  const nats = (world: World): string[] =>
    world
      .vpc('shalb-demo')
      .floatingIps.map(({ external, internal }) => [external, internal].map(formatAddress).join(' '));

  test('has an EIP with the families of its target', () => {
    const one = worldWith(fip('f', '{ipAddress: "fd00:10::9"}'));
    expect(nats(one)).toEqual(['2001:db8:65::3 fd00:10::9']);
    expect(ledgerOf(one)[key('fip-f')]).toBe('2001:db8:65::3');
    expect(nats(worldWith(fip('f', '{ipAddress: "fd00:10::9,10.0.10.9"}')))).toEqual([
      '100.65.0.102 10.0.10.9',
      '2001:db8:65::3 fd00:10::9',
    ]);
  });

  test('of a virtual machine stands for all addresses that it has', () => {
    const vm = pod('vm', '{vm.kubevirt.io/name: vm}');
    expect(nats(worldWith(vm + fip('f', '{vmTarget: {vmName: vm}}')))).toHaveLength(2);
    const narrow = worldOf(networks + projectWith(both) + vm + fip('f', '{vmTarget: {vmName: vm}}'));
    expect(nats(narrow)).toEqual(['100.65.0.102 10.0.10.2']);
    expect(narrow.problems.map(({ object }) => object)).toEqual(['Project/shalb/demo']);
  });

  test('whose target’s family its EIP lacks is told what to do, and translates the other', () => {
    const text =
      networks + projectWith(both) + eip('x') + fip('f', '{eip: x, ipAddress: "10.0.10.9,fd00:10::9"}');
    const world = worldOf(text);
    expect(nats(world)).toEqual(['100.65.0.102 10.0.10.9']);
    expect(world.problems).toContainEqual(
      expect.objectContaining({
        code: 'FamilyMismatch',
        object: 'FIp/shalb-demo/f',
        path: 'spec.ipAddress',
        message:
          'fd00:10::9 needs IPv6, and EIp/shalb-demo/x has no IPv6 address: ExternalNetwork/ext-cloud (100.65.0.0/16) has no IPv6 range',
      }),
    );
    const alone = worldOf(networks + projectWith(both) + fip('f', '{ipAddress: "fd00:10::9"}'));
    expect(problemsOf(alone)).toContain('FamilyMismatch FIp/shalb-demo/f spec.externalNetworkType');
    expect(nats(alone)).toEqual([]);
  });

  test('shares no internal address with another', () => {
    const text = fip('a', '{ipAddress: "10.0.10.9,fd00:10::9"}') + fip('b', '{ipAddress: "fd00:10::9"}');
    const world = worldWith(text);
    expect(problemsOf(world)).toEqual(['Conflict FIp/shalb-demo/b spec.ipAddress']);
    expect(nats(world)).toHaveLength(2);
  });
});

describe('a Service', () => {
  const vips = (world: World): string[] =>
    world
      .vpc('shalb-demo')
      .loadBalancers.flatMap(({ vips: all }) =>
        all.map(
          ({ address, port, backends }) =>
            `${formatAddress(address)} ${port} ${formatAddressList(backends.map((backend) => backend.address))}`,
        ),
      );

  test('is on every address of its EIP, each with backends of its family', () => {
    const world = worldWith(pod('a') + service('web', onDefaultGateway, ports));
    expect(world.vpc('shalb-demo').loadBalancers).toHaveLength(1);
    expect(vips(world)).toEqual(['100.65.0.101 80 10.0.10.2', '2001:db8:65::2 80 fd00:10::2']);
  });

  test('is on the families that it asks for', () => {
    const text = pod('a') + service('web', onDefaultGateway, `ipFamilies: [IPv6], ${ports}`);
    expect(vips(worldWith(text))).toEqual(['2001:db8:65::2 80 fd00:10::2']);
    const made = worldWith(service('web', '{}', `ipFamilies: [IPv4], ${ports}`));
    expect(ledgerOf(made)[key('slb-web')]).toBe('100.65.0.102');
  });

  test.each([
    ['[IPv6]', '', 1],
    ['[IPv4, IPv6]', '', 1],
    ['[IPv6, IPv4]', 'ipFamilyPolicy: PreferDualStack, ', 0],
    ['[IPv6]', 'ipFamilyPolicy: PreferDualStack, ', 0],
    ['[IPv4]', 'ipFamilyPolicy: RequireDualStack, ', 1],
    ['[IPv6]', 'ipFamilyPolicy: SingleStack, ', 1],
  ])('that asks for %s %s of an EIP of IPv4', (asked, policy, complaints) => {
    const text = service('web', onDefaultGateway, `ipFamilies: ${asked}, ${policy}${ports}`);
    const found = problemsOf(worldOf(networks + project + text));
    expect(found).toEqual(Array(complaints).fill('FamilyMismatch Service/shalb-demo/web spec.ipFamilies'));
  });

  const apiServer = (family: string): string => `
apiVersion: v1
kind: Service
metadata: {name: kubernetes, namespace: default}
spec: {clusterIP: 10.101.0.1, ipFamilies: [${family}], ipFamilyPolicy: SingleStack, ports: [{port: 443}]}
---`;
  const v4 = '100.65.0.101';
  const v6 = '2001:db8:65::2';
  const annotated = (families: string): string =>
    `{service.nlb.kube-dc.com/bind-on-default-gw-eip: "true", service.nlb.kube-dc.com/ip-families: "${families}"}`;

  test.each([
    // What the API server writes into every Service says nothing about the outside.
    ['[IPv4], ipFamilyPolicy: SingleStack', 'fd00:10::/64', onDefaultGateway, [v6], 0],
    ['[IPv4], ipFamilyPolicy: SingleStack', both, onDefaultGateway, [v4, v6], 0],
    ['[IPv4], ipFamilyPolicy: PreferDualStack', both, onDefaultGateway, [v4, v6], 0],
    ['[IPv4], ipFamilyPolicy: PreferDualStack', 'fd00:10::/64', onDefaultGateway, [v6], 0],
    // It would not write these by itself.
    ['[IPv6], ipFamilyPolicy: SingleStack', both, onDefaultGateway, [v6], 0],
    ['[IPv6], ipFamilyPolicy: SingleStack', '10.0.10.0/24', onDefaultGateway, [], 1],
    ['[IPv4, IPv6], ipFamilyPolicy: RequireDualStack', 'fd00:10::/64', onDefaultGateway, [v6], 1],
    // What is asked for by annotation is meant.
    ['[IPv4], ipFamilyPolicy: SingleStack', both, annotated('IPv4'), [v4], 0],
    ['[IPv4], ipFamilyPolicy: SingleStack', both, annotated('IPv6, IPv4'), [v4, v6], 0],
    ['[IPv4], ipFamilyPolicy: SingleStack', '10.0.10.0/24', annotated('IPv6'), [], 1],
  ])('with %s from an IPv4 API server, in a project of %s, %s', (written, cidr, on, expected, complaints) => {
    const text = service('web', on, `ipFamilies: ${written}, ${ports}`) + apiServer('IPv4');
    const world = worldOf(dualNetworks + projectWith(cidr) + text);
    expect(vips(world).map((vip) => vip.split(' ')[0])).toEqual(expected);
    expect(world.problems.map(({ code }) => code)).toEqual(Array(complaints).fill('FamilyMismatch'));
  });

  test('an API server of IPv6 writes IPv6', () => {
    const single = 'ipFamilies: [IPv6], ipFamilyPolicy: SingleStack';
    const text = service('web', onDefaultGateway, `${single}, ${ports}`) + apiServer('IPv6');
    const world = worldOf(networks + project + text);
    expect(vips(world)).toEqual(['100.65.0.101 80 ']);
    expect(world.problems).toEqual([]);
  });

  test('from an API server whose own Service is away for a moment keeps what it has', () => {
    const single = 'ipFamilies: [IPv4], ipFamilyPolicy: SingleStack';
    const text = service('web', onDefaultGateway, `${single}, ${ports}`).replace(
      'name: web',
      'uid: a, name: web',
    );
    const world = worldOf(dualNetworks + projectWith('fd00:10::/64') + text);
    expect(vips(world)).toEqual([`${v6} 80 `]);
    expect(world.problems).toEqual([]);
  });

  test('of a family that no network of the type has gets no EIP made', () => {
    const text = service('web', '{}', `ipFamilies: [IPv6], ${ports}`);
    const world = worldOf(networks + project + text);
    expect(world.problems).toMatchObject([{ code: 'FamilyMismatch', object: 'Service/shalb-demo/web' }]);
    expect(Object.keys(ledgerOf(world))).toEqual([key('default-gw')]);
  });
});

describe('a Pod', () => {
  const withAddress = (address: string): string =>
    pod('a', '{}', `annotations: {network.kube-dc.com/ip-address: "${address}"}`);
  const addresses = (world: World): string[] =>
    world
      .vpc('shalb-demo')
      .subnets.flatMap(({ ports: all }) => all.map((port) => formatAddressList(port.addresses)));

  test.each([
    ['fd00:10::77', '10.0.10.2,fd00:10::77'],
    ['10.0.10.77', '10.0.10.77,fd00:10::2'],
    ['fd00:10::77,10.0.10.77', '10.0.10.77,fd00:10::77'],
  ])('that asks for %s has it', (asked, expected) => {
    expect(addresses(worldWith(withAddress(asked)))).toEqual([expected]);
  });

  test('keeps the family that it asks for rightly', () => {
    const world = worldWith(withAddress('10.0.10.77,fd00:99::77'));
    expect(addresses(world)).toEqual(['10.0.10.77']);
    expect(world.problems).toMatchObject([{ code: 'OutOfRange', object: 'Pod/shalb-demo/a' }]);
  });
});

describe('an edge', () => {
  const edges = (world: World): string[][] =>
    world
      .vpc('shalb-demo')
      .edges.map(({ gateway, ports: attached }) =>
        [gateway, ...attached].map(({ ranges }) => formatAddressList(ranges.map(({ address }) => address))),
      );
  const isPublic = '{network.kube-dc.com/external-network-type: public}';

  test('has the families of the EIPs that it serves', () => {
    expect(edges(worldWith(service('web', isPublic, ports)))).toEqual([
      ['168.119.17.50,2001:db8:168::2', '10.0.10.254,fd00:10::ffff:ffff:ffff:ffff'],
    ]);
    expect(edges(worldWith(service('web', isPublic, `ipFamilies: [IPv6], ${ports}`)))).toEqual([
      ['2001:db8:168::2', 'fd00:10::ffff:ffff:ffff:ffff'],
    ]);
  });

  test('costs an address of its own only in a family in which all are floating IPs', () => {
    const text =
      fip('f', '{externalNetworkType: public, ipAddress: "10.0.10.9,fd00:10::9"}') +
      service('web', isPublic, `ipFamilies: [IPv4], ${ports}`);
    const world = worldWith(text);
    expect(ledgerOf(world)).toMatchObject({ 'Project/shalb/demo/ext-public': '2001:db8:168::3' });
    expect(edges(world)[0]?.[0]).toMatch(/^168\.119\.17\.5\d,2001:db8:168::3$/);
  });

  test('finds its place beside a range that is excluded, however large', () => {
    const subnet = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: v}
spec: {externalNetworks: [{name: ext-cloud}, {name: ext-public}]}
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: s}
spec: {vpc: v, cidr: "fd00:20::/64", excludeIps: ["fd00:20::8000:0:0:0/65"]}
---`;
    const [edge] = worldOf(dualNetworks + subnet).vpc('v').edges;
    expect(edge?.ports.map(({ ranges }) => formatAddressList(ranges.map(({ address }) => address)))).toEqual([
      'fd00:20::7fff:ffff:ffff:ffff',
    ]);
  });
});

test('a Vpc has no routes of two families in one', () => {
  const text = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: v}
spec: {staticRoutes: [{cidr: "::/0", nextHop: 10.0.0.1}]}
---`;
  expect(worldOf(text).problems).toMatchObject([{ code: 'Invalid', path: 'spec.staticRoutes[0]' }]);
});
