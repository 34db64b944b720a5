// Several writes that do not depend on each other.

/** Waits for all, then throws the first error. */
export async function settle(works: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(works);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
