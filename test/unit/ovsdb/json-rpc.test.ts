// The border between JSON-RPC 2.0 and what OVSDB speaks.
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { connectionError } from '../../../src/ovsdb/errors.ts';
import { JsonRpc } from '../../../src/ovsdb/json-rpc.ts';

function connect(): { rpc: JsonRpc; sent: unknown[] } {
  const sent: unknown[] = [];
  return { rpc: new JsonRpc((text) => void sent.push(JSON.parse(text))), sent };
}
const soon = { timeoutMs: 5000 };
const code = (value: string): Error => expect.objectContaining({ code: value });

describe('requests', () => {
  test('have exactly method, params and id', async () => {
    const { rpc, sent } = connect();
    const reply = rpc.request('echo', [1], soon);
    expect(sent).toEqual([{ method: 'echo', params: [1], id: 1 }]);
    rpc.receive({ id: 1, result: [1], error: null });
    expect(await reply).toEqual([1]);
  });

  test('replies may come in any order, and a result may be null', async () => {
    const { rpc } = connect();
    const replies = [rpc.request('a', [], soon), rpc.request('b', [], soon)];
    rpc.receive({ id: 2, result: null, error: null });
    rpc.receive({ id: 1, result: 'first', error: null });
    expect(await Promise.all(replies)).toEqual(['first', null]);
  });

  test.each([
    [{ id: 1, error: 'unknown method' }, 'OVSDB_UNKNOWN_METHOD', 'm: unknown method'],
    [{ id: 1, result: null, error: 'canceled' }, 'OVSDB_RPC', 'm: canceled'],
    [
      { id: 1, error: { error: 'unknown database', details: 'x' } },
      'OVSDB_UNKNOWN_DATABASE',
      'm: unknown database (x)',
    ],
    [{ id: 1, error: [7] }, 'OVSDB_RPC', 'm: [7]'],
  ])('error reply %j', async (reply, expected, message) => {
    const { rpc } = connect();
    const outcome = rpc.request('m', [], soon);
    rpc.receive(reply);
    await expect(outcome).rejects.toMatchObject({ code: expected, message, reply: reply.error });
  });

  test('a deadline ends the wait, and the late reply is dropped', async () => {
    const { rpc } = connect();
    await expect(rpc.request('m', [], { timeoutMs: 1 })).rejects.toEqual(code('OVSDB_DEADLINE'));
    expect(rpc.receive({ id: 1, result: 1, error: null })).toBeUndefined();
  });

  test('an abort ends the wait, before or after', async () => {
    const { rpc } = connect();
    const stop = new AbortController();
    const outcome = rpc.request('m', [], { ...soon, signal: stop.signal });
    stop.abort('enough');
    await expect(outcome).rejects.toMatchObject({ code: 'OVSDB_CANCELLED', cause: 'enough' });
    const late = rpc.request('m', [], { ...soon, signal: stop.signal });
    await expect(late).rejects.toEqual(code('OVSDB_CANCELLED'));
  });

  test('a signal that outlives many requests is left clean', async () => {
    const { rpc } = connect();
    const { signal } = new AbortController();
    const reply = rpc.request('m', [], { ...soon, signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    rpc.receive({ id: 1, result: 1, error: null });
    await reply;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('a failure ends those in flight and all later ones', async () => {
    const { rpc, sent } = connect();
    const outcome = rpc.request('m', [], soon);
    rpc.fail(connectionError('OVSDB_DISCONNECTED', 'gone'));
    await expect(outcome).rejects.toEqual(code('OVSDB_DISCONNECTED'));
    await expect(rpc.request('m', [], soon)).rejects.toEqual(code('OVSDB_DISCONNECTED'));
    expect(sent).toHaveLength(1);
  });
});

describe('the peer', () => {
  test.each([
    [
      { id: 'echo', method: 'echo', params: [] },
      { id: 'echo', method: 'echo', params: [] },
    ],
    [
      { id: null, method: 'update3', params: [1] },
      { id: undefined, method: 'update3', params: [1] },
    ],
    [
      { method: 'locked', params: ['a'] },
      { id: undefined, method: 'locked', params: ['a'] },
    ],
    [{ method: 'odd' }, { id: undefined, method: 'odd', params: [] }],
  ])('calls %j', (message, call) => {
    expect(connect().rpc.receive(message)).toEqual(call);
  });

  test.each([[null], [7], [{}], [{ id: null, result: 1 }], [{ id: [1], result: 1 }]])(
    '%j is no message',
    (message) => {
      expect(() => connect().rpc.receive(message)).toThrow(code('OVSDB_PROTOCOL'));
    },
  );

  test('is answered and notified in its own form', () => {
    const { rpc, sent } = connect();
    rpc.reply('echo', ['x']);
    rpc.notify('cancel', [3]);
    expect(sent).toEqual([
      { id: 'echo', result: ['x'], error: null },
      { id: null, method: 'cancel', params: [3] },
    ]);
  });
});
