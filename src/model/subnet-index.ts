// Subnets by what is asked of them: the Vpc or VLAN they are of, and the namespaces they name.
import { isRouted, isUnderlay } from '../api/subnet.ts';
import type { RoutedSubnet, Subnet, UnderlaySubnet } from '../api/subnet.ts';
import { GroupIndex } from './group-index.ts';

/** A VLAN of a physical network; 0 or absent: untagged. */
export interface Segment {
  readonly physicalNetwork: string;
  readonly vlan?: number | undefined;
}

/** Physical networks have no blanks in their names. */
const segmentKey = ({ physicalNetwork, vlan = 0 }: Segment): string => `${physicalNetwork} ${vlan}`;

/** Lookups cost what they return; what they return is only valid until the next {@link put}. */
export class SubnetIndex {
  readonly #byVpc = new GroupIndex<RoutedSubnet>();
  readonly #bySegment = new GroupIndex<UnderlaySubnet>();
  readonly #routedByNamespace = new GroupIndex<RoutedSubnet>();
  readonly #underlaysByNamespace = new GroupIndex<UnderlaySubnet>();

  /** Adds or replaces a Subnet (`present`), or takes it out. */
  put(key: string, subnet: Subnet, present: boolean): void {
    if (isRouted(subnet)) {
      this.#byVpc.put(subnet.spec.vpc, key, subnet, present);
      putByNamespace(this.#routedByNamespace, key, subnet, present);
    }
    if (isUnderlay(subnet)) {
      this.#bySegment.put(segmentKey(subnet.spec.underlay), key, subnet, present);
      putByNamespace(this.#underlaysByNamespace, key, subnet, present);
    }
  }

  ofVpc(vpc: string): ReadonlyMap<string, RoutedSubnet> {
    return this.#byVpc.get(vpc);
  }

  on(segment: Segment): ReadonlyMap<string, UnderlaySubnet> {
    return this.#bySegment.get(segmentKey(segment));
  }

  /** Those of Vpcs that name the namespace in `spec.namespaces`, be it in vain. */
  naming(namespace: string): ReadonlyMap<string, RoutedSubnet> {
    return this.#routedByNamespace.get(namespace);
  }

  /** Underlays that Pods of the namespace may name. */
  openTo(namespace: string): ReadonlyMap<string, UnderlaySubnet> {
    return this.#underlaysByNamespace.get(namespace);
  }
}

function putByNamespace<T extends Subnet>(
  index: GroupIndex<T>,
  key: string,
  subnet: T,
  present: boolean,
): void {
  for (const namespace of subnet.spec.namespaces) index.put(namespace, key, subnet, present);
}
