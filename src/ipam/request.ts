// What is asked of a pool and what it answers.
import type { Address, Family, Range } from '../net/address.ts';

/** A pool of one family. Ranges of both families are a bug of the caller. */
export interface PoolSpec {
  /** For messages, for example the name of an external network. */
  readonly name: string;
  /** What may be handed out; holes (gateway, `excludeIps`) are cut out already. Order and overlaps do not matter. */
  readonly ranges: readonly Range[];
  /** Needed only where there may be no range: what is outside them can be held all the same. */
  readonly family?: Family;
  /** Set: the pool hands out aligned blocks of this prefix length, named by their base, instead of single addresses. */
  readonly blockLength?: number;
}

/** One address (or base of a block) and who has it: an object key (`EIp/ns/name`) or a symbolic id. */
export interface Claim {
  readonly holder: string;
  readonly address: Address;
}

/** One holder's need of one address. A holder asks a pool for one address only. */
export interface AddressRequest {
  readonly holder: string;
  /** Asked for by a person. A holder that has another address moves. */
  readonly requested?: Address;
  /** What a status or the ledger in NB says that the holder has. */
  readonly recorded?: Address;
  /** Older first, compared as text: for example creationTimestamp and object key. Ties go by `holder`. */
  readonly order: string;
  /** `allow`: `requested` and `recorded` need not be in the pool; nobody else may have them all the same. */
  readonly outsideRange?: 'allow';
  /** True: it gets what it had before it was released, as long as nobody else has had that since. */
  readonly comesBack?: boolean;
}

export interface Granted {
  readonly holder: string;
  readonly address: Address;
  /** True when nobody has written it down yet: neither the pool's claims nor `recorded` had it. */
  readonly isNew: boolean;
  /** What the holder had and gives up for `address`, because a person asked it to. */
  readonly leaves?: Address;
}

export interface Refused {
  readonly holder: string;
  readonly failure: 'exhausted' | 'out-of-range' | 'taken';
  /** Who has it, with `taken`. */
  readonly takenBy?: string;
  /** How many addresses (or blocks) the pool has, free or not. For the message. */
  readonly size?: bigint;
  /** The address that the holder has and keeps while the one that it asked for cannot be had. */
  readonly holds?: Address;
}

export type Decision = Granted | Refused;

/** Tells the two answers apart. */
export function isGranted(decision: Decision): decision is Granted {
  return !('failure' in decision);
}
