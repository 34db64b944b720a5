// Keys of objects that are there but were rejected, by what is asked of them.
import { compareStrings } from '../base/order.ts';
import { GroupIndex } from './group-index.ts';
import { rootUnit } from './unit.ts';
import type { UnitId } from './unit.ts';

/** Lookups cost what they return. */
export class RejectedKeys {
  readonly #all = new Set<string>();
  readonly #byPlace = new GroupIndex<string>();
  readonly #byKind = new GroupIndex<string>();
  readonly #byRoot = new GroupIndex<string>();

  get all(): ReadonlySet<string> {
    return this.#all;
  }

  put(key: string, present: boolean): void {
    if (present) this.#all.add(key);
    else this.#all.delete(key);
    this.#byKind.put(key.split('/', 1)[0] ?? '', key, key, present);
    this.#byPlace.put(key.slice(0, key.lastIndexOf('/')), key, key, present);
    const root = rootUnit(key);
    if (root !== undefined) this.#byRoot.put(root, key, key, present);
  }

  /** Those of a kind in all namespaces, in no particular order. */
  ofKind(kind: string): readonly string[] {
    return [...this.#byKind.get(kind).keys()];
  }

  /** Those of a kind in a namespace, sorted; `''` for cluster-scoped kinds. */
  inNamespace(kind: string, namespace: string): readonly string[] {
    const place = namespace === '' ? kind : `${kind}/${namespace}`;
    return [...this.#byPlace.get(place).keys()].toSorted(compareStrings);
  }

  /** Projects and Vpcs, or the ExternalNetwork, that the unit would be made of; in no particular order. */
  rootsOf(unit: UnitId): readonly string[] {
    return [...this.#byRoot.get(unit).keys()];
  }
}
