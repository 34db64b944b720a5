// `show --acls`: the rules of one subnet in the order in which they are asked, read back from rows.
import { writtenPriority } from '../../compiler/priorities.ts';
import { compareStrings } from '../../base/order.ts';
import { idOf, meaningOf, ruleOf, sourceOf } from '../../northbound/ownership.ts';
import { columns, counted, indent } from '../table.ts';
import type { AclLog, LoggedRule } from './acl-log.ts';
import { type RowReader, type TypedRow, ownedRows } from './owned-rows.ts';

interface RuleView {
  readonly name: string;
  /** As it is written: 0 to 1000. */
  readonly priority: number;
  readonly action: string;
  /** `tcp 23 from 10.0.0.0/8` */
  readonly matches: string;
  /** Whether ovn-controller logs what it decides on. */
  readonly log: boolean;
  /** What the given logs say; undefined: nothing, or no log was given. */
  readonly logged: LoggedRule | undefined;
}

export interface SubnetRules {
  readonly subnet: string;
  /** `Project/shalb/demo` */
  readonly source: string;
  readonly workloads: number;
  /** Whether logs were given. */
  readonly isCounted: boolean;
  readonly ingress: readonly RuleView[];
  readonly egress: readonly RuleView[];
  /** What the logs say of rules that are gone, or are called otherwise by now. */
  readonly former: readonly (LoggedRule & { readonly name: string })[];
}

/** Undefined: there is no such subnet. `name`: its own, or the key of the object that has the rules. */
export function readSubnetRules(
  name: string,
  reader: RowReader,
  log: AclLog | undefined,
  owner?: string,
): SubnetRules | undefined {
  const rows = ownedRows(reader, owner);
  const place = rows
    .all('Logical_Switch')
    .filter((row) => /^(?:subnet|underlay)\//.test(idOf(row) ?? ''))
    .find((row) => row.name === name || sourceOf(row) === name);
  if (place === undefined) return undefined;
  const id = `${idOf(place) ?? ''}/ports`;
  const group = rows.all('Port_Group').find((row) => idOf(row) === id);
  const acls = group === undefined ? [] : rows.some('ACL', group.acls);
  const known = new Set(acls.map((row) => row.name));
  return {
    subnet: place.name,
    source: sourceOf(place) ?? '',
    workloads: group?.ports.length ?? 0,
    isCounted: log !== undefined,
    ingress: rulesIn('to-lport', acls, log),
    egress: rulesIn('from-lport', acls, log),
    former: (log?.below(place.name) ?? []).filter((rule) => !known.has(rule.name)),
  };
}

/** Each once: a rule has a row for each family, and more for edges, which come before it. */
function rulesIn(
  direction: string,
  acls: readonly TypedRow<'ACL'>[],
  log: AclLog | undefined,
): readonly RuleView[] {
  const byRule = Map.groupBy(
    acls.filter((row) => row.direction === direction),
    (row) => ruleOf(row) ?? '',
  );
  return [...byRule]
    .flatMap(([name, [row]]) => (row === undefined ? [] : [{ name, row }]))
    .toSorted((a, b) => b.row.priority - a.row.priority || compareStrings(a.name, b.name))
    .map(({ name, row }) => ({
      name,
      priority: writtenPriority(row.priority),
      action: row.action === 'allow-related' ? 'allow' : row.action,
      matches: (meaningOf(row) ?? row.match).replace(/^(?:in|e)gress /, ''),
      log: row.log,
      logged: row.name === undefined ? undefined : log?.of(row.name),
    }));
}

/** Ends with a line end. */
export function formatSubnetRules(rules: SubnetRules): string {
  const { subnet, source, workloads, ingress, egress, former } = rules;
  const lines = [
    `${subnet}   ${source}   ${counted(workloads, 'workload')}`,
    ...indent(2, directionLines('in', ingress, rules)),
    ...indent(2, directionLines('out', egress, rules)),
    ...former.map(({ name, lines: count, last }) => `  no longer there: ${name}   ${linesText(count, last)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function directionLines(
  word: string,
  rules: readonly RuleView[],
  { isCounted }: SubnetRules,
): readonly string[] {
  if (rules.length === 0) return [`${word}: no rules`];
  const rows = rules.map((rule) => [
    String(rule.priority),
    rule.name,
    rule.action,
    rule.matches,
    rule.log ? logText(rule, isCounted) : '',
  ]);
  return [
    `${word}: what the first that matches says; else it is for NetworkPolicies`,
    ...indent(2, columns(rows)),
  ];
}

function logText({ logged }: RuleView, isCounted: boolean): string {
  if (!isCounted) return 'logged';
  return logged === undefined ? '0 lines' : linesText(logged.lines, logged.last);
}

const linesText = (count: number, last: string): string => `${counted(count, 'line')}, last at ${last}`;
