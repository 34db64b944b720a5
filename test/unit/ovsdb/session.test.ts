// A session against a bare socket: what it sends, and what it does with what comes.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { connectionError } from '../../../src/ovsdb/errors.ts';
import { Session } from '../../../src/ovsdb/session.ts';
import type { SessionOptions } from '../../../src/ovsdb/session.ts';

let openPair: (options?: SessionOptions) => Promise<{ session: Session; peer: Socket }>;
beforeEach(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ovsdb-session-'));
  const path = join(directory, 'socket');
  const server = createServer().listen(path);
  openPair = async (options = {}) => {
    const accepted = once(server, 'connection');
    const session = await Session.open({ kind: 'unix', path }, { probeIntervalMs: 0, ...options });
    const [peer] = (await accepted) as [Socket];
    return { session, peer };
  };
  return async () => {
    server.close();
    await rm(directory, { recursive: true });
  };
});

const code = (value: string): Error => expect.objectContaining({ code: value });
async function nextText(peer: Socket): Promise<string> {
  const [chunk] = (await once(peer, 'data')) as [Buffer];
  return chunk.toString();
}

test('answers the echo of the server', async () => {
  const { session, peer } = await openPair();
  peer.write('{"id":"echo","method":"echo","params":["x"]}');
  expect(JSON.parse(await nextText(peer))).toEqual({ id: 'echo', result: ['x'], error: null });
  session.close();
});

test('joins what is sent in one turn into one write', async () => {
  const { session, peer } = await openPair();
  const replies = Promise.all([session.request('a', []), session.request('b', [])]);
  session.notify('c', []);
  const text = await nextText(peer);
  expect(text.match(/"method":"."/g)).toHaveLength(3);
  peer.write('{"id":2,"result":2,"error":null}{"id":1,"result":1,"error":null}');
  expect(await replies).toEqual([1, 2]);
  session.close();
});

test('notifications are handled in order, before the reply that follows them', async () => {
  const { session, peer } = await openPair();
  const seen: unknown[] = [];
  const stop = session.onNotification((method, params) => seen.push([method, ...params]));
  const reply = session.request('a', []).then((result) => seen.push(result));
  peer.write(
    '{"method":"n","params":[1]}{"id":null,"method":"n","params":[2]}{"id":1,"result":"r","error":null}',
  );
  await reply;
  expect(seen).toEqual([['n', 1], ['n', 2], 'r']);
  stop();
  session.close();
});

test('integers beyond 2^53 come as bigint', async () => {
  const { session, peer } = await openPair();
  const reply = session.request('a', []);
  peer.write('{"id":1,"result":[9223372036854775807,"9223372036854775807"],"error":null}');
  expect(await reply).toEqual([9223372036854775807n, '9223372036854775807']);
  session.close();
});

test('is not writable while the peer does not read, and tells when it is again', async () => {
  const { session, peer } = await openPair();
  peer.pause();
  const outcome = session.request('big', ['x'.repeat(10_000_000)]).catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  expect(session.writable).toBe(false);
  const drained = new Promise<void>((resolve) => void session.onDrain(resolve));
  peer.resume();
  await drained;
  expect(session.writable).toBe(true);
  session.close();
  await outcome;
});

test.each([
  ['the peer closes', (peer: Socket) => void peer.end(), 'OVSDB_DISCONNECTED'],
  ['the peer sends rubbish', (peer: Socket) => void peer.write('nonsense'), 'OVSDB_PROTOCOL'],
  [
    'the peer sends a message that is cut short',
    (peer: Socket) => void peer.end('{"id":1,'),
    'OVSDB_DISCONNECTED',
  ],
  ['the peer sends broken JSON', (peer: Socket) => void peer.write('{"id":1,}'), 'OVSDB_PROTOCOL'],
])('ends when %s: all requests fail', async (_what, act, expected) => {
  const { session, peer } = await openPair();
  const outcome = session.request('a', []);
  act(peer);
  await expect(outcome).rejects.toEqual(code(expected));
  expect(await session.closed).toEqual(code(expected));
  await expect(session.request('b', [])).rejects.toEqual(code(expected));
  expect(session.writable).toBe(false);
});

test('a listener that throws ends it, for the state behind it is no longer known', async () => {
  const { session, peer } = await openPair();
  session.onNotification(() => {
    throw connectionError('OVSDB_PROTOCOL', 'impossible');
  });
  peer.write('{"method":"n","params":[]}');
  expect(await session.closed).toMatchObject({ message: 'impossible' });
});

test('an abort ends it', async () => {
  const stop = new AbortController();
  const { session } = await openPair({ signal: stop.signal });
  stop.abort();
  expect(await session.closed).toEqual(code('OVSDB_CANCELLED'));
});
