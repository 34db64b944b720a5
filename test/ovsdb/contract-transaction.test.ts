// What ovsdb-server does with transactions: the facts that encoding, planning and settlement are built on.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import type { OvsdbServer } from '../support/ovsdb-server.ts';
import { connectRaw } from '../support/raw-client.ts';
import type { RawClient } from '../support/raw-client.ts';

let server: OvsdbServer;
let raw: RawClient;
beforeAll(async () => {
  server = await startOvsdbServer({ schemaFile: 'test/support/lab.ovsschema' });
  raw = await connectRaw(server.remote);
});
afterAll(async () => {
  await raw[Symbol.asyncDispose]();
  await server.stop();
});
beforeEach(async () => {
  await raw.transact(...['Note', 'Hub', 'Single'].map((table) => ({ op: 'delete', table, where: [] })));
});

type Wire = Readonly<Record<string, unknown>>;
const insert = (table: string, row: object, more: object = {}): object => ({
  op: 'insert',
  table,
  row,
  ...more,
});
const is = (uuid: string): unknown[] => [['_uuid', '==', ['uuid', uuid]]];
const ref = (uuid: string): unknown => ['uuid', uuid];
async function rows(table: string, ...columns: string[]): Promise<readonly Wire[]> {
  const [answer] = await raw.transact({ op: 'select', table, where: [], columns: ['_uuid', ...columns] });
  return (answer as { rows: Wire[] }).rows;
}
const refused = (error: string): unknown => expect.objectContaining({ error });

describe('results', () => {
  test('there is one per operation; after the failing one the rest is null, and what came before keeps its result', async () => {
    const result = await raw.transact(
      insert('Hub', { name: 'a' }),
      { op: 'abort' },
      insert('Hub', { name: 'b' }),
    );
    expect(result).toEqual([{ uuid: ['uuid', expect.any(String)] }, refused('aborted'), null]);
    expect(await rows('Hub')).toEqual([]);
  });

  test('what is found at commit is one more element after a full list', async () => {
    const result = await raw.transact(insert('Hub', { name: 'a' }), insert('Hub', { name: 'a' }));
    expect(result).toEqual([expect.anything(), expect.anything(), refused('constraint violation')]);
  });

  test('no operations, no results', async () => {
    expect(await raw.transact()).toEqual([]);
  });

  test('a refused request has no result but an error', async () => {
    expect(await raw.call('transact', 'Nope')).toMatchObject({ error: { error: 'unknown database' } });
  });

  test('comment and commit give an empty object', async () => {
    const result = await raw.transact({ op: 'comment', comment: 'hi' }, { op: 'commit', durable: true });
    expect(result).toEqual([{}, {}]);
  });

  test.each([
    [
      'strong reference to a missing row',
      [insert('Hub', { ports: ref(randomUUID()) })],
      'referential integrity violation',
    ],
    ['unique index', [insert('Hub', { name: 'x' }), insert('Hub', { name: 'x' })], 'constraint violation'],
    ['maxRows', [insert('Single', {}), insert('Single', {})], 'constraint violation'],
    [
      'weak reference that must not be empty',
      [insert('Note', { about: ref(randomUUID()) })],
      'constraint violation',
    ],
  ])('%s is found at commit', async (_what, operations, error) => {
    const result = await raw.transact(...operations);
    expect(result).toHaveLength(operations.length + 1);
    expect(result.at(-1)).toEqual(refused(error));
  });

  test.each([
    ['enumeration', insert('Hub', { mode: 'wild' }), 'constraint violation'],
    ['range', insert('Hub', { tag: 4096 }), 'constraint violation'],
    ['length', insert('Hub', { label: '12345' }), 'constraint violation'],
    ['column', insert('Hub', { nope: 1 }), 'unknown column'],
    ['table', insert('Nope', {}), 'syntax error'],
    ['lock', { op: 'assert', lock: 'l' }, 'not owner'],
  ])('%s is found in place', async (_what, operation, error) => {
    expect(await raw.transact(operation, { op: 'comment', comment: '' })).toEqual([refused(error), null]);
  });

  test('an update that matches nothing has count 0 and no error', async () => {
    const operation = { op: 'update', table: 'Hub', where: is(randomUUID()), row: { count: 1 } };
    expect(await raw.transact(operation)).toEqual([{ count: 0 }]);
  });
});

describe('rows', () => {
  test('select without _uuid returns distinct rows only', async () => {
    await raw.transact(insert('Hub', { name: 'a', count: 1 }), insert('Hub', { name: 'b', count: 1 }));
    const [answer] = await raw.transact({ op: 'select', table: 'Hub', where: [], columns: ['count'] });
    expect((answer as Wire)['rows']).toHaveLength(1);
    expect(await rows('Hub', 'count')).toHaveLength(2);
  });

  test('_uuid in the row of an insert is ignored, in an update it is refused', async () => {
    const uuid = randomUUID();
    await raw.transact(insert('Hub', { _uuid: ref(uuid) }));
    const [row] = await rows('Hub');
    expect(row?.['_uuid']).not.toEqual(ref(uuid));
    const update = { op: 'update', table: 'Hub', where: [], row: { _uuid: ref(uuid) } };
    expect(await raw.transact(update)).toEqual([refused('constraint violation')]);
  });

  test('an immutable column cannot be written again, not even the same value', async () => {
    await raw.transact(insert('Hub', { serial: 's' }));
    const update = { op: 'update', table: 'Hub', where: [], row: { serial: 's' } };
    expect(await raw.transact(update)).toEqual([refused('constraint violation')]);
  });

  test('map insert keeps an existing key; delete the key first to replace it', async () => {
    await raw.transact(insert('Hub', { options: ['map', [['k', 'old']]] }));
    const mutate = (...mutations: unknown[]): object => ({
      op: 'mutate',
      table: 'Hub',
      where: [],
      mutations,
    });
    const put = ['options', 'insert', ['map', [['k', 'new']]]];
    await raw.transact(mutate(put));
    expect(await rows('Hub', 'options')).toMatchObject([{ options: ['map', [['k', 'old']]] }]);
    await raw.transact(mutate(['options', 'delete', ['set', ['k']]], put));
    expect(await rows('Hub', 'options')).toMatchObject([{ options: ['map', [['k', 'new']]] }]);
  });

  test('integers are exact to 64 bits', async () => {
    raw.send(
      '{"id":1,"method":"transact","params":["Lab",{"op":"insert","table":"Hub","row":{"count":9007199254740993}}]}',
    );
    raw.send({
      id: 2,
      method: 'transact',
      params: ['Lab', { op: 'delete', table: 'Hub', where: [['count', '==', 9007199254740992]] }],
    });
    expect(await raw.next()).toMatchObject({ id: 1, error: null });
    expect(await raw.next()).toMatchObject({ id: 2, result: [{ count: 0 }] });
  });
});

describe('uuids', () => {
  test('one chosen by the client is kept, in lower case; a second insert is refused', async () => {
    const uuid = randomUUID();
    const result = await raw.transact(insert('Hub', { name: 'a' }, { uuid: uuid.toUpperCase() }));
    expect(result).toEqual([{ uuid: ref(uuid) }]);
    expect(await raw.transact(insert('Hub', { name: 'b' }, { uuid }))).toEqual([refused('duplicate uuid')]);
  });

  test('the same uuid may be used in two tables', async () => {
    const uuid = randomUUID();
    expect(await raw.transact(insert('Hub', {}, { uuid }), insert('Single', {}, { uuid }))).toHaveLength(2);
  });

  test('one deleted in a transaction cannot be inserted again in it', async () => {
    const uuid = randomUUID();
    await raw.transact(insert('Hub', { name: 'a' }, { uuid }));
    const result = await raw.transact(
      { op: 'delete', table: 'Hub', where: is(uuid) },
      insert('Hub', {}, { uuid }),
    );
    expect(result).toEqual([{ count: 1 }, refused('duplicate uuid')]);
  });

  test('names may be used before they are defined; undefined ones dangle', async () => {
    const named = ['named-uuid', 'port_1'];
    const forward = await raw.transact(
      insert('Hub', { name: 'a', ports: named }),
      insert('Port', {}, { 'uuid-name': 'port_1' }),
    );
    expect(forward).toHaveLength(2);
    const strong = await raw.transact(insert('Hub', { name: 'b', ports: named }));
    expect(strong.at(-1)).toEqual(refused('referential integrity violation'));
    await raw.transact(insert('Hub', { name: 'c', favourite: named }));
    const hubs = await rows('Hub', 'name', 'favourite');
    expect(hubs.find((row) => row['name'] === 'c')).toMatchObject({ favourite: ['set', []] });
  });
});

describe('references', () => {
  test('a row that is no root and that nobody refers to is inserted, and gone', async () => {
    expect(await raw.transact(insert('Port', { name: 'orphan' }))).toEqual([{ uuid: expect.anything() }]);
    expect(await rows('Port')).toEqual([]);
  });

  test('a row that is strongly referred to cannot be deleted; without the reference it goes by itself', async () => {
    const port = randomUUID();
    await raw.transact(insert('Port', {}, { uuid: port }), insert('Hub', { ports: ref(port) }));
    const refusal = await raw.transact({ op: 'delete', table: 'Port', where: is(port) });
    expect(refusal).toEqual([{ count: 1 }, refused('referential integrity violation')]);
    await raw.transact({ op: 'update', table: 'Hub', where: [], row: { ports: ['set', []] } });
    expect(await rows('Port')).toEqual([]);
  });

  test('a weak reference vanishes with its target', async () => {
    const [keep, drop] = [randomUUID(), randomUUID()];
    await raw.transact(
      insert('Port', {}, { uuid: keep }),
      insert('Port', {}, { uuid: drop }),
      insert('Hub', { name: 'owner', ports: ['set', [ref(keep), ref(drop)]] }),
      insert('Hub', { name: 'fan', favourite: ['set', [ref(keep), ref(drop)]] }),
    );
    const where = [['name', '==', 'owner']];
    await raw.transact({ op: 'mutate', table: 'Hub', where, mutations: [['ports', 'delete', ref(drop)]] });
    const fan = (await rows('Hub', 'name', 'favourite')).find((row) => row['name'] === 'fan');
    expect(fan?.['favourite']).toEqual(ref(keep));
  });

  test('server bug: a row that holds both kinds of reference to a target keeps the weak one dangling', async () => {
    const port = randomUUID();
    await raw.transact(
      insert('Port', {}, { uuid: port }),
      insert('Hub', { ports: ref(port), favourite: ref(port) }),
    );
    await raw.transact({ op: 'update', table: 'Hub', where: [], row: { ports: ['set', []] } });
    expect(await rows('Port')).toEqual([]);
    expect(await rows('Hub', 'favourite')).toMatchObject([{ favourite: ref(port) }]);
  });

  test('a unique value may move from a deleted row to a new one', async () => {
    await raw.transact(insert('Hub', { name: 'a' }));
    const remove = { op: 'delete', table: 'Hub', where: [['name', '==', 'a']] };
    expect(await raw.transact(remove, insert('Hub', { name: 'a' }))).toHaveLength(2);
  });
});

describe('wait', () => {
  const wait = (timeout: number, name: string): object => ({
    op: 'wait',
    timeout,
    table: 'Hub',
    where: [['name', '==', name]],
    columns: ['name'],
    until: '==',
    rows: [{ name }],
  });

  test('with time-out 0 it fails at once', async () => {
    expect(await raw.transact(wait(0, 'a'))).toEqual([
      { error: 'timed out', details: '"where" clause test failed' },
    ]);
  });

  test('with a time-out it fails after it', async () => {
    const [answer] = await raw.transact(wait(20, 'a'));
    expect(answer).toMatchObject({ error: 'timed out', details: expect.stringMatching(/after 2\d ms/) });
  });

  test('a blocked one does not block those behind it: replies come out of order', async () => {
    raw.send({ id: 1, method: 'transact', params: ['Lab', wait(5000, 'late')] });
    raw.send({ id: 2, method: 'transact', params: ['Lab', insert('Hub', { name: 'late' })] });
    expect((await raw.next())['id']).toBe(2);
    expect(await raw.next()).toMatchObject({ id: 1, result: [{}] });
  });
});
