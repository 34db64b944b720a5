// A cloud project on the public network as well: every reply leaves by the network that its connection came in on.
import { expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { eip, exampleNetworks, fip, pod, project, service } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const web = { app: 'web' };
const plain = { app: 'plain' };
const isPublic = { annotations: { 'network.kube-dc.com/external-network-type': 'public' } };
const cloudService = service('shop-two/cloud', { eip: 'default-gw', ports: ['80'], selector: web });
const publicService = service('shop-two/public', { ports: ['80'], selector: web, ...isPublic });
const publicFip = fip('shop-two/web', { ipAddress: '10.0.10.20', externalNetworkType: 'public' });
const objects = [
  exampleNetworks,
  project('shop/two', '10.0.10.0/24', 'cloud'),
  pod('shop-two/web', { labels: web, address: '10.0.10.20' }),
  pod('shop-two/plain', { labels: plain }),
  service('shop-two/plain', { ports: ['8080:80'], selector: plain, ...isPublic }),
  service('shop-two/plain-cloud', { eip: 'default-gw', ports: ['8081:81'], selector: plain }),
  cloudService,
  publicFip,
];
const internet = '203.0.113.1';

/** The client is on the network itself, so an answer by the other one would come from a stranger. */
async function expectAnswered(client: Host, target: string, server: Host): Promise<void> {
  await expect
    .poll(() => client.tcp(target))
    .toMatchObject({ outcome: 'answered', server: server.name, client: client.address });
}

describeLab('A second network', { objects }, (world) => {
  const cloudClient = (): Promise<Host> => world.neighbour('cloud-client', 4013, '100.65.0.10');
  const publicClient = (): Promise<Host> => world.neighbour('public-client', 4011, '168.119.17.60');

  test('a public Service of a cloud project answers there, and from the internet', async () => {
    const server = await world.pod('shop-two/plain');
    await using _ = await server.listen('tcp', 80);
    const external = await world.eip('shop-two/slb-plain');
    await expectAnswered(await publicClient(), `${external}:8080`, server);
    await expect
      .poll(() => world.upstream.tcp(`${external}:8080`, { localAddress: internet }))
      .toMatchObject({ outcome: 'answered', client: internet });
  });

  test('one backend serves a cloud and a public Service on two ports', async () => {
    const server = await world.pod('shop-two/plain');
    await using _public = await server.listen('tcp', 80);
    await using _cloud = await server.listen('tcp', 81);
    await expectAnswered(await publicClient(), `${await world.eip('shop-two/slb-plain')}:8080`, server);
    await expectAnswered(await cloudClient(), `${await world.eip('shop-two/default-gw')}:8081`, server);
  });

  test('a workload without a floating IP leaves by the default network', async () => {
    await using _ = await world.upstream.listen('tcp', 80);
    const leaver = await world.pod('shop-two/plain');
    const own = await world.eip('shop-two/default-gw');
    await expect.poll(() => leaver.tcp(`${internet}:80`)).toMatchObject({ outcome: 'answered', client: own });
  });

  test('a public floating IP and a cloud Service on one workload: both answer, new connections use the FIP', async () => {
    const server = await world.pod('shop-two/web');
    await using _web = await server.listen('tcp', 80);
    await using _other = await server.listen('tcp', 4321);
    await using _back = await world.upstream.listen('tcp', 80);
    const floating = await world.eip('shop-two/fip-web');
    await expectAnswered(await cloudClient(), `${await world.eip('shop-two/default-gw')}:80`, server);
    await expectAnswered(await publicClient(), `${floating}:4321`, server);
    await expect
      .poll(() => server.tcp(`${internet}:80`))
      .toMatchObject({ outcome: 'answered', client: floating });
  });

  test('the impossible case: one port behind a cloud VIP, a public VIP and a public floating IP at once', async () => {
    const server = await world.pod('shop-two/web');
    await using _ = await server.listen('tcp', 80);
    await world.put(publicService);
    const cloud = `${await world.eip('shop-two/default-gw')}:80`;
    if (world.version === '23.03') {
      // Replies cannot be marked there: the younger Service is refused, by name of the older.
      await expect.poll(() => world.programLog).toMatch(/Conflict.*Service\/shop-two\/public/);
      await expectAnswered(await cloudClient(), cloud, server);
      return;
    }
    const floating = await world.eip('shop-two/fip-web');
    await expectAnswered(await publicClient(), `${await world.eip('shop-two/slb-public')}:80`, server);
    await expectAnswered(await cloudClient(), cloud, server);
    await expectAnswered(await publicClient(), `${floating}:80`, server);
    await expectAnswered(await cloudClient(), cloud, server);
  });

  test('without the last address of a network its edge is gone', async () => {
    const routers = (): Promise<string> =>
      world.lab.ovn.nbctl('--bare', '--columns=name', 'list', 'Logical_Router');
    expect(await routers()).toContain('shop-two.ext-public');
    await world.remove(service('shop-two/plain', { ports: [], selector: {} }), publicService, publicFip);
    await expect.poll(routers).not.toContain('shop-two.ext-public');
    await world.put(eip('shop-two/again', { externalNetworkType: 'public' }));
    await expect.poll(routers).toContain('shop-two.ext-public');
  });
});

const farObjects = [
  exampleNetworks,
  project('shop/far', '10.0.10.0/24', 'cloud'),
  pod('shop-far/web', { labels: web, address: '10.0.10.20' }),
  pod('shop-far/near'),
  service('shop-far/cloud', { eip: 'default-gw', ports: ['80'], selector: web }),
  service('shop-far/public', { ports: ['80'], selector: web, ...isPublic }),
  fip('shop-far/web', { ipAddress: '10.0.10.20', externalNetworkType: 'public' }),
];

// A mark that stays on a packet keeps it out of the tunnels of the userspace datapath, and means something to nodes.
describeLab(
  'A second network, through tunnels',
  { objects: farObjects, chassis: 2, gateways: [1] },
  (world) => {
    test('replies leave by the right network, and new connections and neighbours are reached', async () => {
      const [server, near] = [await world.pod('shop-far/web', 2), await world.pod('shop-far/near', 1)];
      await using _ = await server.listen('tcp', 80);
      await using _upstream = await world.upstream.listen('tcp', 80);
      await using _near = await near.listen('tcp', 80);
      const cloudClient = await world.neighbour('cloud-client', 4013, '100.65.0.10');
      const publicClient = await world.neighbour('public-client', 4011, '168.119.17.60');
      const floating = await world.eip('shop-far/fip-web');
      await expectAnswered(cloudClient, `${await world.eip('shop-far/default-gw')}:80`, server);
      if (world.version !== '23.03') {
        await expectAnswered(publicClient, `${await world.eip('shop-far/slb-public')}:80`, server);
        await expectAnswered(publicClient, `${floating}:80`, server);
      }
      await expect
        .poll(() => server.tcp(`${internet}:80`))
        .toMatchObject({ outcome: 'answered', client: floating });
      await expectReached(server, `${near.address}:80`);
      await expectReached(near, `${server.address}:80`);
    });
  },
);

async function expectReached(client: Host, target: string): Promise<void> {
  await expect.poll(() => client.tcp(target)).toMatchObject({ outcome: 'answered', client: client.address });
}
