// The brake: a plan that would delete most of what is there is more often an accident than an intention (DESIGN §4).
import { compareStrings } from '../base/order.ts';
import type { Config } from '../config/config.ts';
import type { ChangeSet } from '../plan/change-set.ts';

/** Why the brake is on. `names` are the objects whose rows would go, sorted, each once. */
export interface MassDelete {
  readonly deletes: number;
  readonly owned: number;
  readonly names: readonly string[];
}

/** Adds up the deletes of many units. */
export class DeleteTally {
  #deletes = 0;
  readonly #names = new Set<string>();

  add({ deletes }: ChangeSet): void {
    this.#deletes += deletes.length;
    for (const { table, id, source } of deletes) this.#names.add(source === '' ? `${table} ${id}` : source);
  }

  /** Undefined when that much may be deleted. `owned` counts all rows of ours, those to be deleted too. */
  verdict(owned: number, { fraction, minimum }: Config['deletionBrake']): MassDelete | undefined {
    if (this.#deletes <= minimum || this.#deletes <= owned * fraction) return undefined;
    return { deletes: this.#deletes, owned, names: [...this.#names].toSorted(compareStrings) };
  }
}

export interface BrakeOptions {
  readonly limits: Config['deletionBrake'];
  /** True: it is never pulled. */
  readonly isOff: boolean;
}

/** Remembers the units whose deletes are held. */
export class Brake {
  readonly #options: BrakeOptions;
  readonly #units = new Set<string>();
  #massDelete: MassDelete | undefined;

  constructor(options: BrakeOptions) {
    this.#options = options;
  }

  /** The units whose deletes are held. */
  get units(): ReadonlySet<string> {
    return this.#units;
  }

  /** Why it is on; undefined: it is not. */
  get massDelete(): MassDelete | undefined {
    return this.#massDelete;
  }

  /** Whether a database with so many rows of ours can lose too many of them at all. */
  concerns(owned: number): boolean {
    return !this.#options.isOff && owned > this.#options.limits.minimum;
  }

  /** Pulls the brake for `units` when their deletes together are too many, else lets all go. */
  consider(units: Iterable<string>, deletes: DeleteTally, owned: number): void {
    this.#units.clear();
    this.#massDelete = this.#options.isOff ? undefined : deletes.verdict(owned, this.#options.limits);
    if (this.#massDelete === undefined) return;
    for (const unit of units) this.#units.add(unit);
  }

  /** The unit has nothing to delete any more. */
  release(unit: string): void {
    if (this.#units.delete(unit) && this.#units.size === 0) this.#massDelete = undefined;
  }
}
