// Walls: what must not arrive. Every silence is measured beside an answer that proves that the path is there.
import { expect, test } from 'vitest';
import { exampleNetworks, pod, project } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const objects = [
  exampleNetworks,
  project('shop/a', '10.0.10.0/24', 'cloud'),
  pod('shop-a/honest'),
  pod('shop-a/liar', { address: '10.0.10.66' }),
  pod('shop-a/victim', { address: '10.0.10.77' }),
];
const quick = { timeoutMs: 700 };

describeLab('walls', { objects }, (world) => {
  test('a workload cannot send under an address that is not its own', async () => {
    const [liar, honest] = [await world.pod('shop-a/liar'), await world.pod('shop-a/honest')];
    await using listener = await honest.listen('udp', 9);
    const target = `${honest.address}:9`;
    await expect.poll(() => liar.udp(target)).toMatchObject({ outcome: 'answered' });
    await liar.script('ip address add 10.0.10.77/32 dev eth0');
    expect(await liar.udp(target, { localAddress: '10.0.10.77', ...quick })).toMatchObject({
      outcome: 'silent',
    });
    expect(new Set((await listener.visits()).map(({ client }) => client))).toEqual(new Set(['10.0.10.66']));
    await liar.script('ip address del 10.0.10.77/32 dev eth0');
  });

  test('a workload cannot send under a MAC that is not its own', async () => {
    const [liar, honest] = [await world.pod('shop-a/liar'), await world.pod('shop-a/honest')];
    await using listener = await honest.listen('udp', 9);
    const target = `${honest.address}:9`;
    await expect.poll(() => liar.udp(target)).toMatchObject({ outcome: 'answered' });
    const before = await listener.visits();
    // The neighbour stays known, so that it is not the question for it that goes unanswered.
    const mac = (await liar.script('cat /proc/self/net/arp')).match(/0a:58:\S+/)?.[0] ?? '';
    await liar.script('ip link set dev eth0 address 0a:58:0a:00:0a:4d');
    await liar.script('ip neigh replace "$1" lladdr "$2" dev eth0', honest.address, mac);
    expect(await liar.udp(target, quick)).toMatchObject({ outcome: 'silent' });
    expect(await listener.visits()).toEqual(before);
  });

  test('a host on the VLAN that routes a project’s range at the project’s router reaches nothing', async () => {
    const gateway = await world.eip('shop-a/default-gw');
    const victim = await world.pod('shop-a/victim');
    const stranger = await world.neighbour('stranger', 4013, '100.65.0.22');
    await stranger.script('ip route replace 10.0.10.0/24 via "$1"', gateway);
    await using listener = await victim.listen('udp', 53);
    const target = `${victim.address}:53`;
    const visitors = async (): Promise<string[]> => (await listener.visits()).map(({ client }) => client);
    await expect.poll(() => stranger.ping(gateway)).toMatchObject({ received: 1 });
    expect(await stranger.udp(target, quick)).toMatchObject({ outcome: 'silent' });
    expect(await visitors()).toEqual([]);
    // What lets the same packet through is a hole in the wall and nothing else.
    const { ovn } = world.lab;
    const hole = ['ext-cloud', 'from-lport', '32767', 'ip4.dst == 10.0.10.0/24'];
    await ovn.nbctl('acl-add', ...hole, 'allow');
    await expect
      .poll(async () => [await stranger.udp(target, quick), ...(await visitors())])
      .toContain('100.65.0.22');
    await ovn.nbctl('acl-del', ...hole);
    await world.lab.settled();
    const before = await visitors();
    await stranger.udp(target, quick);
    expect(await visitors()).toEqual(before);
  });

  test('a host on the VLAN of ext-public does not reach ext-cloud', async () => {
    const gateway = await world.eip('shop-a/default-gw');
    const inside = await world.neighbour('inside', 4013, '100.65.0.20');
    await using stray = await world.lab.outside('stray', {
      network: 'ext-cloud',
      vlan: 4011,
      addresses: ['100.65.0.21/16'],
    });
    await expect.poll(() => inside.ping(gateway)).toMatchObject({ received: 1 });
    expect(await stray.ping(gateway, { timeoutMs: 1000 })).toMatchObject({ received: 0 });
    expect(await stray.ping('100.65.0.20', { timeoutMs: 1000 })).toMatchObject({ received: 0 });
  });
});
