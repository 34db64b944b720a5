// Second networks: when a VPC has an edge, which address it stands on, and what cannot be told apart without marks.
import { describe, expect, test } from 'vitest';
import type { VpcModel } from '../../../src/model/network-model.ts';
import type { Address } from '../../../src/net/address.ts';
import { formatAddressList } from '../../../src/net/family-list.ts';
import { worldOf } from '../../support/model-world.ts';
import type { WorldOptions } from '../../support/model-world.ts';
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
const publicEip = (name: string): string => eip(name, '{externalNetworkType: public}');
const ports = 'selector: {app: nginx}, ports: [{name: http, port: 80, targetPort: 8080}]';

function vpcOf(text: string, options: WorldOptions = {}): VpcModel {
  return worldOf(base + text, options).vpc('shalb-demo');
}

const listed = (ranges: readonly { readonly address: Address }[]): string =>
  formatAddressList(ranges.map(({ address }) => address));

/** Address of the only edge, and its places on subnets. */
function place(vpc: VpcModel): unknown[] {
  return vpc.edges.flatMap((edge) => [
    listed(edge.gateway.ranges),
    ...edge.ports.map(({ subnet, ranges }) => `${subnet} ${listed(ranges)}`),
  ]);
}

function edges(vpc: VpcModel): unknown[] {
  return vpc.edges.map(({ gateway, ports: attached, floatingIps, loadBalancers }) => [
    gateway.network,
    listed(gateway.ranges),
    attached.map(({ subnet, ranges }) => `${subnet} ${listed(ranges)}`),
    floatingIps.map(({ source }) => source),
    loadBalancers.map(({ source }) => source),
  ]);
}

describe('an edge', () => {
  test('is there while the VPC holds an address of a further network, and stands on it', () => {
    expect(edges(vpcOf(''))).toEqual([]);
    expect(edges(vpcOf(publicEip('p')))).toEqual([
      ['ext-public', '168.119.17.50', ['shalb-demo-default 10.0.10.254'], [], []],
    ]);
  });

  test('serves the Services and FIps of its network, the router those of the default one', () => {
    const vpc = vpcOf(
      pod('a') +
        publicEip('p') +
        service('public', onEip('p'), ports) +
        service('cloud', onDefaultGateway, ports) +
        fip('f', '{ipAddress: 10.0.10.9, externalNetworkType: public}'),
    );
    expect(edges(vpc)).toEqual([
      [
        'ext-public',
        '168.119.17.50',
        ['shalb-demo-default 10.0.10.254'],
        ['FIp/shalb-demo/f'],
        ['Service/shalb-demo/public'],
      ],
    ]);
    expect(vpc.loadBalancers.map(({ source }) => source)).toEqual(['Service/shalb-demo/cloud']);
    expect(vpc.floatingIps).toEqual([]);
  });

  test('costs an address of its own only when floating IPs have all the others', () => {
    const vpc = vpcOf(publicEip('p') + fip('f', '{ipAddress: 10.0.10.9, eip: p}'));
    expect(edges(vpc)).toEqual([
      ['ext-public', '168.119.17.51', ['shalb-demo-default 10.0.10.254'], ['FIp/shalb-demo/f'], []],
    ]);
    expect(vpc.ledger).toContainEqual({
      holder: 'Project/shalb/demo/ext-public',
      kind: 'eip',
      value: '168.119.17.51',
    });
  });

  test('moves off an address that a FIp takes', () => {
    const two = publicEip('a') + publicEip('b');
    expect(place(vpcOf(two))[0]).toBe('168.119.17.50');
    expect(place(vpcOf(two + fip('f', '{ipAddress: 10.0.10.9, eip: a}')))[0]).toBe('168.119.17.51');
  });

  test('keeps the address that it stands on when an older EIP comes back, and moves when its own is gone', () => {
    const recorded = {
      'EIp/shalb-demo/a': '168.119.17.50',
      'EIp/shalb-demo/b': '168.119.17.51',
      'shalb-demo.ext-public': '168.119.17.51',
    };
    const vpc = vpcOf(publicEip('a') + publicEip('b'), { recorded });
    expect(place(vpc)[0]).toBe('168.119.17.51');
    expect(vpc.ledger).toContainEqual({
      holder: 'shalb-demo.ext-public',
      kind: 'port',
      value: '168.119.17.51',
    });
    const taken = fip('f', '{ipAddress: 10.0.10.9, eip: b}');
    for (const text of [publicEip('a'), publicEip('a') + publicEip('b') + taken]) {
      const moved = vpcOf(text, { recorded });
      expect(place(moved)[0]).toBe('168.119.17.50');
      expect(moved.ledger).toContainEqual(expect.objectContaining({ value: '168.119.17.50', kind: 'port' }));
    }
  });

  test('gives an address of its own back as soon as it can stand on an EIP', () => {
    const recorded = {
      'EIp/shalb-demo/p': '168.119.17.50',
      'Project/shalb/demo/ext-public': '168.119.17.51',
      'shalb-demo.ext-public': '168.119.17.51',
    };
    expect(place(vpcOf(publicEip('p'), { recorded }))[0]).toBe('168.119.17.50');
  });

  test('keeps its place on the subnet, and goes round the addresses of workloads', () => {
    const high = pod('a', '{}', 'annotations: {network.kube-dc.com/ip-address: 10.0.10.254}');
    const vpc = vpcOf(high + publicEip('p'));
    expect(place(vpc)).toEqual(['168.119.17.50', 'shalb-demo-default 10.0.10.253']);
    expect(vpc.ledger).toContainEqual({
      holder: 'shalb-demo.ext-public/shalb-demo-default',
      kind: 'port',
      value: '10.0.10.253',
    });
    const recorded = { 'shalb-demo.ext-public/shalb-demo-default': '10.0.10.77' };
    expect(place(vpcOf(publicEip('p'), { recorded }))[1]).toBe('shalb-demo-default 10.0.10.77');
  });

  test('keeps its place before a FIp that names it, and goes round one that was there first', () => {
    const named = fip('f', '{ipAddress: 10.0.10.254, eip: p}');
    expect(place(vpcOf(publicEip('p') + named))[1]).toBe('shalb-demo-default 10.0.10.253');
    const recorded = { 'shalb-demo.ext-public/shalb-demo-default': '10.0.10.254' };
    const late = worldOf(base + publicEip('p') + named, { recorded });
    expect(late.problems).toMatchObject([
      { code: 'OutOfRange', object: 'FIp/shalb-demo/f', path: 'spec.ipAddress' },
    ]);
    expect(late.problems[0]?.message).toBe(
      '10.0.10.254 is set apart on shalb-demo-default for the router to ext-public',
    );
    expect(late.vpc('shalb-demo').edges.flatMap(({ floatingIps }) => floatingIps)).toEqual([]);
  });

  test('of a Vpc stands on the address that the Vpc asks for', () => {
    const text = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: core}
spec: {externalNetworks: [{name: ext-cloud}, {name: ext-public, address: 168.119.17.60}]}
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: core-a}
spec: {vpc: core, cidr: 10.1.0.0/16}
---`;
    const world = worldOf(networks + text);
    expect(world.problems).toEqual([]);
    expect(edges(world.vpc('core'))).toEqual([
      ['ext-public', '168.119.17.60', ['core-a 10.1.255.254'], [], []],
    ]);
  });
});

describe('without marks', () => {
  const options: WorldOptions = { observations: { marksReplies: false } };
  const both =
    pod('a') +
    publicEip('p') +
    service('a-cloud', onDefaultGateway, ports) +
    service('b-public', onEip('p'), ports);

  test('one backend and port on two networks is the older Service’s', () => {
    expect(worldOf(base + both).problems).toEqual([]);
    const world = worldOf(base + both, options);
    expect(world.problems).toMatchObject([{ code: 'Conflict', object: 'Service/shalb-demo/b-public' }]);
    expect(world.vpc('shalb-demo').loadBalancers).toHaveLength(1);
    expect(edges(world.vpc('shalb-demo'))).toMatchObject([
      ['ext-public', '168.119.17.50', expect.anything(), [], []],
    ]);
  });

  test('different ports are told apart', () => {
    const other = both.replace(/(b-public[\s\S]*)targetPort: 8080/, '$1targetPort: 9090');
    expect(worldOf(base + other, options).problems).toEqual([]);
  });

  test('a floating IP is told which ports of its target answer elsewhere', () => {
    const text =
      pod('a') +
      service('a-cloud', onDefaultGateway, ports) +
      fip('f', '{ipAddress: 10.0.10.2, externalNetworkType: public}');
    expect(worldOf(base + text, options).problems).toMatchObject([
      { code: 'Conflict', severity: 'warning', object: 'FIp/shalb-demo/f' },
    ]);
    expect(worldOf(base + text).problems).toEqual([]);
  });
});
