// TCP in the agent: a server that tells who came, and a client that checks what comes back.
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Greeting, Probe, ProbeResult, Visit } from './protocol.ts';
import { plainAddress } from './plain-address.ts';

export interface Listener {
  readonly visits: readonly Visit[];
  close(): void;
}

/** Answers each connection, once the client has said all, with a line of JSON and the bytes that it sent. */
export async function listenTcp(name: string, address: string, port: number): Promise<Listener> {
  const visits: Visit[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const greeting: Greeting = {
      server: name,
      client: plainAddress(socket.remoteAddress),
      clientPort: socket.remotePort ?? 0,
      local: plainAddress(socket.localAddress),
      localPort: socket.localPort ?? 0,
    };
    visits.push(greeting);
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', () => socket.destroy());
    socket.once('end', () => {
      socket.write(`${JSON.stringify(greeting)}\n`);
      socket.end(Buffer.concat(received));
    });
  });
  server.listen({ port, host: address, backlog: 256 });
  await once(server, 'listening');
  return { visits, close: () => server.close() };
}

export function probeTcp(probe: Probe): Promise<ProbeResult> {
  const { host, port, localAddress, localPort, timeoutMs, bytes } = probe;
  const startedAt = performance.now();
  const sent = Buffer.alloc(bytes, 'x');
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      allowHalfOpen: true,
      ...(localAddress !== undefined && { localAddress }),
      ...(localPort !== undefined && { localPort }),
    });
    const finish = (result: ProbeResult): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const afterMs = (): number => performance.now() - startedAt;
    const fail = (outcome: 'refused' | 'silent' | 'broken', reason: string): void =>
      finish({ outcome, reason, afterMs: afterMs() });
    let connected = false;
    const timer = setTimeout(
      () => fail(connected ? 'broken' : 'silent', connected ? 'stalled' : 'timeout'),
      timeoutMs,
    );
    socket.once('connect', () => {
      connected = true;
      socket.end(sent);
    });
    socket.once('error', (error) => fail('refused', error.message));
    collect(socket, (received) => {
      const greeting = readGreeting(received, sent);
      if (greeting === undefined) fail('broken', `${received.length} bytes came back for ${bytes}`);
      else finish({ outcome: 'answered', afterMs: afterMs(), ...greeting });
    });
  });
}

function collect(socket: Socket, done: (received: Buffer) => void): void {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.once('end', () => done(Buffer.concat(chunks)));
}

/** Splits what came back into the line of JSON and the echo; undefined when the echo is not `echo`. */
export function readGreeting(received: Buffer, echo: Buffer): Greeting | undefined {
  const end = received.indexOf('\n');
  if (end < 0 || !received.subarray(end + 1).equals(echo)) return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by our own server
  return JSON.parse(received.toString('utf8', 0, end)) as Greeting;
}
