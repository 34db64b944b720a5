// What a change means: of objects, or of rows in the database, to the units that are looked at because of it.
import type { Inventory } from '../model/inventory.ts';
import type { Target, TargetChange } from '../target/target.ts';
import type { AddressBook } from './address-book.ts';
import type { Agenda } from './agenda.ts';
import type { DeleteGuard } from './delete-guard.ts';
import type { RowWaits } from './row-waits.ts';
import type { Survey } from './survey.ts';
import type { UnitRunner } from './unit-runner.ts';
import type { UnitStates } from './unit-states.ts';

export interface ReactionsOptions {
  readonly target: Target;
  readonly inventory: Inventory;
  readonly addresses: AddressBook;
  readonly agenda: Agenda;
  readonly guard: DeleteGuard;
  readonly runner: UnitRunner;
  readonly states: UnitStates;
  readonly survey: Survey;
  readonly waits: RowWaits;
}

/** Each costs what the change concerns, unless it says that it concerns everything. */
export class Reactions {
  readonly #options: ReactionsOptions;

  constructor(options: ReactionsOptions) {
    this.#options = options;
  }

  rowsChanged({ units, moved, observed, everything, rows, recordsGone }: TargetChange): void {
    const { addresses, agenda, runner, waits } = this.#options;
    const drifted = [...units].filter((unit) => !runner.isInFlight(unit));
    runner.noteDrift(drifted);
    const freed = addresses.recordsGone(recordsGone);
    this.lookAgain([...drifted, ...observed, ...waits.unitsFor(rows), ...freed]);
    for (const [to, from] of moved) agenda.addAfter(from, to);
    if (everything) this.lookAgain(this.allUnits());
  }

  /** The database is back: what could not be written may be now. */
  connected(): void {
    this.lookAgain(this.#options.runner.retrying);
  }

  /** `removed`: how many objects went, all at once. */
  objectsChanged(units: ReadonlySet<string>, removed: number): void {
    const { agenda, runner } = this.#options;
    for (const unit of units) runner.forget(unit);
    if (agenda.isOpen && removed > 1) this.#considerBrake(units);
    else agenda.add(units);
  }

  /** Deletes that were held because of unreadable input come all at once now. */
  readable(): void {
    const { agenda, states } = this.#options;
    const held = [...states.entries()].filter(([, state]) => state.held.length > 0);
    const units = held.map(([unit]) => unit);
    if (agenda.isOpen) this.#considerBrake(units);
  }

  /** Units that stayed as they were may lose much now, or ask for addresses. O(units). */
  visible(): void {
    if (this.#options.agenda.isOpen) this.#considerBrake(this.allUnits());
  }

  /** Models that wait for their round may be out of date. */
  lookAgain(units: Iterable<string>): void {
    const { agenda, runner } = this.#options;
    const list = [...units];
    for (const unit of list) runner.forget(unit);
    agenda.add(list);
  }

  /** Units of objects and of rows: networks, then VPCs, each in alphabetical order. O(units). */
  allUnits(): readonly string[] {
    const { inventory, target } = this.#options;
    const units = new Set<string>([...inventory.units(), ...target.owned.units()]);
    units.delete('');
    return [...units].toSorted();
  }

  /** Objects that go one at a time were meant to go; of many at once that is not sure. */
  #considerBrake(units: Iterable<string>): void {
    const { agenda, guard, survey } = this.#options;
    const affected = guard.reopen(units);
    guard.weigh(survey.previewNow(affected));
    agenda.add(affected);
  }
}
