// Nodes: addresses that nobody else is given, and chassis that KubeVirt calls by the Node's name.
import { describe, expect, test } from 'vitest';
import { Inventory } from '../../../src/model/inventory.ts';
import { formatAddress } from '../../../src/net/address.ts';
import { decodeYaml, worldOf } from '../../support/model-world.ts';
import type { WorldOptions } from '../../support/model-world.ts';
import { eip, instance, launcher, networks, pod, project } from '../../support/scenario.ts';

const node = (name: string, ...addresses: readonly string[]): string => `
apiVersion: v1
kind: Node
metadata: {name: ${name}}
status: {addresses: [{type: Hostname, address: ${name}.example.org}, ${addresses.map((address) => `{type: InternalIP, address: "${address}"}`).join(', ')}]}
---`;

const base = networks + project;
function eips(text: string, options: WorldOptions = {}) {
  const { results, problems } = worldOf(base + text, options);
  return {
    eips: (results.get('vpc/shalb-demo')?.eips ?? []).map(
      ({ key, ipAddresses }) => `${key.split('/')[2] ?? ''} ${ipAddresses.map(formatAddress).join()}`,
    ),
    problems: problems.map(({ code, object, severity = 'error' }) => `${severity} ${code} ${object}`),
  };
}

describe('an address of a Node', () => {
  test('is given to nobody', () => {
    const nodes = node('a', '192.168.1.5', '100.65.0.101') + node('b', '100.65.0.103');
    expect(eips(nodes + eip('x'))).toEqual({
      eips: ['default-gw 100.65.0.102', 'x 100.65.0.104'],
      problems: [],
    });
  });

  test('is refused to who asks for it', () => {
    const found = eips(node('a', '100.65.0.200') + eip('x', '{ipAddress: 100.65.0.200}'));
    expect(found.problems).toEqual(['error OutOfRange EIp/shalb-demo/x']);
  });

  test('is no more open to projects than those around it', () => {
    const networkOf = (text: string) => worldOf(base + text).results.get('network/ext-cloud')?.model;
    expect(networkOf(node('a', '100.65.0.200'))).toEqual(networkOf(''));
  });

  test('stays with who had it before the Node, who is told', () => {
    const recorded = { 'EIp/shalb-demo/x': '100.65.0.200', 'EIp/shalb-demo/default-gw': '100.65.0.201' };
    expect(eips(node('a', '100.65.0.200') + eip('x'), { recorded })).toEqual({
      eips: ['default-gw 100.65.0.201', 'x 100.65.0.200'],
      problems: ['warning Conflict EIp/shalb-demo/x'],
    });
  });
});

describe('a change of a Node', () => {
  const inventory = new Inventory();
  inventory.apply(decodeYaml(base + pod('p')).changes);
  const touched = (text: string): string[] => [...inventory.apply(decodeYaml(text).changes)].toSorted();
  const all = ['network/ext-cloud', 'network/ext-public', 'vpc/shalb-demo'];
  const gone = [{ key: 'Node/a', object: undefined }];

  test('touches everything when it has, or had, an address on an external network, else nothing', () => {
    expect(touched(node('a', '192.168.1.5'))).toEqual([]);
    expect(touched(node('a', '192.168.1.5', '100.65.3.7'))).toEqual(all);
    const before = inventory.nodeAddresses();
    expect(touched(node('a', '192.168.1.5', '100.65.3.7'))).toEqual(all);
    expect(inventory.nodeAddresses()).toBe(before);
    expect([...inventory.apply(gone)].toSorted()).toEqual(all);
    expect(inventory.nodeAddresses()).toEqual([]);
    expect(touched(node('b', '192.168.1.6'))).toEqual([]);
  });
});

describe('a Node that comes after the virtual machine on it', () => {
  const named = [
    ['by its launcher', launcher('aaaaa').replace('spec: {', 'spec: {nodeName: n2, ')],
    ['by KubeVirt, where it moves to', instance('vm', '{nodeName: n1, migrationState: {targetNode: n2}}')],
  ] as const;
  test.each(named)('touches the unit of the machine, named %s', (_, machine) => {
    const inventory = new Inventory();
    inventory.apply(decodeYaml(base + machine).changes);
    expect([...inventory.apply(decodeYaml(node('n3', '10.1.0.3')).changes)]).toEqual([]);
    expect([...inventory.apply(decodeYaml(node('n2', '10.1.0.2')).changes)]).toEqual(['vpc/shalb-demo']);
  });
});

describe('the port of a virtual machine that moves', () => {
  const moving = instance('vm', '{nodeName: n1, migrationState: {sourceNode: n1, targetNode: n2}}');
  const text = base + launcher('aaaaa') + moving + node('n1', '10.1.0.1') + node('n2', '10.1.0.2');
  const known = (systems: Readonly<Record<string, string>>) => ({
    observations: {
      chassisOf: (names: readonly string[]) => names.map((name) => systems[name]).find(Boolean),
    },
  });
  const portOf = (options: WorldOptions) => {
    const world = worldOf(text, options);
    const [port] = world.vpc('shalb-demo').subnets.flatMap(({ ports }) => ports);
    const problems = world.problems.map(({ code, object, message }) => `${code} ${object} ${message}`);
    return { chassis: port?.chassis, problems };
  };

  test('is bound on the chassis of its nodes, by their names or addresses', () => {
    const systems = { 'n1.example.org': 'system-1', '10.1.0.2': 'system-2' };
    expect(portOf(known(systems))).toEqual({ chassis: ['system-1', 'system-2'], problems: [] });
  });

  test('is left to who binds it when one of them is no chassis', () => {
    expect(portOf(known({ n1: 'system-1' }))).toEqual({
      chassis: [],
      problems: [
        'Pending Pod/shalb-demo/virt-launcher-vm-aaaaa no chassis is known for node n2, so a move of the virtual machine is left to whoever binds its port',
      ],
    });
  });
});
