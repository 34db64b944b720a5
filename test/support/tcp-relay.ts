// A relay before a TCP server on loopback, with which a test cuts connections or lets them fall silent.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface TcpRelay extends AsyncDisposable {
  readonly port: number;
  /** Ends every connection, and refuses new ones until `mend`. */
  cut(): void;
  /** Keeps connections open and accepts new ones, but lets nothing through until `mend`. */
  silence(): void;
  mend(): void;
  /** Connections accepted since the start. */
  readonly accepted: number;
}

export async function startTcpRelay(target: number): Promise<TcpRelay> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const state = { isCut: false, isSilent: false, accepted: 0 };
  const server = createServer((client) => {
    if (state.isCut) {
      client.destroy();
      return;
    }
    state.accepted++;
    const upstream = connect(target, '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [upstream, client] as const]) {
      from.on('error', () => {});
      from.on('data', (data) => to.write(data));
      from.on('close', () => {
        to.destroy();
        pairs.delete(pair);
      });
      if (state.isSilent) from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = (): void => {
    state.isCut = true;
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  return {
    port: address.port,
    cut,
    silence: () => {
      state.isSilent = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    mend: () => {
      state.isCut = false;
      state.isSilent = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    get accepted() {
      return state.accepted;
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
