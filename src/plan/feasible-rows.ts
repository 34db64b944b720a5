// Which desired rows can be written now: the others wait, are reported, and do not hold up the rest.
import { invariant } from '../base/errors.ts';
import type { Referrer } from '../ovsdb/replica-view.ts';
import type { Row } from '../ovsdb/value.ts';
import type { NameConflict } from './change-set.ts';
import { uniqueKey } from './current-rows.ts';
import type { CurrentRow, CurrentRows } from './current-rows.ts';
import type { DesiredRow, DesiredUnit } from './desired.ts';
import type { OwnershipPolicy } from './ownership-policy.ts';

/** A parent that is neither there nor about to be, with the row that was left out for it. */
export interface MissingParent extends Referrer {
  readonly row: DesiredRow;
}

export interface FeasibleRows {
  /** Rows to write, sorted by table then uuid. */
  readonly rows: readonly DesiredRow[];
  /** Rows of the unit that nobody wants any more, in the same order. */
  readonly stale: readonly CurrentRow[];
  readonly conflicts: readonly NameConflict[];
  readonly missingParents: readonly MissingParent[];
  /** Whether a row will be there once the plan is committed. */
  willExist(table: string, uuid: string): boolean;
  /** The row to be written under this uuid; undefined for left-out rows and those of others. */
  written(uuid: string): DesiredRow | undefined;
  isStale(uuid: string): boolean;
}

/**
 * Leaves out, until nothing changes: rows whose unique name somebody else holds, rows whose parent will not be there,
 * and rows that require a row that will not be there. Of two wanted rows with one name the first keeps it. A row that
 * is left out but exists stays as it is, and what depends on it goes on.
 */
export function selectFeasibleRows(
  desired: DesiredUnit,
  current: CurrentRows,
  policy: OwnershipPolicy,
): FeasibleRows {
  const selection = new Selection(desired, current, policy);
  while (selection.leaveOutBlocked() || selection.leaveOutTwins());
  return selection;
}

/** A unique name that a row does not have yet. `key` tells it from all others of table and columns. */
interface Name {
  readonly columns: readonly string[];
  readonly key: string;
}

class Selection implements FeasibleRows {
  readonly stale: readonly CurrentRow[];
  readonly #current: CurrentRows;
  readonly #policy: OwnershipPolicy;
  readonly #wanted = new Map<string, DesiredRow>();
  /** By row: each is asked for again in every round. */
  readonly #namesToTake: ReadonlyMap<DesiredRow, readonly Name[]>;
  readonly #leftOut = new Set<string>();
  readonly #staleUuids: ReadonlySet<string>;

  constructor(desired: DesiredUnit, current: CurrentRows, policy: OwnershipPolicy) {
    this.#current = current;
    this.#policy = policy;
    for (const row of desired.rows.toSorted(compareRows)) {
      invariant(!this.#wanted.has(row.uuid), `${row.table} ${row.id} is twice in unit ${desired.unit}`);
      this.#wanted.set(row.uuid, row);
    }
    this.#namesToTake = new Map([...this.#wanted.values()].map((row) => [row, this.#missingNames(row)]));
    this.stale = current.unitRows(desired.unit).filter(({ row }) => !this.#wanted.has(row._uuid));
    this.#staleUuids = new Set(this.stale.map(({ row }) => row._uuid));
  }

  get rows(): readonly DesiredRow[] {
    return [...this.#wanted.values()].filter((row) => !this.#leftOut.has(row.uuid));
  }

  /** Asked of the final selection, so that a second plan on the committed state complains the same. */
  get conflicts(): readonly NameConflict[] {
    if (this.#leftOut.size === 0) return [];
    const written = this.#claims(this.rows);
    const wanted = this.#claims(this.#wanted.values());
    return this.#leftOutRows().flatMap((row) => {
      for (const name of this.#namesOf(row)) {
        const claim = claimOf(row, name);
        const twin = [written.get(claim), wanted.get(claim)].find(
          (claimant) => claimant !== undefined && claimant !== row,
        );
        const holder = this.#findHolder(row, name) ?? (twin && { ...twin.columns, _uuid: twin.uuid });
        if (holder !== undefined) {
          return [{ row, column: name.columns.join(), holder, holderTable: row.table }];
        }
      }
      return [];
    });
  }

  get missingParents(): readonly MissingParent[] {
    return this.#leftOutRows().flatMap((row) =>
      this.#absentParents(row)
        .filter(({ uuid }) => !this.#leftOut.has(uuid))
        .map(({ table, uuid, column }) => ({ table, uuid, column, row })),
    );
  }

  isStale(uuid: string): boolean {
    return this.#staleUuids.has(uuid);
  }

  written(uuid: string): DesiredRow | undefined {
    return this.#leftOut.has(uuid) ? undefined : this.#wanted.get(uuid);
  }

  willExist(table: string, uuid: string): boolean {
    if (this.written(uuid)?.table === table) return true;
    return !this.isStale(uuid) && this.#current.row(table, uuid) !== undefined;
  }

  /** One round over all rows; false when it left out none. */
  leaveOutBlocked(): boolean {
    const before = this.#leftOut.size;
    for (const row of this.rows) if (this.#isBlocked(row)) this.#leftOut.add(row.uuid);
    return this.#leftOut.size > before;
  }

  /** Like {@link leaveOutBlocked}, for rows that want a name which an earlier row of the unit is about to take. */
  leaveOutTwins(): boolean {
    const before = this.#leftOut.size;
    const claims = this.#claims(this.rows);
    for (const row of this.rows) {
      const isTwin = (name: Name): boolean => claims.get(claimOf(row, name)) !== row;
      if (this.#namesOf(row).some(isTwin)) this.#leftOut.add(row.uuid);
    }
    return this.#leftOut.size > before;
  }

  #leftOutRows(): readonly DesiredRow[] {
    return [...this.#wanted.values()].filter((row) => this.#leftOut.has(row.uuid));
  }

  #isBlocked(row: DesiredRow): boolean {
    return (
      this.#absentParents(row).length > 0 ||
      !(row.requires ?? []).every((uuid) => this.#willExistSomewhere(uuid)) ||
      this.#namesOf(row).some((name) => this.#findHolder(row, name) !== undefined)
    );
  }

  #absentParents(row: DesiredRow): readonly Referrer[] {
    return (row.parents ?? []).filter(({ table, uuid }) => !this.willExist(table, uuid));
  }

  #willExistSomewhere(uuid: string): boolean {
    if (this.written(uuid) !== undefined) return true;
    return [...this.#policy.schema.tables.keys()].some((table) => this.willExist(table, uuid));
  }

  #namesOf(row: DesiredRow): readonly Name[] {
    return this.#namesToTake.get(row) ?? [];
  }

  #missingNames(row: DesiredRow): readonly Name[] {
    const existing = this.#current.row(row.table, row.uuid);
    return this.#policy
      .uniqueColumns(row.table)
      .filter((columns) => columns.every((column) => Object.hasOwn(row.columns, column)))
      .map((columns) => ({ columns, key: uniqueKey(columns, row.columns) }))
      .filter(({ columns, key }) => existing === undefined || uniqueKey(columns, existing) !== key);
  }

  /** The row that has the name now and will not give it up in this very plan. */
  #findHolder(row: DesiredRow, { columns, key }: Name): Row | undefined {
    const isRenamed = (uuid: string): boolean => {
      const holder = this.written(uuid);
      return holder !== undefined && uniqueKey(columns, holder.columns) !== key;
    };
    return this.#current
      .byUnique(row.table, columns, row.columns)
      .filter(({ _uuid }) => _uuid !== row.uuid && !this.isStale(_uuid) && !isRenamed(_uuid))
      .toSorted((a, b) => (a._uuid < b._uuid ? -1 : 1))[0];
  }

  /** The first row that takes each name. */
  #claims(rows: Iterable<DesiredRow>): ReadonlyMap<string, DesiredRow> {
    const claims = new Map<string, DesiredRow>();
    for (const row of rows) {
      for (const name of this.#namesOf(row)) {
        const claim = claimOf(row, name);
        if (!claims.has(claim)) claims.set(claim, row);
      }
    }
    return claims;
  }
}

function claimOf({ table }: DesiredRow, { columns, key }: Name): string {
  return `${table} ${columns.join()} ${key}`;
}

/** By table, then uuid. */
export function compareRows(
  a: { readonly table: string; readonly uuid: string },
  b: { readonly table: string; readonly uuid: string },
): number {
  return (
    (a.table < b.table ? -1 : a.table > b.table ? 1 : 0) || (a.uuid < b.uuid ? -1 : a.uuid > b.uuid ? 1 : 0)
  );
}
