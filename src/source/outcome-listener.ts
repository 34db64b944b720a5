// Where status goes to: what the loop tells of units, and what it waits for before it writes rows.
import type { UnitOutcome } from '../status/unit-outcome.ts';

/**
 * Hears of every look at a unit. Calls of `looked` are synchronous and must be cheap: take note, and work later. What
 * it throws is logged and stops nothing.
 */
export interface OutcomeListener {
  /**
   * Records what is new in `outcome` (addresses, and objects that get their first rows in a VPC or underlay) where it outlives the database.
   * The unit's rows are not written before it resolves; it holds up nobody else, so the listener bounds how much it
   * does at a time. When it rejects, or the objects change meanwhile, it is called again with the outcome as it is
   * then; never twice at a time for one unit. Must resolve at once when all of it is recorded already.
   */
  claim(outcome: UnitOutcome): Promise<void>;
  /** After each look: committed, about to be retried, failed, blocked or gone. */
  looked(outcome: UnitOutcome): void;
}
