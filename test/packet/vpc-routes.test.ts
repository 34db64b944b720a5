// Ways out of a Vpc and through it: under which address each subnet is seen outside, and which way its own routes lead.
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

const appliances = ['10.1.0.7', '10.1.0.8'] as const;
const routed = [
  exampleNetworks,
  vpc('hub', {
    staticRoutes: [
      { cidr: '10.8.0.0/16', nextHop: appliances[0] },
      // Without any route OVN drops a packet before it asks the policy routes.
      { cidr: '10.9.0.0/16', nextHop: appliances[0] },
      { cidr: '10.2.0.0/24', nextHop: appliances[1], policy: 'src-ip' },
    ],
    policyRoutes: [
      {
        priority: 30,
        match: { sourceCidr: '10.3.0.5/32', destinationCidr: '10.8.0.0/16' },
        action: 'allow',
      },
      {
        priority: 20,
        match: { sourceCidr: '10.3.0.0/24', destinationCidr: '10.8.0.0/16' },
        action: 'drop',
      },
      {
        priority: 10,
        match: { destinationCidr: '10.9.0.0/16' },
        action: 'reroute',
        nextHops: appliances,
      },
    ],
  }),
  subnet('transit', { vpc: 'hub', cidr: '10.1.0.0/24', excludeIps: [...appliances] }),
  subnet('left', { vpc: 'hub', cidr: '10.2.0.0/24', namespaces: ['left'] }),
  subnet('right', { vpc: 'hub', cidr: '10.3.0.0/24', namespaces: ['right'] }),
  pod('left/a'),
  pod('right/a', { address: '10.3.0.4' }),
  pod('right/privileged', { address: '10.3.0.5' }),
];

describeLab('routes of a Vpc', { objects: routed }, (world) => {
  /** Routers behind which are the same ranges: who answers tells by which of them a packet went. */
  const appliance = async (index: 0 | 1): Promise<Host> => {
    const host = await world.foreignPort('transit', `appliance-${index}`, appliances[index]);
    await host.script('for net in 8 9 10; do ip address add 10.$net.0.1/32 dev lo; done');
    return host;
  };

  test('by destination, by source, past a drop, and over several next hops', async () => {
    await using first = await appliance(0);
    await using second = await appliance(1);
    await using _first = await first.listen('tcp', 80);
    await using _second = await second.listen('tcp', 80);
    const [left, right, privileged] = [
      await world.pod('left/a'),
      await world.pod('right/a'),
      await world.pod('right/privileged'),
    ];
    const expectBy = async (client: Host, target: string, server: Host): Promise<void> => {
      await expect
        .poll(() => client.tcp(target))
        .toMatchObject({ outcome: 'answered', server: server.name, client: client.address });
    };
    await expectBy(privileged, '10.8.0.1:80', first);
    // Its source range is longer than the range of the other route.
    await expectBy(left, '10.8.0.1:80', second);
    await expectBy(left, '10.10.0.1:80', second);
    expect((await right.tcp('10.8.0.1:80', { timeoutMs: 500 })).outcome).not.toBe('answered');
    const servers = new Set<string | undefined>();
    await expect
      .poll(async () => {
        const result = await right.tcp('10.9.0.1:80');
        if (result.outcome === 'answered') servers.add(result.server);
        return servers;
      })
      .toEqual(new Set([first.name, second.name]));
  });
});
