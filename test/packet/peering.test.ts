// Peered Vpcs: what is agreed passes both ways under its own addresses, and nothing else does, whoever tries.
import { expect, onTestFinished, test } from 'vitest';
import type { Host, ListenerHandle } from '../../src/lab/host.ts';
import { exampleNetworks, pod, subnet, vpc } from '../support/lab-objects.ts';
import type { LabObject } from '../support/lab-objects.ts';
import { policiesInForce } from '../support/lab-policies.ts';
import { describeLab } from '../support/lab-world.ts';

// The links of bank to shop and to depot have the same pair of addresses: nothing is looked up by them.
const depot = 'depot-14445';
const shopSide = {
  localPrefixes: ['10.1.0.0/24', 'fd00:1::/64'],
  remotePrefixes: ['10.2.0.0/25', 'fd00:2::/64'],
};
const bankSide = {
  localPrefixes: ['fd00:2::/64', '10.2.0.0/25'],
  remotePrefixes: ['10.1.0.0/24', 'fd00:1::/64'],
};
const toDepot = { vpc: depot, localPrefixes: ['10.2.0.0/24'], remotePrefixes: ['10.3.0.0/24'] };
const bank = (peerings: readonly object[]): LabObject =>
  vpc('bank', { externalNetworks: [{ name: 'ext-cloud', address: '100.65.0.150' }], peerings });
const objects = [
  exampleNetworks,
  vpc('shop', { peerings: [{ vpc: 'bank', ...shopSide }] }),
  subnet('shop-web', { vpc: 'shop', cidr: '10.1.0.0/24,fd00:1::/64', namespaces: ['web'] }),
  subnet('shop-db', { vpc: 'shop', cidr: '10.1.1.0/24,fd00:1:1::/64', namespaces: ['db'] }),
  bank([{ vpc: 'shop', ...bankSide }, toDepot]),
  subnet('bank-core', { vpc: 'bank', cidr: '10.2.0.0/24,fd00:2::/64', namespaces: ['core'] }),
  vpc(depot, {
    peerings: [{ vpc: 'bank', localPrefixes: ['10.3.0.0/24'], remotePrefixes: ['10.2.0.0/24'] }],
  }),
  subnet('depot-racks', { vpc: depot, cidr: '10.3.0.0/24', namespaces: ['racks'] }),
  pod('web/a', { address: '10.1.0.10,fd00:1::10' }),
  pod('db/a', { address: '10.1.1.10,fd00:1:1::10' }),
  pod('core/vault', { address: '10.2.0.10,fd00:2::10' }),
  pod('core/hidden', { address: '10.2.0.200' }),
  pod('racks/a', { address: '10.3.0.10' }),
];
const quick = { timeoutMs: 500 };
const internet = '203.0.113.1';

async function expectReached(client: Host, target: string, as: string): Promise<void> {
  await expect.poll(() => client.tcp(target)).toMatchObject({ outcome: 'answered', client: as });
}

async function expectSilence(client: Host, target: string): Promise<void> {
  expect((await client.tcp(target, quick)).outcome).not.toBe('answered');
}

describeLab('peered Vpcs', { objects, chassis: 2, gateways: [1] }, (world) => {
  test('agreed ranges reach each other in both families, as they are', async () => {
    const [web, vault] = [await world.pod('web/a', 1), await world.pod('core/vault', 2)];
    await using _web = await web.listen('tcp', 80);
    await using _vault = await vault.listen('tcp', 80);
    await using _wideWeb = await web.listen('tcp', 86, 6);
    await using _wideVault = await vault.listen('tcp', 86, 6);
    await expectReached(web, '10.2.0.10:80', '10.1.0.10');
    await expectReached(vault, '10.1.0.10:80', '10.2.0.10');
    await expectReached(web, '[fd00:2::10]:86', 'fd00:1::10');
    await expectReached(vault, '[fd00:1::10]:86', 'fd00:2::10');
  });

  test('a second peering works although its link has the same addresses', async () => {
    const [vault, racks] = [await world.pod('core/vault', 2), await world.pod('racks/a', 1)];
    await using _ = await racks.listen('tcp', 80);
    await expectReached(vault, '10.3.0.10:80', '10.2.0.10');
    await expectReached(await world.pod('core/hidden', 2), '10.3.0.10:80', '10.2.0.200');
  });

  test('other subnets, and what is beside a part of one, do not', async () => {
    const [web, db] = [await world.pod('web/a', 1), await world.pod('db/a', 1)];
    const [vault, hidden] = [await world.pod('core/vault', 2), await world.pod('core/hidden', 2)];
    await using _db = await db.listen('tcp', 80);
    await using _vault = await vault.listen('tcp', 80);
    await using _wideVault = await vault.listen('tcp', 86, 6);
    await using _hidden = await hidden.listen('tcp', 80);
    await expectReached(web, '10.1.1.10:80', '10.1.0.10');
    await expectReached(web, '10.2.0.10:80', '10.1.0.10');
    await expectSilence(db, '10.2.0.10:80');
    await expectSilence(db, '[fd00:2::10]:86');
    await expectSilence(web, '10.2.0.200:80');
    await expectSilence(vault, '10.1.1.10:80');
    await expectSilence(hidden, '10.1.0.10:80');
  });

  test('nobody gets through a peer: not to its other peers, not out, not under another address', async () => {
    const [web, db, racks] = [
      await world.pod('web/a', 1),
      await world.pod('db/a', 1),
      await world.pod('racks/a', 1),
    ];
    const vault = await world.pod('core/vault', 2);
    // Datagrams are seen without an answer, which would have no way back.
    await using atRacks = await racks.listen('udp', 99);
    await using outside = await world.upstream.listen('udp', 99);
    await using atVault = await vault.listen('udp', 99);
    const send = (client: Host, target: string): Promise<unknown> => client.udp(`${target}:99`, quick);
    const seen = async (at: ListenerHandle): Promise<ReadonlySet<string>> =>
      new Set((await at.visits()).map(({ client }) => client));
    // Somebody who can write into the router of shop: what bank lets in is for bank to say.
    const nbctl = (...words: string[]): Promise<string> => world.lab.ovn.nbctl(...words);
    const link = await nbctl(
      '--bare',
      '--columns=networks',
      'find',
      'Logical_Router_Port',
      'name=bank.peer.shop',
    );
    const [hop = ''] = link.trim().split('/');
    const ranges = ['10.3.0.0/24', '203.0.113.0/24', '10.2.0.128/25'];
    onTestFinished(async () => {
      await nbctl('lr-policy-del', 'shop', '32000');
      for (const range of ranges) await nbctl('--if-exists', 'lr-route-del', 'shop', range);
    });
    for (const range of ranges) await nbctl('lr-route-add', 'shop', range, hop, 'shop.peer.bank');
    await nbctl('lr-policy-add', 'shop', '32000', 'ip4.src == 10.1.0.0/16', 'allow');
    await world.lab.settled();
    await expect
      .poll(async () => {
        await Promise.all([send(vault, '10.3.0.10'), send(vault, internet), send(web, '10.2.0.10')]);
        return [await seen(atRacks), await seen(outside), await seen(atVault)];
      })
      .toEqual([new Set(['10.2.0.10']), new Set(['100.65.0.150']), new Set(['10.1.0.10'])]);
    await Promise.all([send(web, '10.3.0.10'), send(web, internet), send(db, '10.2.0.10')]);
    expect(await seen(atRacks)).toEqual(new Set(['10.2.0.10']));
    expect(await seen(outside)).toEqual(new Set(['100.65.0.150']));
    expect(await seen(atVault)).toEqual(new Set(['10.1.0.10']));
  });

  test('an ipBlock of a NetworkPolicy means the peer by its address', async () => {
    const [web, vault] = [await world.pod('web/a', 1), await world.pod('core/vault', 2)];
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { namespace: 'core', name: 'web-only' },
      spec: {
        podSelector: {},
        ingress: [{ from: [{ ipBlock: { cidr: '10.1.0.0/24' } }], ports: [{ port: 80 }] }],
      },
    };
    await using _first = await vault.listen('tcp', 80);
    await using _second = await vault.listen('tcp', 81);
    await expectReached(web, '10.2.0.10:81', '10.1.0.10');
    await world.put(policy);
    await policiesInForce(world, [policy]);
    await expectReached(web, '10.2.0.10:80', '10.1.0.10');
    await expectSilence(web, '10.2.0.10:81');
    await world.remove(policy);
    await policiesInForce(world, []);
  });

  test('without the entry of one side both ways are closed, and the other side says why', async () => {
    const [web, vault] = [await world.pod('web/a', 1), await world.pod('core/vault', 2)];
    await using _web = await web.listen('tcp', 80);
    await using _vault = await vault.listen('tcp', 80);
    await expectReached(web, '10.2.0.10:80', '10.1.0.10');
    await world.put(bank([toDepot]));
    await expect.poll(() => world.programLog).toMatch(/Vpc bank has no peering with Vpc shop/);
    await world.lab.settled();
    await expectSilence(web, '10.2.0.10:80');
    await expectSilence(vault, '10.1.0.10:80');
    expect(
      await world.lab.ovn.nbctl('--bare', '--columns=name', 'list', 'Logical_Router_Port'),
    ).not.toContain('shop.peer');
    await world.put(bank([{ vpc: 'shop', ...bankSide }, toDepot]));
    await expectReached(web, '10.2.0.10:80', '10.1.0.10');
  });
});
