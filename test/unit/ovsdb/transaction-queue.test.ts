// The queue over a channel that the test answers by hand.
import { describe, expect, test } from 'vitest';
import { connectionError, RpcError } from '../../../src/ovsdb/errors.ts';
import type { Operation } from '../../../src/ovsdb/operation.ts';
import type { OperationResult } from '../../../src/ovsdb/operation-result.ts';
import type { ReplicaView } from '../../../src/ovsdb/replica-view.ts';
import type { DatabaseSchema } from '../../../src/ovsdb/schema.ts';
import { TransactionQueue } from '../../../src/ovsdb/transaction-queue.ts';
import type { TransactionChannel, TransactionQueueOptions } from '../../../src/ovsdb/transaction-queue.ts';

interface Sent {
  /** The comment of the transaction's first operation: its name in these tests. */
  readonly name: unknown;
  readonly params: readonly unknown[];
  readonly answer: (result: unknown) => void;
  readonly fail: (error: Error) => void;
}

class Channel implements TransactionChannel {
  writable = true;
  readonly sent: Sent[] = [];
  closedWith: Error | undefined;
  #drained: () => void = () => {};

  request(_method: string, params: readonly unknown[]): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const [, first] = params;
    this.sent.push({ name: (first as { comment: string }).comment, params, answer: resolve, fail: reject });
    return promise;
  }
  onDrain(listener: () => void): () => void {
    this.#drained = listener;
    return () => {};
  }
  close(reason: Error): void {
    this.closedWith = reason;
  }
  drain(): void {
    this.writable = true;
    this.#drained();
  }
  /** Breaks the connection: all that is in flight fails. */
  async lose(): Promise<void> {
    this.writable = false;
    for (const { fail } of this.sent) fail(connectionError('OVSDB_DISCONNECTED', 'gone'));
    await settled();
  }
  get names(): unknown[] {
    return this.sent.map(({ name }) => name);
  }
}

const schema: DatabaseSchema = { name: 'Lab', version: '', tables: new Map() };
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};
const code = (value: string): Error => expect.objectContaining({ code: value });
const uuidA = '0a0a0a0a-0000-4000-8000-000000000001';
const uuidB = '0b0b0b0b-0000-4000-8000-000000000002';
const insert = (uuid: string, table = 'Hub'): Operation => ({ op: 'insert', table, uuid, row: {} });
const inserted = (uuid: string): unknown => ({ uuid: ['uuid', uuid] });

function setUp(options: Partial<TransactionQueueOptions> = {}) {
  const rows = new Set<string>();
  const replica = {
    row: (_table: string, uuid: string) => (rows.has(uuid) ? { _uuid: uuid } : undefined),
  } as ReplicaView;
  const queue = new TransactionQueue({
    window: 16,
    settleTimeoutMs: 1000,
    replica: () => replica,
    isMonitored: (table) => table === 'Hub',
    ...options,
  });
  const submit = (
    name: string,
    more: { ops?: Operation[]; keys?: string[]; deadlineMs?: number; signal?: AbortSignal } = {},
  ): Promise<readonly OperationResult[]> => {
    const operations: Operation[] = [{ op: 'comment', comment: name }, ...(more.ops ?? [])];
    const outcome = queue.submit({
      operations,
      params: ['Lab', ...operations],
      schema,
      orderKeys: more.keys ?? [],
      deadlineMs: more.deadlineMs ?? 60_000,
      signal: more.signal,
    });
    outcome.catch(() => {}); // each test looks at it when it is ready to
    return outcome;
  };
  return { queue, rows, submit };
}

describe('sending', () => {
  test('nothing goes out before there is a connection, then at most the window', async () => {
    const { queue, submit } = setUp({ window: 2 });
    const channel = new Channel();
    for (const name of ['a', 'b', 'c']) void submit(name);
    queue.attach(channel);
    expect(channel.names).toEqual(['a', 'b']);
    channel.sent[1]?.answer([{}]);
    await settled();
    expect(channel.names).toEqual(['a', 'b', 'c']);
  });

  test('those that share a key wait for the reply, others pass', async () => {
    const { queue, submit } = setUp();
    const channel = new Channel();
    queue.attach(channel);
    void submit('a', { keys: ['x'] });
    void submit('b', { keys: ['x'] });
    void submit('c', { keys: ['y'] });
    expect(channel.names).toEqual(['a', 'c']);
    channel.sent[0]?.answer([{ error: 'aborted' }]);
    await settled();
    expect(channel.names).toEqual(['a', 'c', 'b']);
  });

  test('stops while the server does not read', () => {
    const { queue, submit } = setUp();
    const channel = new Channel();
    queue.attach(channel);
    channel.writable = false;
    void submit('a');
    expect(channel.names).toEqual([]);
    channel.drain();
    expect(channel.names).toEqual(['a']);
  });

  test('results come back, and the failing operation is named', async () => {
    const { queue, submit } = setUp();
    const channel = new Channel();
    queue.attach(channel);
    const good = submit('a', { ops: [insert(uuidA)] });
    const bad = submit('b', { ops: [insert(uuidB)] });
    channel.sent[0]?.answer([{}, inserted(uuidA)]);
    channel.sent[1]?.answer([{}, { error: 'constraint violation', details: 'd' }]);
    expect(await good).toEqual([{}, { uuid: uuidA }]);
    await expect(bad).rejects.toMatchObject({ code: 'OVSDB_CONSTRAINT_VIOLATION', operationIndex: 1 });
    expect(queue.counters).toMatchObject({ sent: 2, committed: 1 });
  });

  test('a request that the server refuses is no uncertainty', async () => {
    const { queue, submit } = setUp();
    const channel = new Channel();
    queue.attach(channel);
    const outcome = submit('a', { ops: [insert(uuidA)] });
    channel.sent[0]?.fail(new RpcError('transact', 'unknown database'));
    await expect(outcome).rejects.toEqual(code('OVSDB_UNKNOWN_DATABASE'));
    expect(queue.counters.uncertain).toBe(0);
  });

  test('one that is not sent in time fails for sure', async () => {
    const { queue, submit } = setUp();
    await expect(submit('a', { deadlineMs: 1 })).rejects.toEqual(code('OVSDB_DEADLINE'));
    const channel = new Channel();
    queue.attach(channel);
    expect(channel.names).toEqual([]);
  });
});

describe('aborting', () => {
  test('before it is sent: it never is', async () => {
    const { queue, submit } = setUp();
    const stop = new AbortController();
    const outcome = submit('a', { signal: stop.signal });
    stop.abort('enough');
    await expect(outcome).rejects.toMatchObject({ code: 'OVSDB_CANCELLED', cause: 'enough' });
    await expect(submit('b', { signal: stop.signal })).rejects.toEqual(code('OVSDB_CANCELLED'));
    const channel = new Channel();
    queue.attach(channel);
    expect(channel.names).toEqual([]);
  });

  test('after it is sent: it is uncertain, and keeps its place until the reply', async () => {
    const { queue, submit } = setUp();
    const channel = new Channel();
    queue.attach(channel);
    const stop = new AbortController();
    const outcome = submit('a', { keys: ['x'], signal: stop.signal });
    void submit('b', { keys: ['x'] });
    stop.abort();
    await expect(outcome).rejects.toEqual(code('OVSDB_UNCERTAIN'));
    expect(channel.names).toEqual(['a']);
    channel.sent[0]?.answer([{}]);
    await settled();
    expect(channel.names).toEqual(['a', 'b']);
  });
});

describe('a lost reply', () => {
  test('own rows all there: committed, and not sent again', async () => {
    const { queue, rows, submit } = setUp();
    const first = new Channel();
    queue.attach(first);
    const outcome = submit('a', { ops: [insert(uuidA), insert(uuidB)] });
    await first.lose();
    for (const uuid of [uuidA, uuidB]) rows.add(uuid);
    const second = new Channel();
    queue.attach(second);
    expect(await outcome).toEqual([{}, { uuid: uuidA }, { uuid: uuidB }]);
    expect(second.names).toEqual([]);
    expect(queue.counters).toEqual({ sent: 1, committed: 1, uncertain: 1, resent: 0 });
  });

  test('none there: sent again, the same to the letter, before what was queued', async () => {
    const { queue, submit } = setUp({ window: 1 });
    const first = new Channel();
    queue.attach(first);
    const outcome = submit('a', { ops: [insert(uuidA)] });
    void submit('b');
    await first.lose();
    queue.detach();
    const second = new Channel();
    queue.attach(second);
    expect(second.names).toEqual(['a']);
    expect(second.sent[0]?.params).toBe(first.sent[0]?.params);
    second.sent[0]?.answer([{}, inserted(uuidA)]);
    expect(await outcome).toEqual([{}, { uuid: uuidA }]);
    expect(second.names).toEqual(['a', 'b']);
  });

  test('"duplicate uuid" on the second sending: the first had come through', async () => {
    const { queue, submit } = setUp();
    const first = new Channel();
    queue.attach(first);
    const outcome = submit('a', { ops: [insert(uuidA, 'Unseen')] });
    await first.lose();
    const second = new Channel();
    queue.attach(second);
    second.sent[0]?.answer([{}, { error: 'duplicate uuid', details: '' }]);
    expect(await outcome).toEqual([{}, { uuid: uuidA }]);
  });

  test('"duplicate uuid" on the first sending is what it says', async () => {
    const { queue, submit } = setUp();
    const channel = new Channel();
    queue.attach(channel);
    const outcome = submit('a', { ops: [insert(uuidA)] });
    channel.sent[0]?.answer([{}, { error: 'duplicate uuid', details: '' }]);
    await expect(outcome).rejects.toEqual(code('OVSDB_DUPLICATE_UUID'));
  });

  test('another refusal of the second sending counts unless the rows are there', async () => {
    for (const there of [false, true]) {
      const { queue, rows, submit } = setUp();
      const first = new Channel();
      queue.attach(first);
      const outcome = submit('a', { ops: [insert(uuidA)] });
      await first.lose();
      const second = new Channel();
      queue.attach(second);
      if (there) rows.add(uuidA);
      second.sent[0]?.answer([{ error: 'timed out', details: '' }, null]);
      if (there) expect(await outcome).toHaveLength(2);
      else await expect(outcome).rejects.toEqual(code('OVSDB_WAIT_TIMED_OUT'));
    }
  });

  test.each([
    ['it inserts nothing of its own', [], []],
    ['some of its rows are there and some not', [insert(uuidA), insert(uuidB)], [uuidA]],
  ])('uncertain when %s', async (_why, ops, there) => {
    const { queue, rows, submit } = setUp();
    const first = new Channel();
    queue.attach(first);
    const outcome = submit('a', { ops, keys: ['x'] });
    const next = submit('b', { keys: ['x'] });
    await first.lose();
    for (const uuid of there) rows.add(uuid);
    const second = new Channel();
    queue.attach(second);
    await expect(outcome).rejects.toMatchObject({ code: 'OVSDB_UNCERTAIN', retryable: true });
    second.sent[0]?.answer([{}]);
    expect(await next).toEqual([{}]);
  });

  test('uncertain when a row was there before it was sent: seeing it proves nothing', async () => {
    const { queue, rows, submit } = setUp();
    rows.add(uuidA);
    const first = new Channel();
    queue.attach(first);
    const outcome = submit('a', { ops: [insert(uuidA)] });
    await first.lose();
    queue.attach(new Channel());
    await expect(outcome).rejects.toEqual(code('OVSDB_UNCERTAIN'));
  });

  test('uncertain when the second reply is lost as well', async () => {
    const { queue, submit } = setUp();
    const channels = [new Channel(), new Channel(), new Channel()];
    queue.attach(channels[0]!);
    const outcome = submit('a', { ops: [insert(uuidA)] });
    await channels[0]!.lose();
    queue.attach(channels[1]!);
    await channels[1]!.lose();
    queue.attach(channels[2]!);
    await expect(outcome).rejects.toEqual(code('OVSDB_UNCERTAIN'));
    expect(channels[2]!.names).toEqual([]);
  });

  test('a deadline drops the connection, so that the replica can tell', async () => {
    const { queue, submit } = setUp();
    const channel = new Channel();
    queue.attach(channel);
    void submit('a', { ops: [insert(uuidA)] });
    channel.sent[0]?.fail(connectionError('OVSDB_DEADLINE', 'no reply'));
    await settled();
    expect(channel.closedWith).toEqual(code('OVSDB_DEADLINE'));
    expect(queue.counters.uncertain).toBe(1);
  });

  test('uncertain when no connection comes back in time', async () => {
    const { queue, submit } = setUp({ settleTimeoutMs: 1 });
    const channel = new Channel();
    queue.attach(channel);
    const outcome = submit('a', { ops: [insert(uuidA)] });
    await channel.lose();
    await expect(outcome).rejects.toMatchObject({
      code: 'OVSDB_UNCERTAIN',
      cause: code('OVSDB_DISCONNECTED'),
    });
  });
});

test('closing fails what is queued for sure, and what is in flight uncertainly', async () => {
  const { queue, submit } = setUp({ window: 1 });
  queue.attach(new Channel());
  const [inFlight, queued] = [submit('a'), submit('b')];
  queue.close(connectionError('OVSDB_CLOSED', 'closed'));
  await expect(inFlight).rejects.toEqual(code('OVSDB_UNCERTAIN'));
  await expect(queued).rejects.toEqual(code('OVSDB_CLOSED'));
  await expect(submit('c')).rejects.toEqual(code('OVSDB_CLOSED'));
});

test('a deadline may be endless', async () => {
  const { queue, submit } = setUp({ settleTimeoutMs: Infinity });
  const outcome = submit('a', { deadlineMs: Infinity });
  const channel = new Channel();
  await new Promise((resolve) => setTimeout(resolve, 5));
  queue.attach(channel);
  channel.sent[0]?.answer([{}]);
  expect(await outcome).toEqual([{}]);
});
