// Writes back to the API server what became of every unit: what the loop tells, until the API server says the same.
import { isPlatformPolicy } from '../../api/platform-policy.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { CodedError, invariant } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { WorkQueue } from '../../base/work-queue.ts';
import { unitOf } from '../../status/finalizers.ts';
import type { UnitOutcome } from '../../status/unit-outcome.ts';
import type { OutcomeListener } from '../outcome-listener.ts';
import type { ObjectChange, SourceSink } from '../source.ts';
import { ChangedObjects } from './changed-objects.ts';
import { endingObject, type UnseenObjects } from './ending-objects.ts';
import type { KubeClient } from './kube-client.ts';
import { ObjectWriter, type WriteCount } from './object-writer.ts';
import { platformTask } from './platform-writes.ts';
import { UnitProgress } from './unit-progress.ts';
import { rejectedTask, UnitWork } from './unit-work.ts';
import { openWriterParts, type Loop, type WriterParts } from './writer-parts.ts';

export interface StatusWriterOptions {
  readonly client: Pick<KubeClient, 'request'>;
  /** What the watches have brought. */
  readonly server: UnseenObjects;
  readonly logger: Logger;
  readonly clock?: Clock;
}

const workers = 8;
/** Addresses come and go many at a time, and a policy of the platform is looked at in many units. */
const countMs = 1000;

interface Attached {
  readonly loop: Loop;
  readonly parts: WriterParts;
  readonly work: UnitWork;
}

/**
 * Level, not edge: what a unit's objects should say is compared with what they say whenever the loop has looked at it, and
 * the difference is written. Give {@link StatusWriter.tap} between source and loop, `attach` before either runs, `begin` with the loop.
 */
export class StatusWriter implements OutcomeListener {
  readonly #options: StatusWriterOptions;
  readonly #clock: Clock;
  readonly #writer: ObjectWriter;
  readonly #queue: WorkQueue;
  readonly #progress = new UnitProgress();
  readonly #changed = new ChangedObjects();
  readonly #closing = new AbortController();
  /** What must have come before anything is written that the loop does not ask for. */
  readonly #awaited = new Set(['objects', 'leadership']);
  #attached: Attached | undefined;
  #count: Promise<void> | undefined;
  #isJudging = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#writer = new ObjectWriter({ client: options.client, clock: this.#clock });
    this.#queue = new WorkQueue({
      workers,
      clock: this.#clock,
      work: (task, attempt) => this.#parts().work.run(task, attempt),
      onError: (task, error) => this.#failed(task, error),
    });
    options.server.onQuiet((key) => this.#noteQuiet(key));
  }

  /** Requests sent since the start, by what they were for and what came of them. */
  get counts(): readonly WriteCount[] {
    return this.#writer.counts;
  }

  /** Units and rejected objects that are being written, or are to be, now or later. */
  get waiting(): number {
    const { waiting, running, delayed } = this.#queue.state();
    return waiting + running + delayed;
  }

  /** How often a unit had to be tried again, since the start. */
  get retries(): number {
    return this.#attached?.work.retries ?? 0;
  }

  attach(loop: Loop): void {
    const { logger } = this.#options;
    const parts = openWriterParts({
      ...this.#options,
      clock: this.#clock,
      writer: this.#writer,
      loop,
      hasChanged: (key, revision) => this.#changed.hasChanged(key, revision),
      realised: (units) => this.#realised(units),
      signal: this.#closing.signal,
    });
    const addressesChanged = (): void => void (this.#count ??= this.#countLater());
    const work = new UnitWork({ parts, progress: this.#progress, logger, addressesChanged });
    this.#attached = { loop, parts, work };
  }

  /** The loop's sink, with an ear for what concerns objects that the loop does not see. */
  tap(sink: SourceSink): SourceSink {
    return {
      changed: (changes) => {
        sink.changed(changes);
        this.#heard(changes);
      },
      problems: (problems) => sink.problems(problems),
      incomplete: (incomplete) => sink.incomplete(incomplete),
      missing: (kinds) => {
        sink.missing(kinds);
        this.#noteAllUnseen();
      },
      synced: () => {
        sink.synced();
        this.#came('objects');
      },
    };
  }

  /** From now on it may write: whoever runs the loop leads. */
  begin(): void {
    this.#came('leadership');
  }

  /** Before all else: rows wait for it. */
  claim(outcome: UnitOutcome): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(this.#closing.signal.reason);
    const done = this.#progress.claim(outcome);
    this.#queue.add(outcome.unit, { isUrgent: true });
    return done;
  }

  looked(outcome: UnitOutcome): void {
    const { unit, isCommitted } = outcome;
    const { sampler } = this.#parts().parts;
    const novelty = this.#progress.looked(outcome);
    if (novelty !== 'same') sampler.forget(unit);
    // By the time that its statuses are written, the answer may be there.
    if (novelty === 'claimed' && isCommitted) sampler.wait(unit);
    this.#queue.add(unit);
    this.#judge();
  }

  /** Resolves when nothing waits to be written; what is refused for now does not count. */
  async idle(): Promise<void> {
    await this.#queue.idle({ ignoreDelayed: true });
  }

  /** Nothing is written after it has resolved; what waited is not written. */
  async close(): Promise<void> {
    const reason = new CodedError('STATUS_CLOSED', 'nothing is written any more', { retryable: false });
    this.#closing.abort(reason);
    this.#progress.close(reason);
    await this.#queue.close();
  }

  #parts(): Attached {
    invariant(this.#attached !== undefined, 'the writer is attached to no loop');
    return this.#attached;
  }

  get #mayWrite(): boolean {
    return this.#awaited.size === 0;
  }

  #came(what: 'objects' | 'leadership'): void {
    this.#awaited.delete(what);
    this.#noteAllUnseen();
  }

  /** Whatever ended, or was rejected, before we came. */
  #noteAllUnseen(): void {
    if (!this.#mayWrite) return;
    for (const key of this.#options.server.unseen()) this.#noteUnseen(key);
  }

  #heard(changes: readonly ObjectChange[]): void {
    if (this.#attached === undefined) return;
    const { loop, parts } = this.#attached;
    this.#changed.note(changes, loop.view.revision());
    for (const { key, object, invalid } of changes) {
      if (object === undefined && invalid !== true) parts.objects.forget(key);
      if (!this.#mayWrite) continue;
      if (object === undefined) this.#noteUnseen(key);
      // The loop asks for no Namespace; but we make them, and Projects wait for their end.
      if (key.startsWith('Namespace/'))
        this.#queue.add(parts.ending.unitOfNamespace(key.slice('Namespace/'.length)));
    }
  }

  #noteUnseen(key: string): void {
    const held = this.#options.server.held(key);
    if (held === undefined) return;
    const ending = endingObject(key, held);
    this.#queue.add(ending === undefined ? rejectedTask(key) : this.#parts().parts.ending.unitOf(ending));
  }

  /** Somebody may have changed what we had written; or what was ending is gone, and its name is free again. */
  #noteQuiet(key: string): void {
    if (!this.#mayWrite) return;
    const held = this.#options.server.held(key);
    if (held !== undefined && (held.object === undefined || held.isEnding)) return this.#noteUnseen(key);
    if (held?.object !== undefined && isPlatformPolicy(held.object)) return this.#judge();
    const { ending, objects } = this.#parts().parts;
    const unit = held?.object === undefined ? ending.unitOfKey(key) : unitOf(held.object, objects);
    if (unit !== undefined && this.#progress.lookAt(unit) !== undefined) this.#queue.add(unit);
  }

  /** Networks tell how many of their addresses are given out, whoever got or lost one. */
  async #countLater(): Promise<void> {
    await this.#clock.sleep(countMs, this.#closing.signal).catch(() => undefined);
    this.#count = undefined;
    for (const unit of this.#progress.units()) if (unit.startsWith('network/')) this.#queue.add(unit);
  }

  #judge(): void {
    if (!this.#isJudging && this.#parts().parts.platform.isNeeded) void this.#judgeLater();
  }

  /** What units say of policies of the platform, all together. */
  async #judgeLater(): Promise<void> {
    this.#isJudging = true;
    await this.#clock.sleep(countMs, this.#closing.signal).catch(() => undefined);
    this.#isJudging = false;
    this.#queue.add(platformTask);
  }

  #failed(task: string, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#options.logger.error({ task, err: error }, 'a status could not be written');
  }

  #realised(units: ReadonlySet<string>): void {
    for (const unit of units) {
      this.#progress.realised(unit);
      this.#queue.add(unit);
    }
    this.#judge();
  }
}
