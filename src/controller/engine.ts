// The loop: objects and rows change, units are looked at, and the database is brought to what the objects mean.
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { WorkQueue } from '../base/work-queue.ts';
import type { Config } from '../config/config.ts';
import { Inventory } from '../model/inventory.ts';
import type { OutcomeListener } from '../source/outcome-listener.ts';
import type { SourceSink } from '../source/source.ts';
import type { EpochMode } from '../target/epoch.ts';
import type { Target, TargetChange } from '../target/target.ts';
import { AddressBook } from './address-book.ts';
import type { PoolUsage } from './address-book.ts';
import { Brake } from './brake.ts';
import type { DeleteTally } from './brake.ts';
import type { HoldReason } from './hold.ts';
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

/** How far a pass is: units done of units to do. */
export type ProgressListener = (done: number, total: number) => void;

/** Units in flight at a time, as many as the connection takes (DESIGN §4). */
const workers = 16;
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
  readonly #brake: Brake;
  readonly #inventory = new Inventory();
  readonly #intake: Intake;
  readonly #states: UnitStates;
  readonly #waits = new RowWaits();
  readonly #addresses: AddressBook;
  readonly #planner: UnitPlanner;
  readonly #runner: UnitRunner;
  readonly #survey: Survey;
  readonly #queue: WorkQueue;
  readonly #closing = new AbortController();
  readonly #ended = Promise.withResolvers<never>();
  /** Units that were named before the queue was open. */
  readonly #early = new Set<string>();
  /** Units to look at when the round of another one is done. */
  readonly #followers = new Map<string, Set<string>>();
  readonly #openUnits = new Set<string>();
  #total = 0;
  #isOpen = false;
  #isInStep = false;
  #isFollowing = false;
  #onProgress: ProgressListener = () => {};

  constructor(options: EngineOptions) {
    const { config, target, logger, clock, allowMassDelete, pipeline } = options;
    this.#target = target;
    this.#logger = logger;
    this.#clock = clock ?? systemClock;
    this.#brake = new Brake({ limits: config.deletionBrake, isOff: allowMassDelete ?? false });
    this.#epoch = new EpochClaim({ target, logger, clock: this.#clock, signal: this.#closing.signal });
    const listener = {
      affected: (units: ReadonlySet<string>, removed: number) => this.#objectsChanged(units, removed),
      readable: () => this.#readable(),
    };
    this.#intake = new Intake(this.#inventory, listener, logger);
    this.sink = this.#intake;
    this.#states = new UnitStates(logger);
    this.#addresses = new AddressBook(target.records);
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
      holdReason: (unit) => this.#holdReason(unit),
      lookAgain: (units) => this.#lookAgain(units),
    });
    this.#queue = new WorkQueue({
      workers,
      clock: this.#clock,
      work: (unit, attempt) => this.#work(unit, attempt),
      onError: (unit, error) => this.#failed(unit, error),
    });
    this.#ended.promise.catch(() => undefined);
  }

  get counters(): Readonly<RunnerCounters> {
    return this.#runner.counters;
  }

  /** Whether everything that was there at the start has been looked at, and written where need be. */
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
    const { deletes, todo } = await this.#survey.preview(units);
    this.#applyBrake(todo, deletes);
    return this.#report(undefined);
  }

  /**
   * Writes until nothing is left to do, then resolves. With the brake on it writes nothing, and says so in the report.
   * @throws TARGET_FENCED, and what else ends the target
   */
  async converge({ onProgress }: { readonly onProgress?: ProgressListener } = {}): Promise<Report> {
    if (onProgress !== undefined) this.#onProgress = onProgress;
    await this.#intake.whenSynced;
    const stop = this.#listen();
    try {
      const todo = await this.#firstPlan();
      if (this.#brake.massDelete !== undefined) return this.report();
      await Promise.race([this.#commitAll('join', todo), this.#ended.promise]);
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
    await this.#queue.close();
  }

  async #follow(aborted: Promise<void>): Promise<void> {
    await this.#intake.whenSynced;
    await this.#commitAll('take-over', await this.#firstPlan());
    this.#isInStep = true;
    if (!this.#closing.signal.aborted)
      this.#logger.info({ units: this.#total, ...this.#runner.written }, 'in step');
    await Promise.race([this.#retryFailed(), aborted]);
  }

  /** What failed is tried again when something of it changes, and from time to time. Never resolves. */
  async #retryFailed(): Promise<void> {
    for (;;) {
      await this.#clock.sleep(failedRetryMs, this.#closing.signal);
      const failed = [...this.#states.entries()].filter(([, { failure }]) => failure !== undefined);
      this.#lookAgain(failed.map(([unit]) => unit));
    }
  }

  /**
   * Decides all addresses and returns the units to commit. Where there is little of ours, nothing can be deleted that
   * the brake minds, and each unit is planned only when its turn comes.
   */
  async #firstPlan(): Promise<readonly string[]> {
    const units = this.#allUnits();
    this.#early.clear();
    await this.#survey.model(units);
    if (!this.#brake.concerns(this.#target.owned.total))
      return units.filter((unit) => this.#states.get(unit)?.failure === undefined);
    const { deletes, todo } = await this.#survey.preview(units);
    this.#applyBrake(todo, deletes);
    return todo;
  }

  /** Networks first: nothing of a VPC waits for its external network then. */
  async #commitAll(mode: EpochMode, units: readonly string[]): Promise<void> {
    await this.#epoch.claim(mode, this.#maximumAttempts());
    this.#isOpen = true;
    this.#total = units.length;
    for (const unit of units) this.#openUnits.add(unit);
    this.#onProgress(0, this.#total);
    const isNetwork = (unit: string): boolean => unit.startsWith('network/');
    this.#enqueue(units.filter(isNetwork));
    await this.#queue.idle({ ignoreDelayed: true });
    this.#enqueue([...units.filter((unit) => !isNetwork(unit)), ...this.#early]);
    this.#early.clear();
    await this.#queue.idle();
    await this.#epoch.retire();
  }

  async #work(unit: string, attempt: number): ReturnType<UnitRunner['run']> {
    const outcome = await this.#runner.run(unit, attempt);
    if (outcome === undefined) this.#done(unit);
    if (this.#isFollowing) await this.#epoch.retire();
    return outcome;
  }

  #done(unit: string): void {
    this.#lookAgain(this.#followers.get(unit) ?? []);
    this.#followers.delete(unit);
    if (this.#states.get(unit)?.held.some(({ reason }) => reason === 'mass-delete') !== true)
      this.#brake.release(unit);
    if (this.#openUnits.delete(unit)) this.#onProgress(this.#total - this.#openUnits.size, this.#total);
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
    const freed = this.#addresses.recordsGone(recordsGone);
    this.#lookAgain([...drifted, ...observed, ...this.#waits.unitsFor(rows), ...freed]);
    for (const [to, from] of moved) {
      if (this.#isOpen) this.#runAfter(from, to);
      else this.#early.add(to);
    }
    if (everything) this.#lookAgain(this.#allUnits());
  }

  #runAfter(first: string, then: string): void {
    const units = this.#followers.get(first);
    if (units === undefined) this.#followers.set(first, new Set([then]));
    else units.add(then);
  }

  #objectsChanged(units: ReadonlySet<string>, removed: number): void {
    for (const unit of units) this.#runner.forget(unit);
    if (this.#isOpen && removed > 1) this.#considerBrake(units);
    else this.#enqueue(units);
  }

  /** Deletes that were held because of unreadable input come all at once now. */
  #readable(): void {
    const held = [...this.#states.entries()].filter(([, state]) => state.held.length > 0);
    const units = held.map(([unit]) => unit);
    if (this.#isOpen) this.#considerBrake(units);
  }

  /** Objects that go one at a time were meant to go; of many at once that is not sure. */
  #considerBrake(units: Iterable<string>): void {
    const affected = [...new Set([...units, ...this.#brake.units])];
    for (const unit of affected) this.#brake.release(unit);
    const { deletes, todo } = this.#survey.previewNow(affected.toSorted());
    this.#applyBrake(todo, deletes);
    this.#enqueue(affected);
  }

  #applyBrake(todo: Iterable<string>, deletes: DeleteTally): void {
    this.#brake.consider(todo, deletes, this.#target.owned.total);
    if (this.#brake.massDelete === undefined || !this.#isFollowing) return;
    this.#logger.error(
      { ...this.#brake.massDelete },
      'deletes are held: too much would go at once; start again with --allow-mass-delete if that is meant',
    );
  }

  #holdReason(unit: string): HoldReason | undefined {
    if (this.#intake.isIncomplete) return 'unreadable-input';
    return this.#brake.units.has(unit) ? 'mass-delete' : undefined;
  }

  /** Models that wait for their round may be out of date. */
  #lookAgain(units: Iterable<string>): void {
    const list = [...units];
    for (const unit of list) this.#runner.forget(unit);
    this.#enqueue(list);
  }

  #enqueue(units: Iterable<string>): void {
    for (const unit of units) {
      if (this.#isOpen) this.#queue.add(unit);
      else this.#early.add(unit);
    }
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
      massDelete: this.#brake.massDelete,
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
      holdReason: (unit) => this.#holdReason(unit),
      lookAgain: (units) => this.#lookAgain(units),
      end: (error) => this.#end(error),
      maximumAttempts: () => this.#maximumAttempts(),
      ...(stopwatch !== undefined && { stopwatch }),
    });
  }
}
