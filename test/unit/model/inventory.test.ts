// The inventory: which units a change touches, and that lookups follow every change.
import { describe, expect, test } from 'vitest';
import { Inventory } from '../../../src/model/inventory.ts';
import { decodeYaml } from '../../support/model-world.ts';
import { eip, instance, networks, onDefaultGateway, pod, project, service } from '../../support/scenario.ts';

const changesOf = (text: string) => decodeYaml(text).changes;

function inventoryOf(text: string): Inventory {
  const inventory = new Inventory();
  inventory.apply(changesOf(text));
  return inventory;
}

describe('Inventory', () => {
  test.each([
    ['a pod', pod('a'), ['vpc/shalb-demo']],
    ['an EIp', eip('e'), ['vpc/shalb-demo']],
    ['a Service', service('s', onDefaultGateway, 'ports: []'), ['vpc/shalb-demo']],
    ['another project', project.replace('name: demo', 'name: other'), ['vpc/shalb-other']],
  ])('%s touches its own unit only', (_name, text, units) => {
    expect([...inventoryOf(networks + project).apply(changesOf(text))]).toEqual(units);
  });

  test('an external network touches every unit', () => {
    const inventory = inventoryOf(networks + project);
    const [cloud] = changesOf(networks);
    expect(
      [...inventory.apply(cloud === undefined ? [] : [{ key: cloud.key, object: undefined }])].toSorted(),
    ).toEqual(['network/ext-cloud', 'network/ext-public', 'vpc/shalb-demo']);
  });

  test('the Service of the API server touches every unit', () => {
    const text = service('kubernetes', '{}', 'ports: [{port: 443}]').replace('shalb-demo', 'default');
    const touched = inventoryOf(networks + project).apply(changesOf(text));
    expect([...touched]).toEqual(expect.arrayContaining(['network/ext-cloud', 'vpc/shalb-demo']));
  });

  test('a Subnet that moves touches the Vpc that it leaves', () => {
    const subnet = (vpc: string): string =>
      `{apiVersion: ovn.kube-dc.com/v1alpha1, kind: Subnet, metadata: {name: s}, spec: {vpc: ${vpc}, cidr: 10.1.0.0/16}}`;
    const inventory = inventoryOf(subnet('a'));
    expect([...inventory.apply(changesOf(subnet('b')))].toSorted()).toEqual(['vpc/a', 'vpc/b']);
    expect(inventory.subnetsOf('a')).toEqual([]);
    expect(inventory.subnetsOf('b')).toHaveLength(1);
  });

  test('what is in a namespace, or makes it a project’s, touches the Vpcs whose Subnets name it', () => {
    const subnet = (name: string, namespaces: string): string =>
      `{apiVersion: ovn.kube-dc.com/v1alpha1, kind: Subnet, metadata: {name: ${name}}, spec: {vpc: ${name}, cidr: 10.1.0.0/16, namespaces: [${namespaces}]}}\n---\n`;
    const inventory = inventoryOf(subnet('v', 'shalb-demo') + subnet('w', 'other'));
    for (const text of [pod('a'), project])
      expect([...inventory.apply(changesOf(text))].toSorted()).toEqual(['vpc/shalb-demo', 'vpc/v']);
    inventory.apply(changesOf(subnet('v', '')));
    expect([...inventory.apply(changesOf(pod('a')))]).toEqual(['vpc/shalb-demo']);
  });

  test('a Pod or virtual machine touches the underlays that are open to its namespace, rejected or not', () => {
    const subnet = (spec: string): string =>
      `{apiVersion: ovn.kube-dc.com/v1alpha1, kind: Subnet, metadata: {name: u}, spec: {underlay: {physicalNetwork: p}, cidr: 10.1.0.0/16, gateway: 10.1.0.1, ${spec}}}`;
    const inventory = inventoryOf(subnet('namespaces: [shalb-demo]'));
    expect([...inventory.units()]).toEqual(['underlay/u']);
    const both = ['underlay/u', 'vpc/shalb-demo'];
    expect([...inventory.apply(changesOf(pod('a')))].toSorted()).toEqual(both);
    const key = 'Pod/shalb-demo/a';
    expect([...inventory.apply([{ key, object: undefined, invalid: true }])].toSorted()).toEqual(both);
    expect([...inventory.apply([{ key, object: undefined }])].toSorted()).toEqual(both);
    expect([...inventory.apply(changesOf(instance('vm')))].toSorted()).toEqual(both);
    expect([...inventory.apply(changesOf(eip('e')))]).toEqual(['vpc/shalb-demo']);
    expect([...inventory.apply(changesOf(subnet('vpc: v')))]).toContain('underlay/u');
    expect([...inventory.apply([{ key: 'Subnet/u', object: undefined }])]).toContain('underlay/u');
  });

  test('knows rejected objects by kind and namespace, and by the unit that they would make', () => {
    const inventory = new Inventory();
    const keys = ['Pod/n/b', 'Pod/n/a', 'Pod/m/a', 'Subnet/s', 'Project/shalb/demo', 'Vpc/shalb-demo'];
    inventory.apply(keys.map((key) => ({ key, object: undefined, invalid: true })));
    expect(inventory.invalidIn('Pod', 'n')).toEqual(['Pod/n/a', 'Pod/n/b']);
    expect(inventory.invalidIn('Subnet', '')).toEqual(['Subnet/s']);
    expect(inventory.invalidRoots('vpc/shalb-demo')).toEqual(['Project/shalb/demo', 'Vpc/shalb-demo']);
    inventory.apply(keys.map((key) => ({ key, object: undefined })));
    expect(inventory.invalidIn('Pod', 'n')).toEqual([]);
    expect(inventory.invalidRoots('vpc/shalb-demo')).toEqual([]);
  });

  test('forgets what is deleted', () => {
    const inventory = inventoryOf(networks + project + pod('a'));
    inventory.apply(changesOf(networks + project + pod('a')).map(({ key }) => ({ key, object: undefined })));
    expect(inventory.units().size).toBe(0);
    expect(inventory.inNamespace('Pod', 'shalb-demo')).toEqual([]);
    expect(inventory.projectsOf('shalb-demo')).toEqual([]);
  });

  test('an invalid object has no value, but its unit and its key are there', () => {
    const inventory = inventoryOf(project);
    inventory.apply([{ key: 'Project/shalb/demo', object: undefined, invalid: true }]);
    expect(inventory.get('Project/shalb/demo')).toBeUndefined();
    expect([...inventory.invalidKeys]).toEqual(['Project/shalb/demo']);
    expect([...inventory.units()]).toEqual(['vpc/shalb-demo']);
    inventory.apply([{ key: 'Project/shalb/demo', object: undefined }]);
    expect(inventory.units().size).toBe(0);
  });

  test('returns objects by age, then by key', () => {
    const aged = (name: string, created: string): string =>
      pod(name, '{}', `creationTimestamp: "${created}"`);
    const inventory = inventoryOf(
      aged('a', '2026-02-01T00:00:00Z') + aged('b', '2026-01-01T00:00:00Z') + pod('z') + pod('y'),
    );
    expect(inventory.inNamespace('Pod', 'shalb-demo').map((one) => one.metadata.name)).toEqual([
      'y',
      'z',
      'b',
      'a',
    ]);
  });
});

test('a NetworkPolicy and the labels of a Namespace touch whatever the pods of the namespace are in', () => {
  const subnet = (name: string, where: string): string =>
    `{apiVersion: ovn.kube-dc.com/v1alpha1, kind: Subnet, metadata: {name: ${name}}, spec: {${where}, cidr: 10.1.0.0/16, gateway: 10.1.0.1, namespaces: [n]}}\n---\n`;
  const inventory = inventoryOf(subnet('v', 'vpc: v') + subnet('u', 'underlay: {physicalNetwork: p}'));
  const metadata = 'metadata: {name: n, namespace: n, labels: {a: b}}';
  for (const text of [
    `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, ${metadata}, spec: {}}`,
    `{apiVersion: v1, kind: Namespace, ${metadata}}`,
  ])
    expect([...inventory.apply(changesOf(text))].toSorted()).toEqual(['underlay/u', 'vpc/n', 'vpc/v']);
});
