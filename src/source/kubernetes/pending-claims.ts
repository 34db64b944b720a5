// Claims that the loop waits for: one for each unit, kept or failed together with what is written for them.
import type { UnitOutcome } from '../../status/unit-outcome.ts';

interface Claim {
  readonly outcome: UnitOutcome;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class PendingClaims {
  readonly #claims = new Map<string, Claim>();

  /** Resolves or rejects as {@link PendingClaims.settle} is told. A claim of the same unit that still waits is rejected. */
  add(outcome: UnitOutcome): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#claims.get(outcome.unit)?.reject(new Error('there is a later claim'));
    this.#claims.set(outcome.unit, { outcome, resolve, reject });
    return promise;
  }

  get(unit: string): UnitOutcome | undefined {
    return this.#claims.get(unit)?.outcome;
  }

  /** Ends the claim, if it is the one that was written. */
  settle(outcome: UnitOutcome, error?: unknown): void {
    const claim = this.#claims.get(outcome.unit);
    if (claim?.outcome !== outcome) return;
    this.#claims.delete(outcome.unit);
    if (error === undefined) claim.resolve();
    else claim.reject(error);
  }

  /** Nothing is written any more. */
  close(reason: unknown): void {
    for (const { reject } of this.#claims.values()) reject(reason);
    this.#claims.clear();
  }
}
