// Stable ordering: output never depends on locale or on the order of input.

/** Compares by UTF-16 code units: same result on every machine, unlike `localeCompare`. */
export function compareStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Returns a new array sorted by the string that `key` gives. */
export function sortBy<T>(items: Iterable<T>, key: (item: T) => string): T[] {
  return [...items]
    .map((item) => [key(item), item] as const)
    .toSorted((a, b) => compareStrings(a[0], b[0]))
    .map(([, item]) => item);
}
