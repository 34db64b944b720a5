// Isolation of projects on shared external networks: who reaches whom, and that what must work goes on working.
import { expect, test } from 'vitest';
import {
  eip,
  exampleNetworks,
  fip,
  type LabObject,
  managementNetwork,
  pod,
  project,
  service,
} from '../support/lab-objects.ts';
import { describeLab, type LabWorld } from '../support/lab-world.ts';

const web = { app: 'web' };
const quick = { timeoutMs: 700 };
const typed = (type: string) => ({ annotations: { 'network.kube-dc.com/external-network-type': type } });
const annotated = (object: LabObject, annotations: Readonly<Record<string, string>>): LabObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [`network.kube-dc.com/${key}`, value]),
    ),
  },
});

const caller = project('shop/a', '10.0.10.0/24', 'cloud');
const called = project('shop/b', '10.0.20.0/24', 'cloud');
const shared = service('shop-a/shared', { eip: 'default-gw', ports: ['8080:80'], selector: web });
const objects = [
  exampleNetworks,
  managementNetwork,
  caller,
  pod('shop-a/plain'),
  pod('shop-a/web-0', { labels: web }),
  pod('shop-a/cloud-vm', { address: '10.0.10.20' }),
  pod('shop-a/public-vm', { address: '10.0.10.30' }),
  fip('shop-a/cloud-vm', { ipAddress: '10.0.10.20', externalNetworkType: 'cloud' }),
  fip('shop-a/public-vm', { ipAddress: '10.0.10.30', externalNetworkType: 'public' }),
  service('shop-a/web', { eip: 'default-gw', ports: ['80'], selector: web }),
  shared,
  service('shop-a/public', { ports: ['80:81'], selector: web, ...typed('public') }),
  called,
  pod('shop-b/web-0', { labels: web }),
  pod('shop-b/vm', { address: '10.0.20.20' }),
  fip('shop-b/vm', { ipAddress: '10.0.20.20', externalNetworkType: 'cloud' }),
  service('shop-b/web', { eip: 'default-gw', ports: ['80'], selector: web }),
  // Another port of the backend: before OVN 24.03 replies are told apart by it.
  service('shop-b/public', { ports: ['80:81'], selector: web, ...typed('public') }),
];

/** Exposed addresses of project b, with who answers there. */
async function exposedByB(world: LabWorld): Promise<readonly (readonly [address: string, server: string])[]> {
  return [
    [await world.eip('shop-b/default-gw'), 'web-0.shop-b'],
    [await world.eip('shop-b/slb-public'), 'web-0.shop-b'],
    [await world.eip('shop-b/fip-vm'), 'vm.shop-b'],
  ];
}

async function serveB(world: LabWorld): Promise<AsyncDisposable> {
  const listeners = [
    await (await world.pod('shop-b/web-0', 2)).listen('tcp', 80),
    await (await world.pod('shop-b/web-0', 2)).listen('tcp', 81),
    await (await world.pod('shop-b/vm', 2)).listen('tcp', 80),
  ];
  return {
    [Symbol.asyncDispose]: async () => {
      for (const listener of listeners) await listener[Symbol.asyncDispose]();
    },
  };
}

/**
 * The projects are on two hypervisors: the way from one to the other has more recirculations than the userspace datapath
 * does for one packet, unless a tunnel is between them.
 */
describeLab('isolation of projects', { objects, chassis: 2 }, (world) => {
  test.for(['plain', 'cloud-vm', 'public-vm'])(
    '%s of a project reaches no VIP and no FIP of another, cloud or public',
    async (name) => {
      await using _ = await serveB(world);
      const client = await world.pod(`shop-a/${name}`);
      await expect.poll(() => client.ping('203.0.113.1')).toMatchObject({ received: 1 });
      for (const [address, server] of await exposedByB(world)) {
        await expect
          .poll(() => world.upstream.tcp(`${address}:80`))
          .toMatchObject({ outcome: 'answered', server });
        expect(await client.tcp(`${address}:80`, quick)).toMatchObject({ outcome: 'silent' });
      }
    },
  );

  test('what a project is allowed to reach is reached, and not any more when that is taken back', async () => {
    await using _ = await serveB(world);
    const client = await world.pod('shop-a/cloud-vm');
    const [[vip, server] = ['', '']] = await exposedByB(world);
    await world.put(annotated(caller, { 'egress-allowlist': `192.0.2.0/24, ${vip}` }));
    await expect
      .poll(() => client.tcp(`${vip}:80`, quick))
      .toMatchObject({ outcome: 'answered', server, client: await world.eip('shop-a/fip-cloud-vm') });
    expect(await client.tcp(`${await world.eip('shop-b/fip-vm')}:80`, quick)).toMatchObject({
      outcome: 'silent',
    });
    await world.put(caller);
    await expect.poll(() => client.tcp(`${vip}:80`, quick)).toMatchObject({ outcome: 'silent' });
  });

  test('a project reaches its own VIPs and FIPs, also when one of two that share an EIP goes', async () => {
    const client = await world.pod('shop-a/plain');
    await using _web = await (await world.pod('shop-a/web-0')).listen('tcp', 80);
    await using _public = await (await world.pod('shop-a/web-0')).listen('tcp', 81);
    await using _vm = await (await world.pod('shop-a/cloud-vm')).listen('tcp', 80);
    const [gateway, open] = [await world.eip('shop-a/default-gw'), await world.eip('shop-a/slb-public')];
    for (const [target, server] of [
      [`${gateway}:80`, 'web-0.shop-a'],
      [`${gateway}:8080`, 'web-0.shop-a'],
      [`${open}:80`, 'web-0.shop-a'],
      [`${await world.eip('shop-a/fip-cloud-vm')}:80`, 'cloud-vm.shop-a'],
    ] as const)
      await expect.poll(() => client.tcp(target)).toMatchObject({ outcome: 'answered', server });
    await world.remove(shared);
    await expect.poll(async () => (await client.tcp(`${gateway}:8080`, quick)).outcome).not.toBe('answered');
    expect(await client.tcp(`${gateway}:80`)).toMatchObject({ outcome: 'answered', server: 'web-0.shop-a' });
    await world.put(shared);
  });

  test('an EIP that goes is no longer its project’s to reach', async () => {
    await using _ = await serveB(world);
    const client = await world.pod('shop-a/plain');
    const before = eip('shop-a/moving', { ipAddress: '100.65.0.200' });
    await world.put(before);
    expect(await world.eip('shop-a/moving')).toBe('100.65.0.200');
    await world.remove(before);
    const after = [
      eip('shop-b/moving', { ipAddress: '100.65.0.200' }),
      service('shop-b/moving', { eip: 'moving', ports: ['80'], selector: web }),
    ];
    await world.put(...after);
    await expect
      .poll(() => world.upstream.tcp('100.65.0.200:80', quick))
      .toMatchObject({ outcome: 'answered', server: 'web-0.shop-b' });
    expect(await client.tcp('100.65.0.200:80', quick)).toMatchObject({ outcome: 'silent' });
    await world.remove(...after);
  });

  test('the gateway, the internet and what a network keeps for others are as they were', async () => {
    const client = await world.pod('shop-a/plain');
    const device = await world.neighbour('device', 4013, '100.65.0.22');
    await using _ = await device.listen('tcp', 443);
    await expect.poll(() => client.ping('100.65.0.1')).toMatchObject({ received: 1 });
    expect(await client.ping('168.119.17.49')).toMatchObject({ received: 1 });
    expect(await client.ping('203.0.113.1')).toMatchObject({ received: 1 });
    await expect
      .poll(() => client.tcp('100.65.0.22:443'))
      .toMatchObject({ outcome: 'answered', client: await world.eip('shop-a/default-gw') });
  });

  test('clients on the network and from the platform reach every VIP and FIP, and are answered', async () => {
    await using _ = await serveB(world);
    // Addresses that no project could call: what is sent to them is let through as a reply only.
    const worker = await world.neighbour('worker', 4013, '100.65.7.7');
    const platform = await world.pod('monitoring/prometheus-0');
    for (const [address, server] of await exposedByB(world)) {
      for (const client of [worker, platform])
        await expect.poll(() => client.tcp(`${address}:80`)).toMatchObject({ outcome: 'answered', server });
    }
  });

  test('with isolation of what comes in, who is on no list is not let in', async () => {
    await using _ = await serveB(world);
    const plain = await world.pod('shop-b/web-0', 2);
    const worker = await world.neighbour('worker', 4013, '100.65.7.7');
    const device = await world.neighbour('device', 4013, '100.65.0.22');
    await using _device = await device.listen('tcp', 443);
    const platform = await world.pod('monitoring/prometheus-0');
    const exposed = await exposedByB(world);
    await expect.poll(() => device.tcp(`${exposed[0]?.[0]}:80`)).toMatchObject({ outcome: 'answered' });
    await world.put(annotated(called, { 'ingress-isolation': 'true', 'ingress-allowlist': '100.65.7.0/24' }));
    for (const [address, server] of exposed) {
      await expect.poll(() => device.tcp(`${address}:80`, quick)).toMatchObject({ outcome: 'silent' });
      for (const client of [worker, platform, world.upstream])
        expect(await client.tcp(`${address}:80`)).toMatchObject({ outcome: 'answered', server });
    }
    // Replies to what it begins come in all the same, and its own FIP is no stranger.
    expect(await plain.tcp('100.65.0.22:443')).toMatchObject({ outcome: 'answered' });
    expect(await plain.tcp(`${exposed[2]?.[0]}:80`)).toMatchObject({ server: 'vm.shop-b' });
    await world.put(called);
    await expect
      .poll(() => device.tcp(`${exposed[0]?.[0]}:80`, quick))
      .toMatchObject({ outcome: 'answered' });
  });
});
