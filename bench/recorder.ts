// A relay in front of a database that writes down the transactions which pass through it.
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { Framer } from '../src/ovsdb/framer.ts';

interface Message {
  readonly method?: string;
  readonly params: readonly { readonly op?: string }[];
}

export interface Recorder {
  /** Connect here instead. */
  readonly remote: string;
  /** Ends the relay and resolves when the file is written. */
  close(): Promise<void>;
}

/**
 * Writes the `params` of each `transact`, one per line, in the order in which the clients sent them; those that abort
 * themselves, by which the program asks what the server can do, are left out.
 */
export async function startRecorder(
  remote: string,
  paths: { readonly socket: string; readonly file: string },
): Promise<Recorder> {
  const file = createWriteStream(paths.file);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = createConnection(remote.replace('unix:', ''));
    const framer = new Framer();
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', (chunk) => framer.push(chunk, ({ text }) => record(text)));
    client.pipe(upstream).pipe(client);
  });
  const record = (text: string): void => {
    const message = JSON.parse(text) as Message;
    const isProbe = message.params.some((operation) => operation.op === 'abort');
    if (message.method === 'transact' && !isProbe) file.write(`${JSON.stringify(message.params)}\n`);
  };
  server.listen(paths.socket);
  await once(server, 'listening');
  return {
    remote: `unix:${paths.socket}`,
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
      file.end();
      await once(file, 'close');
    },
  };
}
