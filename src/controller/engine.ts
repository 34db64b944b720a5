// The loop: objects and rows change, units are looked at, and the database is brought to what the objects mean.
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Problem } from '../base/problem.ts';
import type { Config } from '../config/config.ts';
import { Inventory } from '../model/inventory.ts';
import { vpcUnit } from '../model/unit.ts';
import type { OutcomeListener } from '../source/outcome-listener.ts';
import type { SourceSink } from '../source/source.ts';
import type { EpochMode } from '../target/epoch.ts';
import type { Target, TargetChange } from '../target/target.ts';
import { AddressBook } from './address-book.ts';
import type { PoolUsage } from './address-book.ts';
import { Agenda } from './agenda.ts';
import type { ProgressListener } from './agenda.ts';
import { DeleteGuard } from './delete-guard.ts';
import { EpochClaim } from './epoch-claim.ts';
import { Outcomes } from './outcomes.ts';
import { Intake } from './intake.ts';
import { makeReport } from './report.ts';
import type { Report } from './report.ts';
import { statusView } from './status-view.ts';
import type { StatusView } from './status-view.ts';
import { RowWaits } from './row-waits.ts';
import { Survey } from './survey.ts';
import { defaultPipeline, UnitPlanner } from './unit-planner.ts';
import type { Pipeline } from './unit-planner.ts';
import { UnitRunner } from './unit-runner.ts';
import type { RunnerCounters, Stopwatch } from './unit-runner.ts';
import { UnitStates } from './unit-states.ts';

export interface EngineOptions {
  readonly config: Config;
  readonly target: Target;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** True: no brake. */
  readonly allowMassDelete?: boolean;
  readonly pipeline?: Pipeline;
  readonly stopwatch?: Stopwatch;
  /** Hears of every look at a unit, and records claims before rows are written. */
  readonly outcomes?: OutcomeListener;
}

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
  readonly #epoch: EpochClaim;
  readonly #guard: DeleteGuard;
  readonly #inventory = new Inventory();
  readonly #intake: Intake;
  readonly #states: UnitStates;
  readonly #waits = new RowWaits();
  readonly #addresses: AddressBook;
  readonly #planner: UnitPlanner;
  readonly #runner: UnitRunner;
  readonly #survey: Survey;
  readonly #agenda: Agenda;
  readonly #closing = new AbortController();
  readonly #ended = Promise.withResolvers<never>();
  #isPassOver = false;
  #isInStep = false;
  #isFollowing = false;

  constructor(options: EngineOptions) {
    const { config, target, logger, clock, allowMassDelete, pipeline } = options;
    this.#target = target;
    this.#logger = logger;
    this.#clock = clock ?? systemClock;
    this.#epoch = new EpochClaim({ target, logger, clock: this.#clock, signal: this.#closing.signal });
    const listener = {
      affected: (units: ReadonlySet<string>, removed: number) => this.#objectsChanged(units, removed),
      readable: () => this.#readable(),
      visible: () => this.#visible(),
    };
    this.#intake = new Intake(this.#inventory, listener, logger);
    this.sink = this.#intake;
    this.#guard = new DeleteGuard({
      limits: config.deletionBrake,
      isOff: allowMassDelete ?? false,
      target,
      logger,
      isIncomplete: () => this.#intake.isIncomplete,
      tellsAtOnce: () => this.#isFollowing,
    });
    this.#states = new UnitStates(logger);
    // Everybody lets the management VPC in.
    const management = vpcUnit(config.managementVpc);
    this.#addresses = new AddressBook(target.records, (unit) =>
      unit === management ? this.#inventory.units() : [],
    );
    this.view = statusView(this.#inventory, this.#addresses, target.current);
    this.#planner = new UnitPlanner({
      target,
      config,
      inventory: this.#inventory,
      addresses: this.#addresses,
      pipeline: pipeline ?? defaultPipeline,
    });
    this.#runner = this.#makeRunner(options);
    this.#survey = new Survey({
      target,
      planner: this.#planner,
      runner: this.#runner,
      addresses: this.#addresses,
      holdReason: (unit) => this.#guard.reason(unit),
      lookAgain: (units) => this.#lookAgain(units),
    });
    this.#agenda = new Agenda({
      clock: this.#clock,
      work: (unit, attempt) => this.#work(unit, attempt),
      onError: (unit, error) => this.#failed(unit, error),
    });
    this.#ended.promise.catch(() => undefined);
  }

  get counters(): Readonly<RunnerCounters> {
    return this.#runner.counters;
  }

  /** Whether every object that was there at the start is known. */
  get isSynced(): boolean {
    return this.#intake.isSynced;
  }

  /** Why some input cannot be read now; empty: all can. */
  get unreadable(): readonly Problem[] {
    return this.#intake.sourceProblems.filter(({ code }) => code === 'Unreadable');
  }

  /** Whether everything that was there at the start has been looked at, and written where need be. Stays true then. */
  get isInStep(): boolean {
    return this.#isInStep;
  }

  /** Units that objects or rows ask for. O(units). */
  get unitCount(): number {
    return this.#allUnits().length;
  }

  get pools(): readonly PoolUsage[] {
    return this.#addresses.usage();
  }

  /** What is known now. O(units). */
  report(): Report {
    return this.#report(this.#runner.written);
  }

  /** Computes what `converge` would do, and writes nothing. */
  async plan(): Promise<Report> {
    await this.#intake.whenSynced;
    const units = this.#allUnits();
    await this.#survey.model(units);
    this.#guard.weigh(await this.#survey.preview(units));
    return this.#report(undefined);
  }

  /**
   * Writes until nothing is left to do, then resolves. With the brake on it writes nothing, and says so in the report.
   * @throws TARGET_FENCED, and what else ends the target
   */
  async converge({ onProgress }: { readonly onProgress?: ProgressListener } = {}): Promise<Report> {
    await this.#intake.whenSynced;
    const stop = this.#listen();
    try {
      const todo = await this.#firstPlan();
      if (this.#guard.massDelete !== undefined) return this.report();
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
    await this.#agenda.close();
  }

  async #follow(aborted: Promise<void>): Promise<void> {
    await this.#intake.whenSynced;
    await this.#commitAll('take-over', await this.#firstPlan());
    this.#isPassOver = true;
    this.#seeWhetherInStep();
    if (!this.#isInStep && !this.#closing.signal.aborted)
      this.#logger.warn(
        { units: this.#agenda.total, failed: this.#states.failed.size, ...this.#runner.written },
        'not in step: what failed is tried again from time to time',
      );
    await Promise.race([this.#retryFailed(), aborted]);
  }

  /** Says so once: when the first pass is over, or the last of what failed by then is mended. */
  #seeWhetherInStep(): void {
    if (this.#isInStep || !this.#isPassOver || this.#closing.signal.aborted || this.#states.failed.size > 0)
      return;
    this.#isInStep = true;
    this.#logger.info({ units: this.#agenda.total, ...this.#runner.written }, 'in step');
  }

  /** What failed is tried again when something of it changes, and from time to time. Never resolves. */
  async #retryFailed(): Promise<void> {
    for (;;) {
      await this.#clock.sleep(failedRetryMs, this.#closing.signal);
      this.#lookAgain(this.#states.failed);
    }
  }

  /**
   * Decides all addresses and returns the units to commit. Where there is little of ours, nothing can be deleted that
   * the brake minds, and each unit is planned only when its turn comes.
   */
  async #firstPlan(): Promise<readonly string[]> {
    const units = this.#allUnits();
    this.#agenda.forgetEarly();
    await this.#survey.model(units);
    if (!this.#guard.isNeeded) return units.filter((unit) => !this.#states.failed.has(unit));
    const preview = await this.#survey.preview(units);
    this.#guard.weigh(preview);
    return preview.todo;
  }

  async #commitAll(
    mode: EpochMode,
    units: readonly string[],
    onProgress: ProgressListener = () => {},
  ): Promise<void> {
    await this.#epoch.claim(mode, this.#maximumAttempts());
    await this.#agenda.firstPass(units, onProgress);
    await this.#epoch.retire();
  }

  async #work(unit: string, attempt: number): ReturnType<UnitRunner['run']> {
    const outcome = await this.#runner.run(unit, attempt);
    if (outcome === undefined) this.#done(unit);
    if (this.#isFollowing) await this.#epoch.retire();
    return outcome;
  }

  #done(unit: string): void {
    this.#lookAgain(this.#agenda.done(unit));
    this.#guard.done(unit, this.#states.get(unit));
    this.#states.roundOver(unit);
    this.#seeWhetherInStep();
  }

  #failed(unit: string, error: unknown): void {
    this.#runner.fail(unit, error);
    this.#done(unit);
  }

  #listen(): () => void {
    return this.#target.listen({
      changed: (change) => this.#rowsChanged(change),
      connected: () => this.#lookAgain(this.#runner.retrying),
      ended: (error) => this.#end(error),
    });
  }

  #rowsChanged({ units, moved, observed, everything, rows, recordsGone }: TargetChange): void {
    const drifted = [...units].filter((unit) => !this.#runner.isInFlight(unit));
    this.#runner.noteDrift(drifted);
    const freed = this.#addresses.recordsGone(recordsGone);
    this.#lookAgain([...drifted, ...observed, ...this.#waits.unitsFor(rows), ...freed]);
    for (const [to, from] of moved) this.#agenda.addAfter(from, to);
    if (everything) this.#lookAgain(this.#allUnits());
  }

  #objectsChanged(units: ReadonlySet<string>, removed: number): void {
    for (const unit of units) this.#runner.forget(unit);
    if (this.#agenda.isOpen && removed > 1) this.#considerBrake(units);
    else this.#agenda.add(units);
  }

  /** Deletes that were held because of unreadable input come all at once now. */
  #readable(): void {
    const held = [...this.#states.entries()].filter(([, state]) => state.held.length > 0);
    const units = held.map(([unit]) => unit);
    if (this.#agenda.isOpen) this.#considerBrake(units);
  }

  /** Units that stayed as they were may lose much now, or ask for addresses. O(units). */
  #visible(): void {
    if (this.#agenda.isOpen) this.#considerBrake(this.#allUnits());
  }

  /** Objects that go one at a time were meant to go; of many at once that is not sure. */
  #considerBrake(units: Iterable<string>): void {
    const affected = this.#guard.reopen(units);
    this.#guard.weigh(this.#survey.previewNow(affected));
    this.#agenda.add(affected);
  }

  /** Models that wait for their round may be out of date. */
  #lookAgain(units: Iterable<string>): void {
    const list = [...units];
    for (const unit of list) this.#runner.forget(unit);
    this.#agenda.add(list);
  }

  /** Units of objects and of rows: networks, then VPCs, each in alphabetical order. O(units). */
  #allUnits(): readonly string[] {
    const units = new Set<string>([...this.#inventory.units(), ...this.#target.owned.units()]);
    units.delete('');
    return [...units].toSorted();
  }

  #report(written: Report['summary'] | undefined): Report {
    return makeReport({
      states: this.#states.entries(),
      sourceProblems: this.#intake.sourceProblems,
      written,
      massDelete: this.#guard.massDelete,
    });
  }

  #end(error: CodedError): void {
    this.#logger.error({ code: error.code, reason: error.message }, 'nothing can be written any more');
    this.#ended.reject(error);
  }

  #maximumAttempts(): number {
    return this.#isFollowing ? Infinity : attemptsOfOnePass;
  }

  #makeRunner({ stopwatch, outcomes: listener }: EngineOptions): UnitRunner {
    const outcomes = new Outcomes({
      listener,
      target: this.#target,
      logger: this.#logger,
      revisionOf: (result) => this.#planner.revisionOf(result),
      lookAgain: (unit) => this.#lookAgain([unit]),
    });
    return new UnitRunner({
      outcomes,
      target: this.#target,
      planner: this.#planner,
      addresses: this.#addresses,
      states: this.#states,
      waits: this.#waits,
      logger: this.#logger,
      holdReason: (unit) => this.#guard.reason(unit),
      lookAgain: (units) => this.#lookAgain(units),
      end: (error) => this.#end(error),
      maximumAttempts: () => this.#maximumAttempts(),
      ...(stopwatch !== undefined && { stopwatch }),
    });
  }
}
