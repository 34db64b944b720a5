// A flow of datagrams from one port, one every 10 ms, and when which of them was answered.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../src/lab/host.ts';
import type { LabWorld } from './lab-world.ts';

/** An answer holds the beginning of its question: see the agent's listener. */
const sender = `
const { createSocket } = require('node:dgram');
const { existsSync } = require('node:fs');
const [host, port, stop] = process.argv.slice(1);
const socket = createSocket('udp4');
const sent = [];
const answered = new Set();
socket.on('message', (bytes) => answered.add(Number.parseInt(String(bytes).split('\\n')[1])));
socket.on('error', () => {});
const timer = setInterval(() => {
  if (!existsSync(stop)) {
    socket.send(String(sent.length).padEnd(500), Number(port), host);
    sent.push(Date.now());
    return;
  }
  clearInterval(timer);
  setTimeout(() => {
    console.log(JSON.stringify(sent.map((at, index) => [at, answered.has(index)])));
    process.exit(0);
  }, 500);
}, 10);
`;

/** What became of each datagram, in their order. */
export type FlowRecord = readonly (readonly [sentAtMs: number, answered: boolean])[];

export interface Flow {
  end(): Promise<FlowRecord>;
}

/** Starts to send to a listener. */
export function startFlow(world: LabWorld, from: Host, host: string, port: number, name: string): Flow {
  const stop = join(world.lab.directory, `stop-${name}`);
  const ended = from.exec(process.execPath, '-e', sender, host, String(port), stop);
  return {
    end: async () => {
      await writeFile(stop, '');
      const { stdout, stderr } = await ended;
      if (stdout === '') throw new Error(stderr);
      return JSON.parse(stdout) as FlowRecord;
    },
  };
}

/** The most datagrams in a row that were not answered. */
export function longestLoss(flow: FlowRecord): number {
  let [longest, row] = [0, 0];
  for (const [, isAnswered] of flow) {
    row = isAnswered ? 0 : row + 1;
    longest = Math.max(longest, row);
  }
  return longest;
}

/** Those sent in that time, and how many of them were answered. */
export function between(
  flow: FlowRecord,
  fromMs: number,
  toMs: number,
): { readonly sent: number; readonly answered: number } {
  const sent = flow.filter(([at]) => at >= fromMs && at <= toMs);
  return { sent: sent.length, answered: sent.filter(([, isAnswered]) => isAnswered).length };
}
