// When an optional kind counts as not there, and when it is only hidden for a moment.
import { expect, test } from 'vitest';
import { isAbsent } from '../../../../src/source/kubernetes/absence.ts';
import { errorOfStatus } from '../../../../src/source/kubernetes/kube-error.ts';
import { resourceOf } from '../../../../src/source/kubernetes/resources.ts';

const established = { conditions: [{ type: 'Established', status: 'True' }] };
const served = { versions: [{ name: 'v1', served: true }] };
const inForce = { metadata: { name: 'x' }, spec: served, status: established };

const ask = (
  status: number,
  definition: number | object,
  kind: 'EIp' | 'VirtualMachine' = 'VirtualMachine',
) =>
  isAbsent(
    {
      request: async ({ path }) => {
        expect(path).toBe(
          '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/virtualmachines.kubevirt.io',
        );
        if (typeof definition === 'number') throw errorOfStatus('GET', {}, definition);
        return definition;
      },
    },
    resourceOf(kind),
    errorOfStatus('list', {}, status),
    AbortSignal.timeout(1000),
  );

test.each<[status: number, why: string, definition: number | object, absent: boolean]>([
  [404, 'there is no definition', 404, true],
  [403, 'there is no definition', 404, true],
  [404, 'the definition is in force', inForce, false],
  [403, 'the definition is in force', inForce, false],
  [404, 'nobody may look', 403, true],
  [403, 'nobody may look', 403, false],
  [401, 'nobody may look', 403, false],
  [500, 'there is no definition', 404, false],
  [404, 'it is not established', { ...inForce, status: {} }, true],
  [
    404,
    'it is refused',
    { ...inForce, status: { conditions: [{ type: 'Established', status: 'False' }] } },
    true,
  ],
  [404, 'it is older', { ...inForce, spec: { versions: [{ name: 'v1alpha3', served: true }] } }, true],
  [404, 'it is switched off', { ...inForce, spec: { versions: [{ name: 'v1', served: false }] } }, true],
  [404, 'it is going', { ...inForce, metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }, true],
  [404, 'the answer is none', {}, true],
])('%d while %s', async (status, _, definition, absent) => {
  expect(await ask(status, definition)).toBe(absent);
});

test('a kind of ours is never absent, and no definition is asked for', async () => {
  expect(await ask(404, 404, 'EIp')).toBe(false);
});

test('when nobody can tell, nothing is said', async () => {
  await expect(ask(404, 503)).rejects.toMatchObject({ code: 'KUBE_SERVER' });
});
