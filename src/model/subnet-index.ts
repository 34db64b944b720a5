// Subnets by what is asked of them: the Vpc they are of, and the namespaces they name.
import type { Subnet } from '../api/subnet.ts';
import { GroupIndex } from './group-index.ts';

/** Lookups cost what they return; what they return is only valid until the next {@link put}. */
export class SubnetIndex {
  readonly #byVpc = new GroupIndex<Subnet>();
  readonly #byNamespace = new GroupIndex<Subnet>();

  /** Adds or replaces a Subnet (`present`), or takes it out. */
  put(key: string, subnet: Subnet, present: boolean): void {
    this.#byVpc.put(subnet.spec.vpc, key, subnet, present);
    for (const namespace of subnet.spec.namespaces) this.#byNamespace.put(namespace, key, subnet, present);
  }

  of(vpc: string): ReadonlyMap<string, Subnet> {
    return this.#byVpc.get(vpc);
  }

  /** Those that name the namespace in `spec.namespaces`, be it in vain. */
  naming(namespace: string): ReadonlyMap<string, Subnet> {
    return this.#byNamespace.get(namespace);
  }
}
