// Whether hypervisors have what was committed: ovn-northd compiles and reports, and what keeps it from that.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { networks, project } from '../support/scenario.ts';
import { openEngine } from '../support/engine-world.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import type { OvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';
import type { Target } from '../../src/target/target.ts';
import { decodeYaml } from '../support/model-world.ts';

const forever = new AbortController().signal;

/** What became of a promise so far. */
function watch(promise: Promise<void>): { state: 'pending' | 'done' | Error } {
  const watched: { state: 'pending' | 'done' | Error } = { state: 'pending' };
  promise.then(
    () => (watched.state = 'done'),
    (error: unknown) => (watched.state = error as Error),
  );
  return watched;
}

describe.each(ovnVersions)('on OVN %s', (version) => {
  describe.skipIf(!hasOvn(version))('realise', () => {
    let central: OvnCentral;
    let target: Target;
    beforeAll(async () => {
      central = await startOvnCentral({ version });
      const opened = await openEngine({ nb: central.nb, connectTimeoutMs: 10_000 });
      target = opened.target;
      const { changes } = decodeYaml(networks + project);
      opened.engine.sink.changed(changes);
      opened.engine.sink.synced();
      await opened.engine.converge();
    });
    afterAll(async () => {
      central.pauseNorthd(false);
      await target.close();
      await central.stop();
    });

    const number = async (column: 'nb_cfg' | 'hv_cfg') =>
      Number(await central.nbctl('get', 'NB_Global', '.', column));

    test('resolves without a hypervisor as soon as ovn-northd has compiled', async () => {
      const before = await number('nb_cfg');
      await target.realise(forever);
      expect(await number('nb_cfg')).toBe(before + 1);
      expect(await number('hv_cfg')).toBe(before + 1);
      expect(await central.sbctl('--bare', '--columns=external_ids', 'list', 'Datapath_Binding')).toContain(
        'shalb-demo-default',
      );
    });

    test('stays open while ovn-northd is away, whatever others write, and while NB is restarted', async () => {
      central.pauseNorthd(true);
      const [first, second] = [watch(target.realise(forever)), watch(target.realise(forever))];
      await vi.waitFor(async () =>
        expect(await number('nb_cfg')).toBeGreaterThan((await number('hv_cfg')) + 1),
      );
      await central.nbctl('set', 'NB_Global', '.', `nb_cfg=${(await number('nb_cfg')) + 5}`);
      expect([first.state, second.state]).toEqual(['pending', 'pending']);
      await central.restartNb();
      const third = watch(target.realise(forever));
      const before = await number('nb_cfg');
      await vi.waitFor(async () => expect(await number('nb_cfg')).toBeGreaterThan(before), {
        timeout: 20_000,
      });
      expect([first.state, second.state, third.state]).toEqual(['pending', 'pending', 'pending']);
      central.pauseNorthd(false);
      await vi.waitFor(
        () => expect([first.state, second.state, third.state]).toEqual(['done', 'done', 'done']),
        { timeout: 20_000 },
      );
    });

    test('raises the number again when somebody has set it back', async () => {
      await target.realise(forever);
      central.pauseNorthd(true);
      const wait = watch(target.realise(forever));
      const before = await number('hv_cfg');
      await vi.waitFor(async () => expect(await number('nb_cfg')).toBe(before + 1));
      await central.nbctl('set', 'NB_Global', '.', 'nb_cfg=0', 'hv_cfg=0');
      await vi.waitFor(async () => expect(await number('nb_cfg')).toBe(1));
      expect(wait.state).toBe('pending');
      central.pauseNorthd(false);
      await vi.waitFor(() => expect(wait.state).toBe('done'), { timeout: 20_000 });
    });

    test('ends when it is aborted, connected or not', async () => {
      central.pauseNorthd(true);
      const abort = new AbortController();
      const wait = target.realise(abort.signal);
      abort.abort(new Error('enough'));
      await expect(wait).rejects.toThrow('enough');
      await expect(target.realise(abort.signal)).rejects.toThrow('enough');
      await central.stopNb();
      const later = new AbortController();
      const lost = target.realise(later.signal);
      later.abort(new Error('enough, too'));
      await expect(lost).rejects.toThrow('enough, too');
      await central.restartNb();
      central.pauseNorthd(false);
    });

    test('is fenced as every write is', async () => {
      central.pauseNorthd(true);
      const wait = watch(target.realise(forever));
      const young = await openEngine({ nb: central.nb });
      await young.target.claimEpoch('take-over');
      await vi.waitFor(() => expect(wait.state).toMatchObject({ code: 'TARGET_FENCED' }));
      const before = await number('nb_cfg');
      await expect(target.realise(forever)).rejects.toMatchObject({ code: 'TARGET_FENCED' });
      expect(await number('nb_cfg')).toBe(before);
      await young.target.close();
    });
  });
});
