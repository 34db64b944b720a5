// The latest look at every unit, and whether what it tells of is on every hypervisor.
import { isDeepStrictEqual } from 'node:util';
import type { ToldProblems } from '../../status/events.ts';
import type { UnitOutcome } from '../../status/unit-outcome.ts';

export interface UnitLook {
  readonly outcome: UnitOutcome;
  readonly isRealised: boolean;
  /** The loop has looked again since, and waits for its claims before it tells. */
  readonly isOutdated: boolean;
  /** What events have said of the unit. */
  readonly told: ToldProblems;
}

export class UnitLooks {
  readonly #looks = new Map<string, UnitLook>();

  get(unit: string): UnitLook | undefined {
    return this.#looks.get(unit);
  }

  units(): Iterable<string> {
    return this.#looks.keys();
  }

  /** Returns whether what is in the database may be something else than it was at the look before. */
  note(outcome: UnitOutcome): boolean {
    const { unit } = outcome;
    const before = this.#looks.get(unit);
    const isSame = before !== undefined && isSameNetwork(before.outcome, outcome);
    const isRealised = isSame && before.isRealised;
    this.#looks.set(unit, { outcome, isRealised, isOutdated: false, told: before?.told });
    return !isSame;
  }

  outdate(unit: string): void {
    const look = this.#looks.get(unit);
    if (look !== undefined) this.#looks.set(unit, { ...look, isOutdated: true });
  }

  realised(unit: string): void {
    const look = this.#looks.get(unit);
    if (look?.outcome.isCommitted === true) this.#looks.set(unit, { ...look, isRealised: true });
  }

  told(unit: string, told: ToldProblems): void {
    const look = this.#looks.get(unit);
    if (look !== undefined) this.#looks.set(unit, { ...look, told });
  }

  /** Nothing is left of the unit, unless it was looked at again. */
  forget({ unit, outcome }: { readonly unit: string; readonly outcome: UnitOutcome }): void {
    if (this.#looks.get(unit)?.outcome === outcome) this.#looks.delete(unit);
  }
}

/** A look that finds nothing to write and the same network as before found the same rows. */
function isSameNetwork(before: UnitOutcome, after: UnitOutcome): boolean {
  if (!before.isCommitted || !after.isCommitted) return false;
  return isDeepStrictEqual(before.result?.model, after.result?.model);
}
