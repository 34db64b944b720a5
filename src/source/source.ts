// Where objects come from: the border between the world that people write in and the loop.
import type { ApiObject } from '../api/api-object.ts';
import type { MissingKinds } from '../api/missing-kinds.ts';
import type { Problem } from '../base/problem.ts';

/** One object as it is now. */
export interface ObjectChange {
  /** `Kind/namespace/name` or `Kind/name`. */
  readonly key: string;
  /** Undefined: there is no such object any more, or (with `invalid`) none that can be used. */
  readonly object: ApiObject | undefined;
  /** True: the object exists but was rejected. What an earlier version of it made must be kept as it is. */
  readonly invalid?: boolean;
}

/** All objects as they were at one moment, for what does not stay to follow them. */
export interface LoadedObjects {
  /** Sorted by key. */
  readonly objects: readonly ApiObject[];
  readonly problems: readonly Problem[];
  /** Keys of objects that are there but rejected: what they made must be kept. */
  readonly invalidKeys: ReadonlySet<string>;
  /** False when some input could not be read, so that nothing may be deleted. */
  readonly complete: boolean;
}

/** Takes what a source finds. Calls are synchronous and never overlap; arguments are immutable. */
export interface SourceSink {
  /** Objects that appeared, changed, turned invalid or went. A key comes at most once per call. */
  changed(changes: readonly ObjectChange[]): void;
  /** All problems that the source knows of now, sorted; replaces what was told before. */
  problems(problems: readonly Problem[]): void;
  /** True from the moment on that some input cannot be read: while it lasts nothing may be deleted. */
  incomplete(incomplete: boolean): void;
  /**
   * Kinds of which nothing is known; replaces what was told before, and is never told by a source that misses none. What
   * may depend on them stays as it is.
   */
  missing(kinds: MissingKinds): void;
  /** Called once, when every object that existed at the start has been delivered, but for those of missing kinds. */
  synced(): void;
}

/**
 * Delivers all objects, then `synced()` once, then every change. Before `synced()`, and with every change, the
 * order is: `incomplete`, `missing`, `changed`, `problems`.
 */
export interface Source {
  /**
   * Runs until `signal` is aborted, then resolves with nothing left open.
   * @throws CodedError when the input cannot be followed at all
   */
  run(sink: SourceSink, signal: AbortSignal): Promise<void>;
}
