// Random changes through a real API server while the daemon, the server or NB is killed: NB is what the objects mean.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { objectKey } from '../../src/api/api-object.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { describeApiServer } from '../support/api-server-programs.ts';
import {
  type Addresses,
  eipsThatStay,
  isEdge,
  LedgerWatch,
  objectsOf,
  onePassOver,
} from '../support/chaos-checks.ts';
import { rowsOf } from '../support/chaos-rows.ts';
import { ChaosWorld, Dice } from '../support/chaos-world.ts';
import { type OvnCentral, startOvnCentral } from '../support/ovn-central.ts';
import { hasOvn, ovnVersions } from '../support/ovn-programs.ts';
import { type RunningProgram, runProgram, startProgram } from '../support/program.ts';

const version = ovnVersions.findLast(hasOvn) ?? '25.03';
/** The operations are the same each time, what they meet is not. For other ones: CHAOS_SEED=6 vitest run … */
const seed = Number(process.env['CHAOS_SEED'] ?? 5);
const settleMs = 60_000;

describeApiServer('chaos', () => {
  let server: ApiServer;
  let central: OvnCentral;
  let ledger: LedgerWatch;
  let world: ChaosWorld;
  let dice: Dice;
  let config: string;
  let compared = 0;
  let daemon: RunningProgram | undefined;

  beforeAll(async () => {
    console.info(`CHAOS_SEED=${seed}`);
    [server, central] = await Promise.all([
      startApiServer({ crds: true }),
      startOvnCentral({ version, northd: false }),
    ]);
    config = join(server.directory, 'config.yaml');
    await writeFile(config, JSON.stringify({ gatewayChassis: ['chassis-1', 'chassis-2'] }));
    ledger = await LedgerWatch.open(central.nb);
    dice = new Dice(seed);
    world = new ChaosWorld(server, dice);
    await world.prepare();
  });
  afterAll(async () => {
    await killDaemon();
    await ledger?.close();
    await Promise.all([server?.stop(), central?.stop()]);
  });

  const flags = (): string[] => ['--kubeconfig', server.kubeconfig, '--nb', central.nb, '--config', config];
  /** The one that runs, if there is one. */
  function startDaemon(): void {
    if (daemon !== undefined && daemon.process.exitCode === null && daemon.process.signalCode === null)
      return;
    daemon = startProgram(['run', '--no-lease', '--allow-mass-delete', '--log-level', 'debug', ...flags()]);
  }
  async function killDaemon(): Promise<void> {
    if (daemon === undefined || daemon.process.exitCode !== null || daemon.process.signalCode !== null)
      return;
    daemon.process.kill('SIGKILL');
    await once(daemon.process, 'exit');
  }
  const steps = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done++) await world.step();
  };

  /** What is still to be done, in NB and at objects that the daemon makes. */
  async function leftToDo(): Promise<unknown> {
    const loaded = await objectsOf(server.kubeconfig);
    const { summary, failures, missing, surplus } = await onePassOver(loaded, central.nb, 'plan');
    return { ...summary, failures, missing, surplus };
  }
  const nothing = {
    insert: 0,
    update: 0,
    delete: 0,
    transactions: 0,
    failures: [],
    missing: [],
    surplus: [],
  };

  async function settle(): Promise<void> {
    await expect.poll(() => daemon?.stderr(), { timeout: settleMs }).toContain('"in step"');
    await expect.poll(leftToDo, { timeout: settleMs, interval: 100 }).toEqual(nothing);
    await ledger.catchUp();
    expect([...ledger.doubles]).toEqual([]);
  }

  /** Of holders that are not there for their users alone, until the last of them goes. */
  async function lasting(): Promise<Addresses> {
    const leaving = new Set((await eipsThatStay(server, ledger.addresses())).map(objectKey));
    return new Map([...ledger.addresses()].filter(([holder]) => !leaving.has(holder)));
  }

  /** Of holders that nobody touched meanwhile. */
  const untouched = (addresses: Addresses): string[] =>
    [...addresses.keys()].filter((holder) => !isEdge(holder) && !world.isTouched(holder));
  const expectKept = (before: Addresses, after: Addresses): void => {
    const of = (addresses: Addresses) => untouched(before).map((holder) => [holder, addresses.get(holder)]);
    expect(of(after)).toEqual(of(before));
    compared += untouched(before).length;
  };

  /** Compiled anew into an empty NB. */
  async function compiledAnew(): Promise<unknown> {
    await using other = await startOvnCentral({ version, northd: false });
    const loaded = await objectsOf(server.kubeconfig);
    const objects = [...loaded.objects, ...(await eipsThatStay(server, ledger.addresses()))];
    await onePassOver({ ...loaded, objects }, other.nb, 'converge');
    return await rowsOf(version, other.nb);
  }

  async function expectTheTruth(): Promise<void> {
    const { code, stdout } = await runProgram(['plan', '-o', 'json', ...flags()]);
    expect({ code, stdout }).toMatchObject({ code: 0 });
    // Objects that the daemon makes, with the addresses that they have, may still be on their way.
    const rows = await rowsOf(version, central.nb);
    await expect.poll(compiledAnew, { timeout: settleMs, interval: 200 }).toEqual(rows);
  }

  /** Everything is told when a test fails: what was done, and what the daemon said. */
  function tellOnFailure(): void {
    onTestFinished(({ task }) => {
      if (task.result?.state !== 'fail') return;
      console.error(`CHAOS_SEED=${seed}\n${world.log.join('\n')}\n${daemon?.stderr()}`);
    });
  }

  test('the daemon is killed at random points of 200 operations', async () => {
    tellOnFailure();
    startDaemon();
    await world.addProjects();
    await steps(20);
    await settle();
    for (let round = 0; round < 6; round++) {
      world.forget();
      const before = await lasting();
      const untilKilled = dice.roll(20);
      await steps(untilKilled);
      await killDaemon();
      const whileAway = dice.roll(10);
      await steps(whileAway);
      startDaemon();
      await steps(30 - untilKilled - whileAway);
      if (dice.roll(3) === 0) {
        await delay(dice.roll(2500));
        await killDaemon();
        startDaemon();
      }
      await settle();
      expectKept(before, ledger.addresses());
    }
    await expectTheTruth();
    console.info(`${world.log.length} operations, ${world.refused} refused, ${compared} addresses compared`);
    expect(world.log.length).toBeGreaterThanOrEqual(200);
    expect(world.refused).toBeLessThan(world.log.length / 10);
    expect(compared).toBeGreaterThan(0);
  });

  /** Changes before, while and after something is done to what the daemon stands on. */
  async function expectTruthAfter(what: (() => Promise<void>)[]): Promise<void> {
    startDaemon();
    await settle();
    world.forget();
    const before = await lasting();
    for (const act of what) {
      await steps(10);
      // The next changes come while it lasts.
      await Promise.all([act(), steps(10)]);
    }
    await steps(50 - 20 * what.length);
    await settle();
    expectKept(before, ledger.addresses());
    await expectTheTruth();
  }

  test('the API server is killed and restarted in the middle of 50 operations', async () => {
    tellOnFailure();
    await expectTruthAfter([
      async () => {
        await server.kill('SIGKILL');
        await server.restart();
      },
    ]);
  });

  test('NB is killed and restarted in the middle of 50 operations', async () => {
    tellOnFailure();
    await expectTruthAfter([() => central.stopNb(), () => central.restartNb()]);
  });

  test('what the daemon missed while it was stopped is compacted away (410)', async () => {
    tellOnFailure();
    await expectTruthAfter([
      async () => void daemon?.process.kill('SIGSTOP'),
      async () => {
        await server.compact();
        // It has what happened in its memory, too.
        await server.restart();
        daemon?.process.kill('SIGCONT');
      },
    ]);
    expect(daemon?.stderr()).toContain('too old; listed again');
  });

  test('a namespace with 30 objects goes under load, and nothing of it stays', async () => {
    tellOnFailure();
    startDaemon();
    const namespace = 'shalb-full';
    await world.addFullProject('full');
    await settle();
    expect([...ledger.addresses().keys()].filter((key) => key.includes(`/${namespace}/`))).toHaveLength(25);
    await Promise.all([world.removeProject('full', AbortSignal.timeout(settleMs)), steps(30)]);
    await settle();
    expect([...ledger.addresses().keys()].filter((key) => key.includes(`/${namespace}/`))).toEqual([]);
    expect(await central.nbctl('--bare', '--columns=name', 'list', 'Logical_Router')).not.toContain(
      namespace,
    );
    await expectTheTruth();
  });

  test('when everything is deleted, nothing is held by a finalizer and no address by anybody', async () => {
    tellOnFailure();
    startDaemon();
    await world.deleteAll();
    await expect.poll(() => world.left(), { timeout: settleMs, interval: 200 }).toEqual([]);
    await settle();
    expect([...ledger.addresses()]).toEqual([]);
    expect((await central.nbctl('--bare', '--columns=name', 'list', 'Logical_Router')).trim()).toBe('');
  });
});
