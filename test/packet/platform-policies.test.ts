// Policies of the platform with packets: before tenants' allows and denies, after them, and while they change.
import { describe, expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { between, longestLoss, startFlow } from '../support/lab-flow.ts';
import { exampleNetworks, pod, project, withoutIsolation } from '../support/lab-objects.ts';
import type { LabObject } from '../support/lab-objects.ts';
import { policiesInForce, writtenInForce } from '../support/lab-policies.ts';
import { describeLab } from '../support/lab-world.ts';

const web = pod('shop-a/web', { labels: { app: 'web' }, address: '10.0.10.10' });
const objects = [
  exampleNetworks,
  project('shop/a', '10.0.10.0/24', 'cloud'),
  pod('shop-a/friend', { labels: { app: 'friend' }, address: '10.0.10.2' }),
  pod('shop-a/stranger', { labels: { app: 'stranger' }, address: '10.0.10.3' }),
  { ...web, spec: { containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 80 }] }] } },
];

type Spec = Readonly<Record<string, unknown>>;
const tenant = (name: string, spec: Spec): LabObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace: 'shop-a', name },
  spec,
});
const app = (name: string) => ({ podSelector: { matchLabels: { app: name } } });
const pods = (name: string) => ({ pods: { namespaceSelector: {}, ...app(name) } });
const everybody = { namespaces: {} };
const cluster = (name: string, priority: number, of: string, spec: Spec, tier = 'Admin'): LabObject => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name },
  spec: { tier, priority, subject: pods(of), ...spec },
});
const admin = (name: string, priority: number, of: string, spec: Spec): LabObject => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  metadata: { name },
  spec: { priority, subject: pods(of), ...spec },
});
const openTenant = tenant('open', { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] });
const shutTenant = tenant('shut', { podSelector: {}, policyTypes: ['Ingress'] });
const quick = { timeoutMs: 500 };

describeLab('Policies of the platform', { objects, config: withoutIsolation }, (world) => {
  const hosts = async () => ({
    friend: await world.pod('shop-a/friend'),
    stranger: await world.pod('shop-a/stranger'),
    server: await world.pod('shop-a/web'),
  });
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
  const expectTcp = async (from: Host, target: string, outcome: string): Promise<void> => {
    await expect.poll(async () => (await from.tcp(target, quick)).outcome).toBe(outcome);
  };
  const target = '10.0.10.10:80';

  test('a deny goes before what a tenant allows', async () => {
    const { friend, stranger, server } = await hosts();
    await using _ = await server.listen('tcp', 80);
    const deny = cluster('deny', 7, 'web', { ingress: [{ action: 'Deny', from: [pods('stranger')] }] });
    await under([openTenant, deny], async () => {
      await expectTcp(stranger, target, 'silent');
      await expectTcp(friend, target, 'answered');
    });
    await expectTcp(stranger, target, 'answered');
  });

  test('an accept goes before what a tenant denies, on its port, and says nothing of the other end', async () => {
    const { friend, stranger, server } = await hosts();
    await using _web = await server.listen('tcp', 80);
    await using _other = await server.listen('tcp', 81);
    const accept = cluster('accept', 7, 'web', {
      ingress: [{ action: 'Accept', from: [pods('friend')], protocols: [{ destinationNamedPort: 'http' }] }],
    });
    await under([shutTenant, accept], async () => {
      await expectTcp(friend, target, 'answered');
      await expectTcp(friend, '10.0.10.10:81', 'silent');
      await expectTcp(stranger, target, 'silent');
    });
    const noEgress = tenant('no-egress', { ...app('friend'), policyTypes: ['Egress'] });
    const out = cluster('out', 8, 'friend', { egress: [{ action: 'Accept', to: [pods('web')] }] });
    await under([shutTenant, accept, noEgress], () => expectTcp(friend, target, 'silent'));
    await under([shutTenant, accept, noEgress, out], () => expectTcp(friend, target, 'answered'));
  });

  test('a pass leaves what it matches to tenants, and the rest to the rule behind it', async () => {
    const { friend, stranger, server } = await hosts();
    await using _web = await server.listen('tcp', 80);
    await using _other = await server.listen('tcp', 81);
    const onHttp = [{ portNumber: { protocol: 'TCP', port: 80 } }];
    const pass = admin('pass', 1, 'web', {
      ingress: [{ action: 'Pass', from: [pods('friend')], ports: onHttp }],
    });
    const deny = cluster('deny', 2, 'web', { ingress: [{ action: 'Deny', from: [everybody] }] });
    await under([pass, deny], async () => {
      await expectTcp(friend, target, 'answered');
      await expectTcp(friend, '10.0.10.10:81', 'silent');
      await expectTcp(stranger, target, 'silent');
    });
    await under([shutTenant, pass, deny], () => expectTcp(friend, target, 'silent'));
  });

  test('a baseline holds where no tenant has said anything', async () => {
    const { friend, stranger, server } = await hosts();
    await using _ = await server.listen('tcp', 80);
    const baseline: LabObject = {
      apiVersion: 'policy.networking.k8s.io/v1alpha1',
      kind: 'BaselineAdminNetworkPolicy',
      metadata: { name: 'default' },
      spec: { subject: everybody, ingress: [{ action: 'Deny', from: [everybody] }] },
    };
    await under([baseline], () => expectTcp(friend, target, 'silent'));
    const friends = tenant('friends', { ...app('web'), ingress: [{ from: [app('friend')] }] });
    await under([baseline, friends], async () => {
      await expectTcp(friend, target, 'answered');
      await expectTcp(stranger, target, 'silent');
    });
    const before = cluster(
      'before',
      3,
      'web',
      { ingress: [{ action: 'Accept', from: [everybody] }] },
      'Baseline',
    );
    await under([baseline, before], () => expectTcp(stranger, target, 'answered'));
  });

  test('replies pass whatever is denied', async () => {
    const { friend, server } = await hosts();
    await using _web = await server.listen('tcp', 80);
    await using _back = await friend.listen('tcp', 80);
    const mute = cluster('mute', 0, 'web', {
      egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] }],
    });
    await under([mute], async () => {
      await expectTcp(server, '10.0.10.2:80', 'silent');
      await expectTcp(friend, target, 'answered');
    });
  });

  test('networks are addresses outside, and a pass makes a hole in one', async () => {
    const { friend, server } = await hosts();
    await using _ = await server.listen('tcp', 80);
    const ping = async (address: string): Promise<number> => (await friend.ping(address)).received;
    const deny = cluster('deny', 7, 'friend', {
      egress: [{ action: 'Deny', to: [{ networks: ['203.0.113.0/24', '100.65.0.0/16'] }] }],
    });
    await under([deny], async () => {
      await expect.poll(() => ping('203.0.113.1')).toBe(0);
      await expectTcp(friend, target, 'answered');
    });
    const pass = cluster('pass', 6, 'friend', {
      egress: [{ action: 'Pass', to: [{ networks: ['203.0.113.0/28'] }] }],
    });
    await under([deny, pass], async () => {
      await expect.poll(() => ping('203.0.113.1')).toBe(1);
      await expect.poll(() => ping('100.65.0.1')).toBe(0);
    });
  });

  describe('a change', () => {
    const only = (action: string, who: object, more: Spec = {}) => ({ action, from: [who], ...more });
    const udp9 = { protocols: [{ udp: { destinationPort: { number: 9 } } }] };
    const nobody = Array.from({ length: 17 }, () => only('Deny', pods('nobody')));
    const friendIn = [only('Accept', pods('friend')), only('Deny', everybody)];
    const guard = (priority: number, ingress: unknown): LabObject =>
      cluster('guard', priority, 'web', { ingress });
    const first = cluster('first', 1, 'web', { ingress: [only('Pass', pods('friend'), udp9)] });
    /** Each lets the friend in on port 9 and keeps the stranger out, with other rules in other places than before. */
    const edits: readonly (readonly LabObject[])[] = [
      [guard(5, friendIn)],
      [guard(700, friendIn)],
      [guard(5, [...nobody, ...friendIn])],
      [first, guard(5, [only('Deny', everybody)])],
      [first, guard(5, [only('Deny', pods('nobody')), only('Deny', pods('stranger'), udp9)])],
      [guard(5, [only('Deny', pods('stranger'))])],
    ];

    test('opens no hole, and cuts nothing that stays allowed', async () => {
      const { friend, stranger, server } = await hosts();
      const isOpen = async (from: Host): Promise<boolean> =>
        (await from.udp('10.0.10.10:9', { timeoutMs: 300 })).outcome === 'answered';
      await using _ = await server.listen('udp', 9);
      await world.put(openTenant);
      await expect.poll(() => isOpen(friend)).toBe(true);
      const good = startFlow(world, friend, '10.0.10.10', 9, friend.name);
      await world.put(...(edits[0] ?? []));
      await policiesInForce(world, [openTenant, ...(edits[0] ?? [])]);
      await expect.poll(() => isOpen(stranger)).toBe(false);
      const bad = startFlow(world, stranger, '10.0.10.10', 9, stranger.name);
      const shutAt = Date.now();
      let before = edits[0] ?? [];
      for (const [round, edit] of edits.slice(1).concat(edits).entries()) {
        const gone = before.filter(
          ({ metadata }) => !edit.some((one) => one.metadata.name === metadata.name),
        );
        await world.put(...edit);
        await world.remove(...gone);
        before = edit;
        await writtenInForce(world, `passing-${round}`);
      }
      const openAt = Date.now();
      await world.remove(...before, openTenant);
      await expect.poll(() => isOpen(stranger)).toBe(true);
      const refused = between(await bad.end(), shutAt, openAt);
      expect(refused.answered).toBe(0);
      expect(refused.sent).toBeGreaterThan(50);
      // Less than one of the edits lasts, on a machine that does other things as well.
      expect(longestLoss(await good.end())).toBeLessThan(30);
    });
  });
});
