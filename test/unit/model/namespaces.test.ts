// Namespaces of a Vpc: whose pods are on which of its Subnets, and who has a namespace that several name.
import { describe, expect, test } from 'vitest';
import { formatAddressList } from '../../../src/net/family-list.ts';
import { worldOf } from '../../support/model-world.ts';
import type { World } from '../../support/model-world.ts';
import { networks, project } from '../../support/scenario.ts';

const vpc = (name: string): string =>
  `\napiVersion: ovn.kube-dc.com/v1alpha1\nkind: Vpc\nmetadata: {name: ${name}}\nspec: {externalNetworks: []}\n---`;
const subnet = (name: string, of: string, cidr: string, namespaces: string, metadata = ''): string =>
  `\napiVersion: ovn.kube-dc.com/v1alpha1\nkind: Subnet\nmetadata: {name: ${name}${metadata}}\nspec: {vpc: ${of}, cidr: ${cidr}, namespaces: [${namespaces}]}\n---`;
const pod = (path: string, on = ''): string => {
  const [namespace, name] = path.split('/');
  return `\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: ${namespace}, annotations: {network.kube-dc.com/subnet: "${on}"}}\nspec: {}\n---`;
};
const created = (day: number): string => `, creationTimestamp: "2026-01-0${day}T00:00:00Z"`;

/** `{'ovn-default': ['kube-system/a 10.1.0.2']}` */
function placesIn(world: World, name: string): Record<string, string[]> {
  return Object.fromEntries(
    world
      .vpc(name)
      .subnets.map(({ name: of, ports }) => [
        of,
        ports.map(
          ({ workload, addresses }) =>
            `${workload.namespace}/${workload.name} ${formatAddressList(addresses)}`,
        ),
      ]),
  );
}
const problemsOf = ({ problems }: World): string[] =>
  problems.map(({ code, object, path }) => `${code} ${object} ${path}`);

const a = subnet('a', 'v', '10.1.0.0/24', 'n, m');
const b = subnet('b', 'v', '10.2.0.0/24', 'o');

describe('pods of a Vpc', () => {
  test('are on the subnet that names their namespace, several namespaces on one', () => {
    const world = worldOf(vpc('v') + a + b + pod('n/p') + pod('m/p') + pod('o/p') + pod('else/p'));
    expect(placesIn(world, 'v')).toEqual({ a: ['n/p 10.1.0.3', 'm/p 10.1.0.2'], b: ['o/p 10.2.0.2'] });
    expect(world.problems).toEqual([]);
  });

  test('are on the one that they name, if it is of their own Vpc', () => {
    const other = vpc('w') + subnet('c', 'w', '10.3.0.0/24', 'q');
    const world = worldOf(vpc('v') + a + b + other + pod('n/p', 'b') + pod('n/q', 'c') + pod('q/r', 'a'));
    expect(placesIn(world, 'v')).toEqual({ a: [], b: ['n/p 10.2.0.2'] });
    expect(placesIn(world, 'w')).toEqual({ c: [] });
    const path = 'metadata.annotations[network.kube-dc.com/subnet]';
    expect(problemsOf(world)).toEqual([`Forbidden Pod/n/q ${path}`, `Forbidden Pod/q/r ${path}`]);
  });

  test('keep the port that they have while they name a subnet that they cannot be on', () => {
    const world = worldOf(networks + project + vpc('v') + a + pod('shalb-demo/p', 'a'));
    expect(world.results.get('vpc/shalb-demo')?.heldSources).toContain('Pod/shalb-demo/p');
    expect(placesIn(world, 'v')).toEqual({ a: [] });
  });

  test('wait for a subnet that is rejected', () => {
    const rejected = subnet('b', 'v', '10.2.0.7/24', '');
    expect(worldOf(vpc('v') + a + rejected + pod('n/p', 'b')).problems).toContainEqual(
      expect.objectContaining({ code: 'Pending', object: 'Pod/n/p' }),
    );
  });
});

describe('a namespace that two Subnets name', () => {
  const younger = subnet('b', 'w', '10.2.0.0/24', 'n', created(2));
  const older = subnet('z', 'v', '10.1.0.0/24', 'n', created(1));
  const base = vpc('v') + vpc('w') + younger + older + pod('n/p');

  test('is the older one’s, whatever their names', () => {
    const world = worldOf(base);
    expect([placesIn(world, 'v'), placesIn(world, 'w')]).toEqual([{ z: ['n/p 10.1.0.2'] }, { b: [] }]);
    expect(world.problems).toMatchObject([
      { code: 'Conflict', object: 'Subnet/b', path: 'spec.namespaces[0]' },
    ]);
  });

  test('stays where it is programmed: a Subnet that comes later takes no running pods', () => {
    const world = worldOf(base, {
      observations: { hasSubnet: (of, name) => of === 'w' && name === 'b' },
    });
    expect([placesIn(world, 'v'), placesIn(world, 'w')]).toEqual([{ z: [] }, { b: ['n/p 10.2.0.2'] }]);
  });

  test('is a Project’s in any case, even while that is rejected', () => {
    const claim = vpc('v') + subnet('a', 'v', '10.1.0.0/24', 'shalb-demo') + pod('shalb-demo/p');
    const conflict = 'Conflict Subnet/a spec.namespaces[0]';
    const world = worldOf(networks + project + claim);
    expect([placesIn(world, 'v'), problemsOf(world)]).toEqual([{ a: [] }, [conflict]]);
    const rejected = worldOf(networks + project.replace('10.0.10.0', '10.0.10.7') + claim);
    expect(placesIn(rejected, 'v')).toEqual({ a: [] });
    expect(problemsOf(rejected)).toContain(conflict);
  });
});

describe('a mistake in a Subnet takes no running workload down:', () => {
  const observations = { hasSubnet: (of: string, name: string) => of === 'v' && name === 'a' };
  const stateOf = (text: string): unknown =>
    worldOf(networks + vpc('v') + text + pod('n/p'), { observations }).results.get('vpc/v')?.state;

  test('one that is programmed and rejected blocks its Vpc', () => {
    expect(stateOf(a)).toBe('model');
    expect(stateOf(subnet('a', 'v', '10.1.0.7/24', 'n'))).toBe('blocked');
    expect(stateOf(subnet('elsewhere', 'v', '10.1.0.7/24', 'n'))).toBe('model');
  });

  test('and so does one that overlaps a network which came later', () => {
    const network = networks.replaceAll('100.65.0', '10.1.0').replace('10.1.0.0/16', '10.1.0.0/24');
    const overlapping = worldOf(network + vpc('v') + a + pod('n/p'), { observations });
    expect(overlapping.results.get('vpc/v')?.state).toBe('blocked');
    expect(problemsOf(overlapping)).toContain('Overlap Subnet/a spec.cidr');
  });
});

test('two namespaces of a Vpc have names of their own, and no domain that one is looked up in first', () => {
  const service = (namespace: string, clusterIP: string): string =>
    `\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ${namespace}}\nspec: {clusterIP: ${clusterIP}, ports: [{port: 80}]}\n---`;
  const model = worldOf(vpc('v') + a + service('n', '10.101.0.1') + service('m', '10.101.0.2')).vpc('v');
  expect([...model.names].map(([name, addresses]) => [name, formatAddressList(addresses)])).toEqual([
    ['s.m.svc.cluster.local', '10.101.0.2'],
    ['s.n.svc.cluster.local', '10.101.0.1'],
  ]);
  expect(model.subnets.map(({ dhcp }) => dhcp?.searchDomains)).toEqual([['svc.cluster.local']]);
});
