// One pool through its life: claims by address and by holder, fresh addresses, and released ones at rest.
import { invariant } from '../base/errors.ts';
import { addressBits, formatAddress } from '../net/address.ts';
import type { Address, Family } from '../net/address.ts';
import { decide } from './decide.ts';
import { FormerHolders } from './former-holders.ts';
import { Fresh } from './fresh.ts';
import { Lattice } from './lattice.ts';
import type { AddressRequest, Claim, Decision, Granted, PoolSpec } from './request.ts';
import { isGranted } from './request.ts';
import { RestingLine } from './resting-line.ts';

export type { AddressRequest, Claim, Decision, PoolSpec } from './request.ts';
export { isGranted } from './request.ts';

/**
 * Hands out addresses of a {@link PoolSpec}. `decide` only looks; `apply` and `release` are the only ways to change it.
 * The cost of a request does not depend on how many addresses the pool has or how many are held.
 */
export class Pool {
  readonly name: string;
  readonly #family: Family;
  readonly #lattice: Lattice;
  readonly #fresh: Fresh;
  readonly #resting = new RestingLine();
  readonly #former = new FormerHolders();
  readonly #addressOf = new Map<string, bigint>();
  readonly #holderOf = new Map<bigint, string>();
  #used = 0n;

  constructor(spec: PoolSpec) {
    this.name = spec.name;
    this.#lattice = new Lattice(spec);
    this.#fresh = new Fresh(this.#lattice);
    this.#family = this.#lattice.family ?? 4;
  }

  /**
   * Who gets what, without giving it: the same requests get the same answer until {@link apply} or {@link release}.
   * An answer per request, sorted by (order, holder); the order of `requests` does not matter.
   * In falling order of right: what a holder has (here, then in its record), what a person asked for, what it had before
   * (where the request says that it comes back), the lowest address that was never used, the one released longest ago. Of two records or two wishes for one address the older holder's
   * counts; the younger is refused, never moved elsewhere.
   */
  decide(requests: readonly AddressRequest[]): Decision[] {
    const holders = new Set(requests.map((request) => request.holder));
    invariant(holders.size === requests.length, `pool ${this.name}: two requests of one holder`);
    return decide(
      {
        size: this.#lattice.size,
        addressOf: (holder) => this.addressOf(holder),
        holderOf: (address) => this.#holderOf.get(address.value),
        formerOf: (holder) => this.#formerOf(holder),
        has: (address) => address.family === this.#family && this.#lattice.has(address.value),
        fits: (address) => this.#fits(address),
        free: () => this.#free(),
      },
      requests,
    );
  }

  /**
   * Claims what was granted; refusals are passed over. The address that a holder leaves is released, also when only its
   * record was known here. @throws InvariantError when an address is somebody else's: the decisions are older than the pool's state.
   */
  apply(decisions: Iterable<Decision>): void {
    for (const decision of decisions) if (isGranted(decision)) this.#claim(decision);
  }

  /** Ends the holder's claim and puts its address at the back of the line. Call it when its rows are gone from NB. */
  release(holder: string): void {
    const value = this.#addressOf.get(holder);
    if (value === undefined) return;
    this.#addressOf.delete(holder);
    this.#holderOf.delete(value);
    if (this.#lattice.has(value)) this.#used -= 1n;
    this.#rest(value);
    if (this.#lattice.has(value)) this.#former.note(holder, value);
  }

  /** The address that the holder has claimed. */
  addressOf(holder: string): Address | undefined {
    const value = this.#addressOf.get(holder);
    return value === undefined ? undefined : this.#address(value);
  }

  /** Everything that is held, in the order of claiming; those outside the ranges too. */
  claims(): Claim[] {
    return [...this.#addressOf].map(([holder, value]) => ({ holder, address: this.#address(value) }));
  }

  /** Counts addresses, or blocks. Claims outside the ranges are not counted, so `used <= size`. */
  usage(): { readonly size: bigint; readonly used: bigint } {
    return { size: this.#lattice.size, used: this.#used };
  }

  #claim({ holder, address, leaves }: Granted): void {
    const { value } = address;
    const owner = this.#holderOf.get(value);
    if (owner === holder) return;
    invariant(
      owner === undefined && this.#fits(address),
      `pool ${this.name}: ${formatAddress(address)} for ${holder} is held by ${owner ?? 'another family'}`,
    );
    this.release(holder);
    this.#addressOf.set(holder, value);
    this.#holderOf.set(value, holder);
    if (this.#lattice.has(value)) {
      this.#used += 1n;
      this.#fresh.spend(value);
      this.#resting.remove(value);
      this.#former.forget(value);
    }
    if (leaves !== undefined && !this.#holderOf.has(leaves.value)) this.#rest(leaves.value);
  }

  /** Puts a value that nobody holds at the back of the line. */
  #rest(value: bigint): void {
    if (!this.#lattice.has(value)) return;
    this.#fresh.spend(value);
    this.#resting.remove(value);
    this.#resting.push(value);
  }

  *#free(): Generator<Address, void> {
    for (const value of this.#fresh.values()) yield this.#address(value);
    for (const value of this.#resting.values()) yield this.#address(value);
  }

  #formerOf(holder: string): Address | undefined {
    const value = this.#former.of(holder);
    return value === undefined ? undefined : this.#address(value);
  }

  #fits({ family, value }: Address): boolean {
    return (
      family === this.#family && value >> BigInt(addressBits(family)) === 0n && this.#lattice.isAligned(value)
    );
  }

  #address(value: bigint): Address {
    return { family: this.#family, value };
  }
}
