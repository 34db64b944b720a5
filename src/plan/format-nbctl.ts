// A change set as one call of a database control program (`ovs-vsctl` and its relatives), for people to read and run.
import type { DatabaseSchema } from '../ovsdb/schema.ts';
import type { Atom, AtomMap, Value } from '../ovsdb/value.ts';
import type { ChangeSet, ColumnChange, RowDelete } from './change-set.ts';
import { bornChildren, bornColumns, changesByRow } from './row-changes.ts';
import type { RowChanges } from './row-changes.ts';
import { withoutDefaults } from './to-operations.ts';
import { atomsOf, isSet } from './value-shape.ts';

/**
 * Returns a shell command, with a newline at its end, that makes the same change as `toOperations` in one transaction;
 * empty for no change. `program` is the name of the control program, with options if wanted. Only the generic database
 * commands are used (ovs-vsctl(8), "Database Commands"), one per line. There are no guards: a parent that is gone is an
 * error of the program.
 *
 *     program \
 *       --id=5f0c… create Logical_Router name=shalb-demo 'options={mac_binding_age_threshold="300"}' \
 *       -- add Logical_Router 5f0c… ports 77a1…
 */
export function formatNbctl(changes: ChangeSet, schema: DatabaseSchema, program: string): string {
  const children = bornChildren(changes);
  const inserts = changes.inserts.map(({ table, uuid, columns }) => {
    const row = withoutDefaults(table, bornColumns(columns, children.get(uuid)), schema);
    const settings = Object.entries(row).map(([column, value]) => `${column}=${valueText(value)}`);
    return [`--id=${uuid}`, 'create', table, ...settings];
  });
  const writes = changesByRow(changes).flatMap(rowCommands);
  const commands = [...inserts, ...writes, ...deleteCommands(changes.deletes, schema)];
  if (commands.length === 0) return '';
  const lines = commands.map((words) => words.map(shellQuote).join(' '));
  return `${program} \\\n  ${lines.join(' \\\n  -- ')}\n`;
}

/**
 * Control programs send no delete for a row of a non-root table: the server collects it. But before it does so it
 * refuses to delete what such a row refers to; so the row must let go first.
 */
function deleteCommands(deletes: readonly RowDelete[], schema: DatabaseSchema): string[][] {
  const isRoot = ({ table }: RowDelete): boolean => schema.tables.get(table)?.isRoot !== false;
  const roots = deletes.filter(isRoot);
  const destroyed = new Set<Atom>(roots.map(({ uuid }) => uuid));
  const releases = deletes
    .filter((row) => !isRoot(row))
    .flatMap((row) => releaseCommands(row, destroyed, schema));
  return [...releases, ...roots.map(({ table, uuid }) => ['destroy', table, uuid])];
}

function releaseCommands(
  { table, uuid, before }: RowDelete,
  destroyed: ReadonlySet<Atom>,
  schema: DatabaseSchema,
): string[][] {
  return [...(schema.tables.get(table)?.columns.values() ?? [])].flatMap(({ name, type }) => {
    if (type.key.refType !== 'strong') return [];
    const held = atomsOf(before[name]).filter((atom) => destroyed.has(atom));
    return held.length === 0 ? [] : [['remove', table, uuid, name, ...held.map(atomText)]];
  });
}

function rowCommands({ table, uuid, columns }: RowChanges): string[][] {
  const settings = columns.flatMap(settingsOf);
  const others = columns.flatMap((change) => otherCommands(change, table, uuid));
  return [...(settings.length === 0 ? [] : [['set', table, uuid, ...settings]]), ...others];
}

/** What `set` can say. It replaces a whole column, or single keys of a map. */
function settingsOf(change: ColumnChange): string[] {
  if (change.kind === 'map-delta')
    return Object.entries(change.put).map(
      ([key, value]) => `${change.column}:${atomText(key)}=${atomText(value)}`,
    );
  return change.kind === 'set' ? [`${change.column}=${valueText(change.after)}`] : [];
}

function otherCommands(change: ColumnChange, table: string, uuid: string): string[][] {
  const gone = change.kind === 'set' ? [] : change.delete;
  const added = change.kind === 'set-delta' ? change.insert : [];
  return [
    ...(added.length === 0 ? [] : [['add', table, uuid, change.column, ...added.map(atomText)]]),
    ...(gone.length === 0 ? [] : [['remove', table, uuid, change.column, ...gone.map(atomText)]]),
  ];
}

function valueText(value: Value): string {
  if (value === undefined) return '[]';
  if (isSet(value)) return `[${value.map(atomText).join(',')}]`;
  return typeof value === 'object' ? mapText(value) : atomText(value);
}

function mapText(map: AtomMap): string {
  return `{${Object.entries(map)
    .map(([key, value]) => `${atomText(key)}=${atomText(value)}`)
    .join(',')}}`;
}

/** Text is a JSON string unless it is plain, or a uuid, which no quote may surround. */
function atomText(atom: Atom): string {
  return typeof atom !== 'string' || /^[\w./][\w./-]*$/u.test(atom) ? String(atom) : JSON.stringify(atom);
}

function shellQuote(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
