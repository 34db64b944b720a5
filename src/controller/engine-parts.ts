// What the loop is made of, put together for one instance.
import { systemClock } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';
import type { CodedError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { WorkOutcome } from '../base/work-queue.ts';
import type { Config } from '../config/config.ts';
import { Inventory } from '../model/inventory.ts';
import { vpcUnit } from '../model/unit.ts';
import type { OutcomeListener } from '../source/outcome-listener.ts';
import type { Target } from '../target/target.ts';
import { AddressBook } from './address-book.ts';
import { Agenda } from './agenda.ts';
import { DeleteGuard } from './delete-guard.ts';
import { EpochClaim } from './epoch-claim.ts';
import { Intake } from './intake.ts';
import type { IntakeListener } from './intake.ts';
import { Outcomes } from './outcomes.ts';
import { Reactions } from './reactions.ts';
import { RowWaits } from './row-waits.ts';
import { Survey } from './survey.ts';
import { defaultPipeline, UnitPlanner } from './unit-planner.ts';
import type { Pipeline } from './unit-planner.ts';
import { UnitRunner } from './unit-runner.ts';
import type { Stopwatch, UnitRunnerOptions } from './unit-runner.ts';
import { UnitStates } from './unit-states.ts';

export interface EngineOptions {
  readonly config: Config;
  readonly target: Target;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** True: no brake. */
  readonly allowMassDelete?: boolean;
  readonly pipeline?: Pipeline;
  readonly stopwatch?: Stopwatch;
  /** Hears of every look at a unit, and records claims before rows are written. */
  readonly outcomes?: OutcomeListener;
}

/** What the parts ask of whoever runs them. */
export interface EngineHooks {
  readonly work: (unit: string, attempt: number) => Promise<WorkOutcome>;
  /** Told when `work` rejects. */
  readonly failed: (unit: string, error: unknown) => void;
  /** Nothing can be written any more. */
  readonly end: (error: CodedError) => void;
  /** Whether it goes on when everything is done. */
  readonly isFollowing: () => boolean;
  /** How often the world may be in the way before it counts as a failure. */
  readonly maximumAttempts: () => number;
  /** Aborted when it ends. */
  readonly signal: AbortSignal;
}

export type EngineParts = ReturnType<typeof openEngineParts>;

export function openEngineParts(options: EngineOptions, hooks: EngineHooks) {
  const { config, target, logger, clock = systemClock, pipeline = defaultPipeline } = options;
  const inventory = new Inventory();
  const listener: IntakeListener = {
    affected: (units, removed) => reactions.objectsChanged(units, removed),
    readable: () => reactions.readable(),
    visible: () => reactions.visible(),
  };
  const intake = new Intake(inventory, listener, logger);
  const guard = openGuard(options, hooks, intake);
  const states = new UnitStates(logger);
  const waits = new RowWaits();
  // Everybody lets the management VPC in.
  const management = vpcUnit(config.managementVpc);
  const addresses = new AddressBook(target.records, (unit) => (unit === management ? inventory.units() : []));
  const planner = new UnitPlanner({ target, config, inventory, addresses, pipeline });
  const lookAgain = (units: Iterable<string>): void => reactions.lookAgain(units);
  const outcomes = openOutcomes(options, planner, lookAgain);
  const holdReason: UnitRunnerOptions['holdReason'] = (unit) => guard.reason(unit);
  const common = { target, planner, addresses, holdReason, lookAgain };
  const runner = openRunner(options, hooks, { ...common, states, waits, outcomes });
  const survey = new Survey({ ...common, runner });
  const agenda = new Agenda({ clock, work: hooks.work, onError: hooks.failed });
  const epoch = new EpochClaim({ target, logger, clock, signal: hooks.signal });
  const parts = { inventory, addresses, agenda, guard, runner, states, survey };
  const reactions: Reactions = new Reactions({ ...parts, target, waits });
  return { ...parts, intake, reactions, epoch };
}

function openGuard(
  { config, target, logger, allowMassDelete = false }: EngineOptions,
  { isFollowing }: EngineHooks,
  intake: Intake,
): DeleteGuard {
  return new DeleteGuard({
    limits: config.deletionBrake,
    isOff: allowMassDelete,
    target,
    logger,
    isIncomplete: () => intake.isIncomplete,
    tellsAtOnce: isFollowing,
  });
}

function openOutcomes(
  { target, logger, outcomes: listener }: EngineOptions,
  planner: UnitPlanner,
  lookAgain: (units: Iterable<string>) => void,
): Outcomes {
  return new Outcomes({
    listener,
    target,
    logger,
    revisionOf: (result) => planner.revisionOf(result),
    lookAgain: (unit) => lookAgain([unit]),
  });
}

function openRunner(
  { logger, stopwatch }: EngineOptions,
  { end, maximumAttempts }: EngineHooks,
  parts: Omit<UnitRunnerOptions, 'logger' | 'end' | 'maximumAttempts' | 'stopwatch'>,
): UnitRunner {
  const watched = stopwatch === undefined ? {} : { stopwatch };
  return new UnitRunner({ ...parts, ...watched, logger, end, maximumAttempts });
}
