// Range algebra on integers: sets of addresses as sorted, disjoint ranges.
import { compareAddresses, parseAddress } from './address.ts';
import type { Address, Range } from './address.ts';
import { parsePrefix, prefixRange } from './prefix.ts';

/**
 * Reads one entry of an `excludeIps` list: an address (`10.0.0.1`), a range (`10.0.0.1..10.0.0.9`, both included) or a
 * prefix (`10.0.0.0/28`, all of it). Undefined for anything else: reversed ends, mixed families, host bits.
 */
export function parseRange(text: string): Range | undefined {
  const prefix = parsePrefix(text);
  if (prefix !== undefined) return prefixRange(prefix);
  const [firstText = '', lastText = firstText, ...rest] = text.split('..');
  const [first, last] = [parseAddress(firstText), parseAddress(lastText)];
  if (first === undefined || last === undefined || rest.length > 0) return undefined;
  if (first.family !== last.family || first.value > last.value) return undefined;
  return { family: first.family, first: first.value, last: last.value };
}

/** False when the families differ. */
export function rangeContains(range: Range, address: Address): boolean {
  return range.family === address.family && range.first <= address.value && address.value <= range.last;
}

/** True when an address is in both. */
export function rangesOverlap(a: Range, b: Range): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** The same set of addresses as a sorted list (IPv4 first) in which no two ranges overlap or touch. */
export function mergeRanges(ranges: Iterable<Range>): Range[] {
  const merged: Range[] = [];
  for (const range of [...ranges].toSorted(compareRanges)) {
    const previous = merged.at(-1);
    if (previous === undefined || previous.family !== range.family || range.first > previous.last + 1n) {
      merged.push(range);
    } else if (range.last > previous.last) {
      merged[merged.length - 1] = { ...previous, last: range.last };
    }
  }
  return merged;
}

/** Addresses of `ranges` that are in none of `holes`; sorted and merged as {@link mergeRanges} does. */
export function subtractRanges(ranges: Iterable<Range>, holes: Iterable<Range>): Range[] {
  const cuts = mergeRanges(holes);
  return mergeRanges(ranges).flatMap((range) => cut(range, cuts));
}

/** How many addresses; `ranges` must be disjoint, as {@link mergeRanges} leaves them. */
export function rangesSize(ranges: Iterable<Range>): bigint {
  let size = 0n;
  for (const { first, last } of ranges) size += last - first + 1n;
  return size;
}

/** The address with index `n` (from 0) counted through disjoint ranges in their order; undefined beyond the end. */
export function addressAt(ranges: Iterable<Range>, n: bigint): Address | undefined {
  let left = n;
  if (left < 0n) return undefined;
  for (const { family, first, last } of ranges) {
    if (first + left <= last) return { family, value: first + left };
    left -= last - first + 1n;
  }
  return undefined;
}

function cut(range: Range, sortedHoles: readonly Range[]): Range[] {
  const kept: Range[] = [];
  let next = range.first;
  for (const hole of sortedHoles) {
    if (!rangesOverlap(range, hole)) continue;
    if (hole.first > next) kept.push({ family: range.family, first: next, last: hole.first - 1n });
    next = hole.last + 1n;
  }
  if (next <= range.last) kept.push({ family: range.family, first: next, last: range.last });
  return kept;
}

function compareRanges(a: Range, b: Range): number {
  const address = ({ family, first }: Range): Address => ({ family, value: first });
  return compareAddresses(address(a), address(b));
}
