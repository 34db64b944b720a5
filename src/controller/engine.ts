// The loop: objects and rows change, units are looked at, and the database is brought to what the objects mean.
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Problem } from '../base/problem.ts';
import type { SourceSink } from '../source/source.ts';
import type { EpochMode } from '../target/epoch.ts';
import type { Target } from '../target/target.ts';
import type { PoolUsage } from './address-book.ts';
import type { ProgressListener } from './agenda.ts';
import { openEngineParts } from './engine-parts.ts';
import type { EngineOptions, EngineParts } from './engine-parts.ts';
import { makeReport } from './report.ts';
import type { Report } from './report.ts';
import { statusView } from './status-view.ts';
import type { StatusView } from './status-view.ts';
import type { RunnerCounters, UnitRunner } from './unit-runner.ts';

/** About half a minute of trying; a server that is restarted is back long before. */
const attemptsOfOnePass = 12;
/** Between two attempts at what failed although nobody was in the way. */
const failedRetryMs = 60_000;

/**
 * One instance over one database. Feed {@link Engine.sink} from a source, then call one of `plan`, `converge` or `run`,
 * once. An event costs what it concerns: one unit, whatever their number.
 */
export class Engine {
  readonly sink: SourceSink;
  /** For whoever writes status. */
  readonly view: StatusView;
  readonly #target: Target;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #parts: EngineParts;
  readonly #closing = new AbortController();
  readonly #ended = Promise.withResolvers<never>();
  #isPassOver = false;
  #isInStep = false;
  #isFollowing = false;

  constructor(options: EngineOptions) {
    const { target, logger, clock = systemClock } = options;
    this.#target = target;
    this.#logger = logger;
    this.#clock = clock;
    this.#parts = openEngineParts(options, {
      work: (unit, attempt) => this.#work(unit, attempt),
      failed: (unit, error) => this.#failed(unit, error),
      end: (error) => this.#end(error),
      isFollowing: () => this.#isFollowing,
      maximumAttempts: () => this.#maximumAttempts(),
      signal: this.#closing.signal,
    });
    const { inventory, intake, addresses } = this.#parts;
    this.sink = intake;
    this.view = statusView(inventory, addresses, target.current);
    this.#ended.promise.catch(() => undefined);
  }

  get counters(): Readonly<RunnerCounters> {
    return this.#parts.runner.counters;
  }

  /** Whether every object that was there at the start is known. */
  get isSynced(): boolean {
    return this.#parts.intake.isSynced;
  }

  /** Why some input cannot be read now; empty: all can. */
  get unreadable(): readonly Problem[] {
    return this.#parts.intake.sourceProblems.filter(({ code }) => code === 'Unreadable');
  }

  /** Whether everything that was there at the start has been looked at, and written where need be. Stays true then. */
  get isInStep(): boolean {
    return this.#isInStep;
  }

  /** Units that objects or rows ask for. O(units). */
  get unitCount(): number {
    return this.#parts.reactions.allUnits().length;
  }

  get pools(): readonly PoolUsage[] {
    return this.#parts.addresses.usage();
  }

  /** What is known now. O(units). */
  report(): Report {
    return this.#report(this.#parts.runner.written);
  }

  /** Computes what `converge` would do, and writes nothing. */
  async plan(): Promise<Report> {
    const { intake, reactions, survey, guard } = this.#parts;
    await intake.whenSynced;
    const units = reactions.allUnits();
    await survey.model(units);
    guard.weigh(await survey.preview(units));
    return this.#report(undefined);
  }

  /**
   * Writes until nothing is left to do, then resolves. With the brake on it writes nothing, and says so in the report.
   * @throws TARGET_FENCED, and what else ends the target
   */
  async converge({ onProgress }: { readonly onProgress?: ProgressListener } = {}): Promise<Report> {
    await this.#parts.intake.whenSynced;
    const stop = this.#listen();
    try {
      const todo = await this.#firstPlan();
      if (this.#parts.guard.massDelete !== undefined) return this.report();
      await Promise.race([this.#commitAll('join', todo, onProgress), this.#ended.promise]);
      return this.report();
    } finally {
      await this.#close(stop);
    }
  }

  /**
   * Takes over, converges, and keeps following objects and database until `signal` is aborted; then ends what is in
   * flight and resolves. With the brake on, deletes are held and everything else goes on.
   * @throws TARGET_FENCED, NB_SCHEMA_CHANGED and what else ends the target
   */
  async run(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.#isFollowing = true;
    const stop = this.#listen();
    try {
      await Promise.race([this.#follow(aborted), aborted, this.#ended.promise]);
    } finally {
      await this.#close(stop);
    }
  }

  async #close(stopListening: () => void): Promise<void> {
    stopListening();
    this.#closing.abort();
    await this.#parts.agenda.close();
  }

  async #follow(aborted: Promise<void>): Promise<void> {
    const { intake, agenda, states, runner } = this.#parts;
    await intake.whenSynced;
    await this.#commitAll('take-over', await this.#firstPlan());
    this.#isPassOver = true;
    this.#seeWhetherInStep();
    if (!this.#isInStep && !this.#closing.signal.aborted)
      this.#logger.warn(
        { units: agenda.total, failed: states.failed.size, ...runner.written },
        'not in step: what failed is tried again from time to time',
      );
    await Promise.race([this.#retryFailed(), aborted]);
  }

  /** Says so once: when the first pass is over, or the last of what failed by then is mended. */
  #seeWhetherInStep(): void {
    const { agenda, states, runner } = this.#parts;
    if (this.#isInStep || !this.#isPassOver || this.#closing.signal.aborted || states.failed.size > 0) return;
    this.#isInStep = true;
    this.#logger.info({ units: agenda.total, ...runner.written }, 'in step');
  }

  /** What failed is tried again when something of it changes, and from time to time. Never resolves. */
  async #retryFailed(): Promise<void> {
    const { reactions, states } = this.#parts;
    for (;;) {
      await this.#clock.sleep(failedRetryMs, this.#closing.signal);
      reactions.lookAgain(states.failed);
    }
  }

  /**
   * Decides all addresses and returns the units to commit. Where there is little of ours, nothing can be deleted that
   * the brake minds, and each unit is planned only when its turn comes.
   */
  async #firstPlan(): Promise<readonly string[]> {
    const { reactions, agenda, survey, guard, states } = this.#parts;
    const units = reactions.allUnits();
    agenda.forgetEarly();
    await survey.model(units);
    if (!guard.isNeeded) return units.filter((unit) => !states.failed.has(unit));
    const preview = await survey.preview(units);
    guard.weigh(preview);
    return preview.todo;
  }

  async #commitAll(
    mode: EpochMode,
    units: readonly string[],
    onProgress: ProgressListener = () => {},
  ): Promise<void> {
    const { epoch, agenda } = this.#parts;
    await epoch.claim(mode, this.#maximumAttempts());
    await agenda.firstPass(units, onProgress);
    await epoch.retire();
  }

  async #work(unit: string, attempt: number): ReturnType<UnitRunner['run']> {
    const outcome = await this.#parts.runner.run(unit, attempt);
    if (outcome === undefined) this.#done(unit);
    if (this.#isFollowing) await this.#parts.epoch.retire();
    return outcome;
  }

  #done(unit: string): void {
    const { reactions, agenda, guard, states } = this.#parts;
    reactions.lookAgain(agenda.done(unit));
    guard.done(unit, states.get(unit));
    states.roundOver(unit);
    this.#seeWhetherInStep();
  }

  #failed(unit: string, error: unknown): void {
    this.#parts.runner.fail(unit, error);
    this.#done(unit);
  }

  #listen(): () => void {
    const { reactions } = this.#parts;
    return this.#target.listen({
      changed: (change) => reactions.rowsChanged(change),
      connected: () => reactions.connected(),
      ended: (error) => this.#end(error),
    });
  }

  #report(written: Report['summary'] | undefined): Report {
    const { states, intake, guard } = this.#parts;
    const { sourceProblems } = intake;
    return makeReport({ states: states.entries(), sourceProblems, written, massDelete: guard.massDelete });
  }

  #end(error: CodedError): void {
    this.#logger.error({ code: error.code, reason: error.message }, 'nothing can be written any more');
    this.#ended.reject(error);
  }

  #maximumAttempts(): number {
    return this.#isFollowing ? Infinity : attemptsOfOnePass;
  }
}
