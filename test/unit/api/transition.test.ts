// Fields that keep what they had at creation.
import { expect, test } from 'vitest';
import { decodeObject, transitionProblems } from '../../../src/api/decode.ts';
import type { ApiObject } from '../../../src/api/api-object.ts';

function object(apiVersion: string, kind: string, spec: object): ApiObject {
  const decoded = decodeObject({ apiVersion, kind, metadata: { name: 'x', namespace: 'n' }, spec });
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.problems));
  return decoded.object;
}
const kubeDc = 'kube-dc.com/v1';
const ovn = 'ovn.kube-dc.com/v1alpha1';

test.each([
  [
    kubeDc,
    'Project',
    { egressNetworkType: 'cloud' },
    { egressNetworkType: 'public' },
    ['spec.egressNetworkType'],
  ],
  [kubeDc, 'Project', { egressNetworkType: 'cloud' }, {}, ['spec.egressNetworkType']],
  [kubeDc, 'Project', {}, { egressNetworkType: 'cloud' }, ['spec.egressNetworkType']],
  [kubeDc, 'Project', { cidrBlock: '10.0.0.0/24' }, { cidrBlock: '10.0.1.0/24' }, []],
  [kubeDc, 'EIp', { externalNetworkType: 'a' }, { externalNetworkType: 'b' }, ['spec.externalNetworkType']],
  [kubeDc, 'EIp', { ipAddress: '1.2.3.4' }, { ipAddress: '1.2.3.5' }, ['spec.ipAddress']],
  [kubeDc, 'EIp', { childRef: 'a' }, { childRef: 'b' }, ['spec.childRef']],
  [kubeDc, 'FIp', { ipAddress: '10.0.0.1' }, { ipAddress: '10.0.0.2' }, []],
  [
    kubeDc,
    'FIp',
    { ipAddress: '10.0.0.1', externalNetworkType: 'cloud' },
    { ipAddress: '10.0.0.1', externalNetworkType: 'public' },
    ['spec.externalNetworkType'],
  ],
  [kubeDc, 'Project', {}, { vpc: 'a' }, ['spec.vpc']],
  [ovn, 'Subnet', { vpc: 'a', cidr: '10.0.0.0/24' }, { vpc: 'b', cidr: '10.0.0.0/24' }, ['spec.vpc']],
  [ovn, 'Vpc', { staticRoutes: [{ cidr: '0.0.0.0/0', nextHop: '10.0.0.1' }] }, {}, []],
])('%s %s %o → %o', (apiVersion, kind, before, after, paths) => {
  const problems = transitionProblems(object(apiVersion, kind, before), object(apiVersion, kind, after));
  expect(problems.map(({ path }) => path)).toEqual(paths);
  for (const problem of problems)
    expect(problem).toMatchObject({ code: 'Immutable', hint: /set it back to/.exec(problem.hint)?.input });
});
