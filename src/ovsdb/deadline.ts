// Deadlines: timers for spans that may also be endless, or longer than a timer can count.

/** The longest span of a Node.js timer; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Calls `expire` once after `spanMs`, unless it is cleared. More than 24 days counts as never. */
export function startDeadline(spanMs: number, expire: () => void): NodeJS.Timeout | undefined {
  return spanMs > longestTimerMs ? undefined : setTimeout(expire, spanMs);
}
