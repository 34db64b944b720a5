// IPv6 beside IPv4: addresses and routes of workloads, out, in, inside, and the walls.
import { describe, expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { askByDhcpv6, dualNetworks, whyNoDhcpv6Client } from '../support/lab-dual-stack.ts';
import { fip, pod, project, service } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const web = { app: 'web' };
const objects = [
  ...dualNetworks(),
  project('shop/dual', '10.0.10.0/24,fd00:10::/64', 'cloud'),
  pod('shop-dual/client'),
  pod('shop-dual/told'),
  pod('shop-dual/web-0', { labels: web }),
  pod('shop-dual/vm', { address: '10.0.10.20,fd00:10::20' }),
  pod('shop-dual/moved', { address: 'fd00:10::30' }),
  fip('shop-dual/vm', { ipAddress: '10.0.10.20,fd00:10::20' }),
  fip('shop-dual/idle', { ipAddress: 'fd00:10::40' }),
  fip('shop-dual/moved', { ipAddress: 'fd00:10::30' }),
  service('shop-dual/web', { eip: 'default-gw', ports: ['80', '53/UDP'], selector: web }),
  service('shop-dual/own', { ports: ['8080:80'], selector: web }),
  service('shop-dual/none', { eip: 'default-gw', ports: ['81', '81/UDP'], selector: { app: 'none' } }),
  service('shop-dual/few', {
    eip: 'default-gw',
    ports: ['83:80'],
    selector: web,
    spec: { loadBalancerSourceRanges: ['2001:db8:65::10/128'] },
  }),
  service('shop-dual/inside', {
    ports: ['80'],
    selector: web,
    spec: { type: 'ClusterIP', clusterIP: '10.101.0.10', clusterIPs: ['10.101.0.10', 'fd00:101::10'] },
  }),
  project('shop/six', 'fd00:10::/64', 'cloud'),
  pod('shop-six/client'),
  pod('shop-six/told'),
  pod('shop-six/web-0', { labels: web }),
  service('shop-six/web', { eip: 'default-gw', ports: ['80'], selector: web }),
];
const internet = '2001:db8:203::1';
const quick = { timeoutMs: 700 };
const own = (host: Host, family: 4 | 6): Promise<string> =>
  host
    .script(`ip -${family} -o address show dev eth0 scope global`)
    .then((text) => /inet6? ([^/]+)/.exec(text)?.[1] ?? '');

if (whyNoDhcpv6Client !== undefined) console.warn(`packet tests of DHCPv6 are skipped: ${whyNoDhcpv6Client}`);

describeLab('Dual stack', { objects }, (world) => {
  const outsider = (): Promise<Host> => world.neighbour('outsider', 4013, '100.65.0.10,2001:db8:65::10');
  const vip = async (path: string, port: number): Promise<string> => `[${await world.eip(path, 6)}]:${port}`;

  describe('a workload that knows nothing', () => {
    /** Takes its address and route away, and lets it listen to routers. */
    const forget = (host: Host): Promise<string> =>
      host.script(`
        ip -6 route flush default; ip -6 address flush dev eth0 scope global
        echo 1 >/proc/sys/net/ipv6/conf/eth0/accept_ra; ip link set eth0 down; ip link set eth0 mtu 1500 up`);

    test('has its route and MTU from an advertisement, and with its address reaches the internet', async () => {
      const told = await world.pod('shop-six/told');
      const address = await own(told, 6);
      await forget(told);
      await expect
        .poll(() => told.script('ip -6 route show default'), { timeout: 10_000 })
        .toMatch(/via fe80::\S+ dev eth0 proto ra/);
      expect(await told.script('cat /proc/sys/net/ipv6/conf/eth0/mtu')).toBe('1400\n');
      // None of its own making: nobody would let it through.
      expect(await own(told, 6)).toBe('');
      await told.script('ip -6 address add "$1/128" dev eth0 nodad', address);
      await expect.poll(() => told.ping(internet)).toMatchObject({ received: 1 });
    });

    test.skipIf(whyNoDhcpv6Client !== undefined)('has its address by DHCPv6', async () => {
      const told = await world.pod('shop-dual/told');
      const address = await own(told, 6);
      await forget(told);
      await expect
        .poll(() => askByDhcpv6(told, world.lab.directory), { timeout: 30_000 })
        .toMatchObject({ new_ip6_address: address });
      await expect.poll(() => told.ping(internet)).toMatchObject({ received: 1 });
    });
  });

  test.for([
    ['shop-dual', 'client'],
    ['shop-six', 'client'],
  ])('a pod of %s leaves as its default-gw', async ([namespace, name]) => {
    const leaver = await world.pod(`${namespace}/${name}`);
    const client = await world.eip(`${namespace}/default-gw`, 6);
    await using _tcp = await world.upstream.listen('tcp', 90, 6);
    await using _udp = await world.upstream.listen('udp', 90, 6);
    await expect.poll(() => leaver.tcp(`[${internet}]:90`)).toMatchObject({ outcome: 'answered', client });
    await expect.poll(() => leaver.udp(`[${internet}]:90`)).toMatchObject({ outcome: 'answered', client });
    expect(await leaver.ping(internet)).toMatchObject({ received: 1 });
    await expect.poll(() => leaver.tcp(`[${internet}]:91`)).toMatchObject({ outcome: 'refused' });
  });

  test('IPv4 goes its own way at the same time', async () => {
    const leaver = await world.pod('shop-dual/client');
    await using _ = await world.upstream.listen('tcp', 92);
    await expect
      .poll(() => leaver.tcp('203.0.113.1:92'))
      .toMatchObject({ outcome: 'answered', client: await world.eip('shop-dual/default-gw') });
  });

  test.for(['shop-dual/vm', 'shop-dual/moved'])('the floating IP of %s works both ways', async (path) => {
    const target = await world.pod(path);
    const name = path.split('/')[1] ?? '';
    const external = await world.eip(`shop-dual/fip-${name}`, 6);
    const host = await outsider();
    const nat = (): Promise<string> =>
      world.lab.ovn.nbctl('--columns=logical_port', 'find', 'NAT', `external_ip="${external}"`);
    await expect.poll(nat).toContain(target.name);
    await using _in = await target.listen('tcp', 4321, 6);
    await using _out = await world.upstream.listen('tcp', 93, 6);
    await expect
      .poll(() => host.tcp(`[${external}]:4321`))
      .toMatchObject({ outcome: 'answered', server: target.name, client: '2001:db8:65::10' });
    expect(await host.ping(external)).toMatchObject({ received: 1 });
    await expect
      .poll(() => target.tcp(`[${internet}]:93`))
      .toMatchObject({ outcome: 'answered', client: external });
    const inside = await world.pod('shop-dual/client');
    await expect.poll(() => inside.tcp(`[${external}]:4321`)).toMatchObject({ server: target.name });
  });

  test('a floating IP without a port is translated on the gateway', async () => {
    const external = await world.eip('shop-dual/fip-idle', 6);
    const nat = await world.lab.ovn.nbctl(
      '--columns=external_mac',
      'find',
      'NAT',
      `external_ip="${external}"`,
    );
    expect(nat).toMatch(/external_mac *: \[\]/);
    expect(await world.lab.ovn.nbctl('find', 'NAT', 'logical_ip="10.0.10.40"')).toBe('');
  });

  test('Services answer from outside, and see the client', async () => {
    const server = await world.pod('shop-dual/web-0');
    const host = await outsider();
    await using _tcp = await server.listen('tcp', 80, 6);
    await using _udp = await server.listen('udp', 53, 6);
    const answered = { outcome: 'answered', server: server.name, client: '2001:db8:65::10' };
    for (const target of [await vip('shop-dual/default-gw', 80), await vip('shop-dual/slb-own', 8080)])
      await expect.poll(() => host.tcp(target)).toMatchObject(answered);
    const dns = await vip('shop-dual/default-gw', 53);
    await expect.poll(() => host.udp(dns)).toMatchObject(answered);
    const far = { localAddress: internet };
    const target = await vip('shop-dual/default-gw', 80);
    await expect
      .poll(() => world.upstream.tcp(target, far))
      .toMatchObject({ outcome: 'answered', client: internet });
  });

  test('Services answer from inside, also their own backend', async () => {
    const server = await world.pod('shop-dual/web-0');
    const client = await world.pod('shop-dual/client');
    await using _ = await server.listen('tcp', 80, 6);
    const targets = [
      await vip('shop-dual/default-gw', 80),
      await vip('shop-dual/slb-own', 8080),
      '[fd00:101::10]:80',
    ];
    for (const target of targets) {
      await expect
        .poll(() => client.tcp(target))
        .toMatchObject({ outcome: 'answered', server: server.name, client: await own(client, 6) });
      await expect
        .poll(() => server.tcp(target))
        .toMatchObject({ outcome: 'answered', server: server.name, client: 'fd69::5' });
    }
  });

  test('a Service of an IPv6-only project answers', async () => {
    const server = await world.pod('shop-six/web-0');
    const host = await outsider();
    await using _ = await server.listen('tcp', 80, 6);
    const target = await vip('shop-six/default-gw', 80);
    await expect.poll(() => host.tcp(target)).toMatchObject({ outcome: 'answered', server: server.name });
  });

  test('nobody answers for a Service: refused at once', async () => {
    const host = await outsider();
    const target = await vip('shop-dual/default-gw', 81);
    await expect.poll(() => host.tcp(target)).toMatchObject({ outcome: 'refused' });
    await expect.poll(() => host.udp(target)).toMatchObject({ outcome: 'refused' });
  });

  test('source ranges are kept', async () => {
    const server = await world.pod('shop-dual/web-0');
    await using _six = await server.listen('tcp', 80, 6);
    const target = await vip('shop-dual/default-gw', 83);
    const other = await world.neighbour('other', 4013, '100.65.0.11,2001:db8:65::11');
    const host = await outsider();
    await expect.poll(() => host.tcp(target)).toMatchObject({ outcome: 'answered' });
    expect(await other.tcp(target, quick)).toMatchObject({ outcome: 'silent' });
    // There is no range of IPv4 among them.
    const narrow = `${await world.eip('shop-dual/default-gw')}:83`;
    expect(await host.tcp(narrow, quick)).toMatchObject({ outcome: 'silent' });
  });

  test('a host on the VLAN that routes a project’s IPv6 range at its router reaches nothing', async () => {
    const gateway = await world.eip('shop-dual/default-gw', 6);
    const victim = await world.pod('shop-dual/web-0');
    const stranger = await world.neighbour('stranger', 4013, '100.65.0.22,2001:db8:65::22');
    await stranger.script('ip -6 route replace fd00:10::/64 via "$1"', gateway);
    await using listener = await victim.listen('udp', 54, 6);
    const target = `[${await own(victim, 6)}]:54`;
    const visitors = async (): Promise<string[]> => (await listener.visits()).map(({ client }) => client);
    await expect.poll(() => stranger.ping(gateway)).toMatchObject({ received: 1 });
    expect(await stranger.udp(target, quick)).toMatchObject({ outcome: 'silent' });
    expect(await visitors()).toEqual([]);
    // What lets the same packet through is a hole in the wall and nothing else.
    const { ovn } = world.lab;
    const hole = ['ext-cloud', 'from-lport', '32767', 'ip6.dst == fd00:10::/64'];
    await ovn.nbctl('acl-add', ...hole, 'allow');
    await expect
      .poll(async () => [await stranger.udp(target, quick), ...(await visitors())])
      .toContain('2001:db8:65::22');
    await ovn.nbctl('acl-del', ...hole);
    await world.lab.settled();
  });

  test('a workload cannot send under an IPv6 address that is not its own', async () => {
    const [liar, honest] = [await world.pod('shop-dual/client'), await world.pod('shop-dual/web-0')];
    await using listener = await honest.listen('udp', 9, 6);
    const target = `[${await own(honest, 6)}]:9`;
    await expect.poll(() => liar.udp(target)).toMatchObject({ outcome: 'answered' });
    await liar.script('ip address add fd00:10::77/64 dev eth0 nodad');
    expect(await liar.udp(target, { localAddress: 'fd00:10::77', ...quick })).toMatchObject({
      outcome: 'silent',
    });
    await liar.script('ip address del fd00:10::77/64 dev eth0');
    expect((await listener.visits()).map(({ client }) => client)).not.toContain('fd00:10::77');
  });

  test('two projects with the same range do not meet', async () => {
    const [six, server] = [await world.pod('shop-six/client'), await world.pod('shop-dual/vm')];
    await using listener = await server.listen('tcp', 7000, 6);
    const near = await world.pod('shop-dual/client');
    await expect.poll(() => near.tcp('[fd00:10::20]:7000')).toMatchObject({ server: server.name });
    expect((await six.tcp('[fd00:10::20]:7000', quick)).outcome).not.toBe('answered');
    expect((await listener.visits()).length).toBe(1);
  });
});
