// One pool and what is known of everybody who asks it: wishes, answers, and which unit asked.
import { isDeepStrictEqual } from 'node:util';
import { isGranted, Pool } from '../ipam/pool.ts';
import type { AddressRequest, Decision, PoolSpec } from '../ipam/pool.ts';
import type { Address } from '../net/address.ts';

interface Entry {
  /** Undefined: nobody asks any more, the claim only waits for its record to go. */
  unit: string | undefined;
  request: AddressRequest;
  decision: Decision | undefined;
}

/** A wish with the unit that has it. */
export interface UnitRequest {
  readonly unit: string | undefined;
  readonly request: AddressRequest;
}

/** Wraps a {@link Pool}. An answer that was given stays until the wish or the pool's range changes. */
export class PoolBook {
  #spec: PoolSpec;
  #pool: Pool;
  readonly #entries = new Map<string, Entry>();
  readonly #refused = new Set<string>();

  constructor(spec: PoolSpec) {
    this.#spec = spec;
    this.#pool = new Pool(spec);
  }

  /** Addresses, or blocks: those there are, and those that somebody holds. */
  usage(): { readonly size: bigint; readonly used: bigint } {
    return this.#pool.usage();
  }

  decision(holder: string): Decision | undefined {
    return this.#entries.get(holder)?.decision;
  }

  /** The address that the holder has claimed. */
  addressOf(holder: string): Address | undefined {
    return this.#pool.addressOf(holder);
  }

  /** Whether the answer to a request is known and can be kept. A refusal is asked again: the address may be free now. */
  isSettled(unit: string, { holder, requested, outsideRange }: AddressRequest): boolean {
    const entry = this.#entries.get(holder);
    if (entry?.decision === undefined || entry.unit !== unit || !isGranted(entry.decision)) return false;
    const before = entry.request;
    return sameAddress(before.requested, requested) && before.outsideRange === outsideRange;
  }

  /** Decides wishes together; the order of the wishes does not matter. Returns the units whose answers changed. */
  decide(wishes: Iterable<UnitRequest>): ReadonlySet<string> {
    const batch = new Map<string, Entry>();
    for (const { unit, request } of wishes) {
      batch.set(request.holder, { unit, request, decision: this.decision(request.holder) });
    }
    const decisions = this.#pool.decide([...batch.values()].map((entry) => entry.request));
    this.#pool.apply(decisions);
    return this.#note(batch, decisions);
  }

  /**
   * Takes another range in, and `newcomers` who have a record in it. Who has an address in it keeps it; addresses that
   * are resting forget that they were used.
   * Returns the units whose answers changed; undefined when the range is the same.
   */
  respec(spec: PoolSpec, newcomers: () => readonly UnitRequest[]): ReadonlySet<string> | undefined {
    if (spec === this.#spec) return undefined;
    const same = isDeepStrictEqual(spec, this.#spec);
    this.#spec = spec;
    if (same) return undefined;
    const before = this.#pool;
    this.#pool = new Pool(spec);
    const wishes = [...this.#entries].map(([holder, { unit, request }]) => {
      const recorded = before.addressOf(holder);
      return { unit, request: recorded === undefined ? request : { ...request, recorded } };
    });
    return this.decide([...newcomers(), ...wishes]);
  }

  /** The unit no longer asks for the holder's address, but its record is still there. */
  orphan(holder: string): void {
    const entry = this.#entries.get(holder);
    if (entry !== undefined) entry.unit = undefined;
  }

  /** Frees the holder's address unless somebody else than `unit` asks for it. True when an address came free. */
  release(holder: string, unit: string | undefined): boolean {
    const entry = this.#entries.get(holder);
    if (entry === undefined || entry.unit !== unit) return false;
    this.#entries.delete(holder);
    this.#refused.delete(holder);
    const held = this.#pool.addressOf(holder) !== undefined;
    this.#pool.release(holder);
    return held;
  }

  /** Units that were refused something, and may get it once an address comes free. */
  refusedUnits(): ReadonlySet<string> {
    return new Set([...this.#refused].flatMap((holder) => this.#entries.get(holder)?.unit ?? []));
  }

  #note(batch: ReadonlyMap<string, Entry>, decisions: readonly Decision[]): ReadonlySet<string> {
    const changed = new Set<string>();
    for (const decision of decisions) {
      const entry = batch.get(decision.holder);
      if (entry === undefined) continue;
      // A claim that waited for nobody is news to the unit that asks now, which may have been modelled without it.
      const isNews = this.#isOrphan(decision.holder) || !sameDecision(entry.decision, decision);
      if (entry.unit !== undefined && isNews) changed.add(entry.unit);
      this.#entries.set(decision.holder, { ...entry, decision });
      if (isGranted(decision)) this.#refused.delete(decision.holder);
      else this.#refused.add(decision.holder);
    }
    return changed;
  }

  #isOrphan(holder: string): boolean {
    const entry = this.#entries.get(holder);
    return entry !== undefined && entry.unit === undefined;
  }
}

function sameAddress(a: Address | undefined, b: Address | undefined): boolean {
  return a?.value === b?.value && a?.family === b?.family;
}

function sameDecision(a: Decision | undefined, b: Decision): boolean {
  if (a === undefined || isGranted(a) !== isGranted(b)) return false;
  if (isGranted(a) && isGranted(b)) return sameAddress(a.address, b.address);
  return isDeepStrictEqual(a, b);
}
