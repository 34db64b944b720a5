// Whether rows may be deleted now: not while input cannot be read, nor while too much would go at once.
import type { Logger } from '../base/logger.ts';
import type { Config } from '../config/config.ts';
import type { Target } from '../target/target.ts';
import { Brake } from './brake.ts';
import type { DeleteTally, MassDelete } from './brake.ts';
import type { HoldReason } from './hold.ts';
import type { UnitState } from './unit-states.ts';

export interface DeleteGuardOptions {
  readonly limits: Config['deletionBrake'];
  /** True: no brake. */
  readonly isOff: boolean;
  readonly target: Target;
  readonly logger: Logger;
  /** While true, what is missing may only be unreadable. */
  readonly isIncomplete: () => boolean;
  /** Whether somebody has to be told now; else the report does. */
  readonly tellsAtOnce: () => boolean;
}

export class DeleteGuard {
  readonly #options: DeleteGuardOptions;
  readonly #brake: Brake;

  constructor(options: DeleteGuardOptions) {
    this.#options = options;
    this.#brake = new Brake(options);
  }

  /** Undefined: the brake is not on. */
  get massDelete(): MassDelete | undefined {
    return this.#brake.massDelete;
  }

  /** Whether there is so much of ours that too much can be deleted. */
  get isNeeded(): boolean {
    return this.#brake.concerns(this.#options.target.owned.total);
  }

  /** Why no row of the unit may be deleted now; undefined: rows may be. */
  reason(unit: string): HoldReason | undefined {
    if (this.#options.isIncomplete()) return 'unreadable-input';
    return this.#brake.units.has(unit) ? 'mass-delete' : undefined;
  }

  /** Pulls the brake, or lets it go, for what `todo` would delete. */
  weigh({ todo, deletes }: { readonly todo: Iterable<string>; readonly deletes: DeleteTally }): void {
    const { target, logger, tellsAtOnce } = this.#options;
    this.#brake.consider(todo, deletes, target.owned.total);
    if (this.#brake.massDelete === undefined || !tellsAtOnce()) return;
    logger.error(
      { ...this.#brake.massDelete },
      'deletes are held: too much would go at once; start again with --allow-mass-delete if that is meant',
    );
  }

  /** Lets go of `units` and of all that was held; returns them, sorted, to be planned and weighed together. */
  reopen(units: Iterable<string>): readonly string[] {
    const affected = [...new Set([...units, ...this.#brake.units])];
    for (const unit of affected) this.#brake.release(unit);
    return affected.toSorted();
  }

  /** The round of a unit is over. */
  done(unit: string, state: UnitState | undefined): void {
    if (state?.held.some(({ reason }) => reason === 'mass-delete') !== true) this.#brake.release(unit);
  }
}
