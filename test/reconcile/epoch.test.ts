// The fence at the server: whose guard lets a transaction through, and whose does not.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mapColumn } from '../../src/northbound/read-column.ts';
import { Database } from '../../src/ovsdb/index.ts';
import { EpochFence, epochColumns } from '../../src/target/epoch.ts';
import type { EpochMode } from '../../src/target/epoch.ts';
import { schemaFileOf } from '../support/ovn-programs.ts';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import type { OvsdbServer } from '../support/ovsdb-server.ts';

let server: OvsdbServer;
let database: Database;
beforeEach(async () => {
  server = await startOvsdbServer({ schemaFile: schemaFileOf('23.03', 'nb') });
  database = await Database.connect({
    remote: server.remote,
    database: 'OVN_Northbound',
    monitor: epochColumns,
  });
});
afterEach(async () => {
  await database.close();
  await server.stop();
});

async function claim(fence: EpochFence, mode: EpochMode): Promise<void> {
  const operations = fence.claim(database.replica, mode);
  if (operations !== undefined) await database.transact(operations);
  fence.settle(database.replica);
}
const write = (fence: EpochFence) =>
  database.transact([fence.guard(), { op: 'insert', table: 'Logical_Switch', row: { name: 'written' } }]);
const epochRow = () => database.replica.row('Copp', new EpochFence('default').uuid);
const epoch = () => mapColumn(epochRow()!, 'external_ids')['ovn-projector/epoch'];
const where = [['_uuid', '==', new EpochFence('default').uuid]] as const;

describe('EpochFence', () => {
  test('an overtaken writer is stopped by the server, whatever it knows', async () => {
    const [old, young] = [new EpochFence('default'), new EpochFence('default')];
    await claim(old, 'take-over');
    await write(old);
    await claim(young, 'take-over');
    expect(epoch()).toBe('2');
    await write(young);
    await expect(write(old)).rejects.toMatchObject({ code: 'OVSDB_WAIT_TIMED_OUT', operationIndex: 0 });
    expect([old.isLost(database.replica), young.isLost(database.replica)]).toEqual([true, false]);
    expect(() => old.claim(database.replica, 'take-over')).toThrow(
      expect.objectContaining({ code: 'TARGET_FENCED' }),
    );
  });

  test('writers that join share one epoch, and lose it together', async () => {
    const [first, second, taker] = [
      new EpochFence('default'),
      new EpochFence('default'),
      new EpochFence('default'),
    ];
    await claim(first, 'join');
    expect(second.claim(database.replica, 'join')).toBeUndefined();
    await write(first);
    await write(second);
    await claim(taker, 'take-over');
    for (const fence of [first, second]) await expect(write(fence)).rejects.toThrow('wait');
  });

  test('two first writers at once: the row is there once, and the one who lost the race can join', async () => {
    const [first, second] = [new EpochFence('default'), new EpochFence('default')];
    const claims = [first, second].map((fence) =>
      database.transact(fence.claim(database.replica, 'join') ?? []),
    );
    const results = await Promise.allSettled(claims);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    for (const fence of [first, second]) {
      fence.settle(database.replica);
      await claim(fence, 'join');
      await write(fence);
    }
  });

  test('without a row nobody passes; the last holder makes it again, with a higher number', async () => {
    const fence = new EpochFence('default');
    expect(() => fence.guard()).toThrow('no epoch');
    await claim(fence, 'join');
    await database.transact(fence.retire());
    expect(epochRow()).toBeUndefined();
    await expect(write(fence)).rejects.toMatchObject({ code: 'OVSDB_WAIT_TIMED_OUT' });
    await claim(fence, 'join');
    expect(epoch()).toBe('2');
    await write(fence);
  });

  test.each([
    ['renamed', { op: 'update', table: 'Copp', where, row: { name: 'x' } }],
    [
      'without our mark',
      {
        op: 'mutate',
        table: 'Copp',
        where,
        mutations: [['external_ids', 'delete', ['ovn-projector/owner']]],
      },
    ],
    ['emptied', { op: 'update', table: 'Copp', where, row: { external_ids: {} } }],
  ] as const)('a row that is %s is damage, not another writer', async (_name, damage) => {
    const fence = new EpochFence('default');
    await claim(fence, 'join');
    const whole = epochRow();
    await database.transact([damage]);
    expect(fence.isLost(database.replica)).toBe(false);
    await claim(fence, 'join');
    await write(fence);
    expect(epochRow()?.['name']).toBe(whole?.['name']);
    expect(epochRow()?.['external_ids']).toMatchObject({ 'ovn-projector/owner': 'default' });
  });

  test('what others put on the row fences nobody', async () => {
    const fence = new EpochFence('default');
    await claim(fence, 'join');
    await database.transact([
      { op: 'mutate', table: 'Copp', where, mutations: [['external_ids', 'insert', { theirs: '1' }]] },
      { op: 'update', table: 'Copp', where, row: { meters: { arp: 'm' } } },
    ]);
    expect(fence.claim(database.replica, 'join')).toBeUndefined();
    await write(fence);
  });
});
