// The rules of allocation: who gets which address, given what is held. A pure function of pool and requests.
import { compareStrings } from '../base/order.ts';
import type { Address } from '../net/address.ts';
import type { AddressRequest, Decision, Refused } from './request.ts';
import { isGranted } from './request.ts';

/** What the rules need to see of a pool. */
export interface PoolView {
  readonly size: bigint;
  addressOf(holder: string): Address | undefined;
  holderOf(address: Address): string | undefined;
  /** What a holder had before it was released, while that rests. */
  formerOf(holder: string): Address | undefined;
  /** True for an address (or the base of a block) that the pool may hand out. */
  has(address: Address): boolean;
  /** True for what could be held at all, in the pool or outside: the right family, the base of a block. */
  fits(address: Address): boolean;
  /** Free addresses in the order in which they are handed out. */
  free(): Iterator<Address, void>;
}

/**
 * Decides in four passes, in each of them older requests first: what is held or recorded stays; what a person asked for
 * is given when it is free; who comes back gets what it had; the rest take the next free address. Answers are sorted by
 * (order, holder).
 */
export function decide(pool: PoolView, requests: readonly AddressRequest[]): Decision[] {
  const round: Round = { pool, reserved: new Map(), free: pool.free() };
  const sorted = requests.toSorted(
    (a, b) => compareStrings(a.order, b.order) || compareStrings(a.holder, b.holder),
  );
  const kept = sorted.map((request) => [request, keep(round, request)] as const);
  const wished = kept.map(([request, answer]) => [request, wish(round, request, answer)] as const);
  const back = wished.map(([request, answer]) => [request, answer ?? comeBack(round, request)] as const);
  return back.map(([request, answer]) => answer ?? takeNext(round, request));
}

interface Round {
  readonly pool: PoolView;
  /** Given in this round: address value → holder. */
  readonly reserved: Map<bigint, string>;
  readonly free: Iterator<Address, void>;
}

/** First pass: the pool's own claim, else the record. Undefined: the holder has nothing yet. */
function keep(round: Round, request: AddressRequest): Decision | undefined {
  const held = round.pool.addressOf(request.holder);
  if (held !== undefined) return { holder: request.holder, address: held, isNew: false };
  return request.recorded && give(round, request, request.recorded, false);
}

/** Second pass: what a person asked for, unless the holder has just that. */
function wish(round: Round, request: AddressRequest, kept: Decision | undefined): Decision | undefined {
  const { requested } = request;
  if (requested === undefined) return kept;
  if (kept === undefined || !isGranted(kept)) return give(round, request, requested, true);
  if (kept.address.value === requested.value && kept.address.family === requested.family) return kept;
  const moved = give(round, request, requested, true);
  return isGranted(moved) ? { ...moved, leaves: kept.address } : { ...moved, holds: kept.address };
}

/** Third pass: what the holder had, unless somebody asked for it in this round. */
function comeBack(round: Round, { holder, comesBack }: AddressRequest): Decision | undefined {
  const former = comesBack === true ? round.pool.formerOf(holder) : undefined;
  if (former === undefined || round.reserved.has(former.value)) return undefined;
  return reserve(round, holder, former, true);
}

/** Fourth pass: the next free address that nobody got in this round. */
function takeNext(round: Round, request: AddressRequest): Decision {
  for (let next = round.free.next(); !next.done; next = round.free.next()) {
    if (!round.reserved.has(next.value.value)) return reserve(round, request.holder, next.value, true);
  }
  return { holder: request.holder, failure: 'exhausted', size: round.pool.size };
}

function give(round: Round, request: AddressRequest, address: Address, isNew: boolean): Decision {
  const { pool, reserved } = round;
  const refused: Omit<Refused, 'failure'> = { holder: request.holder, size: pool.size };
  const isAllowed = pool.has(address) || (request.outsideRange === 'allow' && pool.fits(address));
  if (!isAllowed) return { ...refused, failure: 'out-of-range' };
  const takenBy = pool.holderOf(address) ?? reserved.get(address.value);
  if (takenBy !== undefined && takenBy !== request.holder) return { ...refused, failure: 'taken', takenBy };
  return reserve(round, request.holder, address, isNew);
}

function reserve(round: Round, holder: string, address: Address, isNew: boolean): Decision {
  round.reserved.set(address.value, holder);
  return { holder, address, isNew };
}
