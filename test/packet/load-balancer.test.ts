// Packets that come in through Services: which address, which backend, who the backend believes to talk to.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { eip, exampleNetworks, pod, project, service, withoutIsolation } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';
import type { LabWorld } from '../support/lab-world.ts';

const web = { app: 'web' };
const spare = { app: 'spare' };
const objects = [
  exampleNetworks,
  project('shop/in', '10.0.10.0/24', 'cloud'),
  project('shop/pub', '10.0.10.0/24', 'public'),
  eip('shop-in/named'),
  pod('shop-in/client'),
  pod('shop-in/web-0', { labels: web }),
  pod('shop-in/web-1', { labels: web }),
  pod('shop-in/vm', { labels: { 'vm.kubevirt.io/name': 'debian' } }),
  pod('shop-in/spare', { labels: spare, ready: false }),
  pod('shop-pub/web-0', { labels: web }),
  service('shop-in/web', { eip: 'default-gw', ports: ['80'], selector: web }),
  service('shop-in/ssh', {
    eip: 'default-gw',
    ports: ['2222:22'],
    selector: { 'vm.kubevirt.io/name': 'debian' },
  }),
  service('shop-in/dns', { eip: 'named', ports: ['53/UDP', '53'], selector: web }),
  service('shop-in/sctp', { eip: 'named', ports: ['9:132/SCTP'], selector: web }),
  service('shop-in/own', { ports: ['8080:80'], selector: web }),
  service('shop-in/closed', { eip: 'named', ports: ['81', '81/UDP'], selector: spare }),
  service('shop-in/sticky', {
    eip: 'named',
    ports: ['82:80'],
    selector: web,
    spec: { sessionAffinity: 'ClientIP' },
  }),
  service('shop-in/few', {
    eip: 'named',
    ports: ['83:80'],
    selector: web,
    spec: { loadBalancerSourceRanges: ['100.65.0.10/32'] },
  }),
  service('shop-pub/web', { eip: 'default-gw', ports: ['80'], selector: web }),
];

const kernelHasSctp = /^SCTP /m.test(readFileSync('/proc/net/protocols', 'utf8'));
const whyNoSctp = kernelHasSctp ? 'Node has no sockets for it' : 'this kernel does not have it';
console.info(`SCTP is traced, not sent: ${whyNoSctp}`);

/** Names of the pods that answered, in `count` attempts that all were answered. */
async function answerers(client: Host, target: string, count = 12): Promise<string[]> {
  const names = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    const result = await client.tcp(target);
    expect(result).toMatchObject({ outcome: 'answered', client: client.address });
    if (result.outcome === 'answered') names.add(result.server);
  }
  return [...names].toSorted();
}

async function serve(world: LabWorld): Promise<void> {
  for (const path of ['shop-in/web-0', 'shop-in/web-1', 'shop-pub/web-0']) {
    const host = await world.pod(path);
    for (const port of [80, 53]) await host.listen('tcp', port);
    await host.listen('udp', 53);
  }
  await (await world.pod('shop-in/vm')).listen('tcp', 22);
}

describeLab('Services', { objects, config: withoutIsolation, prepare: serve }, (world) => {
  const both = ['web-0.shop-in', 'web-1.shop-in'];
  const client = (): Promise<Host> => world.neighbour('client', 4013, '100.65.0.10');

  test('on default-gw: every backend answers, and sees the client', async () => {
    const target = `${await world.eip('shop-in/default-gw')}:80`;
    const host = await client();
    await expect.poll(() => host.tcp(target)).toMatchObject({ outcome: 'answered' });
    expect(await answerers(host, target)).toEqual(both);
  });

  test('on default-gw of a public project, from the internet', async () => {
    const target = `${await world.eip('shop-pub/default-gw')}:80`;
    await expect
      .poll(() => world.upstream.tcp(target, { localAddress: '203.0.113.1' }))
      .toMatchObject({ outcome: 'answered', server: 'web-0.shop-pub', client: '203.0.113.1' });
  });

  test('port 2222 of the EIP is port 22 of the virtual machine', async () => {
    const target = `${await world.eip('shop-in/default-gw')}:2222`;
    const host = await client();
    await expect
      .poll(() => host.tcp(target))
      .toMatchObject({ outcome: 'answered', server: 'vm.shop-in', client: '100.65.0.10', localPort: 22 });
  });

  test('on a named EIP, with UDP and TCP on the same port', async () => {
    const target = `${await world.eip('shop-in/named')}:53`;
    const host = await client();
    await expect
      .poll(() => host.udp(target))
      .toMatchObject({ outcome: 'answered', client: '100.65.0.10', localPort: 53 });
    expect(await host.tcp(target)).toMatchObject({ outcome: 'answered', client: '100.65.0.10' });
    // As large as the VPC's MTU allows.
    expect(await host.udp(target, { bytes: 1372 })).toMatchObject({ outcome: 'answered' });
    const inside = await world.pod('shop-in/client');
    expect(await inside.udp(target, { bytes: 1372 })).toMatchObject({ outcome: 'answered' });
  });

  // What OVN would do with it; see `whyNoSctp`.
  test('SCTP goes to a backend, and to its port', async () => {
    const external = await world.eip('shop-in/named');
    const { ovn } = world.lab;
    const router = await ovn.nbctl(
      '--bare',
      '--columns=mac',
      'list',
      'Logical_Router_Port',
      'shop-in-ext-cloud',
    );
    const packet = [
      'inport == "localnet.ext-cloud"',
      'eth.src == 0a:58:64:41:00:0a',
      `eth.dst == ${router.trim()}`,
      'ip4.src == 100.65.0.10',
      `ip4.dst == ${external}`,
      'ip.ttl == 64',
      'sctp.src == 40000',
      'sctp.dst == 9',
    ];
    const trace = await world.lab.trace(packet.join(' && '), '--ct=new');
    expect(trace).toMatch(/ct_lb(?:_mark)?\(backends=10\.0\.10\.\d+:132,10\.0\.10\.\d+:132/);
    expect(trace).toMatch(/output to "web-[01]\.shop-in"/);
  });

  test('on an EIP made for the Service', async () => {
    const host = await client();
    const own = await world.eip('shop-in/slb-own');
    expect(own).not.toBe(await world.eip('shop-in/default-gw'));
    await expect.poll(() => host.tcp(`${own}:8080`)).toMatchObject({ outcome: 'answered', localPort: 80 });
  });

  test('no backend is ready: refused at once, TCP and UDP', async () => {
    const target = `${await world.eip('shop-in/named')}:81`;
    const host = await client();
    await expect.poll(() => host.tcp(target)).toMatchObject({ outcome: 'refused' });
    await expect.poll(() => host.udp(target)).toMatchObject({ outcome: 'refused' });
    expect((await host.tcp(target)).afterMs).toBeLessThan(500);
    const inside = await world.pod('shop-in/client');
    expect(await inside.tcp(target)).toMatchObject({ outcome: 'refused' });
    expect(await inside.udp(target)).toMatchObject({ outcome: 'refused' });
  });

  test('sessionAffinity: a client stays with its backend', async () => {
    const target = `${await world.eip('shop-in/named')}:82`;
    const host = await client();
    await expect.poll(() => host.tcp(target)).toMatchObject({ outcome: 'answered' });
    expect(await answerers(host, target)).toHaveLength(1);
  });

  test('loadBalancerSourceRanges: others get nothing', async () => {
    const target = `${await world.eip('shop-in/named')}:83`;
    const host = await client();
    const other = await world.neighbour('other', 4013, '100.65.0.11');
    await expect.poll(() => host.tcp(target)).toMatchObject({ outcome: 'answered' });
    expect(await other.tcp(target, { timeoutMs: 700 })).toMatchObject({ outcome: 'silent' });
    expect(await other.tcp(target.replace(':83', ':82'))).toMatchObject({ outcome: 'answered' });
    const fromInternet = { localAddress: '203.0.113.1', timeoutMs: 700 };
    expect(await world.upstream.tcp(target, fromInternet)).toMatchObject({ outcome: 'silent' });
    const foreign = await world.pod('shop-pub/web-0');
    expect(await foreign.tcp(target, { timeoutMs: 700 })).toMatchObject({ outcome: 'silent' });
    expect(await foreign.tcp(target.replace(':83', ':82'))).toMatchObject({ outcome: 'answered' });
    const own = await world.pod('shop-in/client');
    expect(await own.tcp(target)).toMatchObject({ outcome: 'answered' });
  });

  test('a backend that is not ready any more leaves the rotation, and comes back', async () => {
    const target = `${await world.eip('shop-in/default-gw')}:80`;
    const host = await client();
    await world.put(pod('shop-in/web-1', { labels: web, ready: false }));
    await expect.poll(() => answerers(host, target)).toEqual(['web-0.shop-in']);
    await world.put(pod('shop-in/web-1', { labels: web }));
    await expect.poll(() => answerers(host, target)).toEqual(both);
  });
});
