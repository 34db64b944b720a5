// Border of the room: one unit in, the network that is meant and its problems out.
import type { Config } from '../config/config.ts';
import type { Problem } from '../base/problem.ts';
import type { AddressAnswers, Observations, PoolRequest } from './address-answers.ts';
import type { Inventory } from './inventory.ts';
import { modelNetwork } from './network.ts';
import type { UnitModel } from './network-model.ts';
import { parseUnit } from './unit.ts';
import type { UnitId } from './unit.ts';
import { modelVpc } from './vpc.ts';

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
   * has a problem, so the unit's rows stay exactly as they are.
   */
  readonly state: 'model' | 'absent' | 'blocked';
  readonly model: UnitModel | undefined;
  readonly problems: readonly Problem[];
  /** Every address and block that the unit wants, decided or not, in no particular order. */
  readonly requests: readonly PoolRequest[];
  /**
   * Objects of the unit that are there but invalid: rows that serve them (by `source`) must be kept as they are.
   */
  readonly heldSources: ReadonlySet<string>;
}

/** Models one unit whole from the objects as they are now. Pure: same context, same result. */
export function modelUnit(unit: UnitId, context: ModelContext): UnitResult {
  const parsed = parseUnit(unit);
  return parsed?.kind === 'network'
    ? modelNetwork(parsed.name, context)
    : modelVpc(parsed?.name ?? '', context);
}
