// What is known of each unit since it was last looked at.
import type { Logger } from '../base/logger.ts';
import type { Problem } from '../base/problem.ts';
import type { UnitResult } from '../model/model-unit.ts';
import type { LedgerEntry } from '../model/network-model.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import { isEmpty } from '../plan/change-set-filter.ts';
import type { HeldDelete } from './hold.ts';
import { logProblems } from './problem-log.ts';
import type { UnitPlan } from './unit-planner.ts';

export interface UnitState {
  readonly isBlocked: boolean;
  readonly problems: readonly Problem[];
  readonly ledger: readonly LedgerEntry[];
  readonly held: readonly HeldDelete[];
  /** What is left to do; undefined: nothing. */
  readonly changes: ChangeSet | undefined;
  /** Why it could not be done. */
  readonly failure: Error | undefined;
}

/** Forgets units of which there is nothing to say. */
export class UnitStates {
  readonly #logger: Logger;
  readonly #states = new Map<string, UnitState>();
  readonly #failed = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  entries(): Iterable<readonly [string, UnitState]> {
    return this.#states;
  }

  /** Units that failed and have not come through a round since. A live view. */
  get failed(): ReadonlySet<string> {
    return this.#failed;
  }

  get(unit: string): UnitState | undefined {
    return this.#states.get(unit);
  }

  /** `planned` undefined: the unit is blocked. */
  note(unit: string, result: UnitResult, planned: UnitPlan | undefined): void {
    const problems = planned === undefined ? result.problems : [...result.problems, ...planned.problems];
    const changes = planned === undefined || isEmpty(planned.changes) ? undefined : planned.changes;
    logProblems(this.#logger, this.#states.get(unit)?.problems ?? [], problems, { unit });
    const ledger = result.model?.kind === 'vpc' ? result.model.ledger : [];
    const held = planned?.held ?? [];
    if (result.state === 'absent' && problems.length + held.length === 0 && changes === undefined)
      this.#states.delete(unit);
    else
      this.#states.set(unit, {
        isBlocked: planned === undefined,
        problems,
        ledger,
        held,
        changes,
        failure: undefined,
      });
  }

  /** The round of a unit is over: if it has not failed again, it is mended. */
  roundOver(unit: string): void {
    if (this.#states.get(unit)?.failure === undefined) this.#failed.delete(unit);
  }

  /** Keeps what else is known. */
  noteFailure(unit: string, failure: Error): void {
    this.#failed.add(unit);
    const known = this.#states.get(unit);
    const empty = { isBlocked: false, problems: [], ledger: [], held: [], changes: undefined };
    this.#states.set(unit, { ...(known ?? empty), failure });
  }
}
