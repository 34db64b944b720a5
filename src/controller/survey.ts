// The first look at everything: all units modelled, all addresses decided together, all plans made, nothing written.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { invariant } from '../base/errors.ts';
import type { UnitResult } from '../model/model-unit.ts';
import { isEmpty } from '../plan/change-set-filter.ts';
import type { Target } from '../target/target.ts';
import type { AddressBook } from './address-book.ts';
import { DeleteTally } from './brake.ts';
import type { HoldReason } from './hold.ts';
import { PlannedRows } from './planned-rows.ts';
import type { UnitPlan, UnitPlanner } from './unit-planner.ts';
import type { UnitRunner } from './unit-runner.ts';

/** Units between two breaths for timers and sockets. */
const unitsPerTurn = 16;
const maximumRounds = 8;

export interface SurveyOptions {
  readonly target: Target;
  readonly planner: UnitPlanner;
  readonly runner: UnitRunner;
  readonly addresses: AddressBook;
  readonly holdReason: (unit: string) => HoldReason | undefined;
  /** Looks at these units, because their addresses changed. */
  readonly lookAgain: (units: Iterable<string>) => void;
}

/** What is to be done over all units. */
export interface Preview {
  readonly deletes: DeleteTally;
  /** Units with something to write or to wait for, in the order in which they should be taken. */
  readonly todo: readonly string[];
}

export class Survey {
  readonly #options: SurveyOptions;

  constructor(options: SurveyOptions) {
    this.#options = options;
  }

  /**
   * Models all units until their addresses are decided, pool by pool in one batch, so that who gets which does not
   * depend on the order of the units. The models wait at the runner.
   */
  async model(units: readonly string[]): Promise<void> {
    const { planner, runner, addresses } = this.#options;
    let pending: Iterable<string> = units;
    for (let round = 0; round < maximumRounds; round++) {
      const results = new Map<string, UnitResult>();
      for (const unit of pending) {
        const result = this.#guarded(unit, () => planner.model(unit));
        if (result === undefined) continue;
        results.set(unit, result);
        runner.prepare(unit, result);
        if (results.size % unitsPerTurn === 0) await nextTurn();
      }
      pending = addresses.settle(new Map([...results].map(([unit, { requests }]) => [unit, requests])));
      for (const unit of pending) runner.forget(unit);
      if (results.size === 0) return;
    }
    invariant(false, 'the addresses do not settle');
  }

  /**
   * Plans all units as if those before them were committed. `units` in the order of commits: networks first.
   * Units that have nothing to do are done with; the others keep their model for the runner.
   */
  async preview(units: readonly string[]): Promise<Preview> {
    const steps = this.#previewSteps(units);
    let step = steps.next();
    for (let count = 1; !step.done; count++, step = steps.next()) {
      if (count % unitsPerTurn === 0) await nextTurn();
    }
    return step.value;
  }

  /** {@link preview} in one go, for few units. */
  previewNow(units: readonly string[]): Preview {
    const steps = this.#previewSteps(units);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
  }

  *#previewSteps(units: readonly string[]): Generator<undefined, Preview> {
    const rows = new PlannedRows(this.#options.target.current);
    const plans = new Map<string, UnitPlan>();
    const take = (unit: string): void => {
      const planned = this.#guarded(unit, () => this.#plan(unit, rows));
      if (planned === undefined) return;
      rows.add(planned.changes);
      plans.set(unit, planned);
    };
    for (const unit of units) {
      take(unit);
      yield;
    }
    // What a unit waited for may come or go with a unit after it.
    const waiting = [...plans.values()].filter(({ awaited }) => awaited.length > 0);
    for (const { unit } of waiting) take(unit);
    const deletes = new DeleteTally();
    for (const { changes } of plans.values()) deletes.add(changes);
    return { deletes, todo: [...plans.keys()] };
  }

  /** Undefined: nothing to do and nothing to wait for. */
  #plan(unit: string, rows: PlannedRows): UnitPlan | undefined {
    const { planner, runner, holdReason } = this.#options;
    const result = runner.prepared(unit) ?? this.#model(unit);
    const desired = planner.desire(unit, result);
    const keep = { sources: result.heldSources, all: holdReason(unit) };
    const planned = desired && planner.plan(desired, keep, rows);
    runner.review(unit, result, planned);
    if (planned === undefined || (isEmpty(planned.changes) && planned.awaited.length === 0)) {
      runner.forget(unit);
      return undefined;
    }
    runner.prepare(unit, result);
    return planned;
  }

  /** A bug in one unit stops no other. */
  #guarded<T>(unit: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#options.runner.fail(unit, error);
      return undefined;
    }
  }

  #model(unit: string): UnitResult {
    const others = new Set<string>();
    const result = this.#options.planner.modelDecided(unit, others);
    this.#options.lookAgain(others);
    return result;
  }
}
