// Subject: the server's floor. Sends recorded transactions as they are, so many at a time, and only counts the replies.
// Arguments: remote, file of recorded transactions, transactions in flight.
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { Framer } from '../../src/ovsdb/framer.ts';
import { answer } from './answer.ts';

export interface RawResult {
  readonly totalMs: number;
  readonly cpuMs: number;
  readonly transactions: number;
}

const [remote = '', file = '', window = '16'] = process.argv.slice(2);
const messages = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((params, id) => Buffer.from(`{"method":"transact","params":${params},"id":${id}}`));

const cpu = process.cpuUsage();
const start = performance.now();
const socket = createConnection(remote.replace('unix:', ''));
const framer = new Framer();
let [sent, answered] = [0, 0];
const send = (): void => {
  const message = messages[sent];
  if (message === undefined) return;
  socket.write(message);
  sent += 1;
};
const { promise: done, resolve, reject } = Promise.withResolvers<void>();
socket.on('error', reject);
socket.on('data', (chunk) => {
  framer.push(chunk, ({ text }) => {
    if (text.includes('"details"') || !text.includes('"error":null')) reject(new Error(text));
    answered += 1;
    if (answered === messages.length) resolve();
    send();
  });
});
for (let slot = 0; slot < Number(window); slot++) send();
await done;
const totalMs = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
socket.destroy();
const result: RawResult = { totalMs, cpuMs: (user + system) / 1000, transactions: messages.length };
answer(result);
