// A plan of policies in their own words: rules and whom they are for, instead of rows.
import { markKeys } from '../northbound/ownership.ts';
import { mapColumn } from '../northbound/read-column.ts';
import { ruleWords } from '../northbound/rule-words.ts';
import type { Row, Value } from '../ovsdb/value.ts';
import type { ChangeSet, ColumnChange, RowUpdate } from '../plan/change-set.ts';

/** The name of a port; undefined for none that is known. */
export type PortLabel = (uuid: string) => string | undefined;

/**
 * The same change with rows of policies in words, for {@link formatText}: a rule is said once, however many rows it has
 * (a row per family, per edge), and a change of a rule is a change of what it says. `-o json` and `-o nbctl` tell the rows.
 */
export function withRules(changes: ChangeSet, portLabel: PortLabel): ChangeSet {
  return {
    ...changes,
    inserts: changes.inserts.map((row) => {
      const told = tell(row, row.columns);
      return told === undefined
        ? row
        : { ...row, ...told, columns: { ...told.columns, ...namedPorts(row.columns, portLabel) } };
    }),
    updates: withoutTwins(changes.updates.map((row) => tellUpdate(row, portLabel))),
    deletes: changes.deletes.map((row) => {
      const told = tell(row, row.before);
      return told === undefined
        ? row
        : { ...row, table: told.table, before: { ...row.before, ...told.columns } };
    }),
  };
}

type Columns = Readonly<Record<string, Value>>;

interface Told {
  readonly table: string;
  readonly columns: Columns;
}

const mark = (columns: Columns, key: string): string | undefined => {
  const value = mapColumn(columns, 'external_ids')[key];
  return typeof value === 'string' ? value : undefined;
};

/** Undefined: the row is not of a policy or of a subnet's rules, and speaks for itself. */
function tell(
  { table, id, source }: Pick<RowUpdate, 'table' | 'id' | 'source'>,
  columns: Columns,
): Told | undefined {
  const meaning = mark(columns, markKeys.meaning);
  const rule = mark(columns, markKeys.rule);
  if (table === 'ACL' && meaning !== undefined && rule !== undefined) {
    const action = columns['action'];
    const name = ruleWords(rule, typeof action === 'string' ? action : '', meaning);
    return { table: 'rule', columns: { name } };
  }
  if (table === 'Address_Set' && meaning !== undefined)
    return { table: 'peers:', columns: { name: meaning, addresses: columns['addresses'] } };
  if (table === 'Port_Group') {
    // `vpc/shop-a/NetworkPolicy/shop-a/web/tcp/http=8080`: those of them that call 8080 http.
    const part = id.includes(source) ? id.slice(id.indexOf(source) + source.length + 1) : '';
    return { table: 'pods', columns: { name: part === '' ? 'that it is for' : `of them with ${part}` } };
  }
  return undefined;
}

function tellUpdate(row: RowUpdate, portLabel: PortLabel): RowUpdate {
  const told = tell(row, row.before);
  if (told === undefined) return row;
  const columns = row.columns.flatMap((change) => tellChange(change, row.before, portLabel));
  const isSaid = columns.some(({ column }) => column === 'rule');
  return {
    ...row,
    table: told.table,
    before: { ...row.before, ...told.columns },
    // What a rule says follows from what it matches, but for lists that are too long to be said.
    columns: isSaid ? columns.filter(({ column }) => column !== 'match') : columns,
  };
}

function tellChange(change: ColumnChange, before: Row, portLabel: PortLabel): ColumnChange[] {
  if (change.kind === 'set-delta' && change.column === 'ports') {
    const named = (atoms: typeof change.insert) => atoms.map((atom) => portLabel(String(atom)) ?? atom);
    return [{ ...change, insert: named(change.insert), delete: named(change.delete) }];
  }
  if (change.kind !== 'map-delta' || change.column !== 'external_ids') return [change];
  const after = change.put[markKeys.meaning];
  if (after === undefined) return [];
  return [{ kind: 'set', column: 'rule', before: mark(before, markKeys.meaning), after }];
}

function namedPorts({ ports }: Columns, portLabel: PortLabel): Columns {
  if (!Array.isArray(ports)) return {};
  return { ports: ports.map((uuid) => portLabel(String(uuid)) ?? String(uuid)).toSorted() };
}

/** Of updates that say the same the first. */
function withoutTwins(updates: readonly RowUpdate[]): readonly RowUpdate[] {
  const said = new Set<string>();
  return updates.filter(({ table, source, before, columns }) => {
    if (table !== 'rule') return true;
    const text = JSON.stringify([source, before['name'], columns.map((change) => Object.values(change))]);
    const isNew = !said.has(text);
    said.add(text);
    return isNew;
  });
}
