// What a unit's model is a function of, and what it is.
import type { Config } from '../config/config.ts';
import type { Problem } from '../base/problem.ts';
import type { AddressAnswers, Observations, PoolRequest } from './address-answers.ts';
import type { EipOutcome } from './eip-outcome.ts';
import type { Inventory } from './inventory.ts';
import type { UnitModel } from './network-model.ts';

/** Everything that a unit's model is a function of. */
export interface ModelContext {
  readonly inventory: Inventory;
  readonly config: Config;
  readonly addresses: AddressAnswers;
  readonly observations: Observations;
}

export interface UnitResult {
  /**
   * `model`: what is meant. `absent`: nothing is, so every row of the unit goes. `blocked`: an object at the root
   * has a problem, or a kind is missing, so the unit's rows stay exactly as they are.
   */
  readonly state: 'model' | 'absent' | 'blocked';
  readonly model: UnitModel | undefined;
  readonly problems: readonly Problem[];
  /** Every address and block that the unit wants, decided or not, in no particular order. */
  readonly requests: readonly PoolRequest[];
  /**
   * Objects of the unit that are there but invalid, or whose EIp is: rows that serve them (by `source`) must be kept as
   * they are.
   */
  readonly heldSources: ReadonlySet<string>;
  /** Every EIP of the VPC with who uses it, sorted by key; empty while nothing is modelled. */
  readonly eips: readonly EipOutcome[];
}
