// A virtual machine keeps its address: across a restart of the program, across one of its own, and across both at once.
import { expect, test } from 'vitest';
import { converge, follow } from '../support/engine-world.ts';
import { spyOn } from '../support/northbound-spy.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn } from '../support/ovn-programs.ts';
import { launcher, machine, networks, pod, project } from '../support/scenario.ts';

const base = networks + project + pod('early');

test.skipIf(!hasOvn('23.03'))('a virtual machine has its address again', async () => {
  await using central = await startOvnCentral({ version: '23.03', northd: false });
  await using spy = await spyOn(central.nb);
  const addressOf = (suffix: string) =>
    spy.all('Logical_Switch_Port').find(({ name }) => name === `virt-launcher-vm-${suffix}.shalb-demo`)?.[
      'addresses'
    ];
  const held = ['0a:58:0a:00:0a:03 10.0.10.3'];
  {
    await using running = await follow(base + launcher('aaaaa'), { nb: central.nb });
    await spy.until(() => addressOf('aaaaa') !== undefined);
    expect(addressOf('aaaaa')).toEqual(held);
    // It is stopped, others come and go, and it is started again.
    running.set(base);
    await spy.until(() => addressOf('aaaaa') === undefined);
    running.set(base + pod('late'));
    await spy.until(() => spy.rows().some((row) => row.includes('late.shalb-demo')));
    running.set(base + pod('late') + launcher('bbbbb'));
    await spy.until(() => addressOf('bbbbb') !== undefined);
    expect(addressOf('bbbbb')).toEqual(held);
  }
  // The next launcher is there when the program starts again, the one before is not.
  await converge(base + pod('late') + launcher('ccccc'), { nb: central.nb });
  await spy.snapshot();
  expect(addressOf('ccccc')).toEqual(held);
  expect(addressOf('bbbbb')).toBeUndefined();
});

const underlay = `
apiVersion: ovn.kube-dc.com/v1alpha1
kind: Subnet
metadata: {name: racks}
spec: {underlay: {physicalNetwork: phys, vlan: 120}, cidr: 192.168.120.0/24, gateway: 192.168.120.254, namespaces: [shalb-demo]}
---`;
const onRacks = 'annotations: {network.kube-dc.com/subnet: racks}';

test.skipIf(!hasOvn('23.03')).each([
  ['of a project', '', (suffix: string) => launcher(suffix), '10.0.10.3'],
  ['on an underlay', underlay, (suffix: string) => launcher(suffix, 'vm', onRacks), '192.168.120.2'],
])('a stopped virtual machine %s has its address while it exists', async (_, more, run, address) => {
  await using central = await startOvnCentral({ version: '23.03', northd: false });
  await using spy = await spyOn(central.nb);
  const there = base + more + (more === '' ? '' : pod('first', '{app: x}', onRacks));
  const addressOf = async (name: string): Promise<string | undefined> => {
    await spy.snapshot();
    const port = spy.all('Logical_Switch_Port').find((row) => row['name'] === `${name}.shalb-demo`);
    const [addresses] = (port?.['addresses'] ?? []) as readonly string[];
    return addresses?.split(' ')[1];
  };
  const late = pod('late', '{app: x}', more === '' ? '' : onRacks);
  const nb = { nb: central.nb };
  await converge(there + machine('vm') + run('aaaaa'), nb);
  expect(await addressOf('virt-launcher-vm-aaaaa')).toBe(address);
  // Every line is another run of the program: it is stopped, another workload comes, and it is started again.
  await converge(there + machine('vm'), nb);
  await converge(there + machine('vm') + late, nb);
  expect(await addressOf('late')).not.toBe(address);
  await converge(there + machine('vm') + late + run('bbbbb'), nb);
  expect(await addressOf('virt-launcher-vm-bbbbb')).toBe(address);
  // Deleted, it holds nothing.
  await converge(there + late, nb);
  await spy.snapshot();
  expect(spy.rows().filter((row) => row.includes('VirtualMachine/'))).toEqual([]);
  const next = late.replaceAll('late', 'next');
  await converge(there + late + next, nb);
  expect(await addressOf('next')).toBe(address);
});
