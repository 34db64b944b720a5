// Underlays: who may be on one, which VLAN and range one can have, and what never takes one down.
import { describe, expect, test } from 'vitest';
import { formatAddressList } from '../../../src/net/family-list.ts';
import { worldOf } from '../../support/model-world.ts';
import type { World, WorldOptions } from '../../support/model-world.ts';
import { networks, project } from '../../support/scenario.ts';

const subnet = (spec: string, name = 'racks'): string =>
  `\napiVersion: ovn.kube-dc.com/v1alpha1\nkind: Subnet\nmetadata: {name: ${name}}\nspec: {${spec}}\n---`;
const underlay = (vlan: string, more = '', name = 'racks'): string =>
  subnet(
    `underlay: {physicalNetwork: phys, vlan: ${vlan}}, cidr: 10.1.0.0/24, gateway: 10.1.0.254${more}`,
    name,
  );
const racks = underlay('120', ', namespaces: [shalb-demo, bare]');
const pod = (path: string, annotations: string): string => {
  const [namespace, name] = path.split('/');
  return `\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, annotations: {${annotations}}}\nspec: {}\n---`;
};
const onRacks = 'network.kube-dc.com/subnet: racks';

const portsOf = (world: World, name = 'racks'): string[] | string => {
  const { state, model } = world.results.get(`underlay/${name}`) ?? { state: 'unknown', model: undefined };
  if (model?.kind !== 'underlay') return state;
  return model.ports.map(
    ({ workload, addresses }) => `${workload.namespace}/${workload.name} ${formatAddressList(addresses)}`,
  );
};
const problemsOf = ({ problems }: World): string[] =>
  problems.map(({ code, object, path }) => `${code} ${object} ${path}`);
const made = (text: string, options?: WorldOptions): World => worldOf(networks + project + text, options);

describe('workloads on an underlay', () => {
  test('are those that name it, of the namespaces that it is open to, and on no other subnet', () => {
    const world = made(
      racks + pod('shalb-demo/a', onRacks) + pod('bare/b', onRacks) + pod('shalb-demo/c', ''),
    );
    expect(portsOf(world)).toEqual(['shalb-demo/a 10.1.0.2', 'bare/b 10.1.0.1']);
    expect(world.vpc('shalb-demo').subnets.map(({ ports }) => ports.map(({ source }) => source))).toEqual([
      ['Pod/shalb-demo/c'],
    ]);
    expect(world.problems).toEqual([]);
  });

  test('are never of another namespace, although the pod says so', () => {
    const world = made(
      underlay('120', ', namespaces: [bare]') + pod('shalb-demo/a', onRacks) + pod('else/b', onRacks),
    );
    const path = 'metadata.annotations[network.kube-dc.com/subnet]';
    expect(portsOf(world)).toEqual([]);
    expect(problemsOf(world)).toEqual([`Forbidden Pod/else/b ${path}`, `Forbidden Pod/shalb-demo/a ${path}`]);
  });

  test('get the addresses that are not excluded, or the one they ask for; never the physical router’s', () => {
    const address = (text: string): string => `${onRacks}, network.kube-dc.com/ip-address: ${text}`;
    const world = made(
      underlay('120', ', namespaces: [bare], excludeIps: [10.1.0.1..10.1.0.99]') +
        pod('bare/a', onRacks) +
        pod('bare/b', address('10.1.0.7')) +
        pod('bare/c', address('10.1.0.254')),
    );
    expect(portsOf(world)).toEqual(['bare/a 10.1.0.100', 'bare/b 10.1.0.7']);
    expect(problemsOf(world)).toEqual([
      'OutOfRange Pod/bare/c metadata.annotations[network.kube-dc.com/ip-address]',
    ]);
  });

  test('are told nothing by DHCP unless that is asked for, and then no MTU of tunnels and no names', () => {
    const dhcpOf = (more: string): unknown => {
      const model = made(underlay('120', more)).results.get('underlay/racks')?.model;
      return model?.kind === 'underlay' ? model.dhcp : 'no model';
    };
    expect(dhcpOf('')).toBeUndefined();
    expect(dhcpOf(', dhcp: true')).toEqual({
      leaseSeconds: 3600,
      mtuBytes: undefined,
      dnsServers: [],
      searchDomains: [],
    });
  });

  test('keep their port while they name a subnet that they cannot be on, or are rejected', () => {
    const recorded = { 'Pod/bare/a': '10.1.0.7' };
    const stray = made(racks + pod('bare/a', 'network.kube-dc.com/subnet: nowhere'), { recorded });
    expect(stray.results.get('underlay/racks')?.heldSources).toContain('Pod/bare/a');
    const rejected = made(racks + pod('bare/a', `${onRacks}, network.kube-dc.com/ip-address: x`), {
      recorded,
    });
    expect(rejected.results.get('underlay/racks')).toMatchObject({
      heldSources: new Set(['Pod/bare/a']),
      requests: [{ request: { holder: 'Pod/bare/a' } }],
    });
  });
});

describe('an underlay', () => {
  const hasUnderlay = (name: string): boolean => name === 'racks';

  test.each([
    ['the VLAN of an external network', underlay('4013'), 'Conflict Subnet/racks spec.underlay.vlan'],
    [
      'the VLAN of another underlay',
      underlay('120', '', 'a') + racks,
      'Conflict Subnet/racks spec.underlay.vlan',
    ],
    [
      'the name of an external network',
      underlay('120', '', 'ext-cloud'),
      'Conflict Subnet/ext-cloud metadata.name',
    ],
    [
      'the range of an external network',
      racks.replaceAll('10.1.0', '100.65.0'),
      'Overlap Subnet/racks spec.cidr',
    ],
  ])('with %s is refused, and takes nothing down', (_, text, problem) => {
    const world = made(text);
    expect(problemsOf(world)).toEqual([problem]);
    const name = problem.includes('ext-cloud') ? 'ext-cloud' : 'racks';
    expect(world.results.get(`underlay/${name}`)?.state).toBe('blocked');
    expect(world.results.get('network/ext-cloud')?.state).toBe('model');
  });

  test('that is programmed has its VLAN, whatever comes later under whichever name', () => {
    const observations = { hasUnderlay };
    const world = made(underlay('4013'), { observations });
    expect(portsOf(world)).toEqual([]);
    expect(problemsOf(world)).toContain('Conflict ExternalNetwork/ext-cloud spec.vlan');
    const other = made(underlay('120', '', 'a') + racks, { observations });
    expect(problemsOf(other)).toEqual(['Conflict Subnet/a spec.underlay.vlan']);
  });

  test('may have the range of a project or of another underlay', () => {
    const world = made(racks.replaceAll('10.1.0', '10.0.10') + underlay('121', '', 'other'));
    expect([portsOf(world), portsOf(world, 'other'), world.problems]).toEqual([[], [], []]);
  });

  test.each([
    [true, 'blocked'],
    [false, 'absent'],
  ])('that is rejected stays as it is, if it is there (%s)', (isThere, state) => {
    const world = made(underlay('5000'), {
      observations: { hasUnderlay: () => isThere },
      units: ['underlay/racks'],
    });
    expect(world.results.get('underlay/racks')?.state).toBe(state);
  });

  test.each([
    [new Set(['ext-cloud']), ['Pending Subnet/racks spec.underlay.physicalNetwork']],
    [new Set(['phys']), []],
    [undefined, []],
  ])('warns when no chassis is bridged to it (%s)', (bridgedNetworks, problems) => {
    expect(problemsOf(made(racks, { observations: { bridgedNetworks } }))).toEqual(problems);
  });
});

test('an underlay of both families names both gateways, and its workloads have an address of each', () => {
  const wide = (gateway: string): string =>
    subnet(
      `underlay: {physicalNetwork: phys, vlan: 120}, cidr: "10.1.0.0/24,fd00:1::/64", gateway: "${gateway}", namespaces: [bare], dhcp: true`,
    );
  const world = worldOf(networks + wide('10.1.0.254,fd00:1::1') + pod('bare/a', onRacks));
  expect(portsOf(world)).toEqual(['bare/a 10.1.0.1,fd00:1::2']);
  const dhcp = world.rows.filter(({ table }) => table === 'DHCP_Options');
  expect(dhcp.map(({ columns }) => columns['cidr'])).toEqual(['10.1.0.0/24', 'fd00:1::/64']);
  expect(problemsOf(worldOf(networks + wide('10.1.0.254')))).toEqual(['Invalid Subnet/racks spec.gateway']);
});
