// What ovsdb-server does with the bytes and envelopes that clients send: the facts that the session is built on.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOvsdbServer } from '../support/ovsdb-server.ts';
import type { OvsdbServer } from '../support/ovsdb-server.ts';
import { connectRaw } from '../support/raw-client.ts';

let server: OvsdbServer;
beforeAll(async () => {
  server = await startOvsdbServer({ schemaFile: 'test/support/lab.ovsschema' });
});
afterAll(() => server.stop());

describe('framing', () => {
  test('objects are back to back, white space between them is allowed, replies have no newline', async () => {
    await using raw = await connectRaw(server.remote);
    raw.send('{"id":1,"method":"echo","params":[]}{"id":2,"method":"echo","params":[]} \r\n\t');
    raw.send('\n{"id":3,"method":"echo","params":["é"]}');
    expect([await raw.next(), await raw.next(), await raw.next()]).toEqual([
      { id: 1, result: [], error: null },
      { id: 2, result: [], error: null },
      { id: 3, result: ['é'], error: null },
    ]);
  });

  test.each([
    ['trailing comma', '{"id":1,"method":"echo","params":[1,]}'],
    ['comment', '/* hi */{"id":1,"method":"echo","params":[]}'],
    ['byte order mark', '\uFEFF{"id":1,"method":"echo","params":[]}'],
    ['array at the top', '[]'],
    ['number at the top', '1 '],
    ['leading zero', '{"id":1,"method":"echo","params":[01]}'],
    ['hexadecimal number', '{"id":1,"method":"echo","params":[0x1]}'],
    ['raw control character in a string', '{"id":1,"method":"echo","params":["\u0001"]}'],
    ['nesting beyond 1000', `{"id":1,"method":"echo","params":${'['.repeat(1001)}${']'.repeat(1001)}}`],
    ['infinite number', '{"id":1,"method":"echo","params":[1e309]}'],
    ['denormal number', '{"id":1,"method":"echo","params":[1e-320]}'],
    ['escaped NUL', '{"id":1,"method":"echo","params":["\\u0000"]}'],
    ['lone high surrogate', '{"id":1,"method":"echo","params":["\\ud800"]}'],
  ])('%s closes the connection', async (_what, text) => {
    await using raw = await connectRaw(server.remote);
    raw.send(text);
    expect(await raw.isAlive()).toBe(false);
    expect(raw.received.filter((message) => message['method'] === undefined)).toEqual([]);
  });
});

describe('envelope', () => {
  test.each([
    ['jsonrpc member', '{"jsonrpc":"2.0","id":1,"method":"echo","params":[]}'],
    ['unknown member', '{"id":1,"method":"echo","params":[],"x":1}'],
    ['no params', '{"id":1,"method":"list_dbs"}'],
    ['params null', '{"id":1,"method":"list_dbs","params":null}'],
    ['params object', '{"id":1,"method":"list_dbs","params":{}}'],
    ['reply to an unknown request', '{"id":77,"result":[],"error":null}'],
  ])('%s closes the connection', async (_what, text) => {
    await using raw = await connectRaw(server.remote);
    raw.send(text);
    expect(await raw.isAlive()).toBe(false);
  });

  test('result and error null in a request are tolerated', async () => {
    await using raw = await connectRaw(server.remote);
    raw.send('{"id":1,"method":"echo","params":[],"result":null,"error":null}');
    expect(await raw.next()).toEqual({ id: 1, result: [], error: null });
  });

  test('without id, or with id null, it is a notification and never answered; unknown ones are ignored', async () => {
    await using raw = await connectRaw(server.remote);
    raw.send('{"method":"echo","params":[]}{"id":null,"method":"echo","params":[]}');
    raw.send('{"method":"no_such","params":[]}{"id":5,"method":"echo","params":[]}');
    expect(await raw.next()).toMatchObject({ id: 5 });
  });

  test.each([
    ['"a"', 'a'],
    ['true', true],
    ['{"a":[1]}', { a: [1] }],
    ['1e3', 1000],
    ['12345678901234567890', 1.23456789012346e19],
  ])('id %s is echoed as %j', async (sent, seen) => {
    await using raw = await connectRaw(server.remote);
    raw.send(`{"id":${sent},"method":"echo","params":[]}`);
    expect((await raw.next())['id']).toEqual(seen);
  });

  test('two transacts in flight must not share an id', async () => {
    await using raw = await connectRaw(server.remote);
    const wait = {
      op: 'wait',
      timeout: 300,
      table: 'Hub',
      where: [],
      columns: ['name'],
      until: '==',
      rows: [{}],
    };
    raw.send({ id: 1, method: 'transact', params: ['Lab', wait] });
    raw.send({ id: 1, method: 'transact', params: ['Lab'] });
    expect(JSON.stringify((await raw.next())['error'])).toContain('duplicate request ID');
  });

  test('error replies have no result; the error is a string or an object', async () => {
    await using raw = await connectRaw(server.remote);
    expect(await raw.call('no_such')).toEqual({ id: 1001, error: 'unknown method' });
    const reply = await raw.call('get_schema', 'Nope');
    expect(reply).not.toHaveProperty('result');
    expect(reply['error']).toMatchObject({ error: 'unknown database' });
  });

  test('of two equal members the last wins', async () => {
    await using raw = await connectRaw(server.remote);
    raw.send('{"id":1,"id":2,"method":"echo","params":[]}');
    expect((await raw.next())['id']).toBe(2);
  });

  test('a cancelled transact never gets a reply', async () => {
    await using raw = await connectRaw(server.remote);
    const wait = {
      op: 'wait',
      timeout: 60_000,
      table: 'Hub',
      where: [],
      columns: ['name'],
      until: '==',
      rows: [{}],
    };
    raw.send({ id: 1, method: 'transact', params: ['Lab', wait] });
    raw.send({ id: null, method: 'cancel', params: [1] });
    await raw.call('echo');
    await raw.call('echo');
    expect(raw.received.filter((message) => message['id'] === 1)).toEqual([]);
    expect(await raw.call('cancel', 1)).toMatchObject({ error: 'unknown method' });
  });

  test('a set of one element is sent as the bare atom, and accepted in both forms', async () => {
    await using raw = await connectRaw(server.remote);
    const insert = (numbers: unknown): object => ({
      op: 'insert',
      table: 'Hub',
      row: { name: String(numbers), numbers },
    });
    await raw.transact(insert(['set', [7]]), insert(8), insert(['set', []]));
    const select = { op: 'select', table: 'Hub', where: [], columns: ['_uuid', 'numbers'] };
    const [{ rows }] = (await raw.transact(select)) as [{ rows: { numbers: unknown }[] }];
    const seen = rows.map((row) => JSON.stringify(row.numbers)).toSorted();
    expect(seen).toEqual(['7', '8', '["set",[]]']);
  });
});
