// What ovsdb-server does with monitors: the facts that the replica is built on.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import type { OvsdbServer } from '../support/ovsdb-server.ts';
import { connectRaw } from '../support/raw-client.ts';
import type { RawClient, RawMessage } from '../support/raw-client.ts';

const zeroUuid = '00000000-0000-0000-0000-000000000000';
const insert = (name: string, more: object = {}): object => ({
  op: 'insert',
  table: 'Hub',
  row: { name },
  ...more,
});
const update = (row: object): object => ({ op: 'update', table: 'Hub', where: [], row });
const since = (raw: RawClient, txnId: unknown, requests: object): Promise<RawMessage> =>
  raw.call('monitor_cond_since', 'Lab', 'm', requests, txnId);
const hubs = { Hub: [{ columns: ['name', 'count', 'numbers', 'options'] }] };

describe('a stand-alone server', () => {
  let server: OvsdbServer;
  let raw: RawClient;
  beforeAll(async () => {
    server = await startOvsdbServer({ schemaFile: 'test/support/lab.ovsschema' });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    raw = await connectRaw(server.remote);
    await raw.transact({ op: 'delete', table: 'Hub', where: [] });
    return () => raw[Symbol.asyncDispose]();
  });

  test('sends the update before the reply, also to the one who caused it and when pipelined', async () => {
    await since(raw, zeroUuid, hubs);
    raw.send({ id: 1, method: 'transact', params: ['Lab', insert('a')] });
    raw.send({ id: 2, method: 'transact', params: ['Lab', insert('b')] });
    const seen = [await raw.next(), await raw.next(), await raw.next(), await raw.next()];
    expect(seen.map((message) => message['method'] ?? message['id'])).toEqual(['update3', 1, 'update3', 2]);
  });

  test('leaves defaults out of inserts and sends differences of modifications', async () => {
    const uuid = randomUUID();
    await since(raw, zeroUuid, hubs);
    const nextUpdate = async (operation: object): Promise<unknown> => {
      raw.send({ id: 1, method: 'transact', params: ['Lab', operation] });
      const notice = await raw.next();
      await raw.next();
      return (notice['params'] as [string, string, { Hub: Record<string, unknown> }])[2].Hub[uuid];
    };
    const first = {
      numbers: ['set', [1, 2, 3]],
      options: [
        'map',
        [
          ['a', '1'],
          ['b', '2'],
        ],
      ],
      count: 0,
    };
    expect(await nextUpdate(insert('h', { uuid, row: { name: 'h', ...first } }))).toEqual({
      insert: {
        name: 'h',
        numbers: ['set', [1, 2, 3]],
        options: [
          'map',
          [
            ['a', '1'],
            ['b', '2'],
          ],
        ],
      },
    });
    const second = {
      numbers: ['set', [2, 3, 4]],
      options: [
        'map',
        [
          ['a', '9'],
          ['c', '3'],
        ],
      ],
      count: 5,
    };
    expect(await nextUpdate(update(second))).toEqual({
      modify: {
        numbers: ['set', [1, 4]],
        options: [
          'map',
          [
            ['a', '9'],
            ['b', '2'],
            ['c', '3'],
          ],
        ],
        count: 5,
      },
    });
    expect(await nextUpdate(update({ count: 0 }))).toEqual({ modify: { count: 0 } });
    expect(await nextUpdate({ op: 'delete', table: 'Hub', where: [] })).toEqual({ delete: null });
  });

  test('says nothing about what changes nothing', async () => {
    await raw.transact(insert('a'));
    await since(raw, zeroUuid, hubs);
    raw.send({ id: 1, method: 'transact', params: ['Lab', update({ name: 'a' })] });
    const uuid = randomUUID();
    const where = [['_uuid', '==', ['uuid', uuid]]];
    raw.send({
      id: 2,
      method: 'transact',
      params: ['Lab', insert('b', { uuid }), { op: 'delete', table: 'Hub', where }],
    });
    expect([(await raw.next())['id'], (await raw.next())['id']]).toEqual([1, 2]);
  });

  test.each([
    ['table', { Nope: [{ columns: ['name'] }] }],
    ['column', { ...hubs, Port: [{ columns: ['name', 'nope'] }] }],
  ])('refuses the whole monitor for an unknown %s', async (_what, requests) => {
    expect((await since(raw, zeroUuid, requests))['error']).toBeTruthy();
    await raw.transact(insert('a'));
    expect(raw.received.filter((message) => message['method'] !== undefined)).toEqual([]);
  });

  test('refuses a column that is named twice, and a monitor id that is in use', async () => {
    expect((await since(raw, zeroUuid, { Hub: [{ columns: ['name', 'name'] }] }))['error']).toBeTruthy();
    expect((await since(raw, zeroUuid, hubs))['error']).toBeNull();
    expect((await since(raw, zeroUuid, hubs))['error']).toBeTruthy();
  });

  test('wants a uuid as last transaction, finds none, and gives the zero uuid', async () => {
    expect((await since(raw, null, hubs))['error']).toBeTruthy();
    const reply = await since(raw, randomUUID(), hubs);
    expect(reply['result']).toEqual([false, zeroUuid, expect.anything()]);
  });

  test('a changed condition sends its updates before the reply, under the new monitor id', async () => {
    await raw.transact(insert('a'), insert('b'));
    const named = (name: string): object => ({ Hub: [{ columns: ['name'], where: [['name', '==', name]] }] });
    expect((await since(raw, zeroUuid, named('a')))['error']).toBeNull();
    const change = { Hub: [{ where: [['name', '==', 'b']] }] };
    raw.send({ id: 1, method: 'monitor_cond_change', params: ['m', 'n', change] });
    const update = await raw.next();
    expect(update).toMatchObject({ method: 'update3', params: ['n', zeroUuid, expect.anything()] });
    expect(JSON.stringify(update)).toMatch(/"delete":null.*"insert":\{"name":"b"\}|"insert":.*"delete":null/);
    expect(await raw.next()).toEqual({ id: 1, result: {}, error: null });
  });

  test('merges updates for a reader that is slow, instead of buffering them', async () => {
    await since(raw, zeroUuid, hubs);
    await raw.transact(insert('a'));
    raw.pause();
    await using writer = await connectRaw(server.remote);
    const padding = 'x'.repeat(1000);
    for (let i = 1; i <= 2000; i += 1)
      writer.send({
        id: i,
        method: 'transact',
        params: ['Lab', update({ count: i, options: ['map', [['k', `${padding}${i}`]]] })],
      });
    while ((await writer.next())['id'] !== 2000);
    const before = raw.received.length;
    raw.resume();
    await raw.call('echo');
    expect(raw.received.length - before).toBeLessThan(1500);
    const last = raw.received.findLast((message) => message['method'] === 'update3');
    expect(JSON.stringify(last)).toContain('"count":2000');
  });

  test('stops reading from a client that does not read, and goes on when it does', async () => {
    await raw.transact(...Array.from({ length: 300 }, (_, i) => insert(`${'n'.repeat(1000)}${i}`)));
    raw.pause();
    const select = { op: 'select', table: 'Hub', where: [] };
    for (let id = 1; id <= 100; id += 1) raw.send({ id, method: 'transact', params: ['Lab', select] });
    await using other = await connectRaw(server.remote);
    expect(await other.isAlive()).toBe(true);
    raw.resume();
    for (let id = 1; id <= 100; id += 1) expect((await raw.next())['id']).toBe(id);
  });
});

describe('a cluster', () => {
  let server: OvsdbServer;
  beforeAll(async () => {
    server = await startOvsdbServer({ schemaFile: 'test/support/lab.ovsschema', clustered: true });
    await using raw = await connectRaw(server.remote);
    // History is cut when it holds more than the database does, so the database must not be tiny.
    await raw.transact(...Array.from({ length: 300 }, (_, i) => insert(`filler ${i}`)));
  });
  afterAll(() => server.stop());

  test.each([
    [0, true],
    [1, true],
    [99, true],
    [101, false],
  ])('%i transactions behind: found is %j', async (behind, found) => {
    await using raw = await connectRaw(server.remote);
    const [, txnId] = (await since(raw, zeroUuid, hubs))['result'] as [boolean, string, unknown];
    await using writer = await connectRaw(server.remote);
    for (let i = 0; i < behind; i += 1) await writer.transact(insert(randomUUID()));
    await using again = await connectRaw(server.remote);
    const reply = (await since(again, txnId, hubs))['result'] as [boolean, string, { Hub?: object }];
    expect(reply[0]).toBe(found);
    const kinds = Object.values(reply[2].Hub ?? {}).map((row: object) => Object.keys(row)[0]);
    if (found) expect(kinds).toEqual(Array.from({ length: behind }, () => 'insert'));
    else expect(new Set(kinds)).toEqual(new Set(['initial']));
  });

  test('history survives a restart', async () => {
    await using raw = await connectRaw(server.remote);
    await raw.transact(insert(randomUUID()));
    const [, txnId] = (await since(raw, zeroUuid, hubs))['result'] as [boolean, string, unknown];
    await server.restart();
    await using again = await connectRaw(server.remote);
    expect((await since(again, txnId, hubs))['result']).toEqual([true, txnId, {}]);
  });
});
