// What every concept of one unit shares while it is compiled: the row builder and references to rows.
import type { Referrer } from '../ovsdb/replica-view.ts';
import { rowUuid } from '../northbound/identity.ts';
import { createRowBuilder } from '../northbound/row-builder.ts';
import type { RowBuilder } from '../northbound/row-builder.ts';
import type { NorthboundTables } from '../northbound/generated/northbound-tables.ts';
import type { CompileContext } from './compile-context.ts';

export interface UnitContext extends CompileContext {
  readonly row: RowBuilder;
  /** Uuid of a row of ours, whether or not it is in this unit. */
  uuid(table: keyof NorthboundTables, id: string): string;
  /** The place in a parent row where a child hangs. */
  place<T extends keyof NorthboundTables>(
    table: T,
    id: string,
    column: keyof NorthboundTables[T] & string,
  ): Referrer;
}

export function createUnitContext(unit: string, context: CompileContext): UnitContext {
  // The same few rows are named by row after row, and a uuid is a SHA-1.
  const known = new Map<string, string>();
  const uuid = (table: string, id: string): string => {
    const key = `${table}/${id}`;
    const found = known.get(key) ?? rowUuid(context.owner, table, id);
    known.set(key, found);
    return found;
  };
  return {
    ...context,
    row: createRowBuilder({ owner: context.owner, unit, capabilities: context.capabilities }),
    uuid,
    place: (table, id, column) => ({ table, uuid: uuid(table, id), column }),
  };
}
