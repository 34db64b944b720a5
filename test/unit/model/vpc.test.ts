// One VPC: what its project and the objects of its namespace become, and what is refused.
import { describe, expect, test } from 'vitest';
import type { LoadBalancerModel } from '../../../src/model/network-model.ts';
import { formatAddress } from '../../../src/net/address.ts';
import { formatAddressList } from '../../../src/net/family-list.ts';
import { formatPrefix } from '../../../src/net/prefix.ts';
import { worldOf } from '../../support/model-world.ts';
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

const base = networks + project;
const ports = 'selector: {app: nginx}, ports: [{name: http, port: 80, targetPort: web}]';

function vips(balancers: readonly LoadBalancerModel[]): string[] {
  return balancers.flatMap((lb) =>
    lb.vips.map(
      (vip) =>
        `${lb.service.name} ${lb.protocol} ${formatAddress(vip.address)}:${vip.port} → ` +
        vip.backends.map((backend) => `${formatAddress(backend.address)}:${backend.port}`).join(','),
    ),
  );
}

const problemsOf = (text: string): string[] =>
  worldOf(text).problems.map(({ code, object, path }) => `${code} ${object} ${path}`);

describe('a project', () => {
  test('becomes a subnet, a gateway with its own address, and a ledger entry for it', () => {
    const vpc = worldOf(base).vpc('shalb-demo');
    expect(
      vpc.subnets.map(({ name, ranges, egress }) => [
        name,
        ...ranges.flatMap(({ prefix, gateway }) => [formatPrefix(prefix), formatAddress(gateway)]),
        egress?.network,
      ]),
    ).toEqual([['shalb-demo-default', '10.0.10.0/24', '10.0.10.1', 'ext-cloud']]);
    expect(vpc.gateway).toMatchObject({
      network: 'ext-cloud',
      ranges: [{ prefixLength: 16 }],
      chassis: ['chassis-1'],
    });
    expect(vpc.ledger).toEqual([{ holder: 'EIp/shalb-demo/default-gw', kind: 'eip', value: '100.65.0.101' }]);
  });

  test('keeps the address that is recorded for it although the pool excludes it by now', () => {
    const recorded = { 'EIp/shalb-demo/default-gw': '100.65.0.77' };
    expect(worldOf(base, { recorded }).vpc('shalb-demo').ledger[0]?.value).toBe('100.65.0.77');
  });

  test('takes another address when the recorded one is outside the network altogether', () => {
    const recorded = { 'EIp/shalb-demo/default-gw': '100.99.0.7' };
    expect(worldOf(base, { recorded }).vpc('shalb-demo').ledger[0]?.value).toBe('100.65.0.101');
  });

  test('without cidrBlock gets the next free block, and the ledger records it', () => {
    const open = project.replace('cidrBlock: 10.0.10.0/24, ', '');
    const second = open.replace('name: demo', 'name: other');
    const config = { projectRange: { cidr: '10.0.0.0/9', prefixLength: 24, exclude: ['10.0.0.0/24'] } };
    const world = worldOf(networks + open + second, { config });
    expect(world.vpc('shalb-demo').ledger).toContainEqual({
      holder: 'Project/shalb/demo',
      kind: 'block',
      value: '10.0.1.0/24',
    });
    expect(world.vpc('shalb-other').ledger).toContainEqual({
      holder: 'Project/shalb/other',
      kind: 'block',
      value: '10.0.2.0/24',
    });
    const recorded = { 'Project/shalb/other': '10.0.1.0/24' };
    const later = worldOf(networks + open + second, { config, recorded });
    expect(later.vpc('shalb-other').ledger).toContainEqual({
      holder: 'Project/shalb/other',
      kind: 'block',
      value: '10.0.1.0/24',
    });
    expect(later.vpc('shalb-demo').ledger).toContainEqual({
      holder: 'Project/shalb/demo',
      kind: 'block',
      value: '10.0.2.0/24',
    });
  });

  test('may overlap another project, but no external, management or reserved range', () => {
    expect(problemsOf(base + project.replace('name: demo', 'name: twin'))).toEqual([]);
    const overlapping = (cidr: string): string => networks + project.replace('10.0.10.0/24', cidr);
    const management = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: ovn-cluster}
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: ovn-default}
spec: {vpc: ovn-cluster, cidr: 10.100.0.0/16}
---`;
    for (const text of [overlapping('100.65.4.0/24'), overlapping('10.100.0.0/24') + management]) {
      const world = worldOf(text);
      expect(world.problems.map((problem) => `${problem.code} ${problem.object}`)).toEqual([
        'Overlap Project/shalb/demo',
      ]);
      expect(world.results.get('vpc/shalb-demo')?.state).toBe('blocked');
    }
  });

  test('whose external network is missing or full is not half built', () => {
    const missing = worldOf(project);
    expect(missing.results.get('vpc/shalb-demo')?.state).toBe('blocked');
    expect(missing.problems.map(({ code, path }) => [code, path])).toEqual([
      ['NotFound', 'spec.egressNetworkType'],
    ]);
    const full = networks.replace('excludeIps: [100.65.0.2..100.65.0.100]', 'excludeIps: [100.65.0.0/16]');
    const exhausted = worldOf(full + project);
    expect(exhausted.results.get('vpc/shalb-demo')?.state).toBe('blocked');
    expect(exhausted.problems[0]).toMatchObject({ code: 'Exhausted', object: 'Project/shalb/demo' });
  });

  test('of two projects with one backing namespace the older has it, the other is told by whom', () => {
    const twin = (namespace: string, name: string, created: string): string => `
apiVersion: kube-dc.com/v1
kind: Project
metadata: {name: ${name}, namespace: ${namespace}, creationTimestamp: "${created}"}
spec: {cidrBlock: 10.0.10.0/24}
---`;
    const world = worldOf(
      networks + twin('shalb-a', 'b', '2026-01-02T00:00:00Z') + twin('shalb', 'a-b', '2026-01-01T00:00:00Z'),
    );
    expect(world.vpc('shalb-a-b').source).toBe('Project/shalb/a-b');
    expect(world.problems).toMatchObject([
      { code: 'Conflict', object: 'Project/shalb-a/b', path: 'metadata.name' },
    ]);
    expect(world.problems[0]?.message).toContain('Project/shalb/a-b');
  });

  test('that is rejected leaves its network as it is', () => {
    const world = worldOf(networks + project.replace('10.0.10.0/24', '10.0.10.7/24'));
    expect(world.results.get('vpc/shalb-demo')?.state).toBe('blocked');
  });
});

describe('workloads', () => {
  test('get the lowest free address, or the one that they ask for, with its MAC', () => {
    const vpc = worldOf(
      base +
        pod('a') +
        pod(
          'b',
          '{}',
          'annotations: {network.kube-dc.com/ip-address: 10.0.10.2, network.kube-dc.com/mac-address: "02:00:00:00:00:01"}',
        ),
    ).vpc('shalb-demo');
    expect(
      vpc.subnets[0]?.ports.map(({ source, mac, addresses }) => [source, mac, formatAddressList(addresses)]),
    ).toEqual([
      ['Pod/shalb-demo/a', '0a:58:0a:00:0a:03', '10.0.10.3'],
      ['Pod/shalb-demo/b', '02:00:00:00:00:01', '10.0.10.2'],
    ]);
  });

  test.each([
    ['on the host network', pod('a').replace('spec: {', 'spec: {hostNetwork: true, ')],
    ['finished', pod('a').replace('---', 'status: {phase: Succeeded}\n---')],
    ['in the namespace of no project', pod('a').replace('shalb-demo', 'elsewhere')],
  ])('%s have no port', (_name, text) => {
    expect(worldOf(base + text).vpc('shalb-demo').subnets[0]?.ports).toEqual([]);
  });

  test.each([
    ['the gateway', '10.0.10.1', 'OutOfRange'],
    ['the broadcast address', '10.0.10.255', 'OutOfRange'],
    ['outside the subnet', '10.0.11.5', 'OutOfRange'],
  ])('asking for %s are refused', (_name, address, code) => {
    const text = base + pod('a', '{}', `annotations: {network.kube-dc.com/ip-address: ${address}}`);
    expect(worldOf(text).problems).toMatchObject([{ code, object: 'Pod/shalb-demo/a' }]);
  });

  test('asking for the same address: the older has it', () => {
    const same = (name: string): string =>
      pod(name, '{}', 'annotations: {network.kube-dc.com/ip-address: 10.0.10.9}');
    const world = worldOf(base + same('b') + same('a'));
    expect(world.problems).toMatchObject([{ code: 'Conflict', object: 'Pod/shalb-demo/b' }]);
    expect(world.vpc('shalb-demo').subnets[0]?.ports).toHaveLength(1);
  });
});

describe('Services', () => {
  test('are put on the default address, on a named EIp, or on one of their own', () => {
    const vpc = worldOf(
      base +
        pod('a') +
        eip('named') +
        service('on-default', onDefaultGateway, ports) +
        service('on-named', onEip('named'), ports) +
        service('own', '{}', ports),
    ).vpc('shalb-demo');
    expect(vips(vpc.loadBalancers)).toEqual([
      'on-default tcp 100.65.0.101:80 → 10.0.10.2:8080',
      'on-named tcp 100.65.0.102:80 → 10.0.10.2:8080',
      'own tcp 100.65.0.103:80 → 10.0.10.2:8080',
    ]);
    expect(vpc.ledger.map((entry) => entry.holder)).toEqual([
      'EIp/shalb-demo/default-gw',
      'EIp/shalb-demo/named',
      'EIp/shalb-demo/slb-own',
    ]);
  });

  test('have one load balancer per protocol, and keep VIPs without a backend', () => {
    const both =
      'selector: {app: none}, ports: [{name: t, port: 53}, {name: u, port: 53, protocol: UDP}, {name: s, port: 9, protocol: SCTP}]';
    const vpc = worldOf(base + pod('a') + service('dns', onDefaultGateway, both)).vpc('shalb-demo');
    expect(vips(vpc.loadBalancers)).toEqual([
      'dns tcp 100.65.0.101:53 → ',
      'dns udp 100.65.0.101:53 → ',
      'dns sctp 100.65.0.101:9 → ',
    ]);
  });

  test('take ready pods only, unless they publish the others as well', () => {
    const notReady = pod('b').replace('---', 'status: {conditions: [{type: Ready, status: "False"}]}\n---');
    const numeric = 'selector: {app: nginx}, ports: [{port: 2222, targetPort: 22}]';
    const text = base + pod('a') + notReady + service('some', onDefaultGateway, numeric);
    expect(vips(worldOf(text).vpc('shalb-demo').loadBalancers)).toEqual([
      'some tcp 100.65.0.101:2222 → 10.0.10.2:22',
    ]);
    const all = text.replace('targetPort: 22}]', 'targetPort: 22}], publishNotReadyAddresses: true');
    expect(vips(worldOf(all).vpc('shalb-demo').loadBalancers)).toEqual([
      'some tcp 100.65.0.101:2222 → 10.0.10.2:22,10.0.10.3:22',
    ]);
  });

  test('prefer EndpointSlices to their selector', () => {
    const slice = `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: s-1, namespace: shalb-demo, labels: {kubernetes.io/service-name: s}}
addressType: IPv4
endpoints:
- {addresses: [10.0.10.50], conditions: {ready: true}}
- {addresses: [10.0.10.51], conditions: {ready: false}}
- {addresses: [10.0.10.52], conditions: {ready: true, terminating: true}}
ports: [{name: http, port: 8081, protocol: TCP}]
---`;
    const vpc = worldOf(base + pod('a') + slice + service('s', onDefaultGateway, ports)).vpc('shalb-demo');
    expect(vips(vpc.loadBalancers)).toEqual(['s tcp 100.65.0.101:80 → 10.0.10.50:8081']);
  });

  test('of another class are left alone', () => {
    const text = service('metal', onDefaultGateway, `loadBalancerClass: metallb, ${ports}`);
    expect(worldOf(base + text).vpc('shalb-demo').loadBalancers).toEqual([]);
  });

  test('on one EIP and port: the older has it, the younger keeps its other ports', () => {
    const two = 'selector: {app: nginx}, ports: [{name: a, port: 80}, {name: b, port: 81}]';
    const world = worldOf(base + service('a', onDefaultGateway, ports) + service('b', onDefaultGateway, two));
    expect(world.problems).toMatchObject([
      { code: 'Conflict', object: 'Service/shalb-demo/b', path: 'spec.ports[0].port' },
    ]);
    expect(world.problems[0]?.message).toContain('Service/shalb-demo/a');
    expect(vips(world.vpc('shalb-demo').loadBalancers)).toEqual([
      'a tcp 100.65.0.101:80 → ',
      'b tcp 100.65.0.101:81 → ',
    ]);
  });

  test('with session affinity and source ranges carry both', () => {
    const text = `sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86400}}, loadBalancerSourceRanges: [192.0.2.0/24], ${ports}`;
    const [lb] = worldOf(base + service('s', onDefaultGateway, text)).vpc('shalb-demo').loadBalancers;
    expect(lb?.affinityTimeoutSeconds).toBe(65_535);
    expect(lb?.allowedSources.map(formatPrefix)).toEqual(['192.0.2.0/24']);
  });
});

describe('FIps', () => {
  test('translate a named or a made EIP, from the workload’s own node while its port is up', () => {
    const text =
      base +
      pod('vm', '{vm.kubevirt.io/name: debian}') +
      eip('e') +
      fip('by-address', '{ipAddress: 10.0.10.171, eip: e}') +
      fip('by-vm', '{vmTarget: {vmName: debian}}');
    const show = (observations = {}): unknown[] =>
      worldOf(text, { observations })
        .vpc('shalb-demo')
        .floatingIps.map((one) => [
          one.source,
          formatAddress(one.external),
          formatAddress(one.internal),
          one.distributed?.mac,
        ]);
    expect(show()).toEqual([
      ['FIp/shalb-demo/by-address', '100.65.0.102', '10.0.10.171', undefined],
      ['FIp/shalb-demo/by-vm', '100.65.0.103', '10.0.10.2', undefined],
    ]);
    expect(show({ isPortUp: (source: string) => source === 'Pod/shalb-demo/vm' })[1]).toEqual([
      'FIp/shalb-demo/by-vm',
      '100.65.0.103',
      '10.0.10.2',
      '0a:58:64:41:00:67',
    ]);
  });

  test.each([
    ['the router’s own address', fip('f', '{ipAddress: 10.0.10.9, eip: default-gw}'), 'Conflict', 'spec.eip'],
    [
      'an EIP that a Service uses',
      eip('e') + service('a', onEip('e'), ports) + fip('f', '{ipAddress: 10.0.10.9, eip: e}'),
      'Conflict',
      undefined,
    ],
    ['an EIP that does not exist', fip('f', '{ipAddress: 10.0.10.9, eip: gone}'), 'NotFound', 'spec.eip'],
    ['a target outside the project', fip('f', '{ipAddress: 10.9.0.1}'), 'OutOfRange', 'spec.ipAddress'],
    ['the gateway as target', fip('f', '{ipAddress: 10.0.10.1}'), 'OutOfRange', 'spec.ipAddress'],
    ['the network address as target', fip('f', '{ipAddress: 10.0.10.0}'), 'OutOfRange', 'spec.ipAddress'],
    ['the broadcast address as target', fip('f', '{ipAddress: 10.0.10.255}'), 'OutOfRange', 'spec.ipAddress'],
    [
      'a virtual machine that is not there',
      fip('f', '{vmTarget: {vmName: ghost}}'),
      'Pending',
      'spec.vmTarget.vmName',
    ],
    [
      'a second FIp of one target',
      fip('e', '{ipAddress: 10.0.10.9}') + fip('f', '{ipAddress: 10.0.10.9}'),
      'Conflict',
      'spec.ipAddress',
    ],
  ])('cannot have %s', (_name, text, code, path) => {
    const { problems } = worldOf(base + text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code, ...(path !== undefined && { path }) });
  });

  test('are translated on the gateway while their target backs a Service of the same router', () => {
    const text = base + pod('a') + fip('f', '{ipAddress: 10.0.10.2}');
    const distributed = (more: string): boolean =>
      worldOf(text + more, { observations: { isPortUp: () => true } }).vpc('shalb-demo').floatingIps[0]
        ?.distributed !== undefined;
    expect(distributed('')).toBe(true);
    expect(distributed(service('s', onDefaultGateway, ports))).toBe(false);
  });

  test('keep Services off their EIP', () => {
    const text =
      eip('e') + fip('a-fip', '{ipAddress: 10.0.10.9, eip: e}') + service('svc', onEip('e'), ports);
    const world = worldOf(base + text);
    expect(world.problems).toMatchObject([{ code: 'Conflict', object: 'Service/shalb-demo/svc' }]);
    expect(world.vpc('shalb-demo').floatingIps).toHaveLength(1);
  });
});

describe('EIps', () => {
  test('hold an address whether or not they are used, and the one asked for if it is free', () => {
    const vpc = worldOf(base + eip('a') + eip('b', '{ipAddress: 100.65.3.3}')).vpc('shalb-demo');
    expect(vpc.ledger.map(({ holder, value }) => [holder, value])).toEqual([
      ['EIp/shalb-demo/default-gw', '100.65.0.101'],
      ['EIp/shalb-demo/a', '100.65.0.102'],
      ['EIp/shalb-demo/b', '100.65.3.3'],
    ]);
  });

  test.each([
    [
      'an address that another one has',
      eip('a', '{ipAddress: 100.65.3.3}') + eip('b', '{ipAddress: 100.65.3.3}'),
      'Conflict EIp/shalb-demo/b spec.ipAddress',
    ],
    [
      'the gateway of the network',
      eip('a', '{ipAddress: 100.65.0.1}'),
      'OutOfRange EIp/shalb-demo/a spec.ipAddress',
    ],
    [
      'an address outside the network',
      eip('a', '{ipAddress: 192.0.2.1}'),
      'OutOfRange EIp/shalb-demo/a spec.ipAddress',
    ],
    [
      'a network that does not exist',
      eip('a', '{externalNetworkType: moon}'),
      'NotFound EIp/shalb-demo/a spec.externalNetworkType',
    ],
    [
      'a child that does not exist',
      eip('a', '{childRef: nobody}'),
      'NotFound EIp/shalb-demo/a spec.childRef',
    ],
  ])('are refused %s', (_name, text, expected) => {
    expect(problemsOf(base + text)).toEqual([expected]);
  });

  test('named default-gw are the router’s own address, as Kube-DC writes them', () => {
    const world = worldOf(base + eip('default-gw', '{childRef: shalb-demo-ext-cloud}'));
    expect(world.problems).toEqual([]);
    expect(world.vpc('shalb-demo').ledger).toHaveLength(1);
  });

  test('an EIp that is rejected keeps its address, and the Service on it keeps its rows', () => {
    const text = base + eip('e', '{ipAddress: nonsense}') + service('s', onEip('e'), ports);
    const world = worldOf(text, { recorded: { 'EIp/shalb-demo/e': '100.65.0.200' } });
    expect(world.vpc('shalb-demo').ledger).toContainEqual({
      holder: 'EIp/shalb-demo/e',
      kind: 'eip',
      value: '100.65.0.200',
    });
    expect(world.results.get('vpc/shalb-demo')?.heldSources).toContain('Service/shalb-demo/s');
  });
});
