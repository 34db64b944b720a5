// Lost replies, stopped and killed servers: every transaction is committed once, or known not to be.
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import type { Database, InsertOperation } from '../../src/ovsdb/index.ts';
import { connectLab, labSchema, untilState } from '../support/lab-database.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import type { OvsdbServer } from '../support/ovsdb-server.ts';
import { connectRaw } from '../support/raw-client.ts';

let server: OvsdbServer;
beforeEach(async () => {
  server = await startOvsdbServer({ schemaFile: labSchema });
  return () => server.stop();
});

const note = (text: string): InsertOperation => ({
  op: 'insert',
  table: 'Hub',
  uuid: randomUUID(),
  row: { name: text },
});

/** What a fresh connection sees: the truth of the server. */
async function namesOnServer(): Promise<string[]> {
  await using raw = await connectRaw(server.remote);
  const [answer] = await raw.transact({ op: 'select', table: 'Hub', where: [], columns: ['_uuid', 'name'] });
  return (answer as { rows: { name: string }[] }).rows.map((row) => row.name).toSorted();
}
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `hub ${i}`).toSorted();
const insertAll = (database: Database, count: number, deadlineMs = 60_000) =>
  names(count).map((name) => database.transact([note(name)], { deadlineMs }));

describe('a stopped server', () => {
  test('the deadline passes, the server goes on: committed exactly once', async () => {
    await using database = await connectLab(server.remote, { rpcTimeoutMs: 200 });
    await server.kill('SIGSTOP');
    const outcomes = insertAll(database, 20, 100);
    await untilState(database, 'disconnected');
    expect(database.stats.uncertain).toBe(16);
    await server.kill('SIGCONT');
    const settled = await Promise.allSettled(outcomes);
    const committed = settled.filter(({ status }) => status === 'fulfilled').length;
    const notSent = settled.filter(
      (one) => one.status === 'rejected' && (one.reason as { code: string }).code === 'OVSDB_DEADLINE',
    );
    expect(committed).toBeGreaterThanOrEqual(16);
    expect(committed + notSent.length).toBe(20);
    expect(await namesOnServer()).toHaveLength(committed);
    expect(database.replica.rows('Hub').size).toBe(committed);
  });

  test('is noticed on a unix socket, by its silence', async () => {
    await using database = await connectLab(server.remote, { probeIntervalMs: 50, rpcTimeoutMs: 200 });
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    database.onState((_state, reason) => resolve(reason?.code));
    await server.kill('SIGSTOP');
    expect(await promise).toBe('OVSDB_PROBE');
    await server.kill('SIGCONT');
    await untilState(database, 'synced');
  });

  test('without rows of its own nobody can tell: uncertain, and the caller plans again', async () => {
    await using database = await connectLab(server.remote, { rpcTimeoutMs: 200 });
    const hub = note('a');
    await database.transact([hub]);
    await server.kill('SIGSTOP');
    const where = [['_uuid', '==', hub.uuid ?? '']] as const;
    const outcome = database.transact(
      [{ op: 'mutate', table: 'Hub', where, mutations: [['count', '+=', 1]] }],
      { deadlineMs: 100 },
    );
    await untilState(database, 'disconnected');
    await server.kill('SIGCONT');
    await expect(outcome).rejects.toMatchObject({ code: 'OVSDB_UNCERTAIN', retryable: true });
    expect(database.state).toBe('synced');
  });
});

describe('a killed server', () => {
  test('with a full window and a queue behind it: all are committed exactly once', async () => {
    await using database = await connectLab(server.remote);
    const outcomes = insertAll(database, 400);
    await Promise.race(outcomes);
    await server.restart();
    await Promise.all(outcomes);
    expect(await namesOnServer()).toEqual(names(400));
    expect(database.replica.rows('Hub').size).toBe(400);
    expect(database.stats.reconnects).toBe(1);
  });

  test('again and again', async () => {
    await using database = await connectLab(server.remote);
    const outcomes = insertAll(database, 2000).map((outcome) =>
      outcome.then(
        () => 'ok',
        (error: { code: string }) => error.code,
      ),
    );
    for (let round = 0; round < 4; round += 1) {
      await untilState(database, 'synced');
      await Promise.race([outcomes[round * 400], database.transact([])]).catch(() => {});
      await server.restart();
    }
    const ends = await Promise.all(outcomes);
    const committed = names(2000).filter((_, i) => ends[i] === 'ok');
    expect(ends.filter((end) => end !== 'ok' && end !== 'OVSDB_UNCERTAIN')).toEqual([]);
    const there = await namesOnServer();
    expect(new Set(there).size).toBe(there.length);
    expect(there).toEqual(expect.arrayContaining(committed));
    expect(database.replica.rows('Hub').size).toBe(there.length);
  });

  test('while nothing is there to answer, what is queued waits', async () => {
    await using database = await connectLab(server.remote);
    await server.kill('SIGKILL');
    await untilState(database, 'disconnected');
    const outcome = database.transact([note('late')]);
    await server.restart();
    expect(await outcome).toHaveLength(1);
    expect(database.stats).toMatchObject({ uncertain: 0, reconnects: 1 });
  });
});

describe('a zombie', () => {
  test('a first sending that comes through after the second makes no twin', async () => {
    await using raw = await connectRaw(server.remote);
    await using database = await connectLab(server.remote, { rpcTimeoutMs: 200 });
    const hub = note('once');
    await server.kill('SIGSTOP');
    const outcome = database.transact([hub], { deadlineMs: 50 });
    await untilState(database, 'disconnected');
    // The same bytes once more, on a connection that the server will serve before ours.
    const operation = { op: 'insert', table: 'Hub', uuid: hub.uuid, row: hub.row };
    raw.send({ id: 1, method: 'transact', params: ['Lab', operation] });
    await server.kill('SIGCONT');
    expect(await outcome).toEqual([{ uuid: hub.uuid }]);
    expect(await namesOnServer()).toEqual(['once']);
  });
});

describe('resuming', () => {
  test.each([
    ['a stand-alone server', false],
    ['a cluster', true],
  ])(
    '%s: the replica is what the server has, and listeners hear only what changed',
    async (_what, clustered) => {
      await using other = await startOvsdbServer({ schemaFile: labSchema, clustered });
      await using database = await connectLab(other.remote);
      await Promise.all(Array.from({ length: 300 }, (_, i) => database.transact([note(`${i}`)])));
      const bytesBefore = database.stats.bytesIn;
      const changes: unknown[] = [];
      await other.kill('SIGKILL');
      await untilState(database, 'disconnected');
      database.onChange((batch) => changes.push(...batch));
      await other.restart();
      await using raw = await connectRaw(other.remote);
      await raw.transact({ op: 'update', table: 'Hub', where: [['name', '==', '7']], row: { count: 7 } });
      await untilState(database, 'synced');
      await database.transact([]);
      expect(changes).toMatchObject([{ before: { name: '7', count: 0 }, after: { name: '7', count: 7 } }]);
      const transferred = database.stats.bytesIn - bytesBefore;
      if (clustered) expect(transferred).toBeLessThan(8000);
      else expect(transferred).toBeGreaterThan(20_000);
    },
  );

  test('a row that went away while nobody looked is gone', async () => {
    await using database = await connectLab(server.remote);
    await Promise.all(insertAll(database, 3));
    await server.kill('SIGKILL');
    await untilState(database, 'disconnected');
    const gone: unknown[] = [];
    database.onChange((batch) => gone.push(...batch.map(({ before, after }) => [before?.['name'], after])));
    await server.restart();
    await using raw = await connectRaw(server.remote);
    await raw.transact({ op: 'delete', table: 'Hub', where: [['name', '==', 'hub 1']] });
    await untilState(database, 'synced');
    while (database.replica.rows('Hub').size === 3) await database.transact([]);
    expect(gone).toEqual([['hub 1', undefined]]);
  });
});

test('attempts that fail before the first load are made up for', async () => {
  await server.kill('SIGSTOP');
  const { promise, resolve } = Promise.withResolvers<object>();
  const logger = { ...silentLogger, warn: resolve };
  const outcome = connectLab(server.remote, { rpcTimeoutMs: 50, logger });
  expect(await promise).toMatchObject({ code: 'OVSDB_DEADLINE' });
  await server.kill('SIGCONT');
  await using database = await outcome;
  expect(database).toMatchObject({ state: 'synced', stats: { reconnects: 0 } });
});
