// Writes back to the API server what became of every unit: what the loop tells, until the API server says the same.
import { backoffMs } from '../../base/backoff.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { CodedError, invariant } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { WorkQueue, type WorkOutcome } from '../../base/work-queue.ts';
import { nextEvents } from '../../status/events.ts';
import { statusUnitOf, unitOf } from '../../status/finalizers.ts';
import type { UnitOutcome } from '../../status/unit-outcome.ts';
import type { OutcomeListener } from '../outcome-listener.ts';
import type { ObjectChange, SourceSink } from '../source.ts';
import { ChangedObjects } from './changed-objects.ts';
import { endingObject, type UnseenObjects } from './ending-objects.ts';
import type { KubeClient } from './kube-client.ts';
import { KubeError } from './kube-error.ts';
import { ObjectWriter, type WriteKind } from './object-writer.ts';
import { PendingClaims } from './pending-claims.ts';
import { refusedRetryMs } from './refusals.ts';
import { UnitLooks } from './unit-looks.ts';
import { openWriterParts, type Loop, type WriterParts } from './writer-parts.ts';

export interface StatusWriterOptions {
  readonly client: Pick<KubeClient, 'request'>;
  /** What the watches have brought. */
  readonly server: UnseenObjects;
  readonly logger: Logger;
  readonly clock?: Clock;
}

const workers = 8;
/** Addresses come and go many at a time. */
const countMs = 1000;
const backoff = { minDelayMs: 100, maxDelayMs: 10_000 };
/** Before the key of an object that was rejected, in the queue. */
const rejected = 'rejected ';

/**
 * Level, not edge: what a unit's objects should say is compared with what they say whenever the loop has looked at it, and
 * the difference is written. Give {@link StatusWriter.tap} between source and loop, `attach` before either runs, `begin` with the loop.
 */
export class StatusWriter implements OutcomeListener {
  readonly #options: StatusWriterOptions;
  readonly #clock: Clock;
  readonly #writer: ObjectWriter;
  readonly #queue: WorkQueue;
  readonly #claims = new PendingClaims();
  readonly #looks = new UnitLooks();
  readonly #changed = new ChangedObjects();
  readonly #closing = new AbortController();
  #attached: { readonly loop: Loop; readonly parts: WriterParts } | undefined;
  #isSynced = false;
  #hasBegun = false;
  #isFailing = false;
  #isCounting = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#writer = new ObjectWriter({ client: options.client, clock: this.#clock });
    this.#queue = new WorkQueue({
      workers,
      clock: this.#clock,
      work: (key, attempt) => this.#work(key, attempt),
      onError: (key, error) => this.#failed(key, error),
    });
    options.server.onQuiet((key) => this.#noteQuiet(key));
  }

  /** Requests sent since the start, by what they were for. */
  get counts(): Readonly<Record<WriteKind, number>> {
    return this.#writer.counts;
  }

  attach(loop: Loop): void {
    const parts = openWriterParts({
      ...this.#options,
      clock: this.#clock,
      writer: this.#writer,
      loop,
      hasChanged: (key, revision) => this.#changed.hasChanged(key, revision),
      realised: (units) => this.#realised(units),
      signal: this.#closing.signal,
    });
    this.#attached = { loop, parts };
  }

  /** The loop's sink, with an ear for what concerns objects that the loop does not see. */
  tap(sink: SourceSink): SourceSink {
    return {
      changed: (changes) => {
        sink.changed(changes);
        this.#heard(changes);
      },
      problems: (problems) => {
        sink.problems(problems);
        this.#noteAllUnseen();
      },
      incomplete: (incomplete) => sink.incomplete(incomplete),
      synced: () => {
        sink.synced();
        this.#synced();
      },
    };
  }

  /** From now on it may write: whoever runs the loop leads. */
  begin(): void {
    this.#hasBegun = true;
    this.#noteAllUnseen();
  }

  claim(outcome: UnitOutcome): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(this.#closing.signal.reason);
    this.#looks.outdate(outcome.unit);
    const done = this.#claims.add(outcome);
    this.#queue.add(outcome.unit);
    return done;
  }

  looked(outcome: UnitOutcome): void {
    if (this.#looks.note(outcome)) this.#parts().sampler.forget(outcome.unit);
    this.#queue.add(outcome.unit);
  }

  /** Resolves when nothing waits to be written; what is refused for now does not count. */
  async idle(): Promise<void> {
    await this.#queue.idle({ ignoreDelayed: true });
  }

  /** Nothing is written after it has resolved; what waited is not written. */
  async close(): Promise<void> {
    const reason = new CodedError('STATUS_CLOSED', 'nothing is written any more', { retryable: false });
    this.#closing.abort(reason);
    this.#claims.close(reason);
    await this.#queue.close();
  }

  #parts(): WriterParts {
    invariant(this.#attached !== undefined, 'the writer is attached to no loop');
    return this.#attached.parts;
  }

  #synced(): void {
    this.#isSynced = true;
    this.#noteAllUnseen();
  }

  /** Whatever ended, or was rejected, before we came. */
  #noteAllUnseen(): void {
    if (!this.#isSynced || !this.#hasBegun) return;
    for (const key of this.#options.server.unseen()) this.#noteUnseen(key);
  }

  #heard(changes: readonly ObjectChange[]): void {
    const { loop, parts } = this.#attached ?? {};
    if (loop === undefined || parts === undefined) return;
    this.#changed.note(changes, loop.view.revision());
    for (const { key, object, invalid } of changes) {
      if (object === undefined && invalid !== true) parts.objects.forget(key);
      if (!this.#isSynced || !this.#hasBegun) continue;
      if (object === undefined) this.#noteUnseen(key);
      // The loop asks for no Namespace; but we make them, and Projects wait for their end.
      if (key.startsWith('Namespace/')) this.#queue.add(`vpc/${key.slice('Namespace/'.length)}`);
    }
  }

  #noteUnseen(key: string): void {
    const held = this.#options.server.held(key);
    if (held === undefined) return;
    const ending = endingObject(key, held);
    this.#queue.add(ending === undefined ? rejected + key : unitOf(ending));
  }

  /** Somebody may have changed what we had written. */
  #noteQuiet(key: string): void {
    const object = this.#options.server.held(key)?.object;
    if (object === undefined || !this.#hasBegun) return;
    const unit = statusUnitOf(object);
    if (this.#looks.get(unit) !== undefined) this.#queue.add(unit);
  }

  /** Networks tell how many of their addresses are given out, whoever got or lost one. */
  async #countLater(): Promise<void> {
    if (this.#isCounting) return;
    this.#isCounting = true;
    await this.#clock.sleep(countMs, this.#closing.signal).catch(() => undefined);
    this.#isCounting = false;
    for (const unit of this.#looks.units()) if (unit.startsWith('network/')) this.#queue.add(unit);
  }

  async #work(key: string, attempt: number): Promise<WorkOutcome> {
    const { updates } = this.#parts();
    const { refused } = updates;
    try {
      if (key.startsWith(rejected)) await this.#parts().rejected.write(key.slice(rejected.length));
      else await this.#workUnit(key);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      return this.#retry(error, attempt);
    }
    if (this.#isFailing) this.#options.logger.info({}, 'the API server takes what is written again');
    this.#isFailing = false;
    return updates.refused > refused ? { retryAfterMs: refusedRetryMs } : undefined;
  }

  async #workUnit(unit: string): Promise<void> {
    const claimed = this.#claims.get(unit);
    if (claimed === undefined) return this.#writeLook(unit);
    try {
      await this.#parts().writes.claim(claimed);
      this.#claims.settle(claimed);
    } catch (error) {
      this.#claims.settle(claimed, error);
      throw error;
    }
  }

  async #writeLook(unit: string): Promise<void> {
    const { writes, releases, sampler } = this.#parts();
    const look = this.#looks.get(unit);
    if (look !== undefined && !look.isOutdated) {
      const { outcome, isRealised } = look;
      this.#tell(outcome);
      const waits = await writes.look(outcome, isRealised);
      const isOld = this.#looks.get(unit)?.outcome !== outcome;
      if (waits && !isOld && !sampler.isWaiting(unit)) sampler.wait(unit);
      if (unit.startsWith('vpc/')) void this.#countLater();
      if (outcome.result?.state === 'absent') this.#looks.forget({ unit, outcome });
    }
    await releases.release(unit);
  }

  #tell(outcome: UnitOutcome): void {
    const { objects, events } = this.#parts();
    const context = { objects, written: new Map() };
    const { events: fresh, told } = nextEvents(this.#looks.get(outcome.unit)?.told, outcome, context);
    this.#looks.told(outcome.unit, told);
    for (const event of fresh) void events.record(event);
  }

  #retry(error: KubeError, attempt: number): WorkOutcome {
    const { logger } = this.#options;
    const { code, message } = error;
    logger.debug({ code, reason: message }, 'what could not be written is tried again');
    if (!this.#isFailing && error.status !== 409) {
      logger.warn({ code, reason: message }, 'the API server does not take what is written; tried again');
      this.#isFailing = true;
    }
    return { retryAfterMs: Math.max(backoffMs(backoff, attempt, Math.random()), error.retryAfterMs ?? 0) };
  }

  #failed(key: string, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#options.logger.error({ key, err: error }, 'a status could not be written');
  }

  #realised(units: ReadonlySet<string>): void {
    for (const unit of units) {
      this.#looks.realised(unit);
      this.#queue.add(unit);
    }
  }
}
