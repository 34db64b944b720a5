// Packets that are too large for an external network: the sender is told, and sends smaller ones.
import { expect, test } from 'vitest';
import { exampleNetworks, pod, project, service } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const internet = '203.0.113.1';
const objects = [
  exampleNetworks.replace('type: cloud\n', 'type: cloud\n  mtu: 1200\n'),
  project('shop/a', '10.0.10.0/24', 'cloud'),
  pod('shop-a/client'),
  pod('shop-a/web', { labels: { app: 'web' } }),
  service('shop-a/web', { ports: ['80'], selector: { app: 'web' }, eip: 'default-gw' }),
];

describeLab('a smaller external network', { objects }, (world) => {
  test('is answered for to a workload that sends too much at once', async () => {
    const client = await world.pod('shop-a/client');
    const ping = (bytes: number): Promise<{ readonly stdout: string }> =>
      client.exec('ping', '-M', 'do', '-c', '1', '-W', '1', '-s', String(bytes), internet);
    await expect.poll(async () => (await ping(1100)).stdout).toContain('1 received');
    await expect
      .poll(async () => (await ping(1300)).stdout)
      .toMatch(/Frag(?:mentation)? needed.*mtu = 1200/i);
  });

  test('lets large transfers through, out and in', async () => {
    const [client, web] = [await world.pod('shop-a/client'), await world.pod('shop-a/web')];
    const outside = await world.neighbour('outside', 4013, '100.65.0.20');
    await using _upstream = await world.upstream.listen('tcp', 80);
    await using _web = await web.listen('tcp', 80);
    const size = { bytes: 200_000, timeoutMs: 10_000 };
    await expect.poll(() => client.tcp(`${internet}:80`, size)).toMatchObject({ outcome: 'answered' });
    const gateway = await world.eip('shop-a/default-gw');
    await expect.poll(() => outside.tcp(`${gateway}:80`, size)).toMatchObject({ outcome: 'answered' });
  });
});
