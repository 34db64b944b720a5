// One line of the demonstration: who sends what where, and what became of it.
import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../../../lab/host.ts';
import type { PacketScene } from './scene.ts';

/** What became of it: `arrives from 100.65.0.102`. */
export interface Verdict {
  readonly isRight: boolean;
  readonly text: string;
}

const giveUpAfterMs = 10_000;
const widths = { who: 16, address: 13, what: 23 } as const;

/**
 * Sends until it goes as it should, for ten seconds at most, and tells the last result: a network that was made a moment
 * ago has neighbours to learn. `what` is like a command: `tcp 100.65.0.102:80`.
 */
export async function attempt(
  { narrator, context }: PacketScene,
  from: Host,
  what: string,
  send: () => Promise<Verdict>,
): Promise<void> {
  const giveUpAt = performance.now() + giveUpAfterMs;
  let verdict = await send();
  while (!verdict.isRight && performance.now() < giveUpAt && !context.signal.aborted) {
    await delay(20);
    verdict = await send();
  }
  if (context.signal.aborted) return;
  const name = from.name.padEnd(widths.who);
  const line = `${name} ${from.address.padEnd(widths.address)} ${what.padEnd(widths.what)} ${verdict.text}`;
  narrator.result(verdict.isRight, line);
}
