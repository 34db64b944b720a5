// Keys of objects that are there and told to nobody, because they are rejected or ending, by the unit that they are of.
import { unitOfKey } from '../../status/finalizers.ts';

const nothing: ReadonlySet<string> = new Set();

/** Many can be ending at once; whoever asks about one unit does not look at those of all others. */
export class UnseenKeys {
  readonly #all = new Set<string>();
  readonly #byUnit = new Map<string, Set<string>>();

  get all(): ReadonlySet<string> {
    return this.#all;
  }

  /** Of objects that can have a finalizer of ours, in the order in which they were put in. */
  ofUnit(unit: string): ReadonlySet<string> {
    return this.#byUnit.get(unit) ?? nothing;
  }

  /** Takes a key in (`isUnseen`), or out. */
  put(key: string, isUnseen: boolean): void {
    if (this.#all.has(key) === isUnseen) return;
    if (isUnseen) this.#all.add(key);
    else this.#all.delete(key);
    const unit = unitOfKey(key);
    if (unit === undefined) return;
    const keys = this.#byUnit.get(unit) ?? new Set();
    if (isUnseen) keys.add(key);
    else keys.delete(key);
    if (keys.size > 0) this.#byUnit.set(unit, keys);
    else this.#byUnit.delete(unit);
  }
}
