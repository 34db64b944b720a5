// The round of one unit: plan, commit, look whether it is done, and say when to come back if not.
import { isDeepStrictEqual } from 'node:util';
import { backoffMs } from '../base/backoff.ts';
import { InvariantError } from '../base/errors.ts';
import type { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { WorkOutcome } from '../base/work-queue.ts';
import type { CompiledUnit } from '../compiler/compile-unit.ts';
import type { UnitResult } from '../model/model-unit.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import { countChanges, isEmpty } from '../plan/change-set-filter.ts';
import type { Target } from '../target/target.ts';
import type { AddressBook } from './address-book.ts';
import type { HoldReason } from './hold.ts';
import type { Outcomes } from './outcomes.ts';
import type { Report } from './report.ts';
import type { RowWaits } from './row-waits.ts';
import type { UnitPlan, UnitPlanner } from './unit-planner.ts';
import type { UnitStates } from './unit-states.ts';

export interface UnitRunnerOptions {
  readonly target: Target;
  readonly planner: UnitPlanner;
  readonly addresses: AddressBook;
  readonly states: UnitStates;
  readonly waits: RowWaits;
  readonly outcomes: Outcomes;
  readonly logger: Logger;
  /** Why no row of the unit may be deleted now; undefined: rows may be. */
  readonly holdReason: (unit: string) => HoldReason | undefined;
  /** Looks at these units (again). */
  readonly lookAgain: (units: Iterable<string>) => void;
  /** Nothing can be written any more. */
  readonly end: (error: CodedError) => void;
  /** How often the world may be in the way before it counts as a failure. */
  readonly maximumAttempts: () => number;
  readonly stopwatch?: Stopwatch;
}

/** Is told how long things took, in milliseconds. */
export interface Stopwatch {
  /** From the model of a unit to its rows. `kind`: `vpc` of `vpc/shalb-demo`. */
  compiled(kind: string, durationMs: number): void;
  /** From the objects of a unit to its change set, which has so many rows. */
  planned(durationMs: number, rows: number): void;
  /** From handing a change set over to its answer, whatever it was. */
  committed(durationMs: number): void;
}

/** Counts since the start. */
export interface RunnerCounters {
  rounds: number;
  transactions: number;
  insert: number;
  update: number;
  delete: number;
  retries: number;
  failures: number;
  /** Transactions after somebody else had changed rows of the unit. */
  repairs: number;
}

/** How often in a row the rows of a unit may differ again right after they were written. */
const patience = 5;
/** The claims of a unit are asked for once; whoever records them says when that is done. */
const claimPatienceMs = 60_000;
const backoff = { minDelayMs: 50, maxDelayMs: 5000 };

export class UnitRunner {
  readonly counters: RunnerCounters = {
    rounds: 0,
    transactions: 0,
    insert: 0,
    update: 0,
    delete: 0,
    retries: 0,
    failures: 0,
    repairs: 0,
  };
  readonly #options: UnitRunnerOptions;
  readonly #results = new Map<string, UnitResult>();
  readonly #inFlight = new Set<string>();
  readonly #retrying = new Set<string>();
  readonly #drifted = new Set<string>();

  constructor(options: UnitRunnerOptions) {
    this.#options = options;
  }

  get written(): Report['summary'] {
    const { insert, update, delete: deleted, transactions } = this.counters;
    return { insert, update, delete: deleted, transactions };
  }

  /** Units whose commit the world was in the way of. */
  get retrying(): ReadonlySet<string> {
    return this.#retrying;
  }

  /** While true, changes of the unit's rows are most likely our own; they are looked at after the commit. */
  isInFlight(unit: string): boolean {
    return this.#inFlight.has(unit);
  }

  /** Somebody else has changed rows of these units. */
  noteDrift(units: Iterable<string>): void {
    for (const unit of units) this.#drifted.add(unit);
  }

  /** Hands over a model that is fresh, for the next round of the unit. */
  prepare(unit: string, result: UnitResult): void {
    this.#results.set(unit, result);
  }

  prepared(unit: string): UnitResult | undefined {
    return this.#results.get(unit);
  }

  /** The model that was handed over is fresh no more. */
  forget(unit: string): void {
    this.#results.delete(unit);
  }

  async run(unit: string, attempt: number): Promise<WorkOutcome> {
    const { planner, states, outcomes } = this.#options;
    // Whatever it came to, nothing could be written now; the end of the wait asks for a look.
    if (outcomes.isWaiting(unit)) return { retryAfterMs: claimPatienceMs };
    this.counters.rounds += 1;
    this.#retrying.delete(unit);
    const begin = performance.now();
    const result = this.#model(unit);
    const modelled = performance.now();
    const desired = planner.desire(unit, result);
    this.#options.stopwatch?.compiled(unit.slice(0, unit.indexOf('/')), performance.now() - modelled);
    if (desired === undefined) {
      states.note(unit, result, undefined);
      outcomes.looked(unit, result, undefined);
      return undefined;
    }
    const planned = this.#plan(desired, result);
    this.#options.stopwatch?.planned(performance.now() - begin, rowsOf(planned.changes));
    if (isEmpty(planned.changes)) return this.#finish(planned, result);
    const admission = outcomes.admit(result, planned);
    if (admission === 'open') return this.#write(planned, desired, result, attempt);
    if (admission === 'waiting') return { retryAfterMs: claimPatienceMs };
    outcomes.looked(unit, result, planned);
    return this.#retry(planned, result, attempt, admission);
  }

  /** Compares and takes note, without writing anything. */
  review(unit: string, result: UnitResult, planned: UnitPlan | undefined): void {
    const { states, waits, outcomes } = this.#options;
    states.note(unit, result, planned);
    if (planned === undefined) {
      outcomes.looked(unit, result, undefined);
      return;
    }
    waits.set(unit, planned.awaited);
    if (isEmpty(planned.changes)) this.#finish(planned, result);
  }

  #model(unit: string): UnitResult {
    const prepared = this.#results.get(unit);
    this.#results.delete(unit);
    if (prepared !== undefined) return prepared;
    const others = new Set<string>();
    const result = this.#options.planner.modelDecided(unit, others);
    this.#options.lookAgain(others);
    return result;
  }

  #plan(desired: CompiledUnit, result: UnitResult): UnitPlan {
    const { planner, states, waits, holdReason } = this.#options;
    const { unit } = desired;
    const planned = planner.plan(desired, { sources: result.heldSources, all: holdReason(unit) });
    states.note(unit, result, planned);
    waits.set(unit, planned.awaited);
    return planned;
  }

  async #write(
    planned: UnitPlan,
    desired: CompiledUnit,
    result: UnitResult,
    attempt: number,
  ): Promise<WorkOutcome> {
    const { unit, changes } = planned;
    const { target, outcomes } = this.#options;
    this.#inFlight.add(unit);
    const begin = performance.now();
    const outcome = await target.commit(changes).finally(() => this.#inFlight.delete(unit));
    this.#options.stopwatch?.committed(performance.now() - begin);
    if (outcome.kind === 'fenced') {
      this.#options.end(outcome.error);
      return undefined;
    }
    if (outcome.kind === 'failed') return this.fail(unit, outcome.error, { result, planned });
    if (outcome.kind === 'committed') this.#count(changes);
    const left = this.#plan(desired, result);
    if (isEmpty(left.changes)) return this.#finish(left, result);
    outcomes.looked(unit, result, left);
    const isSame = isDeepStrictEqual(left.changes, changes);
    if (outcome.kind === 'committed') {
      // Once or twice, somebody else may have undone it at once.
      if (isSame && attempt >= patience) return this.fail(unit, notAsWritten(unit), { result, planned });
      return this.#retry(left, result, attempt, undefined);
    }
    if (outcome.kind === 'refused' && isSame) return this.fail(unit, outcome.error, { result, planned });
    return this.#retry(left, result, attempt, outcome.error);
  }

  /** Comes back later, as long as that may help. */
  #retry(planned: UnitPlan, result: UnitResult, attempt: number, error: CodedError | undefined): WorkOutcome {
    const { logger, maximumAttempts } = this.#options;
    const { unit } = planned;
    if (error !== undefined && attempt + 1 >= maximumAttempts())
      return this.fail(unit, error, { result, planned });
    this.counters.retries += 1;
    this.#retrying.add(unit);
    const retryAfterMs = backoffMs(backoff, attempt, Math.random());
    logger.debug(
      { unit, attempt, retryAfterMs, code: error?.code, reason: error?.message },
      'unit will be retried',
    );
    return { retryAfterMs };
  }

  /** A bug or a world that does not give way. The unit is left as it is; others go on. `known`: how far it got. */
  fail(
    unit: string,
    cause: unknown,
    known?: { readonly result: UnitResult; readonly planned: UnitPlan },
  ): undefined {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.counters.failures += 1;
    this.#options.states.noteFailure(unit, error);
    this.#options.logger.error({ unit, err: error, changes: known?.planned.changes }, 'unit failed');
    this.#options.outcomes.looked(unit, known?.result, known?.planned, error);
    return undefined;
  }

  #finish(planned: UnitPlan, result: UnitResult): undefined {
    const { addresses, lookAgain, outcomes } = this.#options;
    this.#drifted.delete(planned.unit);
    lookAgain(addresses.finish(planned.unit, result.requests));
    outcomes.looked(planned.unit, result, planned);
    return undefined;
  }

  #count(changes: ChangeSet): void {
    const counts = countChanges(changes);
    this.counters.transactions += 1;
    if (this.#drifted.delete(changes.unit)) this.counters.repairs += 1;
    this.counters.insert += counts.insert;
    this.counters.update += counts.update;
    this.counters.delete += counts.delete;
    this.#options.logger.info({ unit: changes.unit, ...counts }, 'committed');
  }
}

function rowsOf(changes: ChangeSet): number {
  const { insert, update, delete: deleted } = countChanges(changes);
  return insert + update + deleted;
}

function notAsWritten(unit: string): InvariantError {
  return new InvariantError(`rows of ${unit} are not in the database as they were written`);
}
