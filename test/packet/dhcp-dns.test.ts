// What OVN itself answers a workload: its address by DHCP, names inside its VPC; and Services by their ClusterIP.
import { describe, expect, test } from 'vitest';
import { askByDhcp, whyNoDhcpClient } from '../../src/lab/dhcp-client.ts';
import { lookUp } from '../../src/lab/look-up.ts';
import { resolveAsPrograms, startResolver } from '../support/lab-names.ts';
import { exampleNetworks, pod, project, service } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';
import type { LabWorld } from '../support/lab-world.ts';

const web = { app: 'web' };
const inside = (clusterIP: string) => ({ type: 'ClusterIP', clusterIP });
const other = project('shop/b', '10.0.10.0/24', 'cloud');
const withGateway = {
  ...other,
  spec: { cidrBlock: '10.0.10.0/24', egressNetworkType: 'cloud', gwLanIp: '10.0.10.254' },
};
const objects = [
  exampleNetworks,
  project('shop/a', '10.0.10.0/24', 'cloud'),
  withGateway,
  pod('shop-a/client'),
  pod('shop-a/vm', { labels: { 'vm.kubevirt.io/name': 'Debian' }, address: '10.0.10.77' }),
  pod('shop-a/web-0', { labels: web, address: '10.0.10.10' }),
  pod('shop-a/web-1', { labels: web, address: '10.0.10.11' }),
  service('shop-a/web', { ports: ['80', '53:5353/UDP'], selector: web, spec: inside('10.101.0.10') }),
  service('shop-a/direct', { ports: ['80'], selector: web, spec: inside('None') }),
  service('shop-a/idle', { ports: ['80', '81/UDP'], selector: { app: 'none' }, spec: inside('10.101.0.11') }),
  pod('shop-b/client'),
  pod('shop-b/web-0', { labels: web }),
  service('shop-b/web', { ports: ['80'], selector: web, spec: inside('10.101.0.10') }),
];

if (whyNoDhcpClient !== undefined) console.warn(`packet tests of DHCP are skipped: ${whyNoDhcpClient}`);

const resolver = '100.65.0.1';
const config = `dns: {servers: [${resolver}]}`;
const elsewhere = '203.0.113.99';
const prepare = async ({ upstream }: LabWorld): Promise<void> => startResolver(upstream, resolver, elsewhere);

describeLab('DHCP, names and ClusterIPs', { objects, config, prepare }, (world) => {
  const both = ['web-0.shop-a', 'web-1.shop-a'];

  describe.skipIf(whyNoDhcpClient !== undefined)('DHCP', () => {
    test('a workload is told its address, gateway, MTU, resolver and name, and then reaches others', async () => {
      const vm = await world.pod('shop-a/vm');
      const web0 = await world.pod('shop-a/web-0');
      await expect
        .poll(() => askByDhcp(vm, world.lab.directory))
        .toMatchObject({
          ip: '10.0.10.77',
          mask: '24',
          router: '10.0.10.1',
          dns: resolver,
          mtu: '1400',
          lease: '3600',
          serverid: '10.0.10.1',
          hostname: 'Debian',
          domain: 'shop-a.svc.cluster.local',
          search: 'shop-a.svc.cluster.local shop-a.vm.cluster.local svc.cluster.local',
        });
      expect(await vm.script('ip -o link show dev eth0')).toContain(' mtu 1400 ');
      await expect.poll(async () => (await vm.ping(web0.address)).received).toBe(1);
      await expect.poll(async () => (await vm.ping('203.0.113.1')).received).toBe(1);
    });
  });

  describe.skipIf(whyNoDhcpClient !== undefined)('gwLanIp', () => {
    test('is the gateway that a workload is told, and leads out', async () => {
      const client = await world.pod('shop-b/client');
      await expect
        .poll(() => askByDhcp(client, world.lab.directory))
        .toMatchObject({ router: '10.0.10.254', serverid: '10.0.10.254' });
      await expect.poll(async () => (await client.ping('203.0.113.1')).received).toBe(1);
    });
  });

  describe('names', () => {
    test.for([
      ['web.shop-a.svc.cluster.local', '10.101.0.10'],
      ['WEB.Shop-A.svc.cluster.local', '10.101.0.10'],
      ['direct.shop-a.svc.cluster.local', '10.0.10.10 10.0.10.11'],
      ['debian.shop-a.vm.cluster.local', '10.0.10.77'],
    ] as const)('%s is answered, whoever is asked', async ([name, answer]) => {
      const client = await world.pod('shop-a/client');
      for (const server of ['10.0.10.1', '192.0.2.53', resolver])
        await expect.poll(() => lookUp(client, server, name)).toBe(answer);
    });

    test('all other names are passed on to the resolver that is asked', async () => {
      const client = await world.pod('shop-a/client');
      const other = await world.pod('shop-b/client');
      await expect.poll(() => lookUp(client, resolver, 'example.org')).toBe(elsewhere);
      expect(await lookUp(client, resolver, 'no.shop-a.svc.cluster.local')).toBe(elsewhere);
      expect(await lookUp(client, resolver, 'web.shop-b.svc.cluster.local')).toBe(elsewhere);
      expect(await lookUp(client, resolver, 'web.shop-a.svc.cluster.local', 'AAAA')).toBe('ENODATA');
      expect(await lookUp(client, resolver, 'web.shop-a.svc.cluster.local')).toBe('10.101.0.10');
      await expect.poll(() => lookUp(other, resolver, 'web.shop-b.svc.cluster.local')).toBe('10.101.0.10');
      expect(await lookUp(other, resolver, 'debian.shop-a.vm.cluster.local')).toBe(elsewhere);
    });

    test('programs resolve short names', async () => {
      const client = await world.pod('shop-a/client');
      const search = 'shop-a.svc.cluster.local shop-a.vm.cluster.local svc.cluster.local';
      const settings = { dns: resolver, search, folder: world.lab.directory };
      await expect.poll(() => resolveAsPrograms(client, settings, 'web')).toBe('10.101.0.10');
    });
  });

  describe('ClusterIPs', () => {
    test('every backend answers, and sees the client', async () => {
      const client = await world.pod('shop-a/client');
      const servers = [await world.pod('shop-a/web-0'), await world.pod('shop-a/web-1')];
      for (const server of servers) {
        await server.listen('tcp', 80);
        await server.listen('udp', 5353);
      }
      for (const probe of [() => client.tcp('10.101.0.10:80'), () => client.udp('10.101.0.10:53')]) {
        const seen = new Set<string>();
        await expect
          .poll(async () => {
            const result = await probe();
            expect(result).toMatchObject({ outcome: 'answered', client: client.address });
            if (result.outcome === 'answered') seen.add(result.server);
            return [...seen].toSorted();
          })
          .toEqual(both);
      }
    });

    test('a backend reaches itself', async () => {
      const server = await world.pod('shop-a/web-1');
      const seen = new Set<string>();
      await expect
        .poll(async () => {
          const result = await server.tcp('10.101.0.10:80');
          if (result.outcome === 'answered') seen.add(result.server);
          return seen;
        })
        .toContain('web-1.shop-a');
    });

    test('nobody answers for a Service: refused at once', async () => {
      const client = await world.pod('shop-a/client');
      await expect.poll(() => client.tcp('10.101.0.11:80')).toMatchObject({ outcome: 'refused' });
      await expect.poll(() => client.udp('10.101.0.11:81')).toMatchObject({ outcome: 'refused' });
      expect((await client.tcp('10.101.0.11:80')).afterMs).toBeLessThan(500);
    });

    test('one address in two projects is two Services, and reached from inside only', async () => {
      const other = await world.pod('shop-b/client');
      const server = await world.pod('shop-b/web-0');
      await using _ = await server.listen('tcp', 80);
      await expect.poll(() => other.tcp('10.101.0.10:80')).toMatchObject({ server: 'web-0.shop-b' });
      await world.upstream.script(
        `ip route replace 10.101.0.10/32 via ${await world.eip('shop-b/default-gw')}`,
      );
      expect(await world.upstream.tcp('10.101.0.10:80', { timeoutMs: 700 })).not.toMatchObject({
        outcome: 'answered',
      });
    });
  });
});
