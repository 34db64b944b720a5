// What runs in the background of a test until it is told to stop.

export interface Background {
  /** Resolves with what it ended with, be it by itself: undefined, or the error. */
  readonly ended: Promise<unknown>;
  /** Ends it, and rejects with what it ended with; then closes what it stood on. */
  readonly stop: () => Promise<void>;
}

/** Starts it; `close` runs once it has ended, in whatever way. */
export function inBackground(
  run: (signal: AbortSignal) => Promise<unknown>,
  close: () => Promise<void>,
): Background {
  const end = new AbortController();
  const running = run(end.signal);
  const ended = running.then(
    () => undefined,
    (error: unknown) => error,
  );
  return {
    ended,
    stop: async () => {
      end.abort();
      try {
        await running;
      } finally {
        await close();
      }
    },
  };
}
