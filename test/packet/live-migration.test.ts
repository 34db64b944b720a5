// A virtual machine that moves to another hypervisor while somebody talks to it: one address, and how long it is silent.
import { expect, test } from 'vitest';
import { announceArrival } from '../../src/lab/arrival.ts';
import type { Host } from '../../src/lab/host.ts';
import { portAddressing } from '../../src/lab/port-addressing.ts';
import { type SilenceWatch, watchSilence } from '../../src/lab/silence.ts';
import { exampleNetworks, fip, pod, project } from '../support/lab-objects.ts';
import type { LabObject } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const namespace = 'shop-vm';
const [first, second] = ['virt-launcher-fedora-aaaaa', 'virt-launcher-fedora-bbbbb'];
const port = `${first}.${namespace}`;

/** The second one was told which port is its machine's, as a Pod is on an API server. */
function launcher(name: string, node: string, created: string): LabObject {
  const made = pod(`${namespace}/${name}`, {
    labels: { 'vm.kubevirt.io/name': 'fedora' },
    annotations: { 'network.kube-dc.com/port': port },
  });
  const { metadata, spec } = made;
  return {
    ...made,
    metadata: { ...metadata, creationTimestamp: created },
    spec: { ...(spec as object), nodeName: node },
  };
}
const source = launcher(first, 'chassis-1', '2026-01-01T00:00:00Z');
const target = launcher(second, 'chassis-2', '2026-01-01T01:00:00Z');

const instance = (status: object): LabObject => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { namespace, name: 'fedora' },
  spec: { networks: [{ name: 'vpc_net_0', multus: { default: true } }] },
  status: { phase: 'Running', ...status },
});
const migrationState = {
  sourceNode: 'chassis-1',
  sourcePod: first,
  targetNode: 'chassis-2',
  targetPod: second,
};

const objects = [
  exampleNetworks,
  project('shop/vm', '10.0.10.0/24', 'cloud'),
  source,
  instance({ nodeName: 'chassis-1' }),
  pod(`${namespace}/client`),
  fip(`${namespace}/vm`, { vmTarget: { vmName: 'fedora' } }),
];

describeLab('live migration', { objects, chassis: 2 }, (world) => {
  const requested = async (): Promise<string> =>
    (await world.lab.ovn.nbctl('get', 'Logical_Switch_Port', port, 'options')).trim().replaceAll('"', '');

  /** As the hypervisor on which it arrives plugs it in: with the address and MAC that it brings. */
  const plugTwin = async (): Promise<Host> =>
    world.lab.plug({
      name: 'twin',
      port,
      chassis: 2,
      ...(await portAddressing(world.lab.ovn, port)),
    });

  const ended = (watches: readonly SilenceWatch[]): Promise<number[]> =>
    Promise.all(watches.map(async (watch) => Math.round(await watch.end())));

  test('traffic goes to the second hypervisor as soon as the machine says that it is there', async () => {
    const { ovn } = world.lab;
    const origin = await world.pod(`${namespace}/${first}`, 1);
    const client = await world.pod(`${namespace}/client`, 1);
    const outside = await world.neighbour('client', 4013, '100.65.0.10');
    const external = await world.eip(`${namespace}/fip-vm`);
    const [inner, outer] = [`${origin.address}:53`, `${external}:53`];
    const before = await origin.listen('udp', 53);
    for (const [host, to] of [
      [client, inner],
      [outside, outer],
    ] as const)
      await expect.poll(() => host.udp(to)).toMatchObject({ outcome: 'answered', server: port });
    expect(await requested()).not.toContain('requested-chassis');

    // It is about to move: its port is bound on both, and the second one is not heard.
    await world.put(target, instance({ nodeName: 'chassis-1', migrationState }));
    await expect.poll(requested).toContain('requested-chassis=chassis-1,chassis-2');
    expect(await requested()).toContain('activation-strategy=rarp');
    await using twin = await plugTwin();
    await using after = await twin.listen('udp', 53);
    await ovn.sbctl('--timeout=30', 'wait-until', 'Port_Binding', port, 'additional_chassis!=[]');
    await world.lab.settled();
    for (let count = 0; count < 10; count++) {
      expect(await client.udp(inner)).toMatchObject({ outcome: 'answered', server: port });
      expect(await outside.udp(outer)).toMatchObject({ outcome: 'answered', server: port });
    }
    expect(await after.visits()).toEqual([]);

    // It stops here and goes on there.
    const watches = [watchSilence(client, inner), watchSilence(outside, outer)] as const;
    const served = (await before.visits()).length;
    await expect.poll(async () => (await before.visits()).length).toBeGreaterThan(served + 5);
    await origin.script('ip link set dev eth0 down');
    await announceArrival(twin);
    await expect.poll(() => client.udp(inner)).toMatchObject({ outcome: 'answered', server: 'twin' });
    const movedAt = performance.now();
    await world.put(
      instance({ nodeName: 'chassis-2', migrationState: { ...migrationState, completed: true } }),
    );
    await expect.poll(() => outside.udp(outer)).toMatchObject({ outcome: 'answered', server: 'twin' });
    const outsideMs = Math.round(performance.now() - movedAt);
    const silentMs = await ended(watches);
    console.info(
      `OVN ${world.version}: a virtual machine that moved was silent for ${silentMs[0]} ms inside, ${silentMs[1]} ms through its floating IP (${outsideMs} ms after it had arrived)`,
    );

    // It is over: one hypervisor, whether the first pod is still there or not.
    await expect.poll(requested).toMatch(/requested-chassis=chassis-2\b/);
    expect(await requested()).not.toContain('activation-strategy');
    await world.lab.settled();
    const rest = [watchSilence(client, inner), watchSilence(outside, outer)] as const;
    await world.remove(source);
    await world.unplug(`${namespace}/${first}`);
    await world.lab.settled();
    const settled = (await after.visits()).length;
    await expect.poll(async () => (await after.visits()).length).toBeGreaterThan(settled + 20);
    const restMs = await ended(rest);
    console.info(
      `OVN ${world.version}: when its first pod went, it was silent for ${restMs[0]} ms inside, ${restMs[1]} ms through its floating IP`,
    );
    expect(await requested()).toMatch(/requested-chassis=chassis-2\b/);
    expect(twin.address).toBe(origin.address);
    expect(Math.max(silentMs[0]!, restMs[0]!)).toBeLessThan(1000);
    expect(Math.max(silentMs[1]!, restMs[1]!)).toBeLessThan(5000);
  });
});
