// Objects beside those of people: which there are, whose they are, and when they go.
import { describe, expect, test } from 'vitest';
import { obsoleteCompanions } from '../../../src/status/companions.ts';
import { eip, fip, networks, onDefaultGateway, pod, project, service } from '../../support/scenario.ts';
import { StatusStage } from '../../support/status-world.ts';

const settled = (...texts: readonly string[]): StatusStage => {
  const stage = new StatusStage().read([networks, project, ...texts].join(''));
  stage.settle();
  return stage;
};
const web = service(
  'web',
  onDefaultGateway,
  'selector: {app: nginx}, ports: [{name: http, port: 80, targetPort: 8080}]',
);
const own = service('own', '{}', 'ports: [{port: 80}]');
const keys = (stage: StatusStage) => [...stage.objects.keys()];

describe('companions', () => {
  test('a Project has its namespace, and the EIp that it leaves by', () => {
    const { objects } = settled();
    expect(objects.get('Namespace/shalb-demo')).toMatchObject({
      apiVersion: 'v1',
      metadata: {
        labels: {
          'kube-dc.com/project': '',
          'kube-dc.com/organization': 'shalb',
          'kube-dc.com/managed-by': 'ovn-projector',
        },
      },
    });
    expect(objects.get('EIp/shalb-demo/default-gw')).toMatchObject({
      apiVersion: 'kube-dc.com/v1',
      metadata: { namespace: 'shalb-demo', labels: { 'network.kube-dc.com/external-network-type': 'cloud' } },
      spec: { childRef: 'shalb-demo-ext-cloud' },
      status: { ipAddress: '100.65.0.101', deleteReleased: false },
    });
  });

  test('a namespace that was there gets its labels, and is not ours for that', () => {
    const stage = settled(
      '\napiVersion: v1\nkind: Namespace\nmetadata: {name: shalb-demo, labels: {team: a}}\n---',
    );
    const { labels } = stage.objects.get('Namespace/shalb-demo')!.metadata;
    expect(labels).toEqual({ 'kube-dc.com/project': '', 'kube-dc.com/organization': 'shalb' });
  });

  test('an EIp of a name that we would take, but a person wrote, is theirs', () => {
    const stage = settled(
      eip('default-gw', '{ipAddress: 100.65.0.150}'),
      eip('slb-own', '{externalNetworkType: public}'),
      own,
    );
    expect(stage.objects.get('EIp/shalb-demo/default-gw')).toMatchObject({
      spec: { ipAddress: '100.65.0.150' },
      status: { ipAddress: '100.65.0.150' },
    });
    expect(stage.objects.get('EIp/shalb-demo/slb-own')).toMatchObject({ status: { deleteReleased: false } });
    expect(stage.writes.filter((write) => write.startsWith('apply EIp'))).toEqual([]);
  });

  test('Services and FIps without an EIp have one made, and it goes with them', () => {
    const stage = settled(own, fip('vm', '{vmTarget: {vmName: vm}}'));
    expect(stage.objects.get('EIp/shalb-demo/slb-own')).toMatchObject({
      metadata: { ownerReferences: [{ kind: 'Service', name: 'own', controller: true }] },
      spec: { externalNetworkType: 'cloud' },
      status: {
        ipAddress: '100.65.0.103',
        ownershipType: 'Shared',
        owners: [{ type: 'ServiceLb', ownerRef: 'own' }],
        deleteReleased: true,
      },
    });
    // Its target is not there yet: the address is held for it all the same.
    expect(stage.objects.get('EIp/shalb-demo/fip-vm')).toMatchObject({
      metadata: { ownerReferences: [{ kind: 'FIp', name: 'vm', apiVersion: 'kube-dc.com/v1' }] },
      status: { ipAddress: '100.65.0.102', ownershipType: 'Released', deleteReleased: true },
    });
    stage.read(own.replace('annotations: {}', `annotations: ${onDefaultGateway}`));
    stage.objects.delete('FIp/shalb-demo/vm');
    stage.settle();
    expect(keys(stage).filter((key) => key.startsWith('EIp/'))).toEqual(['EIp/shalb-demo/default-gw']);
    expect(stage.status('Service/shalb-demo/own')).toMatchObject({
      loadBalancer: { ingress: [{ ip: '100.65.0.101' }] },
    });
  });

  test('what was made goes only when the rows are gone, and stays with an object that is rejected', () => {
    const stage = settled(own);
    const existing = [{ key: 'EIp/shalb-demo/slb-own', kind: 'EIp' as const }];
    stage.objects.delete('Service/shalb-demo/own');
    const world = stage.world();
    expect(obsoleteCompanions(stage.outcome(world, 'vpc/shalb-demo'), existing, [])).toEqual(existing);
    const pending = stage.outcome(world, 'vpc/shalb-demo', { outcome: { isCommitted: false } });
    expect(obsoleteCompanions(pending, existing, [])).toEqual([]);
    stage.read(own.replace('port: 80', 'port: 0'));
    const rejected = stage.world();
    expect(obsoleteCompanions(stage.outcome(rejected, 'vpc/shalb-demo'), existing, [])).toEqual([]);
  });

  test('a Service with an address has a name that leads there', () => {
    const stage = settled(web, pod('nginx-0'));
    const labels = {
      'kube-dc.com/managed-by': 'service-lb-controller',
      'kube-dc.com/source-service': 'web',
      'kube-dc.com/endpoint-type': 'external',
    };
    const head = stage.objects.get('Service/shalb-demo/web-ext')!;
    expect(head).toMatchObject({
      metadata: { labels, ownerReferences: [{ kind: 'Service', name: 'web' }] },
      spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
    });
    const { uid } = head.metadata as { uid?: string };
    const ownerReferences = [{ kind: 'Service', name: 'web-ext', uid }];
    expect(stage.objects.get('EndpointSlice/shalb-demo/web-ext-ipv4')).toMatchObject({
      apiVersion: 'discovery.k8s.io/v1',
      metadata: { labels: { ...labels, 'kubernetes.io/service-name': 'web-ext' }, ownerReferences },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['100.65.0.101'] }],
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    });
    expect(stage.objects.get('Endpoints/shalb-demo/web-ext')).toMatchObject({
      metadata: { labels: { ...labels, 'endpointslice.kubernetes.io/skip-mirror': 'true' }, ownerReferences },
      subsets: [
        { addresses: [{ ip: '100.65.0.101' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] },
      ],
    });
    expect(stage.world().vpc('shalb-demo').names.get('web-ext.shalb-demo.svc.cluster.local')).toBeDefined();
    stage.objects.delete('Service/shalb-demo/web');
    stage.settle();
    expect(keys(stage).filter((key) => key.includes('web'))).toEqual([]);
  });

  test('a Service of that name which somebody else wrote is left alone', () => {
    const theirs = service('web-ext', '{}', 'ports: [{port: 9}]').replace('LoadBalancer', 'ClusterIP');
    const stage = settled(web, theirs);
    expect(keys(stage).filter((key) => key.includes('ext-ipv4') || key.startsWith('Endpoints'))).toEqual([]);
    expect(stage.objects.get('Service/shalb-demo/web-ext')).toMatchObject({ spec: { ports: [{ port: 9 }] } });
  });

  test('Pods are told where to plug in, and keep their address', () => {
    const stage = settled(pod('nginx-0'), pod('nginx-1'));
    expect(stage.objects.get('Pod/shalb-demo/nginx-1')?.metadata.annotations).toEqual({
      'network.kube-dc.com/ip-address': '10.0.10.3',
      'network.kube-dc.com/mac-address': '0a:58:0a:00:0a:03',
      'network.kube-dc.com/gateway': '10.0.10.1',
      'network.kube-dc.com/mtu': '1400',
      'network.kube-dc.com/port': 'nginx-1.shalb-demo',
    });
    stage.objects.delete('Pod/shalb-demo/nginx-0');
    stage.settle();
    expect(
      stage
        .world()
        .vpc('shalb-demo')
        .subnets[0]?.ports.map(({ mac }) => mac),
    ).toEqual(['0a:58:0a:00:0a:03']);
  });
});
