// Several hypervisors: tunnels between them, a gateway that is cut off, and what goes on all the same.
import { expect, test } from 'vitest';
import { activeGateway } from '../../src/lab/active-gateway.ts';
import { watchSilence } from '../../src/lab/silence.ts';
import { eip, exampleNetworks, fip, pod, project, service } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const objects = [
  exampleNetworks,
  project('shop/a', '10.0.10.0/24', 'cloud'),
  pod('shop-a/far'),
  pod('shop-a/near'),
  pod('shop-a/plain', { labels: { app: 'web' } }),
  pod('shop-a/vm', { address: '10.0.10.20' }),
  fip('shop-a/vm', { ipAddress: '10.0.10.20' }),
  service('shop-a/web', { eip: 'default-gw', ports: ['80'], selector: { app: 'web' } }),
];
const internet = '203.0.113.1';
/** The project's way out. */
const way = 'shop-a-ext-cloud';

describeLab('three hypervisors', { objects, chassis: 3, gateways: [1, 2] }, (world) => {
  test('workloads on different hypervisors talk through tunnels, large transfers included', async () => {
    const [far, vm] = [await world.pod('shop-a/far', 1), await world.pod('shop-a/vm', 3)];
    await using _ = await vm.listen('tcp', 80);
    const target = `${vm.address}:80`;
    await expect.poll(() => far.tcp(target)).toMatchObject({ outcome: 'answered', client: far.address });
    const large = await far.tcp(target, { bytes: 2_000_000, timeoutMs: 20_000 });
    expect(large).toMatchObject({ outcome: 'answered' });
  });

  test('a FIP that moves to another hypervisor is answered from there', async () => {
    const [far, near] = [await world.pod('shop-a/far', 1), await world.pod('shop-a/near', 3)];
    await using _far = await far.listen('udp', 9);
    await using _near = await near.listen('udp', 9);
    await world.put(eip('shop-a/moving'), fip('shop-a/moving', { eip: 'moving', ipAddress: far.address }));
    const target = `${await world.eip('shop-a/moving')}:9`;
    const client = await world.neighbour('client', 4013, '100.65.0.10');
    await expect.poll(() => client.udp(target)).toMatchObject({ server: far.name });
    const movedAt = performance.now();
    await world.put(fip('shop-a/moving', { eip: 'moving', ipAddress: near.address }));
    await expect.poll(() => client.udp(target, { timeoutMs: 100 })).toMatchObject({ server: near.name });
    const tookMs = Math.round(performance.now() - movedAt);
    console.info(`OVN ${world.version}: a FIP had moved to another hypervisor after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(4000);
  });

  test('a gateway that is cut off: the other takes over, and a distributed FIP does not notice', async () => {
    const [vm, plain] = [await world.pod('shop-a/vm', 3), await world.pod('shop-a/plain', 3)];
    const client = await world.neighbour('client', 4013, '100.65.0.10');
    await using _tcp = await plain.listen('tcp', 80);
    await using _udp = await vm.listen('udp', 9);
    await using _back = await world.upstream.listen('udp', 53);
    const vip = `${await world.eip('shop-a/default-gw')}:80`;
    const external = `${await world.eip('shop-a/fip-vm')}:9`;
    await expect.poll(() => client.tcp(vip)).toMatchObject({ outcome: 'answered' });
    await expect.poll(() => plain.udp(`${internet}:53`)).toMatchObject({ outcome: 'answered' });
    await expect.poll(() => client.udp(external)).toMatchObject({ outcome: 'answered' });
    const active = await activeGateway(world.lab, way);
    expect([1, 2]).toContain(active);

    const watch = watchSilence(client, external);
    const cutAt = performance.now();
    await world.lab.chassis[active - 1]!.cutOff();
    await expect
      .poll(() => plain.udp(`${internet}:53`, { timeoutMs: 100 }))
      .toMatchObject({ outcome: 'answered' });
    const outageMs = Math.round(performance.now() - cutAt);
    console.info(`OVN ${world.version}: the way out was back ${outageMs} ms after the gateway was cut off`);
    expect(await watch.end()).toBeLessThan(500);
    await expect.poll(() => activeGateway(world.lab, way)).toBe(3 - active);
    await expect.poll(() => client.tcp(vip)).toMatchObject({ outcome: 'answered' });
    await world.lab.chassis[active - 1]!.rejoin();
    await expect.poll(() => activeGateway(world.lab, way)).toBe(active);
    await expect.poll(() => client.tcp(vip)).toMatchObject({ outcome: 'answered' });
  });
});
