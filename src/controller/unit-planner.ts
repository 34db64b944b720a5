// One unit from objects to change set: model with addresses, compile, compare, and hold back what must stay.
import { InvariantError } from '../base/errors.ts';
import type { Problem } from '../base/problem.ts';
import { compileUnit } from '../compiler/compile-unit.ts';
import type { CompiledUnit } from '../compiler/compile-unit.ts';
import type { Config } from '../config/config.ts';
import type { Inventory } from '../model/inventory.ts';
import { modelUnit } from '../model/model-unit.ts';
import type { UnitResult } from '../model/model-unit.ts';
import { parseUnit } from '../model/unit.ts';
import type { ChangeSet } from '../plan/change-set.ts';
import type { CurrentRows } from '../plan/current-rows.ts';
import { isInPlace } from '../plan/in-place.ts';
import { plan } from '../plan/plan.ts';
import type { PlanResult } from '../plan/plan.ts';
import type { Target } from '../target/target.ts';
import type { AddressBook } from './address-book.ts';
import { holdAll, holdSources } from './hold.ts';
import type { HeldDelete, HoldReason } from './hold.ts';
import { conflictProblem, missingParentProblems, occupantProblem } from './plan-problems.ts';
import { occupantsOf } from './rows-in-use.ts';

/** The pure rooms that the loop runs; tests put other ones in. */
export interface Pipeline {
  readonly modelUnit: typeof modelUnit;
  readonly compileUnit: typeof compileUnit;
}

export const defaultPipeline: Pipeline = { modelUnit, compileUnit };

/** What is to be done for one unit. */
export interface UnitPlan {
  readonly unit: string;
  readonly changes: ChangeSet;
  readonly held: readonly HeldDelete[];
  /** Rows whose coming, going or change may allow more. */
  readonly awaited: readonly string[];
  readonly problems: readonly Problem[];
}

export interface UnitPlannerOptions {
  readonly target: Target;
  readonly inventory: Inventory;
  readonly config: Config;
  readonly addresses: AddressBook;
  readonly pipeline: Pipeline;
}

/** Block, then EIPs, then workloads: each answer can lead to one further wish. */
const maximumModelRounds = 8;

export class UnitPlanner {
  readonly #options: UnitPlannerOptions;
  readonly #revisions = new WeakMap<UnitResult, number>();

  constructor(options: UnitPlannerOptions) {
    this.#options = options;
  }

  /** Models once, with the answers that are there. */
  model(unit: string): UnitResult {
    const { target, inventory, config, addresses, pipeline } = this.#options;
    // Marks in the database can say anything: rows of what is no unit are rows of nobody, and go.
    const id = parseUnit(unit)?.id;
    if (id === undefined) return absent;
    const context = { inventory, config, addresses, observations: target.observations };
    const result = pipeline.modelUnit(id, context);
    this.#revisions.set(result, inventory.revision);
    return result;
  }

  /** How many changes of objects a model takes into account; without a model, all of them. */
  revisionOf(result: UnitResult | undefined): number {
    const { revision } = this.#options.inventory;
    return result === undefined ? revision : (this.#revisions.get(result) ?? revision);
  }

  /** Models until every wish is decided. `others` collects units whose answers changed on the way. */
  modelDecided(unit: string, others: Set<string>): UnitResult {
    for (let round = 0; round < maximumModelRounds; round++) {
      const result = this.model(unit);
      const changed = this.#options.addresses.settle(new Map([[unit, result.requests]]));
      for (const each of changed) if (each !== unit) others.add(each);
      if (!changed.has(unit)) return result;
    }
    throw new InvariantError(`the addresses of ${unit} do not settle`);
  }

  /** The rows that should be; undefined when the unit is blocked, and stays as it is. */
  desire(unit: string, { state, model }: UnitResult): CompiledUnit | undefined {
    if (state === 'blocked') return undefined;
    if (model === undefined) return { unit, rows: [], problems: [] };
    const { target, pipeline } = this.#options;
    return pipeline.compileUnit(model, { owner: target.owner, capabilities: target.capabilities });
  }

  /** Compares with `current`. `keepAll` keeps every row of the unit, for the reason that it gives. */
  plan(
    desired: CompiledUnit,
    keep: { readonly sources: ReadonlySet<string>; readonly all: HoldReason | undefined },
    current: CurrentRows = this.#options.target.current,
  ): UnitPlan {
    const { policy } = this.#options.target;
    if (isInPlace(desired, current, policy)) return nothingToDo(desired);
    const result = plan(desired, current, policy);
    const holding =
      keep.all === undefined ? holdSources(result.changes, keep.sources) : holdAll(result.changes, keep.all);
    const occupants = occupantsOf(holding.changes, current, policy);
    const { changes, held } =
      occupants.length === 0 ? { changes: holding.changes, held: [] } : holdAll(holding.changes, 'in-use');
    return {
      unit: desired.unit,
      changes,
      held: [...holding.held, ...held],
      awaited: [...awaitedRows(result), ...occupants.map(({ row }) => row._uuid)],
      problems: [
        ...desired.problems,
        ...result.conflicts.map((conflict) => conflictProblem(conflict, policy)),
        ...missingParentProblems(result.missingParents),
        ...occupants.filter(({ unit }) => unit === undefined).map(occupantProblem),
      ],
    };
  }
}

function nothingToDo({ unit, problems }: CompiledUnit): UnitPlan {
  const changes = { unit, inserts: [], updates: [], deletes: [], attach: [], detach: [] };
  return { unit, changes, held: [], awaited: [], problems };
}

function awaitedRows({ conflicts, missingParents }: PlanResult): string[] {
  return [...conflicts.map(({ holder }) => holder._uuid), ...missingParents.map(({ uuid }) => uuid)];
}

const absent: UnitResult = {
  state: 'absent',
  model: undefined,
  problems: [],
  requests: [],
  heldSources: new Set(),
  eips: [],
};
