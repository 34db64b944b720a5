// Two projects and a Subnet of the platform in one Vpc: each goes out and is reached as itself, and walls are between them.
import { expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { exampleNetworks, fip, pod, service, withoutIsolation } from '../support/lab-objects.ts';
import type { LabObject } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const quick = { timeoutMs: 700 };
const web = { app: 'web' };
const ovn = 'ovn.kube-dc.com/v1alpha1';
const project = (name: string, cidrBlock: string, egressNetworkType: string): LabObject => ({
  apiVersion: 'kube-dc.com/v1',
  kind: 'Project',
  metadata: { namespace: 'shop', name },
  spec: { vpc: 'platform', cidrBlock, egressNetworkType },
});
const vpc = (openings: readonly Readonly<Record<'from' | 'to', string>>[] = []): LabObject => ({
  apiVersion: ovn,
  kind: 'Vpc',
  metadata: { name: 'platform' },
  spec: {
    externalNetworks: [{ name: 'ext-cloud' }, { name: 'ext-public' }],
    organizations: ['shop'],
    openings,
  },
});
const subnet: LabObject = {
  apiVersion: ovn,
  kind: 'Subnet',
  metadata: { name: 'tools' },
  spec: { vpc: 'platform', cidr: '10.0.30.0/24', namespaces: ['tools'] },
};
const policy: LabObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace: 'shop-b', name: 'from-a' },
  spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] },
};
const objects = [
  exampleNetworks,
  vpc(),
  subnet,
  pod('tools/box', { address: '10.0.30.5' }),
  project('a', '10.0.10.0/24', 'cloud'),
  pod('shop-a/web', { labels: web, address: '10.0.10.10' }),
  service('shop-a/web', { eip: 'default-gw', ports: ['80'], selector: web }),
  fip('shop-a/vm', { ipAddress: '10.0.10.20', externalNetworkType: 'cloud' }),
  pod('shop-a/vm', { address: '10.0.10.20' }),
  project('b', '10.0.20.0/24', 'public'),
  pod('shop-b/web', { labels: web, address: '10.0.20.10' }),
  service('shop-b/web', { eip: 'default-gw', ports: ['80'], selector: web }),
  fip('shop-b/vm', { ipAddress: '10.0.20.20', externalNetworkType: 'cloud' }),
  pod('shop-b/vm', { address: '10.0.20.20' }),
];
const config = withoutIsolation;

describeLab('two projects in one Vpc', { objects, config }, (world) => {
  const reaches = async (from: Host, target: string, outcome: string): Promise<void> => {
    await expect.poll(async () => (await from.tcp(`${target}:80`, quick)).outcome).toBe(outcome);
  };
  const hosts = async () => ({
    a: await world.pod('shop-a/web'),
    b: await world.pod('shop-b/web'),
    box: await world.pod('tools/box'),
  });
  const [inA, inB, inTools] = ['10.0.10.10', '10.0.20.10', '10.0.30.5'];

  test('each leaves as its own EIP, and the Subnet as the Vpc', async () => {
    const { a, b, box } = await hosts();
    await using _ = await world.upstream.listen('tcp', 80);
    const seen = async (from: Host): Promise<unknown> => {
      const answer = await from.tcp('203.0.113.1:80', quick);
      return 'client' in answer ? answer.client : answer.outcome;
    };
    const [ofA, ofB] = [await world.eip('shop-a/default-gw'), await world.eip('shop-b/default-gw')];
    expect(ofB).toMatch(/^168\.119\./);
    await expect.poll(() => seen(a)).toBe(ofA);
    await expect.poll(() => seen(b)).toBe(ofB);
    await expect.poll(() => seen(box)).toMatch(/^100\.65\./);
    expect(await seen(box)).not.toBe(ofA);
    const floating = [await world.pod('shop-a/vm'), await world.pod('shop-b/vm')];
    for (const [host, name] of [
      [floating[0], 'shop-a/fip-vm'],
      [floating[1], 'shop-b/fip-vm'],
    ] as const)
      if (host !== undefined) await expect.poll(() => seen(host)).toBe(await world.eip(name));
  });

  test('each is reached from outside by its load balancer and its floating IP', async () => {
    for (const name of ['shop-a', 'shop-b']) {
      await using _web = await (await world.pod(`${name}/web`)).listen('tcp', 80);
      await using _vm = await (await world.pod(`${name}/vm`)).listen('tcp', 80);
      const [vip, floating] = [await world.eip(`${name}/default-gw`), await world.eip(`${name}/fip-vm`)];
      await expect
        .poll(() => world.upstream.tcp(`${vip}:80`, quick))
        .toMatchObject({ outcome: 'answered', server: `web.${name}` });
      await expect
        .poll(() => world.upstream.tcp(`${floating}:80`, quick))
        .toMatchObject({ outcome: 'answered', server: `vm.${name}` });
    }
  });

  test('a wall is between them, and between each and the Subnet; each reaches itself', async () => {
    const { a, b, box } = await hosts();
    await using _a = await a.listen('tcp', 80);
    await using _b = await b.listen('tcp', 80);
    await using _box = await box.listen('tcp', 80);
    await reaches(await world.pod('shop-a/vm'), inA, 'answered');
    await reaches(await world.pod('shop-b/vm'), inB, 'answered');
    for (const [from, to] of [
      [a, inB],
      [b, inA],
      [a, inTools],
      [box, inA],
    ] as const)
      await reaches(from, to, 'silent');
    // Their gateways are the router's, and answer as ever.
    expect(await a.ping('10.0.10.1')).toMatchObject({ received: 1 });
    // By its address outside it is balanced on the way, and meets the wall as what it is.
    await reaches(b, await world.eip('shop-a/default-gw'), 'silent');
  });

  test('an opening is for connections of one direction, and their replies; a policy opens nothing', async () => {
    const { a, b, box } = await hosts();
    await using _a = await a.listen('tcp', 80);
    await using _b = await b.listen('tcp', 80);
    await using _box = await box.listen('tcp', 80);
    expect(await b.ping('10.0.20.1')).toMatchObject({ received: 1 });
    await world.put(
      vpc([
        { from: 'shop-a-default', to: 'shop-b-default' },
        { from: '*', to: 'tools' },
      ]),
    );
    await reaches(a, inB, 'answered');
    await reaches(a, inTools, 'answered');
    await reaches(b, inTools, 'answered');
    await reaches(b, inA, 'silent');
    await reaches(box, inA, 'silent');
    await world.put(vpc(), policy);
    await reaches(a, inB, 'silent');
    await reaches(box, inB, 'silent');
    await world.remove(policy);
  });

  test('one that goes takes its own with it, and its neighbour goes on', async () => {
    const { a, b } = await hosts();
    await using _ = await a.listen('tcp', 80);
    const vip = await world.eip('shop-a/default-gw');
    await world.put(pod('shop-c/web', { address: '10.0.40.10' }), project('c', '10.0.40.0/24', 'cloud'));
    const c = await world.pod('shop-c/web');
    await expect.poll(() => c.ping('203.0.113.1')).toMatchObject({ received: 1 });
    await reaches(c, inA, 'silent');
    await world.remove(project('c', '10.0.40.0/24', 'cloud'), pod('shop-c/web'));
    expect(await b.ping('203.0.113.1')).toMatchObject({ received: 1 });
    await reaches(world.upstream, vip, 'answered');
  });
});
