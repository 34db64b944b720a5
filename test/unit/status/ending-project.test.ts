// A Project that is deleted and there still: what it says.
import { expect, test } from 'vitest';
import { endingProjectStatus } from '../../../src/status/ending-project.ts';
import { decodeYaml } from '../../support/model-world.ts';
import { project } from '../../support/scenario.ts';

const [change] = decodeYaml(project).changes;
const object = change?.object;

test.each<[string | undefined, boolean, RegExp]>([
  ['shalb-demo', true, /is being taken down/],
  ['shalb-demo', false, /waits until namespace shalb-demo is.*kubectl get eip,fip,service,pod -n shalb-demo/],
  [undefined, false, /its network is gone, and so will it be/],
])('with namespace %s, rows: %s', (namespace, hasRows, message) => {
  if (object?.kind !== 'Project') throw new Error('no project');
  const status = { ...object.status, namespace: 'shalb-demo', cidrBlock: '10.0.10.0/24' };
  const desired = endingProjectStatus({ ...object, status }, namespace, hasRows, '2026-03-01T10:00:00Z');
  const because = { status: 'False', reason: 'Deleting', message: expect.stringMatching(message) };
  expect(desired).toMatchObject({
    key: 'Project/shalb/demo',
    status: {
      namespace: 'shalb-demo',
      cidrBlock: '10.0.10.0/24',
      ready: false,
      conditions: [
        { type: 'Accepted', status: 'False', reason: 'Deleting', message: 'it is being deleted' },
        { type: 'Programmed', ...because },
        { type: 'Ready', ...because },
      ],
    },
  });
});
