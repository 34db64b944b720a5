// Packets that leave: each project by the external network of its type, under its own address.
import { expect, test } from 'vitest';
import { lookUp } from '../../src/lab/look-up.ts';
import { exampleNetworks, managementNetwork, pod, project, service } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const objects = [
  exampleNetworks,
  managementNetwork,
  project('shop/cloud', '10.0.10.0/24', 'cloud'),
  project('shop/public', '10.0.10.0/24', 'public'),
  pod('shop-cloud/a'),
  pod('shop-public/a'),
  pod('kube-system/a', { labels: { app: 'web' } }),
  pod('monitoring/a', { labels: { app: 'web' } }),
  service('kube-system/web', {
    ports: ['80'],
    selector: { app: 'web' },
    spec: { type: 'ClusterIP', clusterIP: '10.101.0.10' },
  }),
];
const internet = '203.0.113.1';

describeLab('packets out', { objects }, (world) => {
  test.for(['shop-cloud', 'shop-public'])('a pod of %s leaves as its default-gw', async (namespace) => {
    const a = await world.pod(`${namespace}/a`);
    const client = await world.eip(`${namespace}/default-gw`);
    await using tcp = await world.upstream.listen('tcp', 80);
    await using udp = await world.upstream.listen('udp', 53);
    await expect.poll(() => a.tcp(`${internet}:80`)).toMatchObject({ outcome: 'answered', client });
    await expect.poll(() => a.udp(`${internet}:53`)).toMatchObject({ outcome: 'answered', client });
    expect(await a.ping(internet)).toMatchObject({ received: 1 });
    expect(new Set((await tcp.visits()).map((visit) => visit.client))).toEqual(new Set([client]));
    expect(new Set((await udp.visits()).map((visit) => visit.client))).toEqual(new Set([client]));
  });

  test('what is closed outside is refused at once', async () => {
    const a = await world.pod('shop-cloud/a');
    await expect.poll(() => a.tcp(`${internet}:81`)).toMatchObject({ outcome: 'refused' });
    await expect.poll(() => a.udp(`${internet}:81`)).toMatchObject({ outcome: 'refused' });
  });

  test.for(['kube-system/a', 'monitoring/a'])('%s on ovn-default leaves as 100.65.0.101', async (path) => {
    const a = await world.pod(path);
    expect(a.address).toMatch(/^10\.100\./);
    await using _ = await world.upstream.listen('tcp', 80);
    await expect
      .poll(() => a.tcp(`${internet}:80`))
      .toMatchObject({ outcome: 'answered', client: '100.65.0.101' });
  });

  test('two namespaces on one subnet reach each other, and a Service of one by its ClusterIP and name', async () => {
    const [a, b] = [await world.pod('kube-system/a'), await world.pod('monitoring/a')];
    await using _ = await a.listen('tcp', 80);
    const answered = { outcome: 'answered', client: b.address, server: 'a.kube-system' };
    await expect.poll(() => b.tcp(`${a.address}:80`)).toMatchObject(answered);
    await expect.poll(() => b.tcp('10.101.0.10:80')).toMatchObject(answered);
    await expect.poll(() => lookUp(b, '10.100.0.1', 'web.kube-system.svc.cluster.local')).toBe('10.101.0.10');
  });

  test('a node on the join network and a pod on ovn-default reach each other under their own addresses', async () => {
    const system = await world.pod('kube-system/a');
    await using node = await world.foreignPort('join', 'node', '172.30.0.2');
    await using _ = await system.listen('tcp', 80);
    await expect
      .poll(() => node.tcp(`${system.address}:80`))
      .toMatchObject({ outcome: 'answered', client: '172.30.0.2' });
    await using _kubelet = await node.listen('tcp', 10250);
    await expect
      .poll(() => system.tcp('172.30.0.2:10250'))
      .toMatchObject({ outcome: 'answered', client: system.address });
  });
});
