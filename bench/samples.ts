// Arithmetic on measurements: medians, and what a process uses.
import { readFileSync } from 'node:fs';

/** Of the middle, or the mean of the two in the middle. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The least value that `share` of all are not above; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The median of each field over runs; nothing of no runs. */
export function medians<T extends object>(runs: readonly T[]): { [K in keyof T]: number } {
  const fields = Object.keys(runs[0] ?? {}) as (keyof T)[];
  const result = fields.map((field) => [field, median(runs.map((run) => Number(run[field])))] as const);
  return Object.fromEntries(result) as { [K in keyof T]: number };
}

/** Milliseconds of one clock that all processes of the machine share (CLOCK_MONOTONIC). */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** CPU time of a process so far, user and system, in steps of 10 ms. Source: proc(5), /proc/pid/stat. */
export function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
