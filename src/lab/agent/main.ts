// The agent: a process that holds the namespace of one host, listens there and connects from there, as it is told.
import { networkInterfaces } from 'node:os';
import type { Answers, AnswerMessage, ListenRequest, Order, OrderMessage } from './protocol.ts';
import { type Listener, listenTcp, probeTcp } from './tcp.ts';
import { listenUdp, probeUdp } from './udp.ts';

const name = process.argv[2] ?? '';
const listeners = new Map<number, Listener>();
let lastListener = 0;

function tell(message: AnswerMessage): void {
  process.send?.(message);
}

async function obey(order: Order): Promise<Answers[keyof Answers]> {
  switch (order.do) {
    case 'probe':
      return order.transport === 'tcp' ? probeTcp(order) : probeUdp(order);
    case 'listen':
      lastListener += 1;
      listeners.set(lastListener, await listen(order));
      return lastListener;
    case 'visits':
      return listeners.get(order.listener)?.visits ?? [];
    case 'close':
      listeners.get(order.listener)?.close();
      listeners.delete(order.listener);
      return null;
    default:
      return order satisfies never;
  }
}

function listen({ transport, port, family }: ListenRequest): Promise<Listener> {
  if (transport === 'tcp') return listenTcp(name, family === 4 ? '0.0.0.0' : '::', port);
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter((item) =>
      item.family === `IPv${family}` && item.scopeid !== undefined ? item.scopeid === 0 : true,
    )
    .filter((item) => item.family === `IPv${family}`)
    .map((item) => item.address);
  return listenUdp(name, addresses, port);
}

process.on('message', ({ id, order }: OrderMessage) => {
  obey(order).then(
    (answer) => tell({ id, answer }),
    (error: unknown) => tell({ id, error: String(error) }),
  );
});
process.once('disconnect', () => process.exit(0));
tell({ id: 0, answer: null });
