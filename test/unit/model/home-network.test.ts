// What happens to those who have an address when the external networks change.
import { describe, expect, test } from 'vitest';
import { worldOf } from '../../support/model-world.ts';
import type { World, WorldOptions } from '../../support/model-world.ts';
import { eip, fip, networks, onEip, pod, project, service } from '../../support/scenario.ts';

const network = (name: string, spec: string): string => `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: ExternalNetwork
metadata: {name: ${name}}
spec: {physicalNetwork: phys, ${spec}}
---`;
const vpc = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: v}
spec: {externalNetworks: [{name: ext-cloud}, {name: ext-public}]}
---`;
const exposed =
  pod('nginx-0') +
  eip('pub', '{externalNetworkType: public}') +
  eip('own') +
  service('web', onEip('pub'), 'selector: {app: nginx}, ports: [{port: 80}]') +
  fip('vm', '{ipAddress: 10.0.10.9, externalNetworkType: public}');

/** As the ledger has it after a pass, and the networks that are programmed by then. */
const settled: WorldOptions = {
  recorded: {
    'EIp/shalb-demo/default-gw': '100.65.0.101',
    'EIp/shalb-demo/own': '100.65.0.102',
    'EIp/shalb-demo/pub': '168.119.17.50',
    'EIp/shalb-demo/fip-vm': '168.119.17.51',
    'Vpc/v/ext-cloud': '100.65.0.103',
    'Vpc/v/ext-public': '168.119.17.52',
  },
  observations: { hasNetwork: (name) => name.startsWith('ext-') },
};
const world = (text: string, options: WorldOptions = settled): World => worldOf(text, options);
const stateOf = (of: World, unit: 'vpc/shalb-demo' | 'vpc/v' | `network/${string}`) =>
  of.results.get(unit)?.state;
const ledgerOf = (of: World): string[] =>
  of
    .vpc('shalb-demo')
    .ledger.filter(({ holder }) => holder.startsWith('EIp/'))
    .map(({ holder, value }) => `${holder} ${value}`);
const problemsOf = (of: World): string[] =>
  of.problems.map(({ code, object, path }) => `${code} ${object} ${path}`);

describe('everybody is renumbered by', () => {
  const before = ledgerOf(world(networks + project + exposed));

  test.each([
    [
      'another network of the type, first by name',
      network('a', 'type: cloud, cidr: 192.0.2.0/24, gateway: 192.0.2.1, vlan: 7'),
    ],
    [
      'another network that is made the default',
      network('z', 'type: cloud, default: true, cidr: 192.0.2.0/24, gateway: 192.0.2.1, vlan: 7'),
    ],
    [
      'another network on the same VLAN',
      network('a', 'type: cloud, cidr: 192.0.2.0/24, gateway: 192.0.2.1, vlan: 4013'),
    ],
    [
      'another network that overlaps',
      network('a', 'type: cloud, cidr: 100.65.0.0/17, gateway: 100.65.0.1, vlan: 7'),
    ],
  ])('%s', (_name, text) => {
    expect(before).toHaveLength(4);
    expect(ledgerOf(world(networks + text + project + exposed))).toEqual(before);
  });

  test('another default in the configuration', () => {
    const open = project.replace(', egressNetworkType: cloud', '');
    const config = { defaultEgressNetworkType: 'public' } as const;
    expect(ledgerOf(world(networks + open + exposed, { ...settled, config }))).toEqual(before);
  });

  test('another type in a manifest, between two calls of apply', () => {
    const changed = world(networks + project.replace('Type: cloud', 'Type: public'));
    expect(stateOf(changed, 'vpc/shalb-demo')).toBe('blocked');
    expect(problemsOf(changed)).toEqual(['Immutable Project/shalb/demo spec.egressNetworkType']);
  });
});

describe('what stands on a network goes when that network', () => {
  test.each([
    ['is rejected', networks.replace('vlan: 4011', 'vlan: "4011"')],
    ['takes the VLAN of another one', networks.replace('vlan: 4011', 'vlan: 4013')],
  ])('%s', (_name, broken) => {
    const now = world(broken + project + exposed);
    expect(stateOf(now, 'vpc/shalb-demo')).toBe('blocked');
    expect(problemsOf(now)).toContain('Pending EIp/shalb-demo/pub spec.externalNetworkType');
    expect(problemsOf(now)).toContain('Pending FIp/shalb-demo/vm spec.externalNetworkType');
  });

  test('is rejected, and a Vpc names it', () => {
    const now = world(networks.replace('vlan: 4011', 'vlan: "4011"') + vpc);
    expect(stateOf(now, 'vpc/v')).toBe('blocked');
    expect(problemsOf(now)).toContain('Pending Vpc/v spec.externalNetworks[1].name');
  });

  test('but not of those who have nothing there', () => {
    const now = world(networks.replace('vlan: 4011', 'vlan: "4011"') + project + eip('own'));
    expect(stateOf(now, 'vpc/shalb-demo')).toBe('model');
  });

  test('but it does when the network is removed', () => {
    const now = world(
      networks.replace(/---[^]*/, '---') + project + eip('own') + eip('pub', '{externalNetworkType: public}'),
    );
    expect(stateOf(now, 'vpc/shalb-demo')).toBe('model');
    expect(problemsOf(now)).toEqual(['NotFound EIp/shalb-demo/pub spec.externalNetworkType']);
  });
});

test('of two networks on one VLAN the one that is programmed stays, whatever the names', () => {
  const now = world(networks + network('a', 'type: x, cidr: 192.0.2.0/24, gateway: 192.0.2.1, vlan: 4013'));
  expect(problemsOf(now)).toEqual(['Conflict ExternalNetwork/a spec.vlan']);
  expect(stateOf(now, 'network/ext-cloud')).toBe('model');
});
