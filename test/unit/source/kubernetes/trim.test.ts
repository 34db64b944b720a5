// What is kept of an object that the API server sent.
import { expect, test } from 'vitest';
import { resourceOf } from '../../../../src/source/kubernetes/resources.ts';
import { trim } from '../../../../src/source/kubernetes/trim.ts';

test('of annotations those that are read, the whole name of a virtual machine among them', () => {
  const annotations = {
    'kubevirt.io/domain': 'vm',
    'kubevirt.io/migrationTransportUnix': 'true',
    'network.kube-dc.com/port': 'vm.shalb-demo',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
  };
  expect(trim(resourceOf('Pod'), { metadata: { name: 'launcher', annotations } })).toMatchObject({
    metadata: {
      annotations: { 'kubevirt.io/domain': 'vm', 'network.kube-dc.com/port': 'vm.shalb-demo' },
    },
  });
  expect(JSON.stringify(trim(resourceOf('Pod'), { metadata: { annotations } }))).not.toMatch(
    /last-applied|migrationTransport/,
  );
});
