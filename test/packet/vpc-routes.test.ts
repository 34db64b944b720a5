// A Vpc with several ways out: under which address the packets of each subnet are seen outside.
import { expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { exampleNetworks, pod, subnet, vpc } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const internet = '203.0.113.1';
const objects = [
  exampleNetworks,
  vpc('core', { externalNetworks: [{ name: 'ext-cloud', address: '100.65.0.150' }, { name: 'ext-public' }] }),
  subnet('plain', { vpc: 'core', cidr: '10.1.0.0/24', namespaces: ['plain'] }),
  subnet('mail', {
    vpc: 'core',
    cidr: '10.2.0.0/24',
    namespaces: ['mail'],
    egress: { network: 'ext-cloud', address: '100.65.0.160' },
  }),
  subnet('web', {
    vpc: 'core',
    cidr: '10.3.0.0/24',
    namespaces: ['web'],
    egress: { network: 'ext-public', address: '168.119.17.60' },
  }),
  pod('plain/a'),
  pod('mail/a'),
  pod('web/a'),
];

async function expectSeenAs(client: Host, address: string): Promise<void> {
  await expect
    .poll(() => client.tcp(`${internet}:80`))
    .toMatchObject({ outcome: 'answered', client: address });
}

describeLab('subnets with ways out of their own', { objects, chassis: 2, gateways: [1] }, (world) => {
  test('each is seen outside under its own address, and they reach each other as they are', async () => {
    await using _ = await world.upstream.listen('tcp', 80);
    const [plain, mail, web] = [
      await world.pod('plain/a'),
      await world.pod('mail/a', 2),
      await world.pod('web/a', 2),
    ];
    await expectSeenAs(plain, '100.65.0.150');
    await expectSeenAs(mail, '100.65.0.160');
    await expectSeenAs(web, '168.119.17.60');
    await using _plain = await plain.listen('tcp', 80);
    for (const client of [mail, web]) {
      await expect
        .poll(() => client.tcp(`${plain.address}:80`))
        .toMatchObject({ outcome: 'answered', client: client.address });
    }
  });

  test('one that moves to another network leaves the others alone', async () => {
    await using _ = await world.upstream.listen('tcp', 80);
    const [plain, mail] = [await world.pod('plain/a'), await world.pod('mail/a', 2)];
    await world.put(
      subnet('mail', {
        vpc: 'core',
        cidr: '10.2.0.0/24',
        namespaces: ['mail'],
        egress: { network: 'ext-public', address: '168.119.17.61' },
      }),
    );
    await expectSeenAs(mail, '168.119.17.61');
    await expectSeenAs(plain, '100.65.0.150');
    await expectSeenAs(await world.pod('web/a', 2), '168.119.17.60');
  });
});
