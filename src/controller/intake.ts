// Takes what a source tells: objects into the inventory, and the units that they concern on to the loop.
import type { MissingKinds } from '../api/missing-kinds.ts';
import type { Logger } from '../base/logger.ts';
import type { Problem } from '../base/problem.ts';
import type { Inventory } from '../model/inventory.ts';
import type { ObjectChange, SourceSink } from '../source/source.ts';
import { logProblems } from './problem-log.ts';

export interface IntakeListener {
  /** Units to look at again; `removed` objects of the change are gone, not rejected. */
  affected(units: ReadonlySet<string>, removed: number): void;
  /** All input can be read again: what was held for that may go. */
  readable(): void;
  /** A kind can be seen that was missing: what stayed as it was for that may change. */
  visible(): void;
}

export class Intake implements SourceSink {
  /** Resolves at the first `synced()`. */
  readonly whenSynced: Promise<void>;
  readonly #inventory: Inventory;
  readonly #listener: IntakeListener;
  readonly #resolveSynced: () => void;
  readonly #logger: Logger;
  #problems: readonly Problem[] = [];
  #isIncomplete = false;
  #isSynced = false;

  constructor(inventory: Inventory, listener: IntakeListener, logger: Logger) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.whenSynced = promise;
    this.#resolveSynced = resolve;
    this.#inventory = inventory;
    this.#listener = listener;
    this.#logger = logger;
  }

  /** What the source knows of its own input. */
  get sourceProblems(): readonly Problem[] {
    return this.#problems;
  }

  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** While true, what is missing may only be unreadable. */
  get isIncomplete(): boolean {
    return this.#isIncomplete;
  }

  changed(changes: readonly ObjectChange[]): void {
    const removed = changes.filter(({ object, invalid }) => object === undefined && invalid !== true);
    this.#listener.affected(this.#inventory.apply(changes), removed.length);
  }

  problems(problems: readonly Problem[]): void {
    logProblems(this.#logger, this.#problems, problems);
    this.#problems = problems;
  }

  incomplete(incomplete: boolean): void {
    const wasIncomplete = this.#isIncomplete;
    if (incomplete && !wasIncomplete)
      this.#logger.warn({}, 'some input cannot be read; until it can, nothing is deleted');
    this.#isIncomplete = incomplete;
    // The change that comes with the news is told after it, in the same turn.
    if (wasIncomplete && !incomplete) queueMicrotask(() => this.#listener.readable());
  }

  missing(kinds: MissingKinds): void {
    const before = this.#inventory.missingKinds;
    this.#inventory.missingKinds = kinds;
    if (kinds.size > 0)
      this.#logger.warn({ kinds: [...kinds.keys()] }, 'what may depend on these kinds stays as it is');
    // As with `incomplete`, before the objects of the kind are looked at.
    if ([...before.keys()].some((kind) => !kinds.has(kind))) queueMicrotask(() => this.#listener.visible());
  }

  synced(): void {
    this.#isSynced = true;
    this.#resolveSynced();
  }
}
