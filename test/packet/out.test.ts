// Packets that leave: each project by the external network of its type, under its own address.
import { expect, test } from 'vitest';
import { exampleNetworks, managementNetwork, pod, project } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const objects = [
  exampleNetworks,
  managementNetwork,
  project('shop/cloud', '10.0.10.0/24', 'cloud'),
  project('shop/public', '10.0.10.0/24', 'public'),
  pod('shop-cloud/a'),
  pod('shop-public/a'),
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

  test('a pod on ovn-default leaves as 100.65.0.101', async () => {
    await using a = await world.foreignPort('ovn-default', 'system', '10.100.0.7');
    await using _ = await world.upstream.listen('tcp', 80);
    await expect
      .poll(() => a.tcp(`${internet}:80`))
      .toMatchObject({ outcome: 'answered', client: '100.65.0.101' });
  });

  test('a node on the join network reaches pods on ovn-default under its own address', async () => {
    await using system = await world.foreignPort('ovn-default', 'system', '10.100.0.7');
    await using node = await world.foreignPort('join', 'node', '172.30.0.2');
    await using _ = await system.listen('tcp', 80);
    await expect
      .poll(() => node.tcp('10.100.0.7:80'))
      .toMatchObject({ outcome: 'answered', client: '172.30.0.2' });
  });
});
