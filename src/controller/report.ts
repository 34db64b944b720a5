// What a pass over all units came to.
import { isDeepStrictEqual } from 'node:util';
import { compareStrings, sortBy } from '../base/order.ts';
import { sortProblems } from '../base/problem.ts';
import type { Problem } from '../base/problem.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import { countChanges, isEmpty } from '../plan/change-set-filter.ts';
import type { ChangeCounts } from '../plan/change-set-filter.ts';
import type { MassDelete } from './brake.ts';
import type { HeldDelete } from './hold.ts';
import type { UnitState } from './unit-states.ts';

/** A unit that could not be brought in step because of the world or a bug of ours; a user's mistake is a problem. */
export interface UnitFailure {
  readonly unit: string;
  readonly error: Error;
}

export interface Report {
  /** What is left to do, sorted by unit: everything after `plan`, what could not be done after `converge`. */
  readonly changeSets: readonly ChangeSet[];
  /** Of the source, the model, the compiler and the plan, sorted, each once. */
  readonly problems: readonly Problem[];
  /** Holder → address or block: `{'EIp/shalb-demo/ssh-arti': '100.65.0.103', 'Project/shalb/demo': '10.0.10.0/24'}`. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Rows to write after `plan`, rows written after `converge`. */
  readonly summary: ChangeCounts & { readonly transactions: number };
  /** Units that have a problem at their root and stay as they are. */
  readonly blocked: readonly string[];
  /** Rows that are to go and stay for now. */
  readonly heldDeletes: readonly HeldDelete[];
  readonly failures: readonly UnitFailure[];
  /** Set: the brake is on. After `converge` nothing at all was written. */
  readonly massDelete?: MassDelete;
}

export interface ReportInput {
  readonly states: Iterable<readonly [unit: string, state: UnitState]>;
  readonly sourceProblems: readonly Problem[];
  /** Undefined: sum up what is left to do instead. */
  readonly written: Report['summary'] | undefined;
  readonly massDelete: MassDelete | undefined;
}

/** Reads the state of every unit: for one-shot commands and questions, not for the path of an event. */
export function makeReport({ states, sourceProblems, written, massDelete }: ReportInput): Report {
  const sorted = sortBy(states, ([unit]) => unit);
  const changeSets = sorted.flatMap(([, { changes }]) =>
    changes === undefined || isEmpty(changes) ? [] : [changes],
  );
  const addresses = sorted.flatMap(([, { ledger }]) =>
    ledger.map(({ holder, value }) => [holder, value] as const),
  );
  return {
    changeSets,
    problems: distinct(sortProblems([...sourceProblems, ...sorted.flatMap(([, { problems }]) => problems)])),
    addresses: Object.fromEntries(addresses.toSorted(([a], [b]) => compareStrings(a, b))),
    summary: written ?? sumChanges(changeSets),
    blocked: sorted.filter(([, { isBlocked }]) => isBlocked).map(([unit]) => unit),
    heldDeletes: sorted.flatMap(([, { held }]) => held),
    failures: sorted.flatMap(([unit, { failure }]) =>
      failure === undefined ? [] : [{ unit, error: failure }],
    ),
    ...(massDelete !== undefined && { massDelete }),
  };
}

/** Rows that serve one object can have one and the same problem. */
function distinct(sorted: readonly Problem[]): readonly Problem[] {
  return sorted.filter((problem, index) => !isDeepStrictEqual(problem, sorted[index - 1]));
}

function sumChanges(changeSets: readonly ChangeSet[]): Report['summary'] {
  const sum = { insert: 0, update: 0, delete: 0, transactions: changeSets.length };
  for (const counts of changeSets.map(countChanges)) {
    sum.insert += counts.insert;
    sum.update += counts.update;
    sum.delete += counts.delete;
  }
  return sum;
}
