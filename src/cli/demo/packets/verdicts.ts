// What is right and what is wrong with the result of a probe, in the words of the demonstration.
import type { Host, ListenerHandle, PingResult } from '../../../lab/host.ts';
import type { ProbeResult } from '../../../lab/agent/protocol.ts';
import type { Verdict } from './attempt.ts';

/** Right: `server` answered, and saw the probe come from `client`. */
export function answeredBy(server: Host, client: string): (result: ProbeResult) => Verdict {
  return (result) => {
    const isRight =
      result.outcome === 'answered' && result.server === server.name && result.client === client;
    if (result.outcome === 'answered') return { isRight, text: arrival(result.server, result.client) };
    return { isRight, text: describe(result) };
  };
}

/** Right: an error came back, and soon. */
export function refusedAtOnce(result: ProbeResult): Verdict {
  const isRight = result.outcome === 'refused' && result.afterMs < 500;
  return { isRight, text: isRight ? `refused after ${Math.ceil(result.afterMs)} ms` : describe(result) };
}

/** Right: nothing came back. */
export function nothing(result: ProbeResult): Verdict {
  const isRight = result.outcome === 'silent';
  return { isRight, text: isRight ? 'nothing comes back' : describe(result) };
}

/** Right: nothing came back, and `listener` saw nobody new. */
export async function unseen(listener: ListenerHandle, send: () => Promise<ProbeResult>): Promise<Verdict> {
  const before = (await listener.visits()).length;
  const verdict = nothing(await send());
  const stranger = (await listener.visits())[before];
  if (stranger !== undefined) return { isRight: false, text: `arrives from ${stranger.client}` };
  return verdict.isRight ? { isRight: true, text: 'nothing arrives' } : verdict;
}

export function pinged({ received }: PingResult): Verdict {
  return { isRight: received > 0, text: received > 0 ? 'answers' : 'no answer' };
}

/** `→ internet, sees 100.65.0.102`: who answered, and which source it saw. */
export function arrival(server: string, client: string): string {
  return `→ ${server}, sees ${client}`;
}

function describe(result: ProbeResult): string {
  return result.outcome === 'answered'
    ? arrival(result.server, result.client)
    : `${result.outcome}: ${result.reason}`;
}
