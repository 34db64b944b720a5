// UDP in the agent: a server that tells who came, and a client that checks what comes back.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Greeting, Probe, ProbeResult, Visit } from './protocol.ts';
import { plainAddress } from './plain-address.ts';
import { type Listener, readGreeting } from './tcp.ts';

const typeOf = (address: string): 'udp4' | 'udp6' => (isIPv6(address) ? 'udp6' : 'udp4');

/**
 * Answers each datagram with a line of JSON and what it brought, cut to the length of the datagram: a path carries the
 * answer if it carries the question. `addresses` are those of the host: a server
 * on "any" address would answer from the first one.
 */
export async function listenUdp(name: string, addresses: readonly string[], port: number): Promise<Listener> {
  const visits: Visit[] = [];
  const sockets = addresses.map((local) => {
    const socket = createSocket({ type: typeOf(local), reuseAddr: true });
    socket.on('message', (bytes, { address, port: clientPort }) => {
      const greeting: Greeting = {
        server: name,
        client: plainAddress(address),
        clientPort,
        local,
        localPort: port,
      };
      visits.push(greeting);
      const line = Buffer.from(`${JSON.stringify(greeting)}\n`);
      const rest = bytes.subarray(0, Math.max(0, bytes.length - line.length));
      socket.send([line, rest], clientPort, address, () => {});
    });
    socket.on('error', () => {});
    return socket.bind(port, local);
  });
  await Promise.all(sockets.map((socket) => once(socket, 'listening')));
  return {
    visits,
    close: () => {
      for (const socket of sockets) socket.close();
    },
  };
}

/** A datagram is sent once: what is lost is silent. */
export function probeUdp(probe: Probe): Promise<ProbeResult> {
  const { host, port, localAddress, localPort, timeoutMs, bytes } = probe;
  const startedAt = performance.now();
  const sent = Buffer.alloc(bytes, 'x');
  return new Promise((resolve) => {
    const socket = createSocket(typeOf(host));
    const finish = (result: ProbeResult): void => {
      clearTimeout(timer);
      socket.close();
      resolve(result);
    };
    const afterMs = (): number => performance.now() - startedAt;
    const fail = (outcome: 'refused' | 'silent' | 'broken', reason: string): void =>
      finish({ outcome, reason, afterMs: afterMs() });
    const timer = setTimeout(() => fail('silent', 'timeout'), timeoutMs);
    socket.once('error', (error) => fail('refused', error.message));
    socket.once('message', (received) => {
      const lineLength = received.indexOf('\n') + 1;
      const greeting = readGreeting(received, sent.subarray(0, Math.max(0, bytes - lineLength)));
      if (greeting === undefined) fail('broken', `${received.length} bytes came back for ${bytes}`);
      else finish({ outcome: 'answered', afterMs: afterMs(), ...greeting });
    });
    // Connected, so that an ICMP error is told to us.
    const begin = (): void => socket.connect(port, host, () => socket.send(sent));
    if (localAddress === undefined && localPort === undefined) begin();
    else
      socket.bind(
        { port: localPort ?? 0, ...(localAddress !== undefined && { address: localAddress }) },
        begin,
      );
  });
}
