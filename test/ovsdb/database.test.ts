// A database over a real server: connecting, following, transacting, ending.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { InsertOperation, RowChange } from '../../src/ovsdb/index.ts';
import { connectLab, labSchema, untilReplica } from '../support/lab-database.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import type { OvsdbServer } from '../support/ovsdb-server.ts';
import { connectRaw } from '../support/raw-client.ts';

let server: OvsdbServer;
beforeAll(async () => {
  server = await startOvsdbServer({ schemaFile: labSchema, tcp: true });
});
afterAll(() => server.stop());
beforeEach(async () => {
  await using raw = await connectRaw(server.remote);
  await raw.transact({ op: 'delete', table: 'Hub', where: [] });
});

const code = (value: string): Error => expect.objectContaining({ code: value });
const insert = (name: string, row: object = {}): InsertOperation & { uuid: string } => ({
  op: 'insert',
  table: 'Hub',
  uuid: randomUUID(),
  row: { name, ...row },
});
const byUuid = (uuid: string): [['_uuid', '==', string]] => [['_uuid', '==', uuid]];

describe('connecting', () => {
  test.each(['remote', 'tcpRemote'] as const)('by %s: the replica is loaded', async (which) => {
    await using raw = await connectRaw(server.remote);
    await raw.transact({ op: 'insert', table: 'Hub', row: { name: 'é😀', numbers: ['set', [3, 1]] } });
    await using database = await connectLab(server[which]!);
    expect([...database.replica.rows('Hub').values()]).toMatchObject([{ name: 'é😀', numbers: [1, 3] }]);
    expect(database).toMatchObject({ state: 'synced', schemaGeneration: 1, missing: [] });
    expect(database.schema).toMatchObject({ name: 'Lab', version: '1.0.0' });
  });

  test('what the server does not have is left out and named', async () => {
    const monitor = { Hub: ['name', 'colour'], Moon: 'all' } as const;
    await using database = await connectLab(server.remote, { monitor });
    expect(database.missing).toEqual([{ table: 'Hub', column: 'colour' }, { table: 'Moon' }]);
    await database.transact([insert('a', { count: 7 })]);
    const [row] = database.replica.rows('Hub').values();
    expect(Object.keys(row ?? {}).toSorted()).toEqual(['_uuid', 'name']);
    expect(database.replica.rows('Moon').size).toBe(0);
  });

  test('the next remote is tried when one does not answer', async () => {
    await using database = await connectLab(`unix:/nonexistent,${server.remote}`);
    expect(database.state).toBe('synced');
  });

  test('gives up in time, and says why', async () => {
    const outcome = connectLab('unix:/nonexistent', { connectTimeoutMs: 50 });
    await expect(outcome).rejects.toMatchObject({
      code: 'OVSDB_UNREACHABLE',
      retryable: true,
      message: expect.stringContaining('unix:/nonexistent: connect ENOENT'),
      cause: code('OVSDB_UNREACHABLE'),
    });
  });

  test('a database that the server does not serve', async () => {
    const outcome = connectLab(server.remote, { database: 'Nope', connectTimeoutMs: 50 });
    await expect(outcome).rejects.toMatchObject({ cause: code('OVSDB_UNKNOWN_DATABASE') });
  });

  test('waits for a server for as long as it takes, until aborted', async () => {
    const stop = new AbortController();
    const outcome = connectLab('unix:/nonexistent', { connectTimeoutMs: Infinity, signal: stop.signal });
    setImmediate(() => stop.abort('enough'));
    await expect(outcome).rejects.toMatchObject({ code: 'OVSDB_CANCELLED', cause: 'enough' });
    await expect(connectLab(server.remote, { signal: stop.signal })).rejects.toEqual(code('OVSDB_CANCELLED'));
  });

  test('a remote that is none is refused at once', async () => {
    await expect(connectLab('localhost:6641')).rejects.toEqual(code('OVSDB_INVALID_REMOTE'));
  });

  test('an ssl remote without certificates is refused', async () => {
    const outcome = connectLab('ssl:127.0.0.1:1', { connectTimeoutMs: 50 });
    await expect(outcome).rejects.toMatchObject({ cause: code('OVSDB_TLS') });
  });
});

describe('transacting', () => {
  test('when the promise resolves, replica and listeners know', async () => {
    await using database = await connectLab(server.remote);
    const seen: RowChange[] = [];
    const stop = database.onChange((changes) => seen.push(...changes));
    const hub = insert('a', { count: 1 });
    expect(await database.transact([hub])).toEqual([{ uuid: hub.uuid }]);
    expect(database.replica.row('Hub', hub.uuid)).toMatchObject({ name: 'a', count: 1 });
    expect(seen).toMatchObject([{ table: 'Hub', uuid: hub.uuid, before: undefined, after: { name: 'a' } }]);
    stop();
    await database.transact([{ op: 'delete', table: 'Hub', where: byUuid(hub.uuid) }]);
    expect(database.replica.row('Hub', hub.uuid)).toBeUndefined();
    expect(seen).toHaveLength(1);
  });

  test('results come by operation; an update that matches nothing has count 0', async () => {
    await using database = await connectLab(server.remote);
    const hub = insert('a', { numbers: [2, 1], options: { k: 'v' }, count: 9007199254740993n });
    const results = await database.transact([
      hub,
      { op: 'update', table: 'Hub', where: byUuid(randomUUID()), row: { count: 1 } },
      { op: 'mutate', table: 'Hub', where: byUuid(hub.uuid), mutations: [['numbers', 'insert', [5]]] },
      { op: 'comment', comment: 'hi' },
      { op: 'select', table: 'Hub', where: [], columns: ['numbers', 'options', 'count'] },
    ]);
    const row = { _uuid: hub.uuid, numbers: [1, 2, 5], options: { k: 'v' }, count: 9007199254740993n };
    expect(results).toEqual([{ uuid: hub.uuid }, { count: 0 }, { count: 1 }, {}, { rows: [row] }]);
    expect(database.replica.row('Hub', hub.uuid)).toMatchObject({ count: 9007199254740993n });
  });

  test('a refusal names the operation, and nothing was applied', async () => {
    await using database = await connectLab(server.remote);
    const first = insert('a');
    const outcome = database.transact([first, { ...first, row: { name: 'b' } }]);
    await expect(outcome).rejects.toMatchObject({ code: 'OVSDB_DUPLICATE_UUID', operationIndex: 1 });
    const twins = database.transact([insert('t'), insert('t')]);
    await expect(twins).rejects.toMatchObject({
      code: 'OVSDB_CONSTRAINT_VIOLATION',
      operationIndex: undefined,
    });
    expect(database.replica.rows('Hub').size).toBe(0);
  });

  test('a string that would cost the connection is refused before it is sent', async () => {
    await using database = await connectLab(server.remote);
    for (const name of ['a\u0000b', '\uD800'])
      await expect(database.transact([insert(name)])).rejects.toEqual(code('OVSDB_INVALID_VALUE'));
    expect(database.stats).toMatchObject({ transactions: 0, reconnects: 0 });
  });

  test('a thousand at once: order per key is kept, and all are applied', async () => {
    await using database = await connectLab(server.remote);
    const hubs = Array.from({ length: 10 }, (_, i) => insert(`hub ${i}`));
    await Promise.all(hubs.map((hub) => database.transact([hub], { orderKeys: [hub.uuid] })));
    const rounds = Array.from({ length: 100 }, (_, i) => i);
    const order: string[] = [];
    await Promise.all(
      rounds.flatMap((round) =>
        hubs.map(async ({ uuid }) => {
          const row = { count: round };
          const options = { orderKeys: [uuid] };
          await database.transact([{ op: 'update', table: 'Hub', where: byUuid(uuid), row }], options);
          if (uuid === hubs[0]?.uuid) order.push(String(round));
        }),
      ),
    );
    expect(order).toEqual(rounds.map(String));
    expect([...database.replica.rows('Hub').values()].map((row) => row['count'])).toEqual(hubs.map(() => 99));
    expect(database.stats).toMatchObject({ transactions: 1010, committed: 1010, uncertain: 0 });
  });

  test('requests of megabytes do not wait for replies, nor replies for requests', async () => {
    await using database = await connectLab(server.remote, { window: 64 });
    const text = 'x'.repeat(200_000);
    const names = Array.from({ length: 100 }, (_, i) => `${i}`);
    await Promise.all(
      names.map((name) =>
        database.transact([
          insert(name, { options: { text } }),
          { op: 'select', table: 'Hub', where: [['name', '==', name]] },
        ]),
      ),
    );
    expect(database.replica.rows('Hub').size).toBe(100);
    expect(database.stats.bytesOut).toBeGreaterThan(20_000_000);
  });
});

describe('following', () => {
  test('what others change arrives, once per notification', async () => {
    await using database = await connectLab(server.remote);
    await using raw = await connectRaw(server.remote);
    const batches: number[] = [];
    database.onChange((changes) => batches.push(changes.length));
    await raw.transact(
      { op: 'insert', table: 'Hub', row: { name: 'a' } },
      { op: 'insert', table: 'Hub', row: { name: 'b' } },
    );
    await untilReplica(database, () => database.replica.rows('Hub').size === 2);
    expect(batches).toEqual([2]);
  });

  test('indexes and referrers follow', async () => {
    const index = { name: 'by-name', table: 'Hub', key: (row: object) => String(Reflect.get(row, 'name')) };
    await using database = await connectLab(server.remote, { indexes: [index] });
    const port = { op: 'insert', table: 'Port', uuid: randomUUID(), row: { name: 'p' } } as const;
    const hub = insert('a', { ports: [port.uuid] });
    await database.transact([port, hub]);
    expect(database.replica.find('by-name', 'a')).toMatchObject([{ _uuid: hub.uuid }]);
    expect(database.replica.referrers(port.uuid)).toEqual([
      { table: 'Hub', column: 'ports', uuid: hub.uuid },
    ]);
  });

  test('a big database is loaded whole, a stream of changes ends in what a fresh load shows', async () => {
    await using raw = await connectRaw(server.remote);
    const rows = Array.from({ length: 5000 }, (_, i) => ({
      op: 'insert',
      table: 'Hub',
      row: { name: `é${i}`, count: i },
    }));
    await raw.transact(...rows);
    await using follower = await connectLab(server.remote);
    expect(follower.replica.rows('Hub').size).toBe(5000);
    await raw.transact({ op: 'delete', table: 'Hub', where: [['count', '<', 1000]] });
    await raw.transact({
      op: 'mutate',
      table: 'Hub',
      where: [],
      mutations: [['numbers', 'insert', ['set', [1, 2]]]],
    });
    await untilReplica(follower, () =>
      follower.replica
        .rows('Hub')
        .values()
        .every((row) => Array.isArray(row['numbers']) && row['numbers'].length === 2),
    );
    await using fresh = await connectLab(server.remote);
    expect(new Map(follower.replica.rows('Hub'))).toEqual(new Map(fresh.replica.rows('Hub')));
  });
});

describe('ending', () => {
  test('close is final, may be called twice, and lets the process go', async () => {
    const database = await connectLab(server.remote);
    const states: string[] = [];
    database.onState((state, reason) => states.push(`${state} ${reason?.code}`));
    await Promise.all([database.close(), database.close()]);
    expect(states).toEqual(['closed OVSDB_CLOSED']);
    await expect(database.transact([insert('a')])).rejects.toEqual(code('OVSDB_CLOSED'));
    expect(database.replica.rows('Hub').size).toBe(0);
  });

  test('aborting the signal closes', async () => {
    const stop = new AbortController();
    const database = await connectLab(server.remote, { signal: stop.signal });
    stop.abort();
    expect(database.state).toBe('closed');
    await database.close();
  });
});
