// How far each unit is: claims that the loop waits for, or its latest look at what is in the database.
import { isDeepStrictEqual } from 'node:util';
import type { ToldProblems } from '../../status/events.ts';
import type { UnitOutcome } from '../../status/unit-outcome.ts';

/** What the loop found when it looked at a unit. */
export interface Look {
  readonly outcome: UnitOutcome;
  /** Whether what it tells of is on every hypervisor. */
  readonly isRealised: boolean;
}

interface Claim {
  readonly outcome: UnitOutcome;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** `claimed`: the loop will look again, and what it told before the claim is out of date. */
type Step =
  | { readonly kind: 'claiming'; readonly claim: Claim; readonly look: Look | undefined }
  | { readonly kind: 'claimed'; readonly look: Look | undefined }
  | { readonly kind: 'looked'; readonly look: Look };

/** `told`: what events have said of the unit. */
type Progress = Step & { readonly told: ToldProblems };

/** What a look found beside the one before: `same`, the same rows; `claimed`, rows that were claimed, for the first time. */
export type Novelty = 'same' | 'other' | 'claimed';

export class UnitProgress {
  readonly #units = new Map<string, Progress>();

  /** Resolves or rejects as {@link UnitProgress.settle} is told. A claim of the same unit that still waits is rejected. */
  claim(outcome: UnitOutcome): Promise<void> {
    const { unit } = outcome;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#claim(unit)?.reject(new Error('there is a later claim'));
    this.#enter(unit, { kind: 'claiming', claim: { outcome, resolve, reject }, look: this.#look(unit) });
    return promise;
  }

  /** What the loop waits for. */
  claimed(unit: string): UnitOutcome | undefined {
    return this.#claim(unit)?.outcome;
  }

  /** Ends the claim, if it is the one that was written. */
  settle(outcome: UnitOutcome, error?: unknown): void {
    const { unit } = outcome;
    const claim = this.#claim(unit);
    if (claim?.outcome !== outcome) return;
    this.#enter(unit, { kind: 'claimed', look: this.#look(unit) });
    if (error === undefined) claim.resolve();
    else claim.reject(error);
  }

  looked(outcome: UnitOutcome): Novelty {
    const { unit } = outcome;
    const before = this.#units.get(unit);
    const isSame = before?.look !== undefined && isSameNetwork(before.look.outcome, outcome);
    const look = { outcome, isRealised: isSame && before.look.isRealised };
    if (before?.kind === 'claiming') this.#enter(unit, { ...before, look });
    else this.#enter(unit, { kind: 'looked', look });
    if (isSame) return 'same';
    return before?.kind === 'claimed' ? 'claimed' : 'other';
  }

  /** The latest look; undefined when it is out of date, or there was none. */
  lookAt(unit: string): Look | undefined {
    const progress = this.#units.get(unit);
    return progress?.kind === 'looked' ? progress.look : undefined;
  }

  units(): Iterable<string> {
    return this.#units.keys();
  }

  realised(unit: string): void {
    const look = this.lookAt(unit);
    if (look?.outcome.isCommitted === true)
      this.#enter(unit, { kind: 'looked', look: { ...look, isRealised: true } });
  }

  toldOf(unit: string): ToldProblems {
    return this.#units.get(unit)?.told;
  }

  tell(unit: string, told: ToldProblems): void {
    const progress = this.#units.get(unit);
    if (progress !== undefined) this.#units.set(unit, { ...progress, told });
  }

  /** Nothing is left of the unit, unless it was looked at again. */
  forget({ outcome }: Look): void {
    if (this.lookAt(outcome.unit)?.outcome === outcome) this.#units.delete(outcome.unit);
  }

  /** Nothing is written any more. */
  close(reason: unknown): void {
    for (const unit of this.#units.keys()) this.#claim(unit)?.reject(reason);
    this.#units.clear();
  }

  #claim(unit: string): Claim | undefined {
    const progress = this.#units.get(unit);
    return progress?.kind === 'claiming' ? progress.claim : undefined;
  }

  #look(unit: string): Look | undefined {
    return this.#units.get(unit)?.look;
  }

  #enter(unit: string, step: Step): void {
    this.#units.set(unit, { ...step, told: this.toldOf(unit) });
  }
}

/** A look that finds nothing to write and the same network as before found the same rows. */
function isSameNetwork(before: UnitOutcome, after: UnitOutcome): boolean {
  if (!before.isCommitted || !after.isCommitted) return false;
  return isDeepStrictEqual(before.result?.model, after.result?.model);
}
