// A virtual machine keeps its address: while it moves, across a restart of the program, and across one of its own.
import { expect, test } from 'vitest';
import { converge, follow } from '../support/engine-world.ts';
import { spyOn } from '../support/northbound-spy.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn } from '../support/ovn-programs.ts';
import { networks, pod, project } from '../support/scenario.ts';

const base = networks + project + pod('early');
const launcher = (suffix: string) => pod(`virt-launcher-vm-${suffix}`, '{vm.kubevirt.io/name: vm}');

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
