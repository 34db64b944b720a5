// What became of one EIP: its addresses, and who uses it, as the status of an EIp says it.
import type { Address } from '../net/address.ts';

/** `ownerRef` is the name of a Service or FIp in the EIp's namespace; of a Snat, that of the VPC. */
export interface EipOwner {
  readonly type: 'Snat' | 'ServiceLb' | 'FIp';
  readonly ownerRef: string;
}

/**
 * One EIP, whether or not an object is written for it: `default-gw` always is there, and Services and FIps that name
 * none have one made, `slb-{service}` or `fip-{fip}`. The fields are those of an EIp's status.
 */
export interface EipOutcome {
  /** `EIp/shalb-demo/default-gw` */
  readonly key: string;
  /** Object key of its external network; undefined: it cannot be had (reported). */
  readonly network: string | undefined;
  /** At most one per family, IPv4 first; empty: undecided, or refused (reported). */
  readonly ipAddresses: readonly Address[];
  /** `{vpc}-{external network}` of the router's own address, else `{namespace}-{name}`. */
  readonly ovnEIpRef: string;
  /** Released: no owner. Shared: SNAT and Services. Exclusive: one FIp. */
  readonly ownershipType: 'Released' | 'Shared' | 'Exclusive';
  /** Sorted by type and name. */
  readonly owners: readonly EipOwner[];
  /** True when nobody wrote it: it goes with the last of its owners. */
  readonly deleteReleased: boolean;
}
