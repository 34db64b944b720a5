// External networks and Vpcs: who holds a VLAN, what overlaps, where gateways go.
import { describe, expect, test } from 'vitest';
import { orderGatewayChassis } from '../../../src/model/gateway-chassis.ts';
import { formatAddress } from '../../../src/net/address.ts';
import { worldOf } from '../../support/model-world.ts';
import { networks, project } from '../../support/scenario.ts';

const network = (name: string, spec: string): string => `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: ExternalNetwork
metadata: {name: ${name}}
spec: {type: other, gateway: 192.0.2.1, cidr: 192.0.2.0/24, physicalNetwork: phys, ${spec}}
---`;
const vpc = (spec: string): string => `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: ovn-cluster}
spec: ${spec}
---`;
const subnet = (name: string, cidr: string): string => `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: ${name}}
spec: {vpc: ovn-cluster, cidr: ${cidr}}
---`;

describe('external networks', () => {
  test.each([
    ['on the VLAN of an older one', network('z', 'vlan: 4013'), 'Conflict ExternalNetwork/z spec.vlan'],
    [
      'that overlap an older one',
      network('z', 'cidr: 100.65.9.0/24, gateway: 100.65.9.1, vlan: 7'),
      'Overlap ExternalNetwork/z spec.cidr',
    ],
  ])('%s are blocked', (_name, text, expected) => {
    const world = worldOf(
      networks +
        text.replace(
          'gateway: 192.0.2.1, cidr: 192.0.2.0/24, physicalNetwork: phys, cidr',
          'physicalNetwork: phys, cidr',
        ),
    );
    expect(world.problems.map(({ code, object, path }) => `${code} ${object} ${path}`)).toEqual([expected]);
    expect(world.results.get('network/z')?.state).toBe('blocked');
  });

  test('share a physical network by VLAN, and a VLAN number on different physical networks', () => {
    expect(worldOf(networks + network('z', 'vlan: 12')).problems).toEqual([]);
    const text =
      networks + network('z', 'vlan: 4013').replace('physicalNetwork: phys', 'physicalNetwork: other');
    expect(worldOf(text).problems).toEqual([]);
  });

  test('without a chassis that reaches them warn, and everything else goes on', () => {
    const world = worldOf(networks + project, {
      observations: { gatewayChassis: [{ name: 'c1', physicalNetworks: ['elsewhere'] }] },
    });
    expect(world.problems.map(({ code, object, severity }) => [code, object, severity])).toEqual([
      ['NoGatewayChassis', 'ExternalNetwork/ext-cloud', 'warning'],
      ['NoGatewayChassis', 'ExternalNetwork/ext-public', 'warning'],
    ]);
    expect(world.vpc('shalb-demo').gateway?.chassis).toEqual([]);
  });
});

describe('a Vpc', () => {
  test('has the address that it asks for, also one that the pool excludes', () => {
    const world = worldOf(
      networks +
        vpc('{externalNetworks: [{name: ext-cloud, address: 100.65.0.50}]}') +
        subnet('join', '172.30.0.0/22'),
    );
    const model = world.vpc('ovn-cluster');
    expect(model.gateway?.ranges.map(({ address }) => formatAddress(address))).toEqual(['100.65.0.50']);
    expect(model.subnets.map((one) => one.name)).toEqual(['join']);
    expect(model.ledger).toEqual([
      { holder: 'Vpc/ovn-cluster/ext-cloud', kind: 'eip', value: '100.65.0.50' },
    ]);
  });

  test('takes its address before any project does', () => {
    const world = worldOf(networks + project + vpc('{externalNetworks: [{name: ext-cloud}]}'));
    expect(world.vpc('ovn-cluster').ledger[0]?.value).toBe('100.65.0.101');
    expect(world.vpc('shalb-demo').ledger[0]?.value).toBe('100.65.0.102');
  });

  test.each([
    ['an unknown network', '{externalNetworks: [{name: moon}]}', 'NotFound', 'blocked'],
    [
      'an address outside the network',
      '{externalNetworks: [{name: ext-cloud, address: 192.0.2.9}]}',
      'OutOfRange',
      'blocked',
    ],
  ])('with %s is told so', (_name, spec, code, state) => {
    const world = worldOf(networks + vpc(spec));
    expect(world.problems).toMatchObject([{ code, object: 'Vpc/ovn-cluster' }]);
    expect(world.results.get('vpc/ovn-cluster')?.state).toBe(state);
  });

  test('leaves out a subnet that overlaps an older one, and holds its rows', () => {
    const world = worldOf(vpc('{}') + subnet('a', '10.1.0.0/16') + subnet('b', '10.1.2.0/24'));
    expect(world.vpc('ovn-cluster').subnets.map((one) => one.name)).toEqual(['a']);
    expect(world.problems).toMatchObject([{ code: 'Overlap', object: 'Subnet/b' }]);
    expect(world.results.get('vpc/ovn-cluster')?.heldSources).toContain('Subnet/b');
  });
});

describe('orderGatewayChassis', () => {
  const candidates = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'];

  test('takes five at most and keeps the first that is still there', () => {
    expect(orderGatewayChassis('r', candidates, [])).toHaveLength(5);
    expect(orderGatewayChassis('r', candidates, ['gone', 'c7', 'c3'])[0]).toBe('c7');
    expect(orderGatewayChassis('r', candidates, ['c3', 'c7'])[0]).toBe('c3');
  });

  test('spreads the first places of many routers evenly', () => {
    const firsts = new Map<string, number>();
    for (let router = 0; router < 700; router++) {
      const [first = ''] = orderGatewayChassis(`project-${router}`, candidates, []);
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    expect(firsts.size).toBe(7);
    expect(Math.min(...firsts.values())).toBeGreaterThan(60);
  });
});
