// One run of the model over one unit: what it reads, and what it collects on the way.
import { formatAddress, sameAddress } from '../net/address.ts';
import type { Address, Family, Prefix } from '../net/address.ts';
import { formatAddressList, ofFamily } from '../net/family-list.ts';
import { formatPrefix, prefixContains } from '../net/prefix.ts';
import type { Problem } from '../base/problem.ts';
import { isGranted } from '../ipam/pool.ts';
import type { AddressRequest, PoolSpec, Refused } from '../ipam/request.ts';
import { decidedAddress, recordedAddresses } from './address-answers.ts';
import type { PoolRequest } from './address-answers.ts';
import type { EipOutcome } from './eip-outcome.ts';
import type { LedgerEntry } from './network-model.ts';
import type { ModelContext } from './model-context.ts';

/** A pool with the prefix that all of its addresses, given out or excluded, are in. */
export interface AddressPool {
  readonly spec: PoolSpec;
  readonly prefix: Prefix;
}

/** A wish for one address of each family. `requested` and `recorded` say nothing of families that they lack. */
export interface AddressWish {
  readonly holder: string;
  readonly order: string;
  readonly requested?: readonly Address[];
  readonly recorded?: readonly Address[];
  readonly outsideRange?: 'allow';
  /** See `AddressRequest`. */
  readonly comesBack?: boolean;
}

/** Where a refused wish is reported, and how it is called there. */
export interface WishAuthor {
  readonly object: string;
  readonly path: string;
}

/**
 * Collects problems, wishes for addresses, ledger entries, outcomes of EIPs and held sources while a unit is modelled.
 * Lives for one run and is never shared.
 */
export class UnitRun {
  readonly context: ModelContext;
  readonly problems: Problem[] = [];
  readonly requests: PoolRequest[] = [];
  readonly ledger: LedgerEntry[] = [];
  readonly eips: EipOutcome[] = [];
  readonly heldSources: Set<string>;
  #isBlocked = false;

  constructor(context: ModelContext) {
    this.context = context;
    this.heldSources = new Set(context.inventory.invalidKeys);
  }

  report(problem: Problem): void {
    this.problems.push(problem);
  }

  /** Reports what makes it impossible to say what the unit should be; its rows stay exactly as they are. */
  block(problem: Problem): void {
    this.#isBlocked = true;
    this.report(problem);
  }

  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** The addresses that a holder has according to the ledger; of a block, its first. */
  recorded(holder: string): readonly Address[] {
    return recordedAddresses(this.context.addresses.recorded(holder));
  }

  /** Writes an EIP into the ledger, if it has an address. */
  hold(holder: string, addresses: readonly Address[]): void {
    if (addresses.length > 0) this.ledger.push({ holder, kind: 'eip', value: formatAddressList(addresses) });
  }

  /** Whether a family of which the holder has an address on record was refused: nothing is taken down for that. */
  hasLost(holder: string, pools: readonly AddressPool[], addresses: readonly Address[]): boolean {
    const recorded = this.recorded(holder);
    return pools.some(({ prefix }) => {
      const before = ofFamily(recorded, prefix.family);
      const isHere = before !== undefined && prefixContains(prefix, before);
      return isHere && ofFamily(addresses, prefix.family) === undefined;
    });
  }

  /** Asks each pool, which are of different families, for an address and returns those that are decided. */
  addresses(pools: readonly AddressPool[], wish: AddressWish, author: WishAuthor): readonly Address[] {
    return pools.flatMap((pool) => this.address(pool, wishOf(wish, pool.prefix.family), author) ?? []);
  }

  /**
   * Asks for an address and returns it once it is decided. `recorded` is filled from the ledger when the request
   * brings none. A refusal is reported on its author.
   */
  address(pool: AddressPool, wish: AddressRequest, author: WishAuthor): Address | undefined {
    const { addresses } = this.context;
    const request = withRecord(pool, wish, this.recorded(wish.holder));
    this.requests.push({ pool: pool.spec, request });
    const decision = addresses.decision(pool.spec.name, request.holder);
    if (decision !== undefined && !isGranted(decision)) {
      this.report({ ...refusalText(pool.spec, request, decision), ...author });
    }
    return decidedAddress(decision);
  }
}

/**
 * Fills in what is recorded. An address that was given out stays although `excludeIps` names it by now, as in Kube-DC;
 * one that is outside the prefix altogether (the range was changed) is forgotten.
 */
function withRecord(pool: AddressPool, wish: AddressRequest, ledger: readonly Address[]): AddressRequest {
  const { recorded: given, ...request } = wish;
  const recorded = given ?? ofFamily(ledger, pool.prefix.family);
  if (recorded === undefined || !prefixContains(pool.prefix, recorded)) return request;
  const keeps = request.requested === undefined || sameAddress(request.requested, recorded);
  return { ...request, recorded, ...(keeps && { outsideRange: 'allow' as const }) };
}

function wishOf(wish: AddressWish, family: Family): AddressRequest {
  const { holder, order, outsideRange, comesBack } = wish;
  const requested = ofFamily(wish.requested ?? [], family);
  const recorded = ofFamily(wish.recorded ?? [], family);
  return {
    holder,
    order,
    ...(requested !== undefined && { requested, ...(outsideRange && { outsideRange }) }),
    ...(recorded !== undefined && { recorded }),
    ...(comesBack !== undefined && { comesBack }),
  };
}

/** What the refusals of IPAM mean to a person. */
function refusalText(
  pool: PoolSpec,
  request: AddressRequest,
  { failure, takenBy, size }: Refused,
): Pick<Problem, 'code' | 'message' | 'hint'> {
  const wanted = request.requested ?? request.recorded;
  const text = wanted === undefined ? 'an address' : formatWish(wanted, pool);
  if (failure === 'taken') {
    return {
      code: 'Conflict',
      message: `${text} of ${pool.name} is held by ${takenBy ?? 'another object'}`,
      hint: 'ask for another address, or leave the field out to be given a free one',
    };
  }
  if (failure === 'out-of-range') {
    return {
      code: 'OutOfRange',
      message: `${text} is not an address that ${pool.name} may give out`,
      hint: 'use an address inside its range that is neither excluded, nor its gateway, nor a Node’s',
    };
  }
  return {
    code: 'Exhausted',
    message: `${pool.name} has no free ${pool.blockLength === undefined ? 'address' : `/${pool.blockLength}`}: all ${size ?? 0n} are in use`,
    hint: 'remove objects that hold one, or widen the range',
  };
}

function formatWish(address: Address, pool: PoolSpec): string {
  if (pool.blockLength === undefined) return formatAddress(address);
  return formatPrefix({ family: address.family, base: address.value, length: pool.blockLength });
}
