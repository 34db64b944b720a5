// Addresses as (family, integer): the form in which ranges and pools are computed.

export type Family = 4 | 6;

/** An IP address. `value` is the address as an unsigned integer of 32 or 128 bits. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

/** A CIDR prefix without host bits: 10.0.10.0/24 is `{family: 4, base: 0x0a000a00n, length: 24}`. */
export interface Prefix {
  readonly family: Family;
  readonly base: bigint;
  readonly length: number;
}

/** Addresses `first` to `last`, both included. */
export interface Range {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}
