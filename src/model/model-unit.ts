// Border of the room: one unit in, the network that is meant and its problems out.
import type { ModelContext, UnitResult } from './model-context.ts';
import { lacksKinds } from './missing-kinds.ts';
import { modelNetwork } from './network.ts';
import { modelUnderlay } from './underlay.ts';
import { parseUnit } from './unit.ts';
import type { UnitId } from './unit.ts';
import { modelVpc } from './vpc.ts';

export type { ModelContext, UnitResult } from './model-context.ts';

/** Models one unit whole from the objects as they are now. Pure: same context, same result. */
export function modelUnit(unit: UnitId, context: ModelContext): UnitResult {
  if (lacksKinds(unit, context.inventory)) return untouched(context);
  const parsed = parseUnit(unit);
  const { kind, name } = parsed ?? { kind: 'vpc', name: '' };
  if (kind === 'network') return modelNetwork(name, context);
  return kind === 'underlay' ? modelUnderlay(name, context) : modelVpc(name, context);
}

/** Whoever tells of the objects says what is missing: it is no fault of this unit. */
function untouched({ inventory }: ModelContext): UnitResult {
  const { invalidKeys } = inventory;
  return {
    state: 'blocked',
    model: undefined,
    problems: [],
    requests: [],
    heldSources: invalidKeys,
    eips: [],
  };
}
