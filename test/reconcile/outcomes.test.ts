// What the loop tells of units: claims before rows, and what became of each.
import { describe, expect, test, vi } from 'vitest';
import { defaultPipeline } from '../../src/controller/unit-planner.ts';
import type { OutcomeListener } from '../../src/source/outcome-listener.ts';
import type { UnitOutcome } from '../../src/status/unit-outcome.ts';
import { converge, follow } from '../support/engine-world.ts';
import { spyOn } from '../support/northbound-spy.ts';
import { startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn } from '../support/ovn-programs.ts';
import { eip, networks, onDefaultGateway, pod, project, service } from '../support/scenario.ts';

const base = networks + project + pod('nginx-0');
const web = service('web', onDefaultGateway, 'selector: {app: nginx}, ports: [{port: 80}]');
const other = project.replace('demo', 'other').replace('10.0.10.0', '10.0.11.0');

interface Heard extends OutcomeListener {
  readonly claims: UnitOutcome[];
  readonly looks: UnitOutcome[];
  last(unit: string): UnitOutcome | undefined;
}

function listener(claim: (outcome: UnitOutcome, calls: number) => Promise<void> = async () => {}): Heard {
  const claims: UnitOutcome[] = [];
  const looks: UnitOutcome[] = [];
  return {
    claims,
    looks,
    claim: (outcome) => claim(outcome, claims.push(outcome)),
    looked: (outcome) => void looks.push(outcome),
    last: (unit) => looks.findLast((outcome) => outcome.unit === unit),
  };
}

const eventually = (assert: () => void) => vi.waitFor(assert, { timeout: 10_000, interval: 5 });
const isDone = (heard: Heard, unit: string) => () => expect(heard.last(unit)?.isCommitted).toBe(true);
const start = () => startOvnCentral({ version: '23.03', northd: false });
const eipsOf = (outcome: UnitOutcome | undefined): string[] =>
  (outcome?.result?.eips ?? []).map(({ key }) => key);

describe.skipIf(!hasOvn('23.03'))('claims', () => {
  test('are recorded before the rows are written, and hold up nobody else', async () => {
    await using central = await start();
    await using spy = await spyOn(central.nb);
    const gate = Promise.withResolvers<void>();
    const heard = listener(({ unit }) => (unit === 'vpc/shalb-demo' ? gate.promise : Promise.resolve()));
    await using running = await follow(base + other, { nb: central.nb, outcomes: heard });
    await eventually(isDone(heard, 'vpc/shalb-other'));
    expect(heard.last('vpc/shalb-demo')).toBeUndefined();
    expect(spy.rows().some((row) => row.includes('shalb-demo'))).toBe(false);
    expect(heard.claims.find(({ unit }) => unit === 'vpc/shalb-demo')).toMatchObject({
      isCommitted: false,
      failure: undefined,
    });
    gate.resolve();
    await eventually(isDone(heard, 'vpc/shalb-demo'));
    await spy.snapshot();
    expect(spy.named('Logical_Router', 'shalb-demo')).toBeDefined();
    expect(running.engine.view.served('vpc/shalb-demo')).toEqual(
      new Set(['Project/shalb/demo', 'Pod/shalb-demo/nginx-0', 'EIp/shalb-demo/default-gw']),
    );
  });

  test('that are being recorded cost no look, whatever comes meanwhile; then the objects count as they are', async () => {
    await using central = await start();
    const gate = Promise.withResolvers<void>();
    const heard = listener(() => gate.promise);
    const modelUnit = vi.fn<typeof defaultPipeline.modelUnit>(defaultPipeline.modelUnit);
    const pipeline = { ...defaultPipeline, modelUnit };
    await using running = await follow(base, { nb: central.nb, outcomes: heard, pipeline });
    await eventually(() => expect(heard.claims).toHaveLength(1));
    modelUnit.mockClear();
    for (const name of ['a', 'b', 'c']) {
      running.set(base + eip(name));
      await new Promise(setImmediate);
    }
    expect(modelUnit).toHaveBeenCalled();
    expect(modelUnit).not.toHaveBeenCalledWith('vpc/shalb-demo', expect.anything());
    gate.resolve();
    await eventually(isDone(heard, 'vpc/shalb-demo'));
    expect(eipsOf(heard.last('vpc/shalb-demo'))).toEqual(['EIp/shalb-demo/c', 'EIp/shalb-demo/default-gw']);
  });

  test('that cannot be recorded are tried again, with the objects as they are then', async () => {
    await using central = await start();
    await using spy = await spyOn(central.nb);
    const heard = listener(async (_, calls) => {
      if (calls === 1) throw new Error('no API server');
      if (calls === 2) running.set(base + eip('late'));
    });
    await using running = await follow(base + eip('early'), { nb: central.nb, outcomes: heard });
    await eventually(() => expect(heard.claims.length).toBeGreaterThanOrEqual(3));
    await eventually(isDone(heard, 'vpc/shalb-demo'));
    expect(eipsOf(heard.claims.at(-1))).toEqual(['EIp/shalb-demo/default-gw', 'EIp/shalb-demo/late']);
    expect(spy.rows().some((row) => row.includes('EIp/shalb-demo/early'))).toBe(false);
    expect(heard.looks.some(({ unit, isCommitted }) => unit === 'vpc/shalb-demo' && !isCommitted)).toBe(true);
  });

  test('that are in the database are no news: neither a start nor drift waits for them', async () => {
    await using central = await start();
    await using spy = await spyOn(central.nb);
    await converge(base + web, { nb: central.nb });
    await spy.transact({ op: 'update', table: 'Logical_Router', where: [], row: { enabled: false } });
    const heard = listener(() => new Promise(() => {}));
    await using running = await follow(base + web, { nb: central.nb, outcomes: heard });
    await eventually(isDone(heard, 'vpc/shalb-demo'));
    await spy.transact({
      op: 'update',
      table: 'Logical_Switch_Port',
      where: [['type', '==', '']],
      row: { addresses: [] },
    });
    await spy.until(() => spy.named('Logical_Switch_Port', 'nginx-0.shalb-demo')['addresses'] !== '');
    expect(heard.claims).toEqual([]);
    await eventually(() => expect(running.engine.counters).toMatchObject({ transactions: 2, repairs: 1 }));
    // A Service without an address of its own is news all the same: it needs its finalizer before its rows.
    running.set(base + web + web.replace('web', 'dns').replaceAll('80', '53'));
    await eventually(() => expect(heard.claims.map(({ unit }) => unit)).toEqual(['vpc/shalb-demo']));
    expect(heard.claims[0]?.pending.has('Service/shalb-demo/dns')).toBe(true);
  });

  test('of three hundred projects are asked for all at once', async () => {
    await using central = await start();
    let open = 0;
    let most = 0;
    const all = Promise.withResolvers<void>();
    const heard = listener(async () => {
      most = Math.max(most, ++open);
      if (open === 300) all.resolve();
      await all.promise;
    });
    const projects = Array.from({ length: 300 }, (_, index) => project.replace('demo', `p${index}`));
    await using running = await follow(networks + projects.join(''), { nb: central.nb, outcomes: heard });
    await vi.waitFor(() => expect(running.engine.counters.transactions).toBe(302), { timeout: 60_000 });
    expect(most).toBe(300);
    expect(heard.claims).toHaveLength(300);
  });
});

describe.skipIf(!hasOvn('23.03'))('looks', () => {
  test('tell of what is committed, blocked, gone and in the database still', async () => {
    await using central = await start();
    const heard = listener();
    await using running = await follow(base + web, { nb: central.nb, outcomes: heard });
    await eventually(isDone(heard, 'vpc/shalb-demo'));
    expect(heard.last('network/ext-cloud')).toMatchObject({ isCommitted: true });
    expect(running.engine.view.usage('ExternalNetwork/ext-cloud')?.used).toBe(1n);
    running.set(base.replace('10.0.10.0/24', '100.65.0.0/24') + web);
    await eventually(() =>
      expect(heard.last('vpc/shalb-demo')).toMatchObject({
        isCommitted: false,
        result: { state: 'blocked' },
        problems: [{ code: 'Overlap', object: 'Project/shalb/demo' }],
      }),
    );
    running.set(networks);
    await eventually(() =>
      expect(heard.last('vpc/shalb-demo')).toMatchObject({ isCommitted: true, result: { state: 'absent' } }),
    );
    expect(running.engine.view.served('vpc/shalb-demo')).toEqual(new Set());
    expect(running.engine.view.usage('ExternalNetwork/ext-cloud')?.used).toBe(0n);
  });

  test('that somebody cannot bear break nothing', async () => {
    await using central = await start();
    await using spy = await spyOn(central.nb);
    const outcomes: OutcomeListener = {
      claim: () => {
        throw new Error('not even a promise');
      },
      looked: () => {
        throw new Error('broken');
      },
    };
    await using running = await follow(networks, { nb: central.nb, outcomes });
    await spy.until(() => spy.all('Logical_Switch').length === 2);
    running.set(base);
    await eventually(() => expect(running.engine.counters.retries).toBeGreaterThan(1));
    expect(spy.all('Logical_Router')).toEqual([]);
  });
});
