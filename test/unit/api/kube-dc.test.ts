// Objects as Kube-DC writes them are accepted unchanged, status included.
import { describe, expect, test } from 'vitest';
import { decodeObject } from '../../../src/api/decode.ts';

const condition = {
  type: 'LimitCheck',
  status: 'True',
  reason: 'WithinLimit',
  message: '',
  lastTransitionTime: '2026-03-01T10:00:00Z',
};
const metadata = (name: string, namespace: string) => ({
  name,
  namespace,
  uid: '8f3c',
  resourceVersion: '123',
  generation: 1,
  creationTimestamp: '2026-03-01T10:00:00Z',
  finalizers: ['kube-dc.com/finalizer'],
  managedFields: [{ manager: 'manager', operation: 'Update' }],
});

const objects = [
  {
    apiVersion: 'kube-dc.com/v1',
    kind: 'Project',
    metadata: metadata('demo', 'shalb'),
    spec: { cidrBlock: '10.0.10.0/24', egressNetworkType: 'cloud' },
    status: {
      namespace: 'shalb-demo',
      ready: true,
      conditions: [condition],
      quotaUsage: { cpu: { hard: '8', used: '1' } },
    },
  },
  {
    apiVersion: 'kube-dc.com/v1',
    kind: 'EIp',
    metadata: metadata('default-gw', 'shalb-demo'),
    spec: { childRef: 'shalb-demo-ext-cloud' },
    status: {
      ipAddress: '100.65.0.102',
      ovnEIpRef: 'shalb-demo-ext-cloud',
      ownershipType: 'Shared',
      owners: [{ type: 'Snat', ownerRef: 'shalb-demo' }],
      ready: true,
    },
  },
  {
    apiVersion: 'kube-dc.com/v1',
    kind: 'FIp',
    metadata: metadata('fip-ubuntu', 'shalb-demo'),
    spec: { vmTarget: { vmName: 'ubuntu', interfaceName: 'vpc_net_0' }, externalNetworkType: 'public' },
    status: {
      eip: 'fip-fip-ubuntu-mmpqr',
      externalIP: '168.119.17.52',
      ovnFip: 'shalb-demo-fip-ubuntu',
      ready: true,
      resolvedTargetIP: '10.0.10.9',
      targetVMInterface: {
        vmName: 'ubuntu',
        interfaceName: 'vpc_net_0',
        ipAddress: '10.0.10.9',
        mac: '0a:58:0a:00:0a:09',
      },
    },
  },
];

describe('Kube-DC', () => {
  test.each(objects.map((object) => [object.kind, object] as const))('%s', (_kind, object) => {
    const decoded = decodeObject(object);
    expect(decoded).toMatchObject({ ok: true, warnings: [] });
    const { spec, status } = object;
    const { quotaUsage: _, ...known } = status;
    expect(decoded.ok && decoded.object).toMatchObject({ spec, status: known });
  });
});
