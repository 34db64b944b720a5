// What a source tells, as the loop hears it.
import { describe, expect, test, vi } from 'vitest';
import type { Logger } from '../../../src/base/logger.ts';
import { Intake } from '../../../src/controller/intake.ts';
import type { IntakeListener } from '../../../src/controller/intake.ts';
import { Inventory } from '../../../src/model/inventory.ts';
import { decodeYaml } from '../../support/model-world.ts';
import { project } from '../../support/scenario.ts';

function make() {
  const listener = {
    affected: vi.fn<IntakeListener['affected']>(),
    readable: vi.fn<IntakeListener['readable']>(),
    visible: vi.fn<IntakeListener['visible']>(),
  };
  const method = () => vi.fn<Logger['info']>();
  const logger = { debug: method(), info: method(), warn: method(), error: method() };
  return { listener, logger, intake: new Intake(new Inventory(), listener, logger) };
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

  test('tells of kinds that are missing no more after the change that came with the news', async () => {
    const { intake, listener, logger } = make();
    intake.missing(new Map([['FIp', 'hidden'] as const, ['Vpc', 'not-served'] as const]));
    expect(logger.warn).toHaveBeenLastCalledWith(
      { kinds: ['FIp', 'Vpc'] },
      'what may depend on these kinds stays as it is',
    );
    await Promise.resolve();
    expect(listener.visible).not.toHaveBeenCalled();
    intake.missing(new Map([['Vpc', 'not-served'] as const]));
    intake.changed(decodeYaml(project).changes);
    expect(listener.visible).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(listener.visible).toHaveBeenCalledOnce();
  });

  test('nobody is told of a file that cannot be parsed while run is on', () => {
    const { intake, logger } = make();
    const problem = {
      code: 'Unparsable',
      object: 'a.yaml',
      path: '',
      message: 'a.yaml:2:1: no',
      hint: '',
    } as const;
    intake.incomplete(true);
    intake.problems([problem]);
    intake.problems([problem]);
    expect(logger.warn.mock.calls).toEqual([
      [{}, 'some input cannot be read; until it can, nothing is deleted'],
      [problem, 'problem'],
    ]);
    intake.problems([]);
    const { hint: _hint, ...gone } = problem;
    expect(logger.info.mock.calls).toEqual([[gone, 'problem is gone']]);
  });

  test('is synced once and stays so', async () => {
    const { intake } = make();
    intake.synced();
    intake.synced();
    await expect(intake.whenSynced).resolves.toBeUndefined();
  });
});
