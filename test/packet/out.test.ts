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

describeLab('packets out', { objects }, (world) => {
  test('a pod of a cloud project reaches the internet as its default-gw', async () => {
    const a = await world.pod('shop-cloud/a');
    await world.upstream.listen('tcp', 80);
    const client = await world.eip('shop-cloud/default-gw');
    await expect.poll(() => a.tcp('203.0.113.1:80')).toMatchObject({ outcome: 'answered', client });
  });
});
