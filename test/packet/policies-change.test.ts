// NetworkPolicies that come, change and go under a flow of packets: no hole, and no cut of what stays allowed.
import { expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { between, longestLoss, startFlow } from '../support/lab-flow.ts';
import { exampleNetworks, pod, project } from '../support/lab-objects.ts';
import type { LabObject } from '../support/lab-objects.ts';
import { writtenInForce } from '../support/lab-policies.ts';
import { describeLab } from '../support/lab-world.ts';

const objects = [
  exampleNetworks,
  project('shop/a', '10.0.10.0/24', 'cloud'),
  pod('shop-a/friend', { labels: { app: 'friend' } }),
  pod('shop-a/stranger', { labels: { app: 'stranger' } }),
  pod('shop-a/web', { labels: { app: 'web' }, address: '10.0.10.10' }),
];
const policy = (name: string, app: string, ingress: unknown): LabObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { namespace: 'shop-a', name },
  spec: { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'], ingress },
});
const friends = { podSelector: { matchLabels: { app: 'friend' } } };
const nobody = { podSelector: { matchLabels: { app: 'nobody' } } };
const ports = (...numbers: readonly number[]) => numbers.map((port) => ({ protocol: 'UDP', port }));

/** Each lets friends in on port 9, in other words than the one before. */
const edits: readonly (readonly LabObject[])[] = [
  [policy('web', 'web', [{ from: [friends], ports: ports(9) }])],
  [policy('web', 'web', [{ from: [friends], ports: ports(7, 8, 9) }])],
  [policy('web', 'web', [{ from: [nobody] }, { from: [friends] }])],
  [policy('web', 'web', [{ from: [friends, nobody], ports: ports(9) }, { from: [nobody] }])],
  [policy('web', 'web', [{ from: [{ ipBlock: { cidr: '10.0.10.0/24', except: ['10.0.10.3/32'] } }] }])],
  [
    policy('web', 'web', [{ from: [friends], ports: [{ protocol: 'UDP', port: 5, endPort: 10 }] }]),
    policy('second', 'web', [{ from: [nobody] }]),
  ],
  [policy('web', 'web', [{ from: [nobody] }]), policy('second', 'web', [{ from: [friends] }])],
];

describeLab('NetworkPolicy under traffic', { objects }, (world) => {
  const isOpen = async (from: Host): Promise<boolean> =>
    (await from.udp('10.0.10.10:9', { timeoutMs: 300 })).outcome === 'answered';

  test('what a policy allows goes on while it changes, and what it does not allow never gets through', async () => {
    const [friend, stranger] = [await world.pod('shop-a/friend'), await world.pod('shop-a/stranger')];
    expect([friend.address, stranger.address]).toEqual(['10.0.10.2', '10.0.10.3']);
    await using _ = await (await world.pod('shop-a/web')).listen('udp', 9);
    await expect.poll(() => isOpen(friend)).toBe(true);
    const flowOf = (host: Host) => startFlow(world, host, '10.0.10.10', 9, host.name);
    const [good, bad] = [flowOf(friend), flowOf(stranger)];
    await world.put(...(edits[0] ?? []));
    await expect.poll(() => isOpen(stranger)).toBe(false);
    await world.lab.settled();
    const shutAt = Date.now();
    let before = edits[0] ?? [];
    for (const [round, edit] of edits.slice(1).concat(edits).entries()) {
      await world.put(...edit);
      const names = new Set(edit.map(({ metadata }) => metadata.name));
      await world.remove(...before.filter(({ metadata }) => !names.has(metadata.name)));
      before = edit;
      await writtenInForce(world, `passing-${round}`);
    }
    const openAt = Date.now();
    await world.remove(...before);
    await expect.poll(() => isOpen(stranger)).toBe(true);
    const refused = between(await bad.end(), shutAt, openAt);
    expect(refused.answered).toBe(0);
    expect(refused.sent).toBeGreaterThan(100);
    // A tenth of a second, on a machine that does other things as well.
    expect(longestLoss(await good.end())).toBeLessThan(10);
  });
});
