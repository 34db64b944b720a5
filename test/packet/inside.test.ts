// Inside a project and between projects: own VIPs and FIPs, equal ranges, and only the front door to the others.
import { expect, test } from 'vitest';
import {
  eip,
  exampleNetworks,
  fip,
  pod,
  project,
  service,
  withoutIsolation,
} from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const web = { app: 'web' };
const objects = [
  exampleNetworks,
  project('shop/a', '10.0.10.0/24', 'cloud'),
  project('shop/twin', '10.0.10.0/24', 'cloud'),
  project('shop/b', '10.0.20.0/24', 'cloud'),
  project('shop/p', '10.0.30.0/24', 'public'),
  pod('shop-a/client'),
  pod('shop-a/web-0', { labels: web, address: '10.0.10.10' }),
  pod('shop-a/vm', { address: '10.0.10.20' }),
  fip('shop-a/vm', { ipAddress: '10.0.10.20' }),
  pod('shop-b/vm', { address: '10.0.20.20' }),
  eip('shop-b/unused'),
  fip('shop-b/vm', { ipAddress: '10.0.20.20' }),
  service('shop-a/web', { eip: 'default-gw', ports: ['80', '53/UDP'], selector: web }),
  service('shop-a/own', { ports: ['80'], selector: web }),
  pod('shop-twin/web-0', { labels: web, address: '10.0.10.10' }),
  pod('shop-twin/client'),
  pod('shop-b/web-0', { labels: web, address: '10.0.20.10' }),
  service('shop-b/web', { eip: 'default-gw', ports: ['80'], selector: web }),
  pod('shop-p/web-0', { labels: web, address: '10.0.30.10' }),
  service('shop-p/web', { eip: 'default-gw', ports: ['80'], selector: web }),
];

describeLab('inside and between projects', { objects, config: withoutIsolation }, (world) => {
  test('a pod reaches the VIPs of its own project, TCP and UDP', async () => {
    const client = await world.pod('shop-a/client');
    const server = await world.pod('shop-a/web-0');
    await using _tcp = await server.listen('tcp', 80);
    await using _udp = await server.listen('udp', 53);
    for (const name of ['default-gw', 'slb-own']) {
      const vip = await world.eip(`shop-a/${name}`);
      await expect
        .poll(() => client.tcp(`${vip}:80`))
        .toMatchObject({ outcome: 'answered', server: 'web-0.shop-a', client: client.address });
    }
    const vip = await world.eip('shop-a/default-gw');
    await expect
      .poll(() => client.udp(`${vip}:53`))
      .toMatchObject({ outcome: 'answered', server: 'web-0.shop-a' });
  });

  test('a backend reaches itself through the VIP', async () => {
    const server = await world.pod('shop-a/web-0');
    await using _tcp = await server.listen('tcp', 80);
    await using _udp = await server.listen('udp', 53);
    const vip = await world.eip('shop-a/default-gw');
    await expect
      .poll(() => server.tcp(`${vip}:80`))
      .toMatchObject({ outcome: 'answered', server: 'web-0.shop-a', client: '169.254.169.5' });
    expect(await server.udp(`${vip}:53`)).toMatchObject({ outcome: 'answered', server: 'web-0.shop-a' });
  });

  test('a pod reaches the FIP of its own project', async () => {
    const [client, vm] = [await world.pod('shop-a/client'), await world.pod('shop-a/vm')];
    const external = await world.eip('shop-a/fip-vm');
    await using _ = await vm.listen('tcp', 9000);
    await expect
      .poll(() => client.tcp(`${external}:9000`))
      .toMatchObject({ outcome: 'answered', server: 'vm.shop-a' });
  });

  test('two projects with the same range do not meet', async () => {
    const [client, twin] = [await world.pod('shop-a/client'), await world.pod('shop-twin/client')];
    const servers = [await world.pod('shop-a/web-0'), await world.pod('shop-twin/web-0')];
    await using _own = await servers[0]!.listen('tcp', 7000);
    await using _twins = await servers[1]!.listen('tcp', 7000);
    await expect.poll(() => client.tcp('10.0.10.10:7000')).toMatchObject({ server: 'web-0.shop-a' });
    await expect.poll(() => twin.tcp('10.0.10.10:7000')).toMatchObject({ server: 'web-0.shop-twin' });
  });

  test('FIPs of two projects reach each other under their own addresses', async () => {
    const [a, b] = [await world.pod('shop-a/vm'), await world.pod('shop-b/vm')];
    const plain = await world.pod('shop-a/client');
    await using _ = await b.listen('tcp', 9000);
    const target = `${await world.eip('shop-b/fip-vm')}:9000`;
    await expect
      .poll(() => a.tcp(target))
      .toMatchObject({ outcome: 'answered', server: b.name, client: await world.eip('shop-a/fip-vm') });
    await expect
      .poll(() => plain.tcp(target))
      .toMatchObject({ outcome: 'answered', server: b.name, client: await world.eip('shop-a/default-gw') });
  });

  test('an EIP that nothing uses leads nowhere', async () => {
    const client = await world.pod('shop-a/client');
    const unused = await world.eip('shop-b/unused');
    await expect.poll(() => client.ping('100.65.0.1')).toMatchObject({ received: 1 });
    expect((await client.tcp(`${unused}:80`, { timeoutMs: 700 })).outcome).not.toBe('answered');
    expect(await client.ping(unused, { timeoutMs: 1000 })).toMatchObject({ received: 0 });
  });

  test.for(['shop-b', 'shop-p'])('%s is reached through its EIP only', async (namespace) => {
    const client = await world.pod('shop-a/client');
    const server = await world.pod(`${namespace}/web-0`);
    await using listener = await server.listen('tcp', 80);
    await using hidden = await server.listen('udp', 9);
    const vip = await world.eip(`${namespace}/default-gw`);
    const own = await world.eip('shop-a/default-gw');
    await expect
      .poll(() => client.tcp(`${vip}:80`))
      .toMatchObject({ outcome: 'answered', server: `web-0.${namespace}`, client: own });
    const quick = { timeoutMs: 700 };
    expect((await client.tcp(`${server.address}:80`, quick)).outcome).not.toBe('answered');
    expect((await client.udp(`${server.address}:9`, quick)).outcome).not.toBe('answered');
    expect((await client.udp(`${vip}:9`, quick)).outcome).not.toBe('answered');
    const gateway = server.address.replace(/\d+$/, '1');
    expect(await server.ping(gateway)).toMatchObject({ received: 1 });
    expect(await client.ping(gateway, { timeoutMs: 1000 })).toMatchObject({ received: 0 });
    expect(new Set((await listener.visits()).map((visit) => visit.client))).toEqual(new Set([own]));
    expect(await hidden.visits()).toEqual([]);
  });
});
