// Realised means that the hypervisors have it: one that does not answer keeps it open.
import { expect, test, vi } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { openTarget } from '../../src/target/open-target.ts';
import { exampleNetworks, project } from '../support/lab-objects.ts';
import { describeLab } from '../support/lab-world.ts';

const objects = [exampleNetworks, project('shop/a', '10.0.10.0/24', 'cloud')];

describeLab('what is realised', { objects, chassis: 2 }, (world) => {
  test('waits for the last hypervisor', async () => {
    const { ovn, chassis } = world.lab;
    const target = await openTarget({ nb: ovn.nb, owner: 'observer', logger: silentLogger });
    const number = async (column: string) => Number(await ovn.nbctl('get', 'NB_Global', '.', column));
    try {
      await target.realise(new AbortController().signal);
      const last = chassis[1]!;
      await last.cutOff();
      const wait = vi.fn<(outcome: string) => void>();
      const realised = target.realise(new AbortController().signal).then(() => wait('realised'));
      const others = async (): Promise<number> => {
        const text = await ovn.sbctl(
          '--bare',
          '--columns=nb_cfg',
          'find',
          'Chassis_Private',
          'name=chassis-1',
        );
        return Number(text);
      };
      await expect
        .poll(async () => (await others()) > (await number('hv_cfg')), { timeout: 20_000 })
        .toBe(true);
      expect(await number('sb_cfg')).toBeGreaterThan(await number('hv_cfg'));
      expect(wait).not.toHaveBeenCalled();
      await last.rejoin();
      await realised;
      expect(await number('hv_cfg')).toBe(await number('nb_cfg'));
    } finally {
      await target.close();
    }
  });
});
