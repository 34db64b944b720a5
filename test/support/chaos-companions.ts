// Objects beside those of people that the API server lacks, or has although nothing asks for them any more.
import { objectKey } from '../../src/api/api-object.ts';
import type { StatusView } from '../../src/controller/status-view.ts';
import type { UnitResult } from '../../src/model/model-context.ts';
import { isOurs } from '../../src/status/companion.ts';
import { companions, obsoleteCompanions } from '../../src/status/companions.ts';
import { desiredStatuses } from '../../src/status/desired-statuses.ts';
import type { UnitOutcome } from '../../src/status/unit-outcome.ts';

/** `results`: the last model of each unit. Objects that are about to go are not known to `view`: they must be made anew. */
export function companionsLeft(
  results: ReadonlyMap<string, UnitResult>,
  view: StatusView,
): { readonly missing: readonly string[]; readonly surplus: readonly string[] } {
  const left = [...results].map(([unit, result]) => {
    const outcome: UnitOutcome = {
      unit,
      result,
      problems: result.problems,
      isCommitted: true,
      pending: new Set(),
      failure: undefined,
      revision: view.revision(),
    };
    const { objects } = view;
    const usage: StatusView['usage'] = (pool) => view.usage(pool);
    const context = { objects, usage, written: new Map(), isRealised: true, now: '2026-01-01T00:00:00Z' };
    const wanted = companions(outcome, desiredStatuses(outcome, context), objects);
    const [kind, name = ''] = unit.split('/');
    const made = (['EIp', 'Service', 'EndpointSlice'] as const)
      .flatMap((each) => (kind === 'vpc' ? objects.inNamespace(each, name).filter(isOurs) : []))
      .map((object) => ({ key: objectKey(object), kind: object.kind }));
    return {
      // Nobody reads Endpoints.
      missing: wanted.filter(({ key, kind: each }) => each !== 'Endpoints' && objects.get(key) === undefined),
      surplus: obsoleteCompanions(outcome, made, wanted),
    };
  });
  const keysOf = (each: 'missing' | 'surplus') => left.flatMap((one) => one[each].map(({ key }) => key));
  return { missing: keysOf('missing'), surplus: keysOf('surplus') };
}
