// A raw OVSDB connection: bytes in, messages out, nothing added and nothing checked.
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { Framer } from '../../src/ovsdb/framer.ts';

/** One message of the server, whatever it is. */
export type RawMessage = Readonly<Record<string, unknown>>;

export interface RawClient extends AsyncDisposable {
  /** Writes text as it is, or an object as JSON. */
  send(message: string | object): void;
  /** The next message, in the order of the stream; rejects when the server closes first. */
  next(): Promise<RawMessage>;
  /** Sends a request with the next id and resolves to its reply, skipping whatever comes before it. */
  call(method: string, ...params: readonly unknown[]): Promise<RawMessage>;
  /** `transact` on the database that was named at the start; resolves to `result`. */
  transact(...operations: readonly object[]): Promise<readonly unknown[]>;
  /** Resolves when the server closed the connection. */
  readonly closed: Promise<void>;
  /** True when the server still answers after all that was sent. */
  isAlive(): Promise<boolean>;
  /** Stops reading, so that the server's buffers fill up. */
  pause(): void;
  resume(): void;
  readonly received: readonly RawMessage[];
}

/** Connects to `unix:/path`. `database` is what `transact` writes to. */
export async function connectRaw(remote: string, database = 'Lab'): Promise<RawClient> {
  const socket = createConnection(remote.replace(/^unix:/, ''));
  await once(socket, 'connect');
  const framer = new Framer();
  const received: RawMessage[] = [];
  const waiting: (() => void)[] = [];
  let taken = 0;
  let lastId = 1000;
  let isClosed = false;
  const wake = (): void => waiting.splice(0).forEach((resume) => resume());
  socket.on('data', (chunk) => {
    framer.push(chunk, (frame) => received.push(JSON.parse(frame.text) as RawMessage));
    wake();
  });
  socket.on('error', () => {});
  const { promise: closed, resolve: onClosed } = Promise.withResolvers<void>();
  socket.on('close', () => {
    isClosed = true;
    onClosed();
    wake();
  });
  const next = async (): Promise<RawMessage> => {
    for (;;) {
      const message = received[taken];
      if (message !== undefined) {
        taken += 1;
        return message;
      }
      if (isClosed) throw new Error('the server closed the connection');
      await new Promise<void>((resolve) => void waiting.push(resolve));
    }
  };
  const send = (message: string | object): void =>
    void socket.write(typeof message === 'string' ? message : JSON.stringify(message));
  const call = async (method: string, ...params: readonly unknown[]): Promise<RawMessage> => {
    const id = (lastId += 1);
    send({ id, method, params });
    for (;;) {
      const message = await next();
      if (message['id'] === id) return message;
    }
  };
  return {
    send,
    next,
    call,
    closed,
    received,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    transact: async (...operations) =>
      (await call('transact', database, ...operations))['result'] as unknown[],
    isAlive: async () => {
      try {
        await call('echo', 'alive');
        return true;
      } catch {
        return false;
      }
    },
    [Symbol.asyncDispose]: async () => {
      socket.destroy();
      await closed;
    },
  };
}
