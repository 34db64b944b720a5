// The plan for people: grouped by the object that each row serves.
import { sortBy } from '../base/order.ts';
import type { Atom, Value } from '../ovsdb/value.ts';
import type { ChangeSet, ColumnChange, ParentLink } from './change-set.ts';
import { labelsOf } from './row-label.ts';
import { atomsOf, isSet } from './value-shape.ts';

export interface TextOptions {
  /** ANSI colours: green inserts, yellow updates, red deletes. */
  readonly color?: boolean;
  /** Names a row that the change sets only refer to, such as the parent of a link. */
  readonly label?: (table: string, uuid: string) => string | undefined;
}

/** One changed row: a heading and the lines under it. */
interface Entry {
  readonly source: string;
  readonly sign: '+' | '~' | '-';
  readonly title: string;
  readonly lines: readonly string[];
}

const colors = { '+': 32, '~': 33, '-': 31 } as const;

/**
 * Prints, object by object, `+` inserted, `~` changed and `-` deleted rows, each line ended by a newline; nothing for
 * no change:
 *
 *     Service/shalb-demo/nginx
 *       + Load_Balancer shalb-demo-nginx-tcp
 *           protocol: tcp
 *       ~ Logical_Switch shalb-demo-default
 *           load_balancer: + shalb-demo-nginx-tcp
 *
 * Rows have names, not uuids, where there is one. Text is escaped, so that one line is one fact.
 */
export function formatText(changeSets: readonly ChangeSet[], options: TextOptions = {}): string {
  const known = labelsOf(changeSets);
  const label = (uuid: string, table?: string): string =>
    known.get(uuid) ?? (table === undefined ? undefined : options.label?.(table, uuid)) ?? uuid;
  const entries = changeSets.flatMap((changes) => entriesOf(changes, label));
  const groups = Map.groupBy(
    sortBy(entries, ({ source, title }) => `${source}\u0000${title}`),
    ({ source }) => source,
  );
  return [...groups].map(([source, group]) => formatGroup(source, group, options.color ?? false)).join('');
}

type Label = (uuid: string, table?: string) => string;

function formatGroup(source: string, group: readonly Entry[], color: boolean): string {
  const paint = (sign: Entry['sign'], text: string): string =>
    color ? `\u001B[${colors[sign]}m${text}\u001B[0m` : text;
  const rows = Map.groupBy(group, ({ sign, title }) => `${sign} ${title}`);
  const lines = [...rows].map(([heading, entries]) => {
    const details = entries.flatMap((entry) => entry.lines.map((line) => `      ${line}\n`));
    return `  ${paint(entries[0]?.sign ?? '~', heading)}\n${details.join('')}`;
  });
  return `${source === '' ? '(no object)' : source}\n${lines.join('')}`;
}

function entriesOf(changes: ChangeSet, label: Label): Entry[] {
  const title = (table: string, uuid: string): string => `${table} ${label(uuid, table)}`;
  return [
    ...changes.inserts.map(({ table, uuid, source, columns }): Entry => ({
      source,
      sign: '+',
      title: title(table, uuid),
      lines: insertLines(columns, label),
    })),
    ...changes.updates.map(({ table, uuid, source, columns }): Entry => ({
      source,
      sign: '~',
      title: title(table, uuid),
      lines: columns.flatMap((change) => changeLines(change, label)),
    })),
    ...changes.deletes.map(({ table, uuid, source }): Entry => ({
      source,
      sign: '-',
      title: title(table, uuid),
      lines: [],
    })),
    ...movedEntries(changes, label),
  ];
}

/** Links of rows that exist before and after: attached again, or moved. The others go without saying. */
function movedEntries({ inserts, deletes, attach, detach }: ChangeSet, label: Label): Entry[] {
  const whole = new Set([...inserts, ...deletes].map(({ uuid }) => uuid));
  const entry = ({ parent, child, source }: ParentLink, sign: '+' | '-'): Entry => ({
    source,
    sign: '~',
    title: `${parent.table} ${label(parent.uuid, parent.table)}`,
    lines: [`${parent.column}: ${sign} ${label(child)}`],
  });
  return [
    ...attach.filter(({ child }) => !whole.has(child)).map((link) => entry(link, '+')),
    ...detach.filter(({ child }) => !whole.has(child)).map((link) => entry(link, '-')),
  ];
}

/** Empty columns are left out, and the name, which the title says. */
function insertLines(columns: Readonly<Record<string, Value>>, label: Label): readonly string[] {
  return Object.entries(columns)
    .filter(([column, value]) => column !== 'name' && !isBlank(value))
    .map(([column, value]) => `${column}: ${valueText(value, label)}`);
}

function isBlank(value: Value): boolean {
  if (value === undefined || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function changeLines(change: ColumnChange, label: Label): readonly string[] {
  const { column } = change;
  if (change.kind === 'set')
    return [`${column}: ${valueText(change.before, label)} → ${valueText(change.after, label)}`];
  if (change.kind === 'set-delta') {
    return [
      ...change.insert.map((atom) => `${column}: + ${atomText(atom, label)}`),
      ...change.delete.map((atom) => `${column}: - ${atomText(atom, label)}`),
    ];
  }
  const old = (key: string): string => valueText(change.before[key], label);
  return [
    ...Object.entries(change.put).map(
      ([key, value]) => `${column}:${escape(key)}: ${old(key)} → ${atomText(value, label)}`,
    ),
    ...change.delete.map((key) => `${column}:${escape(key)}: ${old(key)} → (none)`),
  ];
}

function valueText(value: Value, label: Label): string {
  if (isSet(value)) return `[${value.map((atom) => atomText(atom, label)).join(', ')}]`;
  if (typeof value !== 'object') return atomsOf(value).map((atom) => atomText(atom, label))[0] ?? '(none)';
  const pairs = Object.entries(value).map(([key, atom]) => `${escape(key)}=${atomText(atom, label)}`);
  return `{${pairs.join(', ')}}`;
}

function atomText(atom: Atom, label: Label): string {
  return typeof atom === 'string' ? escape(label(atom)) : String(atom);
}

/** Control characters (also those that would steer a terminal) and empty text become visible. */
function escape(text: string): string {
  return text === '' || /\p{Cc}/u.test(text) ? JSON.stringify(text) : text;
}
