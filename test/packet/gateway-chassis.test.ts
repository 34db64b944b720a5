// A chassis that begins to host gateways, and one that ends: which gateways move, and what connections notice.
import { expect, test } from 'vitest';
import { activeGateway } from '../../src/lab/active-gateway.ts';
import { watchSilence } from '../../src/lab/silence.ts';
import { exampleNetworks, pod, project } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';
import type { LabWorld } from '../support/lab-world.ts';

/** Two whose gateway stays on chassis 2, four whose gateway leaves chassis 1: two each for chassis 2 and 3. */
const names = ['ant', 'bee', 'fox', 'hen', 'mole', 'newt'];
const objects = [
  exampleNetworks,
  ...names.flatMap((name) => [project(`shop/${name}`, '10.0.10.0/24', 'cloud'), pod(`shop-${name}/a`)]),
];
const internet = '203.0.113.1:53';
const way = (name: string): string => `shop-${name}-ext-cloud`;
/** The longest silence of a connection that nothing has happened to. */
const unnoticedMs = 1000;

/** Numbers of the chassis in the group of each project, the most preferred first, as the rows say. */
async function members({ lab: { ovn } }: LabWorld): Promise<Map<string, number[]>> {
  const text = await ovn.nbctl(
    '--format=json',
    '--columns=_uuid,chassis_name,priority',
    'list',
    'HA_Chassis',
  );
  const { data } = JSON.parse(text) as { data: [[string, string], string, number][] };
  const rows = new Map(data.map(([[, uuid], chassis, priority]) => [uuid, { chassis, priority }]));
  const groups = names.map(async (name) => {
    const uuids = await ovn.nbctl(
      '--bare',
      '--columns=ha_chassis',
      'find',
      'HA_Chassis_Group',
      `name=${way(name)}`,
    );
    const found = uuids
      .trim()
      .split(' ')
      .flatMap((uuid) => rows.get(uuid) ?? []);
    const order = found.toSorted((a, b) => b.priority - a.priority);
    return [name, order.map(({ chassis }) => Number(chassis.replace('chassis-', '')))] as const;
  });
  return new Map(await Promise.all(groups));
}

/** Where each gateway is now, as the hypervisors say. */
async function hosts({ lab }: LabWorld): Promise<Map<string, number>> {
  return new Map(
    await Promise.all(names.map(async (name) => [name, await activeGateway(lab, way(name))] as const)),
  );
}

/** A connection of each project runs while `change` is made and carried out; tells how long each was silent. */
async function silences(world: LabWorld, change: () => Promise<void>): Promise<Map<string, number>> {
  await using _ = await world.upstream.listen('udp', 53);
  const clients = await Promise.all(
    names.map(async (name) => [name, await world.pod(`shop-${name}/a`, 3)] as const),
  );
  for (const [, client] of clients)
    await expect.poll(() => client.udp(internet)).toMatchObject({ outcome: 'answered' });
  const watches = clients.map(([name, client]) => [name, watchSilence(client, internet)] as const);
  await change();
  for (const [, client] of clients)
    await expect.poll(() => client.udp(internet)).toMatchObject({ outcome: 'answered' });
  return new Map(
    await Promise.all(watches.map(async ([name, watch]) => [name, Math.round(await watch.end())] as const)),
  );
}

const firsts = (groups: ReadonlyMap<string, readonly number[]>): Map<string, number> =>
  new Map([...groups].map(([name, [first = 0]]) => [name, first]));

describeLab('gateway chassis that come and go', { objects, chassis: 3, gateways: [1, 2] }, (world) => {
  test('one that joins moves no gateway, and no connection notices', async () => {
    const before = await members(world);
    expect(new Set(firsts(before).values())).toEqual(new Set([1, 2]));
    await expect.poll(() => hosts(world)).toEqual(firsts(before));
    const silentMs = await silences(world, async () => {
      await world.lab.chassis[2]!.offerGateway(true);
      await expect
        .poll(async () => [...(await members(world)).values()].every((group) => group.includes(3)))
        .toBe(true);
      await world.lab.settled();
    });
    expect(firsts(await members(world))).toEqual(firsts(before));
    expect(await hosts(world)).toEqual(firsts(before));
    console.info(
      `OVN ${world.version}: longest silences while a chassis joined: ${[...silentMs.values()].join(', ')} ms`,
    );
    expect(Math.max(...silentMs.values())).toBeLessThan(unnoticedMs);
  });

  test('one that leaves moves its own gateways only, to the newcomer as well', async () => {
    const before = firsts(await members(world));
    const silentMs = await silences(world, async () => {
      await world.lab.chassis[0]!.offerGateway(false);
      await expect
        .poll(async () => [...(await members(world)).values()].every((group) => !group.includes(1)))
        .toBe(true);
      await world.lab.settled();
    });
    const after = firsts(await members(world));
    await expect.poll(() => hosts(world)).toEqual(after);
    const moved = names.filter((name) => after.get(name) !== before.get(name));
    expect(moved).toEqual(names.filter((name) => before.get(name) === 1));
    expect(new Set(moved.map((name) => after.get(name)))).toEqual(new Set([2, 3]));
    const outages = moved.map((name) => silentMs.get(name)!);
    console.info(`OVN ${world.version}: outages of gateways whose chassis left: ${outages.join(', ')} ms`);
    expect(Math.max(...outages)).toBeLessThan(5000);
    const others = names.filter((name) => !moved.includes(name)).map((name) => silentMs.get(name)!);
    expect(Math.max(...others)).toBeLessThan(unnoticedMs);
  });
});
