// How a subject answers, and what it knows of its own memory.

/** Sends the result and lets the process end. */
export function answer(result: object): void {
  process.send?.(result, () => process.disconnect());
}

/** Bytes in use after a full collection. Needs --expose-gc. */
export function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
