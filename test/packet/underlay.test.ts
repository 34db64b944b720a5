// Underlays: workloads that are hosts on a physical VLAN, and nothing of ours between them and it.
import { describe, expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { askByDhcp, whyNoDhcpClient } from '../../src/lab/dhcp-client.ts';
import { overhearDhcp } from '../support/dhcp-ear.ts';
import { exampleNetworks, pod, project } from '../support/lab-objects.ts';
import type { LabObject } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';
import type { LabWorld } from '../support/lab-world.ts';

function underlay(name: string, vlan: number, spec: object): LabObject {
  const range = `192.168.${vlan}`;
  return {
    apiVersion: 'ovn.kube-dc.com/v1alpha1',
    kind: 'Subnet',
    metadata: { name },
    spec: {
      underlay: { physicalNetwork: 'ext-cloud', vlan },
      cidr: `${range}.0/24`,
      gateway: `${range}.254`,
      excludeIps: [`${range}.1..${range}.99`],
      ...spec,
    },
  };
}
const on = (subnet: string) => ({ annotations: { 'network.kube-dc.com/subnet': subnet } });

const objects = [
  exampleNetworks,
  project('shop/a', '10.0.10.0/24', 'cloud'),
  underlay('racks', 120, { namespaces: ['shop-a', 'bare'] }),
  underlay('plant', 121, { namespaces: ['bare'], dhcp: true }),
  pod('shop-a/web'),
  pod('shop-a/legacy', on('racks')),
  pod('bare/neighbour', on('racks')),
  pod('bare/press', on('plant')),
];

/** The workload as whoever runs it would plug it in, with the physical router of its VLAN. */
async function plug({ lab }: LabWorld, port: string): Promise<Host> {
  const { ovn } = lab;
  await ovn.nbctl('--timeout=30', 'wait-until', 'Logical_Switch_Port', port, `name=${port}`);
  const [mac = '', address = ''] = (await ovn.nbctl('lsp-get-addresses', port)).trim().split(' ');
  const gateway = address.replace(/\d+$/, '254');
  return lab.plug({ port, mac, addresses: [`${address}/24`], gateways: [gateway], mtuBytes: 1500 });
}

const macOf = async (host: Host): Promise<string> =>
  /link\/ether (\S+)/.exec(await host.script('ip -o link show dev eth0'))?.[1] ?? '';

const silent = { outcome: 'silent' };
const quick = { timeoutMs: 700 };

describeLab('underlays', { objects }, (world) => {
  const hosts = new Map<string, Promise<Host>>();
  const once = (name: string, make: () => Promise<Host>): Promise<Host> => {
    const host = hosts.get(name) ?? make();
    hosts.set(name, host);
    return host;
  };
  const workload = (port: string): Promise<Host> => once(port, () => plug(world, port));
  const onVlan = (name: string, vlan: number, host: number): Promise<Host> =>
    once(name, () =>
      world.lab.outside(name, {
        network: 'ext-cloud',
        vlan,
        addresses: [`192.168.${vlan}.${host}/24`],
      }),
    );

  test('a workload and a host on the VLAN reach each other, with the workload’s own address and MAC', async () => {
    const [legacy, rack] = [await workload('legacy.shop-a'), await onVlan('rack', 120, 10)];
    await using _out = await rack.listen('tcp', 80);
    await using _in = await legacy.listen('udp', 53);
    await expect
      .poll(() => legacy.tcp('192.168.120.10:80'))
      .toMatchObject({ outcome: 'answered', client: legacy.address });
    await expect
      .poll(() => rack.udp(`${legacy.address}:53`))
      .toMatchObject({ outcome: 'answered', client: '192.168.120.10' });
    const mac = await macOf(legacy);
    expect(await rack.neighbours()).toContain(`${legacy.address} dev eth0 lladdr ${mac}`);
  });

  test('workloads on one VLAN reach each other, whatever their namespaces', async () => {
    const [legacy, other] = [await workload('legacy.shop-a'), await workload('neighbour.bare')];
    await expect.poll(async () => (await legacy.ping(other.address)).received).toBe(1);
  });

  test('a workload cannot send under an address or a MAC that is not its own', async () => {
    const [legacy, rack] = [await workload('legacy.shop-a'), await onVlan('rack', 120, 10)];
    await using listener = await rack.listen('udp', 9);
    const target = '192.168.120.10:9';
    await expect.poll(() => legacy.udp(target)).toMatchObject({ outcome: 'answered' });
    await legacy.script('ip address add 192.168.120.77/32 dev eth0');
    const spoofed = { localAddress: '192.168.120.77', ...quick };
    expect(await legacy.udp(target, spoofed)).toMatchObject(silent);
    await legacy.script('ip address del 192.168.120.77/32 dev eth0');
    const [mac, neighbour] = [await macOf(legacy), await macOf(rack)];
    await legacy.script('ip link set dev eth0 address 0a:58:c0:a8:78:4d');
    await legacy.script('ip neigh replace 192.168.120.10 lladdr "$1" dev eth0', neighbour);
    expect(await legacy.udp(target, quick)).toMatchObject(silent);
    await legacy.script('ip link set dev eth0 address "$1"; ip neigh flush all', mac);
    await legacy.script('ip route replace default via 192.168.120.254');
    expect(new Set((await listener.visits()).map(({ client }) => client))).toEqual(new Set([legacy.address]));
  });

  test('a project’s pod reaches an underlay through the physical world only, and as its EIp', async () => {
    const [web, legacy] = [await world.pod('shop-a/web'), await workload('legacy.shop-a')];
    await using _ = await legacy.listen('tcp', 80);
    await using core = await world.lab.outside(
      'core',
      { network: 'ext-cloud', vlan: 4013, addresses: ['100.65.0.9/16'] },
      { network: 'ext-cloud', vlan: 120, addresses: ['192.168.120.254/24'] },
    );
    await core.script('echo 1 >/proc/sys/net/ipv4/ip_forward');
    await expect.poll(async () => (await web.ping('203.0.113.1')).received).toBe(1);
    expect(await web.tcp(`${legacy.address}:80`, quick)).not.toMatchObject({ outcome: 'answered' });
    await world.upstream.script('ip route replace 192.168.120.0/24 via 100.65.0.9');
    await expect
      .poll(() => web.tcp(`${legacy.address}:80`))
      .toMatchObject({ outcome: 'answered', client: await world.eip('shop-a/default-gw') });
    await world.upstream.script('ip route del 192.168.120.0/24 via 100.65.0.9');
    // And nothing of the underlay gets to a project's own range.
    await legacy.script('ip route replace 10.0.10.0/24 via 192.168.120.254');
    await core.script('ip route replace 10.0.10.0/24 via "$1"', await world.eip('shop-a/default-gw'));
    expect(await legacy.ping(web.address, { timeoutMs: 1000 })).toMatchObject({ received: 0 });
  });

  describe.skipIf(whyNoDhcpClient !== undefined)('DHCP', () => {
    test('by itself OVN does not answer: the question goes out to the VLAN', async () => {
      const [other, rack] = [await workload('neighbour.bare'), await onVlan('rack', 120, 10)];
      const heard = await overhearDhcp(rack, world.lab.directory);
      expect(await askByDhcp(other, world.lab.directory)).toBeUndefined();
      expect(await heard()).toContain(await macOf(other));
    });

    test('when asked to, it tells its own workloads the physical router, and nobody on the VLAN hears of it', async () => {
      const [press, plant] = [await workload('press.bare'), await onVlan('plant', 121, 10)];
      const heard = await overhearDhcp(plant, world.lab.directory);
      const lease = await askByDhcp(press, world.lab.directory);
      expect(lease).toMatchObject({
        ip: '192.168.121.100',
        mask: '24',
        router: '192.168.121.254',
        serverid: '192.168.121.254',
      });
      expect(lease).not.toHaveProperty('mtu');
      await expect.poll(async () => (await press.ping('192.168.121.10')).received).toBe(1);
      // Somebody else on the VLAN is heard there, and gets no answer from OVN.
      const asker = await onVlan('asker', 121, 20);
      expect(await askByDhcp(asker, world.lab.directory)).toBeUndefined();
      expect(new Set(await heard())).toEqual(new Set([await macOf(asker)]));
    });
  });
});
