// NetworkPolicies with load balancers, floating IPs and a second network in the path, and what passes whatever they say.
import { describe, expect, test } from 'vitest';
import { askByDhcp, whyNoDhcpClient } from '../../src/lab/dhcp-client.ts';
import type { Host } from '../../src/lab/host.ts';
import { lookUp } from '../../src/lab/look-up.ts';
import { exampleNetworks, fip, pod, project, service } from '../support/lab-objects.ts';
import type { LabObject } from '../support/lab-objects.ts';
import { policiesInForce } from '../support/lab-policies.ts';
import { describeLab } from '../support/lab-world.ts';

const web = { app: 'web' };
const isPublic = { annotations: { 'network.kube-dc.com/external-network-type': 'public' } };
const inside = (clusterIP: string) => ({ type: 'ClusterIP', clusterIP });
const objects = [
  exampleNetworks,
  project('shop/a', '10.0.10.0/24', 'cloud'),
  pod('shop-a/client', { labels: { app: 'client' } }),
  pod('shop-a/other', { labels: { app: 'other' } }),
  pod('shop-a/web', { labels: web, address: '10.0.10.10' }),
  service('shop-a/web', { eip: 'default-gw', ports: ['80', '53/UDP'], selector: web }),
  service('shop-a/inner', { ports: ['8080:80'], selector: web, spec: inside('10.101.0.10') }),
  service('shop-a/public', { ports: ['8081:81'], selector: web, ...isPublic }),
  pod('shop-a/vm', { labels: { app: 'vm' }, address: '10.0.10.20' }),
  fip('shop-a/vm', { ipAddress: '10.0.10.20' }),
];

const policy = (name: string, spec: Readonly<Record<string, unknown>>): LabObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace: 'shop-a', name },
  spec,
});
const selecting = (app: string) => ({ podSelector: { matchLabels: { app } } });
const block = (cidr: string) => ({ ipBlock: { cidr } });
const quick = { timeoutMs: 500 };
const config = 'dns: {servers: [100.65.0.1]}';

describeLab('NetworkPolicy with load balancers in the path', { objects, config }, (world) => {
  /** Puts policies, runs, and takes them away. */
  const under = async (policies: readonly LabObject[], run: () => Promise<void>): Promise<void> => {
    await world.put(...policies);
    try {
      await policiesInForce(world, policies);
      await run();
    } finally {
      await world.remove(...policies);
      await policiesInForce(world, []);
    }
  };
  const expectOutcome = async (
    probe: () => Promise<{ readonly outcome: string }>,
    outcome: string,
  ): Promise<void> => {
    await expect.poll(async () => (await probe()).outcome).toBe(outcome);
  };

  test('out of a pod, a Service is what its backends are: by ClusterIP and by its own VIP', async () => {
    const [client, server] = [await world.pod('shop-a/client'), await world.pod('shop-a/web')];
    await using _ = await server.listen('tcp', 80);
    const vip = `${await world.eip('shop-a/default-gw')}:80`;
    const targets = ['10.101.0.10:8080', vip, '10.0.10.10:80'];
    const out = (rule: Readonly<Record<string, unknown>>): LabObject =>
      policy('out', { ...selecting('client'), policyTypes: ['Egress'], egress: [rule] });
    await under([out({ to: [selecting('web')], ports: [{ port: 80 }] })], async () => {
      for (const target of targets) await expectOutcome(() => client.tcp(target, quick), 'answered');
    });
    // The port of the Service is not that of the backend.
    await under([out({ to: [selecting('web')], ports: [{ port: 8080 }] })], async () => {
      for (const target of targets) await expectOutcome(() => client.tcp(target, quick), 'silent');
    });
    await under([out({ to: [block('10.101.0.0/24')] })], async () => {
      for (const target of targets) await expectOutcome(() => client.tcp(target, quick), 'silent');
    });
    for (const target of targets) await expectOutcome(() => client.tcp(target, quick), 'answered');
  });

  test('into a pod, the client has its own address: through the EIP, a floating IP and a ClusterIP', async () => {
    const [server, vm] = [await world.pod('shop-a/web'), await world.pod('shop-a/vm')];
    const [client, other] = [await world.pod('shop-a/client'), await world.pod('shop-a/other')];
    const friend = await world.neighbour('friend', 4013, '100.65.0.10');
    const stranger = await world.neighbour('stranger', 4013, '100.65.0.11');
    await using _web = await server.listen('tcp', 80);
    await using _vm = await vm.listen('tcp', 22);
    const vip = `${await world.eip('shop-a/default-gw')}:80`;
    const floating = `${await world.eip('shop-a/fip-vm')}:22`;
    for (const target of [vip, floating]) await expectOutcome(() => stranger.tcp(target, quick), 'answered');
    const rule = [{ from: [block('100.65.0.10/32'), selecting('client')] }];
    await under(
      [
        policy('web', { ...selecting('web'), ingress: rule }),
        policy('vm', { ...selecting('vm'), ingress: rule }),
      ],
      async () => {
        for (const target of [vip, floating]) {
          await expectOutcome(() => stranger.tcp(target, quick), 'silent');
          await expectOutcome(() => friend.tcp(target, quick), 'answered');
        }
        for (const target of [vip, '10.101.0.10:8080', '10.0.10.10:80']) {
          await expectOutcome(() => client.tcp(target, quick), 'answered');
          await expectOutcome(() => other.tcp(target, quick), 'silent');
        }
        expect(await vm.ping('203.0.113.1')).toMatchObject({ received: 1 });
      },
    );
  });

  test('a pod reaches itself through its Service, whatever policies say', async () => {
    const server = await world.pod('shop-a/web');
    await using _tcp = await server.listen('tcp', 80);
    await using _udp = await server.listen('udp', 53);
    const vip = await world.eip('shop-a/default-gw');
    const stranger = await world.neighbour('stranger', 4013, '100.65.0.11');
    await under([policy('shut', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })], async () => {
      await expectOutcome(() => stranger.tcp(`${vip}:80`, quick), 'silent');
      for (const target of [`${vip}:80`, '10.101.0.10:8080'])
        await expectOutcome(() => server.tcp(target), 'answered');
      await expectOutcome(() => server.udp(`${vip}:53`), 'answered');
    });
  });

  test('nobody outside gets in under the address that stands for a pod itself', async () => {
    const vm = await world.pod('shop-a/vm');
    const liar = await world.neighbour('liar', 4013, '100.65.0.12');
    await liar.script('ip address replace 169.254.169.5/32 dev eth0');
    await using listener = await vm.listen('udp', 9000);
    const target = `${await world.eip('shop-a/fip-vm')}:9000`;
    const lie = { ...quick, localAddress: '169.254.169.5' };
    await expectOutcome(() => liar.udp(target, quick), 'answered');
    await under([policy('shut', { podSelector: {}, policyTypes: ['Ingress'] })], async () => {
      await expectOutcome(() => liar.udp(target, quick), 'silent');
      const before = (await listener.visits()).length;
      await liar.udp(target, lie);
      expect(await listener.visits()).toHaveLength(before);
    });
  });

  test('what came in through a second network is answered there, under a policy that allows it', async () => {
    const server = await world.pod('shop-a/web');
    await using _ = await server.listen('tcp', 81);
    const outsider = await world.neighbour('public-client', 4011, '168.119.17.60');
    const target = `${await world.eip('shop-a/slb-public')}:8081`;
    await expectOutcome(() => outsider.tcp(target, quick), 'answered');
    for (const from of [[], [block('168.119.17.48/28')]])
      await under(
        [policy('web', { ...selecting('web'), ingress: [{ from, ports: [{ port: 81 }] }] })],
        async () => {
          await expectOutcome(() => outsider.tcp(target, quick), 'answered');
        },
      );
    await under([policy('web', { ...selecting('web'), ingress: [{ ports: [{ port: 80 }] }] })], async () => {
      await expectOutcome(() => outsider.tcp(target, quick), 'silent');
    });
  });

  describe('shut in both directions', () => {
    const shut = policy('shut', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    /** Waits until it is. */
    const isShut = async (client: Host): Promise<void> => {
      const other = await world.pod('shop-a/other');
      await using _ = await other.listen('tcp', 7000);
      await expectOutcome(() => client.tcp(`${other.address}:7000`, quick), 'silent');
    };

    test.skipIf(whyNoDhcpClient !== undefined)('a workload is told its address by DHCP', async () => {
      const vm = await world.pod('shop-a/vm');
      await under([shut], async () => {
        await isShut(vm);
        await expect
          .poll(() => askByDhcp(vm, world.lab.directory))
          .toMatchObject({ ip: '10.0.10.20', router: '10.0.10.1' });
      });
    });

    test('neighbours are found, and names of the VPC are answered at the gateway; no other resolver is asked', async () => {
      const client = await world.pod('shop-a/client');
      const name = 'inner.shop-a.svc.cluster.local';
      await under([shut], async () => {
        await isShut(client);
        await client.script('ip neighbour flush dev eth0');
        await client.ping('10.0.10.10', { timeoutMs: 1000 });
        expect(await client.neighbours()).toMatch(/10\.0\.10\.10 .*lladdr 0a:58:0a:00:0a:0a/);
        await expect.poll(() => lookUp(client, '10.0.10.1', name)).toBe('10.101.0.10');
        await using resolver = await world.upstream.listen('udp', 53);
        expect((await client.udp('100.65.0.1:53', quick)).outcome).toBe('silent');
        expect(await resolver.visits()).toEqual([]);
      });
    });
  });

  test('UDP from port 53 is judged like any other, where OVN does not let it past (25.03 and patched ones)', async () => {
    const [client, server] = [await world.pod('shop-a/client'), await world.pod('shop-a/web')];
    await using listener = await server.listen('udp', 9999);
    await under([policy('shut', { ...selecting('web'), policyTypes: ['Ingress'] })], async () => {
      await expectOutcome(() => client.udp('10.0.10.10:9999', quick), 'silent');
      const before = (await listener.visits()).length;
      await client.udp('10.0.10.10:9999', { ...quick, localPort: 53 });
      expect(await listener.visits()).toHaveLength(world.version === '23.03' ? before + 1 : before);
    });
  });
});
