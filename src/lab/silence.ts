// How long a connection hears nothing: one that asks all the time, whatever happens around it.
import type { Host } from './host.ts';

export interface SilenceWatch {
  /** Ends the asking and resolves with the longest time without an answer, in ms. */
  end(): Promise<number>;
}

/** Sends a datagram as soon as the last one was answered, or 100 ms after it was not. `target` is `192.0.2.1:9`. */
export function watchSilence(from: Host, target: string): SilenceWatch {
  const ending = new AbortController();
  const watch = async (): Promise<number> => {
    let [longest, answeredAt] = [0, performance.now()];
    while (!ending.signal.aborted) {
      const { outcome } = await from.udp(target, { timeoutMs: 100 });
      const now = performance.now();
      longest = Math.max(longest, now - answeredAt);
      if (outcome === 'answered') answeredAt = now;
    }
    return longest;
  };
  const result = watch();
  result.catch(() => {}); // told by end()
  return {
    end: () => {
      ending.abort();
      return result;
    },
  };
}
