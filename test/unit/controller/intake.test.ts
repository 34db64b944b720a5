// What a source tells, as the loop hears it.
import { describe, expect, test, vi } from 'vitest';
import { Intake } from '../../../src/controller/intake.ts';
import type { IntakeListener } from '../../../src/controller/intake.ts';
import { Inventory } from '../../../src/model/inventory.ts';
import { decodeYaml } from '../../support/model-world.ts';
import { project } from '../../support/scenario.ts';

function make() {
  const listener = {
    affected: vi.fn<IntakeListener['affected']>(),
    readable: vi.fn<IntakeListener['readable']>(),
  };
  return { listener, intake: new Intake(new Inventory(), listener) };
}

describe('Intake', () => {
  test('names the units of objects, and counts those that are gone but not those that are rejected', () => {
    const { intake, listener } = make();
    intake.changed(decodeYaml(project).changes);
    expect(listener.affected).toHaveBeenLastCalledWith(new Set(['vpc/shalb-demo']), 0);
    intake.changed([{ key: 'Project/shalb/demo', object: undefined, invalid: true }]);
    expect(listener.affected).toHaveBeenLastCalledWith(new Set(['vpc/shalb-demo']), 0);
    intake.changed([{ key: 'Project/shalb/demo', object: undefined }]);
    expect(listener.affected).toHaveBeenLastCalledWith(new Set(['vpc/shalb-demo']), 1);
  });

  test('tells that all can be read again after the change that came with the news', async () => {
    const { intake, listener } = make();
    intake.incomplete(true);
    expect(intake.isIncomplete).toBe(true);
    intake.incomplete(false);
    intake.changed(decodeYaml(project).changes);
    expect(listener.readable).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(listener.readable).toHaveBeenCalledOnce();
    intake.incomplete(false);
    await Promise.resolve();
    expect(listener.readable).toHaveBeenCalledOnce();
  });

  test('is synced once and stays so', async () => {
    const { intake } = make();
    intake.synced();
    intake.synced();
    await expect(intake.whenSynced).resolves.toBeUndefined();
  });
});
