// Claims before rows: a unit with new addresses, or with objects that get their first rows, waits until they are recorded.
import { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { UnitResult } from '../model/model-unit.ts';
import { sourceOf } from '../northbound/ownership.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import type { OutcomeListener } from '../source/outcome-listener.ts';
import type { UnitOutcome } from '../status/unit-outcome.ts';
import type { Target } from '../target/target.ts';

export interface ClaimGateOptions {
  readonly listener: OutcomeListener;
  readonly target: Pick<Target, 'current' | 'records'>;
  readonly logger: Logger;
  /** The claims of a unit are recorded, or could not be: look at it again. */
  readonly settled: (unit: string) => void;
}

/** `open`: write. `waiting`: `settled` will be told. An error: the claims could not be recorded; try again later. */
export type Admission = 'open' | 'waiting' | CodedError;

/** What the database records already is no news: neither a start nor the repair of drift waits for anybody. */
export class ClaimGate {
  readonly #options: ClaimGateOptions;
  /** What the listener has recorded, by unit. */
  readonly #recorded = new Map<string, ReadonlySet<string>>();
  readonly #waiting = new Set<string>();
  readonly #errors = new Map<string, CodedError>();

  constructor(options: ClaimGateOptions) {
    this.#options = options;
  }

  isWaiting(unit: string): boolean {
    return this.#waiting.has(unit);
  }

  /** Not while {@link ClaimGate.isWaiting}. */
  admit(outcome: UnitOutcome, changes: ChangeSet): Admission {
    const { unit, result } = outcome;
    const claims = claimsOf(result, changes);
    if (this.#isOld(unit, claims)) {
      this.#errors.delete(unit);
      this.#forgetGone(unit, claims, changes);
      return 'open';
    }
    const error = this.#errors.get(unit);
    if (error !== undefined) {
      this.#errors.delete(unit);
      return error;
    }
    this.#waiting.add(unit);
    void this.#claim(outcome, claims);
    return 'waiting';
  }

  /** Never rejects. */
  async #claim(outcome: UnitOutcome, claims: ReadonlySet<string>): Promise<void> {
    const { listener, logger, settled } = this.#options;
    const { unit } = outcome;
    try {
      await listener.claim(outcome);
      this.#recorded.set(unit, claims);
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      logger.warn({ unit, reason: text }, 'claims could not be recorded; they will be tried again');
      const message = `the claims of ${unit} could not be recorded: ${text}`;
      this.#errors.set(unit, new CodedError('CLAIM_NOT_RECORDED', message, { retryable: true, cause }));
    }
    this.#waiting.delete(unit);
    settled(unit);
  }

  #isOld(unit: string, claims: ReadonlySet<string>): boolean {
    const recorded = this.#recorded.get(unit) ?? new Set();
    const open = [...claims].filter((claim) => !recorded.has(claim));
    if (open.length === 0) return true;
    const { current, records } = this.#options.target;
    const sources = new Set(current.unitRows(unit).map(({ row }) => sourceOf(row)));
    return open.every((claim) => {
      const [holder = '', value] = claim.split(' ', 2);
      return value === undefined ? sources.has(holder) : records.recorded(holder) === value;
    });
  }

  /** What is let go and comes back, perhaps with the same address, is another claim. Rows lost by drift are no such thing. */
  #forgetGone(unit: string, claims: ReadonlySet<string>, { deletes }: ChangeSet): void {
    const recorded = this.#recorded.get(unit);
    if (recorded === undefined) return;
    const gone = new Set(deletes.map(({ source }) => source));
    const kept = [...recorded].filter(
      (claim) => claims.has(claim) || (!claim.includes(' ') && !gone.has(claim)),
    );
    if (kept.length < recorded.size) this.#recorded.set(unit, new Set(kept));
  }

  /** Nothing of the unit is left. */
  forget(unit: string): void {
    this.#recorded.delete(unit);
  }
}

/**
 * `EIp/shalb-demo/ssh-arti 100.65.0.103`: an address that would be given to somebody else if it were forgotten.
 * `FIp/shalb-demo/fedora-arti`: an object that gets rows. External networks claim nothing.
 */
function claimsOf(result: UnitResult | undefined, { inserts }: ChangeSet): ReadonlySet<string> {
  const model = result?.model;
  if (model === undefined || model.kind === 'network') return new Set();
  const ledger = model.kind === 'vpc' ? model.ledger.filter(({ kind }) => kind !== 'port') : [];
  return new Set([
    ...ledger.map(({ holder, value }) => `${holder} ${value}`),
    ...inserts.map(({ source }) => source),
  ]);
}
