// What a benchmark yields: one line per thing measured, and a verdict where there is an aim.

export interface Measurement {
  readonly benchmark: string;
  readonly projects: number;
  /** What was measured: `program`, `raw`, `ovn-nbctl`. */
  readonly subject: string;
  /** Median, in the unit that the name ends with: `totalMs`, `heapBytesPerRow`. */
  readonly values: Readonly<Record<string, number>>;
}

/** A number that the issue sets a limit to. It is printed, never asserted: times depend on the machine. */
export interface Verdict {
  readonly benchmark: string;
  readonly projects: number;
  /** For example `program / raw`. */
  readonly what: string;
  readonly value: number;
  readonly aim: number;
}

export interface BenchmarkResult {
  readonly measurements: readonly Measurement[];
  readonly verdicts: readonly Verdict[];
}

/** Prints what can be said so far. */
export type Progress = (text: string) => void;
