// Where a virtual machine's port may be bound, step by step through the life of a move.
import { expect, test } from 'vitest';
import { worldOf } from '../../support/model-world.ts';
import { instance, networks, project } from '../../support/scenario.ts';

/** `aaaaa@n1`: the launcher's suffix and its node, the oldest first. */
const launchers = (...pods: readonly string[]): string =>
  pods
    .map((text, age) => {
      const [suffix = '', node = ''] = text.split('@');
      return `
apiVersion: v1
kind: Pod
metadata: {name: virt-launcher-vm-${suffix}, namespace: shalb-demo, creationTimestamp: "2026-01-0${age + 1}T00:00:00Z", labels: {vm.kubevirt.io/name: vm}}
spec: {${node === '' ? '' : `nodeName: ${node}`}}
---`;
    })
    .join('');

const to2 = 'sourceNode: n1, sourcePod: virt-launcher-vm-a, targetNode: n2, targetPod: virt-launcher-vm-b';
const old = 'sourceNode: n1, targetNode: n2, targetPod: virt-launcher-vm-b';
const ended = 'endTimestamp: "2026-01-09T00:00:00Z"';

test.each<[what: string, pods: readonly string[], status: string | undefined, nodes: readonly string[]]>([
  ['runs', ['a@n1'], '{nodeName: n1}', []],
  ['runs, and nobody says more', ['a@n1'], undefined, []],
  ['is about to move', ['a@n1', 'b@n2'], '{nodeName: n1}', ['n1', 'n2']],
  ['is about to move, as far as the pods say', ['a@n1', 'b@n2'], undefined, ['n1', 'n2']],
  ['has a pod that waits for a node', ['a@n1', 'b'], '{nodeName: n1}', []],
  ['has two pods on one node', ['a@n1', 'b@n1'], '{nodeName: n1}', []],
  ['moves', ['a@n1', 'b@n2'], `{nodeName: n1, migrationState: {${to2}}}`, ['n1', 'n2']],
  [
    'moves, its older pod named last',
    ['b@n2', 'a@n1'],
    `{nodeName: n1, migrationState: {${to2}}}`,
    ['n1', 'n2'],
  ],
  ['moves, with one pod still seen', ['b@n2'], `{nodeName: n1, migrationState: {${to2}}}`, ['n1', 'n2']],
  [
    'moves from where it runs',
    ['a@n1', 'b@n2'],
    '{nodeName: n1, migrationState: {targetNode: n2}}',
    ['n1', 'n2'],
  ],
  [
    'moves, and it is not said where to',
    ['a@n1', 'b@n2'],
    '{nodeName: n1, migrationState: {}}',
    ['n1', 'n2'],
  ],
  [
    'has moved, its first pod is still there',
    ['a@n1', 'b@n2'],
    `{nodeName: n2, migrationState: {${to2}, completed: true, ${ended}}}`,
    ['n2'],
  ],
  [
    'has moved, its first pod is not named',
    ['a@n1', 'b@n2'],
    `{nodeName: n2, migrationState: {${old}, completed: true}}`,
    ['n2'],
  ],
  [
    'has moved, its node is not said yet',
    ['a@n1', 'b@n2'],
    `{migrationState: {${to2}, completed: true}}`,
    ['n2'],
  ],
  ['has moved for good', ['b@n2'], `{nodeName: n2, migrationState: {${to2}, completed: true}}`, ['n2']],
  [
    'could not move, the other pod is still there',
    ['a@n1', 'b@n2'],
    `{nodeName: n1, migrationState: {${to2}, failed: true}}`,
    ['n1'],
  ],
  ['was kept from moving', ['a@n1', 'b@n2'], `{nodeName: n1, migrationState: {${to2}, ${ended}}}`, ['n1']],
  [
    'has moved and is about to move on',
    ['b@n2', 'c@n3'],
    `{nodeName: n2, migrationState: {${to2}, completed: true}}`,
    ['n2', 'n3'],
  ],
  [
    'has moved and is about to move back',
    ['b@n2', 'c@n1'],
    `{nodeName: n2, migrationState: {${to2}, completed: true}}`,
    ['n2', 'n1'],
  ],
  [
    'could not move and tries again',
    ['a@n1', 'b@n2', 'c@n3'],
    `{nodeName: n1, migrationState: {${to2}, failed: true}}`,
    ['n1', 'n3'],
  ],
])('a machine that %s', (_, pods, status, nodes) => {
  const text = launchers(...pods) + (status === undefined ? '' : instance('vm', status));
  const [port] = worldOf(networks + project + text)
    .vpc('shalb-demo')
    .subnets.flatMap(({ ports }) => ports);
  expect(port?.chassis).toEqual(nodes);
});
