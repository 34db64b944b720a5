// What each kind says of itself, field by field, and what its conditions say.
import { describe, expect, test } from 'vitest';
import { rejectedStatus } from '../../../src/status/desired-statuses.ts';
import {
  eip,
  fip,
  networks,
  onDefaultGateway,
  onEip,
  pod,
  project,
  service,
} from '../../support/scenario.ts';
import { defaultNow, StatusStage } from '../../support/status-world.ts';
import type { StageOptions } from '../../support/status-world.ts';

const stage = (...texts: readonly string[]): StatusStage =>
  new StatusStage().read([networks, project, ...texts].join(''));
const web = (annotations = onDefaultGateway, ports = '[{port: 80}]') =>
  service('web', annotations, `selector: {app: nginx}, ports: ${ports}`);
const condition = (status: { readonly conditions?: unknown } | undefined, type: string) =>
  (status as { conditions?: { type: string }[] } | undefined)?.conditions?.find((each) => each.type === type);
const True = (reason: string) => expect.objectContaining({ status: 'True', reason }) as object;
const False = (reason: string) => expect.objectContaining({ status: 'False', reason }) as object;

describe('fields', () => {
  test('of a Project', () => {
    expect(stage().status('Project/shalb/demo')).toMatchObject({
      namespace: 'shalb-demo',
      cidrBlock: '10.0.10.0/24',
      ready: true,
      conditions: [
        {
          type: 'Accepted',
          status: 'True',
          reason: 'Accepted',
          lastTransitionTime: defaultNow,
          observedGeneration: 1,
        },
        { type: 'Programmed', status: 'True', reason: 'Programmed' },
        { type: 'Ready', status: 'True', reason: 'Ready' },
      ],
    });
  });

  test('of EIps, whoever uses them', () => {
    const made = stage(
      eip('free'),
      eip('single'),
      pod('nginx-0'),
      fip('f', '{ipAddress: 10.0.10.9, eip: single}'),
      web(),
    );
    made.settle();
    expect(made.status('EIp/shalb-demo/free')).toMatchObject({
      ipAddress: '100.65.0.102',
      ovnEIpRef: 'shalb-demo-free',
      ownershipType: 'Released',
      owners: [],
      deleteReleased: false,
      ready: true,
    });
    expect(made.status('EIp/shalb-demo/single')).toMatchObject({
      ownershipType: 'Exclusive',
      owners: [{ type: 'FIp', ownerRef: 'f' }],
    });
    expect(made.status('EIp/shalb-demo/default-gw')).toMatchObject({
      ipAddress: '100.65.0.101',
      ovnEIpRef: 'shalb-demo-ext-cloud',
      ownershipType: 'Shared',
      owners: [
        { type: 'ServiceLb', ownerRef: 'web' },
        { type: 'Snat', ownerRef: 'shalb-demo' },
      ],
      deleteReleased: false,
    });
  });

  test('of a FIp on an address, and of one on a virtual machine that comes later', () => {
    const made = stage(
      fip('a', '{ipAddress: 10.0.10.9}'),
      fip('vm', '{vmTarget: {vmName: vm, interfaceName: vpc_net_0}}'),
    );
    made.settle();
    expect(made.status('FIp/shalb-demo/a')).toMatchObject({
      eip: 'fip-a',
      externalIP: '100.65.0.102',
      ovnFip: 'shalb-demo-a',
      resolvedTargetIP: '10.0.10.9',
      ready: true,
    });
    expect(made.status('FIp/shalb-demo/vm')).toMatchObject({
      eip: 'fip-vm',
      externalIP: '100.65.0.103',
      ovnFip: '',
      ready: false,
      conditions: [True('Accepted'), False('Pending'), False('Pending')],
    });
    made.read(pod('virt-launcher', '{vm.kubevirt.io/name: vm}'));
    expect(made.status('FIp/shalb-demo/vm')).toMatchObject({
      ovnFip: 'shalb-demo-vm',
      resolvedTargetIP: '10.0.10.2',
      targetVMInterface: {
        vmName: 'vm',
        interfaceName: 'vpc_net_0',
        ipAddress: '10.0.10.2',
        mac: '0a:58:0a:00:0a:02',
      },
      ready: true,
    });
  });

  test('of a Service: one address, and which of its ports somebody else has', () => {
    const two = service(
      'two',
      onDefaultGateway,
      'selector: {app: nginx}, ports: [{name: a, port: 80}, {name: b, port: 81, protocol: UDP}]',
    );
    const made = stage(web(), two, service('same', onDefaultGateway, 'ports: [{port: 80}]'));
    expect(made.status('Service/shalb-demo/same')).toMatchObject({
      loadBalancer: { ingress: [{ ip: '100.65.0.101' }] },
      conditions: [True('Accepted'), True('Programmed'), True('Ready')],
    });
    expect(made.status('Service/shalb-demo/two')).toMatchObject({
      loadBalancer: {
        ingress: [
          {
            ip: '100.65.0.101',
            ports: [
              { port: 80, protocol: 'TCP', error: 'kube-dc.com/Conflict' },
              { port: 81, protocol: 'UDP' },
            ],
          },
        ],
      },
      conditions: [False('Conflict'), False('Conflict'), False('Conflict')],
    });
    expect(made.status('Service/shalb-demo/web')).toMatchObject({ loadBalancer: { ingress: [] } });
  });

  test('of Services of others there are none, and one that turns away loses only what is ours', () => {
    const metallb = service('m', '{}', 'loadBalancerClass: metallb, ports: [{port: 80}]');
    const plain = web().replace('type: LoadBalancer', 'type: ClusterIP');
    const elsewhere = web().replaceAll('shalb-demo', 'elsewhere');
    const made = stage(metallb, plain, elsewhere);
    expect(made.statuses().filter(({ kind }) => kind === 'Service')).toEqual([]);
    const ours = service('m', '{}', 'loadBalancerClass: kube-dc.com/ovn-projector, ports: [{port: 80}]');
    const turning = stage(ours);
    turning.settle();
    const object = turning.objects.get('Service/shalb-demo/m');
    turning.put({
      ...object!,
      spec: { type: 'LoadBalancer', loadBalancerClass: 'metallb', ports: [{ port: 80 }] },
    });
    expect(turning.status('Service/shalb-demo/m')).toEqual({ conditions: [] });
  });

  test('of an ExternalNetwork, which is not ready without a gateway chassis', () => {
    expect(stage().status('ExternalNetwork/ext-cloud')).toMatchObject({
      capacity: 10,
      allocated: 2,
      ready: true,
    });
    const deaf = stage().status('ExternalNetwork/ext-cloud', { observations: { gatewayChassis: [] } });
    expect(deaf).toMatchObject({
      ready: false,
      conditions: [True('Accepted'), True('Programmed'), False('NoGatewayChassis')],
    });
  });

  test('of a Vpc and its Subnets', () => {
    const made = stage(`
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Vpc
metadata: {name: v}
spec: {externalNetworks: [{name: ext-cloud}]}
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: s}
spec: {vpc: v, cidr: 10.9.0.0/24}
---
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: t}
spec: {vpc: v, cidr: 10.9.0.0/25}
---`);
    expect(made.status('Vpc/v')).toMatchObject({ ready: true });
    expect(made.status('Subnet/s')).toMatchObject({ ready: true });
    expect(made.status('Subnet/t')).toMatchObject({ ready: false, conditions: [False('Overlap'), {}, {}] });
  });
});

describe('conditions', () => {
  const ready = (made: StatusStage, key: string, options: StageOptions = {}) =>
    condition(made.status(key, options), 'Ready');

  test('follow an object on its way: claimed, written, realised', () => {
    const made = stage(web());
    const key = 'Service/shalb-demo/web';
    const claimed = made.status(key, { outcome: { isCommitted: false, pending: new Set([key]) } });
    expect(claimed).toMatchObject({
      loadBalancer: { ingress: [] },
      conditions: [True('Accepted'), False('Pending'), False('Pending')],
    });
    expect(made.status(key, { isRealised: false })).toMatchObject({
      loadBalancer: { ingress: [{ ip: '100.65.0.101' }] },
      conditions: [True('Accepted'), True('Programmed'), False('Realising')],
    });
    expect(made.status(key)).toMatchObject({
      conditions: [True('Accepted'), True('Programmed'), True('Ready')],
    });
  });

  test('of the others in a VPC stay as they are while one is on its way', () => {
    const made = stage(web(), eip('e'));
    made.settle();
    const waiting: StageOptions = {
      outcome: { isCommitted: false, pending: new Set(['Project/shalb/demo', 'Service/shalb-demo/late']) },
      isRealised: false,
      now: '2027-01-01T00:00:00Z',
    };
    made.read(web().replace('name: web', 'name: late').replace('80', '81'));
    for (const key of [
      'Project/shalb/demo',
      'EIp/shalb-demo/e',
      'EIp/shalb-demo/default-gw',
      'Service/shalb-demo/web',
    ])
      expect([key, ready(made, key, waiting)]).toEqual([
        key,
        { ...ready(made, key), lastTransitionTime: defaultNow },
      ]);
    expect(ready(made, 'Service/shalb-demo/late', waiting)).toEqual(False('Pending'));
  });

  test('of a new generation are judged anew, and keep the time of a verdict that stays', () => {
    const made = stage(web());
    made.settle();
    const object = made.objects.get('Service/shalb-demo/web')!;
    made.put({ ...object, metadata: { ...object.metadata, generation: 2 } as never });
    const status = made.status('Service/shalb-demo/web', { isRealised: false, now: '2027-01-01T00:00:00Z' });
    expect(condition(status, 'Accepted')).toMatchObject({
      status: 'True',
      observedGeneration: 2,
      lastTransitionTime: defaultNow,
    });
    expect(condition(status, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'Realising',
      lastTransitionTime: '2027-01-01T00:00:00Z',
    });
  });

  test('say what is wrong, where, and what to do', () => {
    const made = stage(web(onEip('none')));
    expect(condition(made.status('Service/shalb-demo/web'), 'Accepted')).toMatchObject({
      status: 'False',
      reason: 'NotFound',
      message:
        'metadata.annotations[service.nlb.kube-dc.com/bind-on-eip]: there is no EIp none; create it in the same namespace, or name one that exists',
    });
  });

  test('of a unit that cannot be modelled, or is blocked, keep what is there', () => {
    const made = stage(web(), eip('e'));
    made.settle();
    const bug: StageOptions = {
      outcome: { result: undefined, isCommitted: false, failure: new Error('bug'), problems: [] },
    };
    expect(made.settleOnce(bug)).toEqual([]);
    const object = made.objects.get('Project/shalb/demo')!;
    made.put({
      ...object,
      metadata: { ...object.metadata, generation: 2 } as never,
      spec: { cidrBlock: '100.65.0.0/24', egressNetworkType: 'cloud' },
    });
    expect(made.settleOnce()).toEqual(['status Project/shalb/demo']);
    expect(made.status('Project/shalb/demo')).toMatchObject({
      cidrBlock: '10.0.10.0/24',
      ready: false,
      conditions: [False('Overlap'), False('Overlap'), False('Overlap')],
    });
    made.read(eip('late'));
    expect(made.status('EIp/shalb-demo/late')).toMatchObject({
      ready: false,
      conditions: [
        True('Accepted'),
        { reason: 'Pending', message: expect.stringContaining('waits for Project/shalb/demo') as string },
        {},
      ],
    });
  });

  test('of objects whose rows could not be written say so, and of no others', () => {
    const made = stage(web(), eip('e'));
    made.settle();
    const failed: StageOptions = {
      outcome: {
        isCommitted: false,
        failure: new Error('constraint violation'),
        pending: new Set(['Service/shalb-demo/web']),
      },
    };
    expect(made.status('Service/shalb-demo/web', failed)).toMatchObject({
      loadBalancer: { ingress: [{ ip: '100.65.0.101' }] },
      conditions: [True('Accepted'), False('Failed'), False('Failed')],
    });
    expect(ready(made, 'EIp/shalb-demo/e', failed)).toEqual(True('Ready'));
  });

  test('of two Projects with one namespace: the younger has none', () => {
    const young = project.replace('name: demo, namespace: shalb', 'name: b-demo, namespace: shalb-a');
    const old = project.replace('name: demo, namespace: shalb', 'name: a-b-demo, namespace: shalb');
    const made = stage(young, old);
    const [first, second] = ['Project/shalb-a/b-demo', 'Project/shalb/a-b-demo'].map((key) =>
      made.status(key),
    );
    expect(new Set([first?.['namespace'], second?.['namespace']])).toEqual(
      new Set(['shalb-a-b-demo', undefined]),
    );
    expect([condition(first, 'Accepted'), condition(second, 'Accepted')]).toContainEqual(False('Conflict'));
  });

  test('an address leaves the status when its rows are gone, not before', () => {
    const made = stage(eip('e'));
    made.settle();
    made.objects.delete('Project/shalb/demo');
    const absent = { isCommitted: false };
    expect(made.status('EIp/shalb-demo/e', { outcome: absent })).toMatchObject({
      ipAddress: '100.65.0.102',
      conditions: [False('NotFound'), {}, {}],
    });
    expect(made.status('EIp/shalb-demo/e')?.['ipAddress']).toBeUndefined();
  });
});

test('a rejected object keeps what it says, and says why it is rejected', () => {
  const status = {
    ipAddress: '100.65.0.102',
    ownershipType: 'Released',
    ready: true,
    foreign: 1,
    owners: [],
  };
  const problem = {
    code: 'Invalid' as const,
    object: 'EIp/a/e',
    path: 'spec.ipAddress',
    message: 'bad',
    hint: 'mend it',
  };
  expect(rejectedStatus({ key: 'EIp/a/e', generation: 3, status }, [problem], defaultNow)).toMatchObject({
    apiVersion: 'kube-dc.com/v1',
    namespace: 'a',
    name: 'e',
    status: {
      ipAddress: '100.65.0.102',
      ownershipType: 'Released',
      ready: false,
      conditions: [
        { type: 'Accepted', status: 'False', reason: 'Invalid', message: 'spec.ipAddress: bad; mend it' },
        False('Invalid'),
        False('Invalid'),
      ],
    },
  });
  expect(
    rejectedStatus({ key: 'EIp/a/e', generation: 3, status }, [problem], defaultNow)?.status,
  ).not.toHaveProperty('foreign');
  expect(rejectedStatus({ key: 'Pod/a/p', generation: 1, status: {} }, [], defaultNow)).toBeUndefined();
});
