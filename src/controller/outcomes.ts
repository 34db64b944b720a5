// What the listener is told of units, in a way that no listener can break the loop.
import type { Logger } from '../base/logger.ts';
import type { UnitResult } from '../model/model-unit.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import { isEmpty } from '../plan/change-set-filter.ts';
import type { OutcomeListener } from '../source/outcome-listener.ts';
import type { UnitOutcome } from '../status/unit-outcome.ts';
import type { Target } from '../target/target.ts';
import { ClaimGate } from './claim-gate.ts';
import type { Admission } from './claim-gate.ts';
import type { UnitPlan } from './unit-planner.ts';

export interface OutcomesOptions {
  readonly listener: OutcomeListener | undefined;
  readonly target: Target;
  readonly logger: Logger;
  /** How many changes of objects a model takes into account; without a model, all of them. */
  readonly revisionOf: (result: UnitResult | undefined) => number;
  /** Looks at a unit again. */
  readonly lookAgain: (unit: string) => void;
}

/** Without a listener it does nothing. */
export class Outcomes {
  readonly #listener: OutcomeListener | undefined;
  readonly #logger: Logger;
  readonly #gate: ClaimGate | undefined;
  readonly #revisionOf: (result: UnitResult | undefined) => number;

  constructor({ listener, target, logger, revisionOf, lookAgain }: OutcomesOptions) {
    this.#listener = listener;
    this.#logger = logger;
    this.#revisionOf = revisionOf;
    this.#gate = listener && new ClaimGate({ listener, target, logger, settled: lookAgain });
  }

  /** Whether claims of the unit are being recorded. It is looked at again when they are. */
  isWaiting(unit: string): boolean {
    return this.#gate?.isWaiting(unit) ?? false;
  }

  /** Whether the plan may be written now. */
  admit(result: UnitResult, planned: UnitPlan): Admission {
    return (
      this.#gate?.admit(this.#outcome(planned.unit, result, planned, undefined), planned.changes) ?? 'open'
    );
  }

  /** `planned` undefined: the unit is blocked, or could not be planned. */
  looked(unit: string, result: UnitResult | undefined, planned: UnitPlan | undefined, failure?: Error): void {
    if (result?.state === 'absent') this.#gate?.forget(unit);
    try {
      this.#listener?.looked(this.#outcome(unit, result, planned, failure));
    } catch (error) {
      this.#logger.error({ unit, err: error }, 'nobody took note of what became of the unit');
    }
  }

  #outcome(
    unit: string,
    result: UnitResult | undefined,
    planned: UnitPlan | undefined,
    failure: Error | undefined,
  ): UnitOutcome {
    return {
      unit,
      result,
      problems: [...(result?.problems ?? []), ...(planned?.problems ?? [])],
      isCommitted: planned !== undefined && failure === undefined && isEmpty(planned.changes),
      pending: planned === undefined ? new Set() : sourcesOf(planned.changes),
      failure,
      revision: this.#revisionOf(result),
    };
  }
}

function sourcesOf({ inserts, updates, deletes, attach, detach }: ChangeSet): ReadonlySet<string> {
  return new Set([...inserts, ...updates, ...deletes, ...attach, ...detach].map(({ source }) => source));
}
