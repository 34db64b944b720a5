// Which changes wait until their claims are recorded: what is new, and what comes back; never the repair of drift.
import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import { ClaimGate } from '../../../src/controller/claim-gate.ts';
import type { UnitOutcome } from '../../../src/status/unit-outcome.ts';
import { settled } from '../../support/fake-clock.ts';
import { worldOf } from '../../support/model-world.ts';
import { eip, fip, networks, project } from '../../support/scenario.ts';

const unit = 'vpc/shalb-demo';
const without = worldOf(networks + project + eip('a')).results.get(unit);
const withFip = worldOf(
  networks + project + eip('a') + fip('f', '{ipAddress: 10.0.10.9, eip: a}'),
).results.get(unit);
const withoutEip = worldOf(networks + project).results.get(unit);
const key = 'FIp/shalb-demo/f';

/** A database that holds no row and no record, so that only what was claimed counts. */
function gate() {
  const asked: string[] = [];
  const claims = new ClaimGate({
    listener: {
      claim: async ({ unit: name }) => void asked.push(name),
      looked: () => {},
    },
    target: { current: { unitRows: () => [] }, records: { recorded: () => undefined } } as never,
    logger: silentLogger,
    settled: () => {},
  });
  const admit = async (result: UnitOutcome['result'], inserts: string[], deletes: string[] = []) => {
    const outcome: UnitOutcome = {
      unit,
      result,
      problems: [],
      isCommitted: false,
      pending: new Set(),
      failure: undefined,
      revision: 0,
    };
    const rows = (sources: string[]) => sources.map((source) => ({ source }));
    const changes = {
      unit,
      inserts: rows(inserts),
      deletes: rows(deletes),
      updates: [],
      attach: [],
      detach: [],
    };
    const admission = claims.admit(outcome, changes as never);
    await settled();
    return admission;
  };
  return { admit, asked };
}

test('an object waits for its claim once; rows that drift took away are put back at once', async () => {
  const { admit, asked } = gate();
  expect(await admit(withFip, [key])).toBe('waiting');
  expect(await admit(withFip, [key])).toBe('open');
  expect(await admit(withFip, [])).toBe('open');
  expect(await admit(withFip, [key])).toBe('open');
  expect(asked).toHaveLength(1);
});

test('an object that was deleted and comes back waits again', async () => {
  const { admit } = gate();
  await admit(withFip, [key]);
  expect(await admit(withFip, [key])).toBe('open');
  expect(await admit(without, [], [key])).toBe('open');
  expect(await admit(withFip, [key])).toBe('waiting');
});

test('an EIp that was released and comes back waits again, also with the same address', async () => {
  const { admit } = gate();
  expect(await admit(without, [])).toBe('waiting');
  expect(await admit(without, [])).toBe('open');
  expect(await admit(withoutEip, [])).toBe('open');
  expect(await admit(without, [])).toBe('waiting');
});
