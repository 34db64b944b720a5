// Keys of objects that are there and told to nobody, because they are rejected or ending, by the namespace of a project that they are of.
import { namespaceOfKey } from '../../status/finalizers.ts';

const nothing: ReadonlySet<string> = new Set();

/** Many can be ending at once; whoever asks about one namespace does not look at those of all others. */
export class UnseenKeys {
  readonly #all = new Set<string>();
  readonly #byNamespace = new Map<string, Set<string>>();

  get all(): ReadonlySet<string> {
    return this.#all;
  }

  /** Of objects that can have a finalizer of ours, in the order in which they were put in. */
  ofNamespace(namespace: string): ReadonlySet<string> {
    return this.#byNamespace.get(namespace) ?? nothing;
  }

  /** Takes a key in (`isUnseen`), or out. */
  put(key: string, isUnseen: boolean): void {
    if (this.#all.has(key) === isUnseen) return;
    if (isUnseen) this.#all.add(key);
    else this.#all.delete(key);
    const namespace = namespaceOfKey(key);
    if (namespace === undefined) return;
    const keys = this.#byNamespace.get(namespace) ?? new Set();
    if (isUnseen) keys.add(key);
    else keys.delete(key);
    if (keys.size > 0) this.#byNamespace.set(namespace, keys);
    else this.#byNamespace.delete(namespace);
  }
}
