// An EIP as everything that uses one sees it.
import type { ExternalNetwork } from '../api/external-network.ts';
import { sameAddress } from '../net/address.ts';
import type { Address } from '../net/address.ts';

/** What the VPC holds on an external network under one name: an address of each family. */
export interface HeldEip {
  readonly name: string;
  readonly network: ExternalNetwork;
  /** Object key, also of an EIP that no object was written for. */
  readonly holder: string;
  /** At most one per family, IPv4 first. A family that is undecided or was refused (reported) is not there. */
  readonly addresses: readonly Address[];
}

/** Whether an address is in both lists. */
export function sharesAddress(a: readonly Address[], b: readonly Address[]): boolean {
  return a.some((address) => b.some((other) => sameAddress(address, other)));
}
